//! Who is let in: every part of a request that a signature covers, changed by one.

use bytes::Bytes;
use http::{HeaderValue, Method, Request};

use crate::support::{BUCKET, Site, Time, Wire, encode};

const KEY: &str = "a folder/b+c %41.txt";

async fn site() -> Site {
    let site = Site::new().await;
    site.with(KEY, "hello").await;
    site
}

fn presigned(method: Method) -> Wire {
    Wire::by_host(method, KEY).presigned()
}

fn edit(wire: Wire, change: impl FnOnce(&str) -> String) -> Request<embedded::Body> {
    let mut request = wire.build();
    *request.uri_mut() = change(&request.uri().to_string()).parse().unwrap();
    request
}

#[tokio::test]
async fn a_presigned_get_is_taken_by_host_and_by_path() {
    let site = site().await;
    assert_eq!(site.send(presigned(Method::GET).build()).await.expect(200).body, "hello");
    let by_path = Wire::new(Method::GET, KEY).presigned().build();
    assert_eq!(site.send(by_path).await.expect(200).body, "hello");
}

#[tokio::test]
async fn a_signature_in_the_headers_is_taken() {
    let site = site().await;
    assert_eq!(site.send(Wire::by_host(Method::GET, KEY).build()).await.expect(200).body, "hello");
}

#[tokio::test]
async fn an_unsigned_request_is_refused() {
    let site = site().await;
    let wire = Wire::new(Method::GET, KEY).sign_with(|signing| signing.anonymous = true);
    site.send(wire.build()).await.refused(403, "AccessDenied");
}

#[tokio::test]
async fn a_changed_signature_is_refused() {
    let site = site().await;
    let request = edit(presigned(Method::GET), |uri| {
        let (rest, last) = uri.split_at(uri.len() - 1);
        format!("{rest}{}", if last == "0" { "1" } else { "0" })
    });
    site.send(request).await.refused(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn another_key_than_the_signed_one_is_refused() {
    let site = site().await;
    let request = edit(presigned(Method::GET), |uri| uri.replace("txt", "txs"));
    site.send(request).await.refused(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn another_method_than_the_signed_one_is_refused() {
    let site = site().await;
    let mut request = presigned(Method::GET).build();
    *request.method_mut() = Method::DELETE;
    site.send(request).await.refused(403, "SignatureDoesNotMatch");
    site.get(KEY).await.expect(200);
}

#[tokio::test]
async fn another_query_than_the_signed_one_is_refused() {
    let site = site().await;
    let request = edit(presigned(Method::GET), |uri| format!("{uri}&response-content-type=text%2Fhtml"));
    site.send(request).await.refused(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn another_host_than_the_signed_one_is_refused() {
    let site = site().await;
    for host in ["files.localhost:4001", "unknown.example", "data.localhost"] {
        let mut request = presigned(Method::GET).build();
        request.headers_mut().insert("host", HeaderValue::from_static(host));
        let answer = site.send(request).await;
        assert_eq!(answer.status, 403, "{host}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_host_that_is_not_served_has_no_bucket() {
    let site = site().await;
    for host in ["unknown.example", "data", "data.localhost"] {
        let mut wire = Wire::by_host(Method::GET, KEY);
        wire.host = host.to_owned();
        site.send(wire.build()).await.refused(404, "NoSuchBucket");
    }
}

#[tokio::test]
async fn an_expired_url_is_refused() {
    let site = site().await;
    let wire = presigned(Method::GET).sign_with(|signing| signing.at_s = Time::now().seconds - 61);
    site.send(wire.build()).await.refused(403, "AccessDenied");
}

#[tokio::test]
async fn a_url_from_the_future_is_refused() {
    let site = site().await;
    let wire = presigned(Method::GET).sign_with(|signing| signing.at_s = Time::now().seconds + 3_600);
    let answer = site.send(wire.build()).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
}

#[tokio::test]
async fn a_url_good_for_more_than_seven_days_is_refused() {
    let site = site().await;
    let wire = presigned(Method::GET).sign_with(|signing| signing.presigned_for_s = Some(7 * 24 * 3_600 + 1));
    site.send(wire.build()).await.refused(400, "AuthorizationQueryParametersError");
}

#[tokio::test]
async fn an_unknown_access_key_is_refused_by_name() {
    let site = site().await;
    let wire = presigned(Method::GET).sign_with(|signing| signing.access_key = "AKIDX".to_owned());
    site.send(wire.build()).await.refused(403, "InvalidAccessKeyId");
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let site = site().await;
    let wire = presigned(Method::GET).sign_with(|signing| signing.secret_key = "guess".to_owned());
    site.send(wire.build()).await.refused(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn another_region_is_refused() {
    let site = site().await;
    let wire = Wire::new(Method::GET, KEY).sign_with(|signing| signing.region = "us-west-2".to_owned());
    site.send(wire.build()).await.refused(400, "AuthorizationHeaderMalformed");
}

#[tokio::test]
async fn another_service_is_refused() {
    let site = site().await;
    let wire = Wire::new(Method::GET, KEY).sign_with(|signing| signing.service = "sts".to_owned());
    let answer = site.send(wire.build()).await;
    assert!(answer.status.is_client_error() || answer.status == 501, "{}", answer.text());
}

#[tokio::test]
async fn a_signature_over_the_unencoded_path_is_refused() {
    let site = Site::new().await;
    site.with("a(1)!*'.txt", "x").await;
    let mut wire = Wire::by_host(Method::GET, "").presigned();
    wire.path = "/a(1)!*'.txt".to_owned();
    // The same request, signed as SigV4 spells the path, is good.
    site.send(wire.clone().build()).await.expect(200);
    let raw = wire.sign_with(|signing| signing.raw_path = true);
    site.send(raw.build()).await.refused(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn an_amz_header_that_is_not_signed_is_refused() {
    let site = site().await;
    let mut request = Wire::by_host(Method::PUT, "new").presigned().body("").build();
    let source = format!("/{BUCKET}/{}", encode(KEY, true));
    request.headers_mut().insert("x-amz-copy-source", source.parse().unwrap());
    site.send(request).await.refused(403, "AccessDenied");
    site.get("new").await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn a_changed_signed_header_is_refused() {
    let site = site().await;
    let mut request =
        Wire::by_host(Method::PUT, "new").presigned().header("content-type", "text/plain").body("x").build();
    request.headers_mut().insert("content-type", HeaderValue::from_static("text/html"));
    site.send(request).await.refused(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn a_signed_content_length_is_enforced() {
    let site = site().await;
    let wire = Wire::by_host(Method::PUT, "new").presigned().body("12345");
    let mut longer = wire.clone().build_with(embedded::body(Bytes::from_static(b"123456")));
    longer.headers_mut().insert("content-length", HeaderValue::from_static("6"));
    site.send(longer).await.refused(403, "SignatureDoesNotMatch");
    // The length stays as signed and the body does not keep to it.
    let body = embedded::body(Bytes::from_static(b"123456"));
    site.send(wire.clone().build_with(body)).await.refused(400, "IncompleteBody");
    let body = embedded::body(Bytes::from_static(b"1234"));
    site.send(wire.clone().build_with(body)).await.refused(400, "IncompleteBody");
    site.get("new").await.refused(404, "NoSuchKey");
    site.send(wire.build()).await.expect(200);
}

#[tokio::test]
async fn a_body_with_another_digest_than_the_signed_one_is_refused() {
    let site = site().await;
    let wire = Wire::new(Method::PUT, "new").body("12345");
    let body = embedded::body(Bytes::from_static(b"54321"));
    let answer = site.send(wire.build_with(body)).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.element("Code").unwrap(), "XAmzContentSHA256Mismatch");
    site.get("new").await.refused(404, "NoSuchKey");
}
