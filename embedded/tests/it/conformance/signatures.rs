//! Signatures in headers: who is let in, and every part of a request that a signature covers.

use http::{HeaderValue, Method};

use super::checks;
use super::endpoint::S3;
use crate::support::{Answer, Time, Wire, encode};

const KEY: &str = "a folder/b+c %41.txt";
const MISMATCH: &str = "SignatureDoesNotMatch";

checks! {
    a_signature_in_the_headers_is_taken_by_path: "200 for /bucket/key",
    a_signature_in_the_headers_is_taken_by_host: "200 for the bucket that the Host names",
    an_unsigned_request_is_refused: "403 AccessDenied",
    an_unknown_access_key_is_refused_by_name: "403 InvalidAccessKeyId",
    a_wrong_secret_is_refused: "403 SignatureDoesNotMatch",
    another_region_is_refused: "400 AuthorizationHeaderMalformed",
    another_service_is_refused: "400 AuthorizationHeaderMalformed",
    a_clock_that_is_wrong_is_told: "403 RequestTimeTooSkewed beyond 15 minutes",
    a_host_that_is_not_served_has_no_bucket: "404 NoSuchBucket",
    another_host_is_refused: "403 SignatureDoesNotMatch",
    another_key_is_refused: "403 SignatureDoesNotMatch",
    another_query_is_refused: "403 SignatureDoesNotMatch",
    another_method_is_refused: "403 SignatureDoesNotMatch",
    another_signed_header_is_refused: "403 SignatureDoesNotMatch",
    an_amz_header_must_be_signed: "403 AccessDenied: headers not signed",
    a_content_digest_must_be_named: "400 InvalidRequest: x-amz-content-sha256 is missing",
    a_signature_of_version_2_is_refused: "400 InvalidRequest in newer regions",
    an_authorization_that_is_none_is_refused: "400 InvalidArgument or AuthorizationHeaderMalformed",
    header_values_are_signed_without_their_spaces: "runs of spaces count as one",
    parameters_are_signed_in_their_order: "the query is sorted by name",
    a_bucket_of_another_owner_is_refused: "403 AccessDenied for another x-amz-expected-bucket-owner",
}

fn get(s3: &S3) -> Wire {
    s3.with(KEY, "hello");
    s3.object(Method::GET, KEY)
}

/// Signed, and then changed on its way.
fn changed(s3: &S3, wire: Wire, change: impl FnOnce(&str) -> String) -> Answer {
    let body = wire.body.clone();
    let mut head = wire.signed();
    *head.uri_mut() = change(&head.uri().to_string()).parse().unwrap();
    s3.send_as_is(&head, &body)
}

fn a_signature_in_the_headers_is_taken_by_path(s3: &S3) {
    assert_eq!(s3.send(get(s3)).expect(200).body, "hello");
}

fn a_signature_in_the_headers_is_taken_by_host(s3: &S3) {
    get(s3);
    assert_eq!(s3.send(s3.by_host(Method::GET, KEY)).expect(200).body, "hello");
}

fn an_unsigned_request_is_refused(s3: &S3) {
    s3.send(get(s3).sign_with(|signing| signing.anonymous = true)).refused(403, "AccessDenied");
}

fn an_unknown_access_key_is_refused_by_name(s3: &S3) {
    s3.send(get(s3).sign_with(|signing| signing.access_key = "AKIDX".to_owned())).refused(403, "InvalidAccessKeyId");
}

fn a_wrong_secret_is_refused(s3: &S3) {
    s3.send(get(s3).sign_with(|signing| signing.secret_key = "guess".to_owned())).refused(403, MISMATCH);
}

fn another_region_is_refused(s3: &S3) {
    let wire = get(s3).sign_with(|signing| signing.region = "us-west-2".to_owned());
    s3.send(wire).refused(400, "AuthorizationHeaderMalformed");
}

fn another_service_is_refused(s3: &S3) {
    let wire = get(s3).sign_with(|signing| signing.service = "sts".to_owned());
    s3.send(wire).refused(400, "AuthorizationHeaderMalformed");
}

fn a_clock_that_is_wrong_is_told(s3: &S3) {
    for at_s in [Time::now().seconds - 16 * 60, Time::now().seconds + 16 * 60] {
        s3.send(get(s3).sign_with(|signing| signing.at_s = at_s)).refused(403, "RequestTimeTooSkewed");
    }
    s3.send(get(s3).sign_with(|signing| signing.at_s -= 14 * 60)).expect(200);
}

fn a_host_that_is_not_served_has_no_bucket(s3: &S3) {
    get(s3);
    let mut wire = s3.by_host(Method::GET, KEY);
    wire.host = "unknown.example".to_owned();
    s3.send(wire).refused(404, "NoSuchBucket");
}

fn another_host_is_refused(s3: &S3) {
    get(s3);
    for host in [format!("{}:4001", s3.bucket), "unknown.example".to_owned()] {
        let mut head = s3.by_host(Method::GET, KEY).signed();
        head.headers_mut().insert("host", host.parse().unwrap());
        s3.send_as_is(&head, b"").refused(403, MISMATCH);
    }
}

fn another_key_is_refused(s3: &S3) {
    changed(s3, get(s3), |uri| uri.replace("txt", "txs")).refused(403, MISMATCH);
}

fn another_query_is_refused(s3: &S3) {
    changed(s3, get(s3), |uri| format!("{uri}?response-content-type=text%2Fhtml")).refused(403, MISMATCH);
}

fn another_method_is_refused(s3: &S3) {
    let mut head = get(s3).signed();
    *head.method_mut() = Method::DELETE;
    s3.send_as_is(&head, b"").refused(403, MISMATCH);
    s3.get(KEY).expect(200);
}

fn another_signed_header_is_refused(s3: &S3) {
    let mut head = s3.object(Method::PUT, "new").header("content-type", "text/plain").body("x").signed();
    head.headers_mut().insert("content-type", HeaderValue::from_static("text/html"));
    s3.send_as_is(&head, b"x").refused(403, MISMATCH);
}

fn an_amz_header_must_be_signed(s3: &S3) {
    get(s3);
    let mut head = s3.object(Method::PUT, "new").body("").signed();
    let source = format!("/{}/{}", s3.bucket, encode(KEY, true));
    head.headers_mut().insert("x-amz-copy-source", source.parse().unwrap());
    s3.send_as_is(&head, b"").refused(403, "AccessDenied");
    s3.get("new").refused(404, "NoSuchKey");
}

fn a_content_digest_must_be_named(s3: &S3) {
    let mut head = get(s3).sign_with(|signing| signing.unsigned.push("x-amz-content-sha256".to_owned())).signed();
    head.headers_mut().remove("x-amz-content-sha256");
    s3.send_as_is(&head, b"").refused(400, "InvalidRequest");
}

fn a_signature_of_version_2_is_refused(s3: &S3) {
    let mut head = get(s3).signed();
    let key = head.headers()["authorization"].to_str().unwrap().split(['=', '/']).nth(1).unwrap().to_owned();
    let value = format!("AWS {key}:frJIUN8DYpKDtOLCwo//yllqDzg=");
    head.headers_mut().insert("authorization", value.parse().unwrap());
    head.headers_mut().insert("date", HeaderValue::from_static("Tue, 27 Mar 2007 19:36:42 GMT"));
    s3.send_as_is(&head, b"").refused(400, "InvalidRequest");
}

fn an_authorization_that_is_none_is_refused(s3: &S3) {
    let mut head = get(s3).signed();
    head.headers_mut().insert("authorization", HeaderValue::from_static("Bearer abc"));
    let code = s3.send_as_is(&head, b"").expect(400).element("Code").unwrap();
    assert!(["InvalidArgument", "AuthorizationHeaderMalformed"].contains(&code.as_str()), "{code}");
}

fn header_values_are_signed_without_their_spaces(s3: &S3) {
    let mut head = s3.object(Method::PUT, "new").header("x-amz-meta-a", "one two").body("x").signed();
    head.headers_mut().insert("x-amz-meta-a", HeaderValue::from_static("one   two"));
    s3.send_as_is(&head, b"x").expect(200);
    assert_eq!(s3.get("new").expect(200).body, "x");
}

fn parameters_are_signed_in_their_order(s3: &S3) {
    s3.with("a", "x").with("b", "x");
    let wire = s3.bucket(Method::GET).queries(&[("list-type", "2"), ("prefix", "a"), ("max-keys", "5")]);
    let turned = changed(s3, wire, |uri| {
        let (path, query) = uri.split_once('?').unwrap();
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.reverse();
        format!("{path}?{}", pairs.join("&"))
    });
    assert_eq!(turned.expect(200).keys(), ["a"]);
}

fn a_bucket_of_another_owner_is_refused(s3: &S3) {
    s3.send(get(s3).header("x-amz-expected-bucket-owner", "111122223333")).refused(403, "AccessDenied");
}
