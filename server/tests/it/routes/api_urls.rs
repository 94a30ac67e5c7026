//! Presigned URLs for scripts: `get_url` as the AWS sample has it, and `put_url` beside it.

use std::time::Duration;

use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::Value;
use server::s3::Connection;

use crate::support::{Answer, BEHIND_PROXY, TestSite, another_s3, of_url, script};

async fn ask(site: &TestSite, address: &str) -> Answer {
    site.send(script(Method::GET, address).body(Body::empty()).unwrap()).await
}

fn json(answer: &Answer) -> Value {
    assert_eq!((answer.status(), answer.header("cache-control")), (200, "no-store"), "{}", answer.body());
    serde_json::from_str(&answer.body()).unwrap()
}

/// Sends a PUT as `put_url` said.
fn put(answer: &Value, body: &str) -> Request<Body> {
    let mut request = of_url(Method::PUT, answer["s3_presigned_url"].as_str().unwrap());
    for (name, value) in answer["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    request.header("content-length", body.len()).body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn get_url_answers_as_the_sample_does() {
    let site = TestSite::new().await.with_object("reports/2026 ü.txt", 3).await;
    let answer = json(&ask(&site, "/api/get_url?key=reports/2026%20%C3%BC.txt&expiration=120").await);
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["expires_at", "s3_presigned_url"]);
    let url = answer["s3_presigned_url"].as_str().unwrap();
    assert!(url.starts_with("http://files.localhost:3000/reports/2026%20%C3%BC.txt?"), "{url}");
    assert!(url.contains("X-Amz-Expires=120&") && url.contains("AWS4-HMAC-SHA256"), "{url}");
    let object = site.follow(url).await;
    assert_eq!((object.status(), object.body().as_str()), (200, "xxx"));
}

/// A site whose credentials end in ten minutes.
async fn with_ending_credentials() -> TestSite {
    TestSite::altered(&[], |site| {
        let end = std::time::UNIX_EPOCH + Duration::from_millis(site.portal.now().plus_s(600).0);
        let role = Credentials::new("ASIAENDING", "secret", None, Some(end), "test");
        site.portal.store = another_s3(site, SharedCredentialsProvider::new(role), Connection::Aws);
    })
    .await
}

#[tokio::test]
async fn a_url_that_the_credentials_shorten_states_its_true_end() {
    let site = with_ending_credentials().await;
    let answer = json(&ask(&site, "/api/put_url?key=a&size_bytes=1&overwrite=true&expiration=43200").await);
    let left_s = answer["expires_at"].as_u64().unwrap().saturating_sub(site.portal.now().0) / 1000;
    assert!((590..=600).contains(&left_s), "{left_s}");
    let site = TestSite::new().await.with_object("a", 1).await;
    for address in ["/api/get_url?key=a&expiration=120", "/api/put_url?key=b&size_bytes=1&expiration=120"] {
        let answer = json(&ask(&site, address).await);
        let left_s = answer["expires_at"].as_u64().unwrap().saturating_sub(site.portal.now().0) / 1000;
        assert!((110..=120).contains(&left_s), "{address}: {left_s}");
    }
}

#[tokio::test]
async fn get_url_lives_an_hour_where_nothing_is_asked_for() {
    let site = TestSite::new().await.with_object("a", 1).await;
    let answer = json(&ask(&site, "/api/get_url?key=a&bucket=files").await);
    assert!(answer["s3_presigned_url"].as_str().unwrap().contains("X-Amz-Expires=3600&"));
}

#[tokio::test]
async fn get_url_says_what_is_wrong() {
    let site = TestSite::with(&[("CAUSEWAY_MAX_PRESIGN_S", "600")]).await.with_object("a", 1).await;
    for query in ["", "?key=", "?expiration=60", "?key=a&key=b"] {
        let answer = ask(&site, &format!("/api/get_url{query}")).await;
        assert!(answer.status() == 400 && answer.problem().contains("InvalidRequest"), "{query}: {}", answer.body());
    }
    for expiration in ["0", "-1", "601", "43201", "1.5", "abc", ""] {
        let answer = ask(&site, &format!("/api/get_url?key=a&expiration={expiration}")).await;
        assert!(answer.status() == 400 && answer.problem().contains("1 to 600"), "{expiration}: {}", answer.body());
    }
    assert!(
        json(&ask(&site, "/api/get_url?key=a").await)["s3_presigned_url"].as_str().unwrap().contains("Expires=600&")
    );
    let long = format!("/api/get_url?key={}", "k".repeat(1025));
    insta::assert_snapshot!(ask(&site, &long).await.problem(), @r"
    400 Bad Request
    InvalidRequest: This key cannot be used
    Not accepted: the name is 1025 bytes long; S3 holds at most 1024.
    Use another key.
    ");
    insta::assert_snapshot!(ask(&site, "/api/get_url?key=never/there").await.problem(), @r"
    404 Not Found
    NotFound: Not found
    S3 holds nothing under this name.
    It may have been moved or deleted.
    ");
    insta::assert_snapshot!(ask(&site, "/api/get_url?key=a&bucket=nobodys").await.problem(), @r"
    404 Not Found
    NotFound: No such bucket
    The portal serves no bucket “nobodys”.
    Choose one of the buckets on the first page.
    ");
    insta::assert_snapshot!(ask(&site, "/api/get_url?key=.causeway/links/1").await.problem(), @r"
    403 Forbidden
    Forbidden: Kept for the portal itself
    Names below “.causeway/” hold the portal’s own records.
    Choose another folder.
    ");
}

#[tokio::test]
async fn put_url_signs_an_upload_of_exactly_that_size() {
    let site = TestSite::new().await;
    let answer =
        json(&ask(&site, "/api/put_url?key=in/a%2Bb.csv&size_bytes=4&expiration=60&content_type=text/csv").await);
    assert_eq!(answer["key"], "in/a+b.csv");
    assert_eq!(answer["headers"], serde_json::json!({"content-type": "text/csv", "if-none-match": "*"}));
    assert_eq!(site.send(put(&answer, "more!")).await.status(), 403);
    assert_eq!(site.send(put(&answer, "here")).await.status(), 200);
    assert_eq!(site.send(put(&answer, "here")).await.status(), 412);
}

#[tokio::test]
async fn put_url_replaces_only_where_it_is_told_to() {
    let site = TestSite::new().await.with_object("a", 3).await;
    insta::assert_snapshot!(ask(&site, "/api/put_url?key=a&size_bytes=2").await.problem(), @r"
    409 Conflict
    Conflict: The name is taken
    There is an object “a” already.
    Choose another key, or add overwrite=true to replace it.
    ");
    let answer = json(&ask(&site, "/api/put_url?key=a&size_bytes=2&overwrite=true").await);
    assert_eq!(answer["headers"], serde_json::json!({"content-type": "application/octet-stream"}));
    assert_eq!(site.send(put(&answer, "ok")).await.status(), 200);
}

#[tokio::test]
async fn put_url_creates_no_key_that_the_portal_would_not() {
    let site = TestSite::new().await;
    for (key, reason) in [
        ("", "missing"),
        ("/a", "empty part"),
        ("a//b", "empty part"),
        ("a/../b", "no browser can address"),
        ("a%00b", "control character"),
        (".causeway/a", "kept for the portal"),
    ] {
        let answer = ask(&site, &format!("/api/put_url?key={key}&size_bytes=1")).await;
        assert_eq!(answer.status(), 400, "{key}");
        assert!(answer.problem().contains(reason), "{key}: {}", answer.problem());
    }
    let answer = json(&ask(&site, "/api/put_url?key=cafe%CC%81&size_bytes=1").await);
    assert_eq!(answer["key"], "caf\u{e9}");
}

#[tokio::test]
async fn put_url_needs_a_size_that_one_request_can_carry() {
    let site = TestSite::new().await;
    for query in ["", "&size_bytes=", "&size_bytes=-1", "&size_bytes=5368709121", "&size_bytes=1&overwrite=yes"] {
        let answer = ask(&site, &format!("/api/put_url?key=a{query}")).await;
        assert!(answer.status() == 400 && answer.problem().contains("InvalidRequest"), "{query}: {}", answer.body());
    }
    assert_eq!(ask(&site, "/api/put_url?key=a&size_bytes=5368709120").await.status(), 200);
}

#[tokio::test]
async fn an_unknown_person_gets_json_and_no_url() {
    let site = TestSite::with(BEHIND_PROXY).await;
    for address in ["/api/get_url?key=a", "/api/put_url?key=a&size_bytes=1", "/api/nothing"] {
        let answer = ask(&site, address).await;
        assert!(answer.status() == 401 && answer.problem().contains("SignInRequired"), "{}", answer.body());
    }
}

#[tokio::test]
async fn what_the_api_does_not_have_is_answered_in_json_too() {
    let site = TestSite::new().await;
    insta::assert_snapshot!(ask(&site, "/api/nothing/here").await.problem(), @r"
    404 Not Found
    NotFound: No such address
    The API has nothing under this address.
    See the documentation for the addresses there are.
    ");
    let wrong = script(Method::POST, "/api/get_url?key=a").body(Body::empty()).unwrap();
    insta::assert_snapshot!(site.send(wrong).await.problem(), @r"
    405 Method Not Allowed
    InvalidRequest: Wrong method
    This address does not answer to this method.
    Reading is GET, changing is POST.
    ");
    insta::assert_snapshot!(ask(&site, "/api/uploads/create").await.problem(), @r"
    405 Method Not Allowed
    InvalidRequest: Wrong method
    This address does not answer to this method.
    Reading is GET, changing is POST.
    ");
}

#[tokio::test]
async fn a_server_function_asked_by_another_method_answers_in_json() {
    let site = TestSite::new().await;
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        for other in [Method::GET, Method::HEAD, Method::POST, Method::DELETE].iter().filter(|other| **other != method)
        {
            let answer = site.send(script(other.clone(), path).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status(), 405, "{other} {path}");
            if *other != Method::HEAD {
                assert!(answer.problem().contains("Wrong method"), "{other} {path}: {}", answer.body());
            }
            assert!(answer.header("allow").contains(method.as_str()), "{other} {path}: {}", answer.header("allow"));
        }
    }
}

#[tokio::test]
async fn every_route_of_the_list_is_there_and_no_other_method_of_it() {
    let site = TestSite::new().await;
    for route in server::api::ROUTES {
        let right = script(route.method.parse().unwrap(), route.path).body(Body::empty()).unwrap();
        let answer = site.send(right).await;
        assert!(!matches!(answer.status(), 404 | 405), "{}: {}", route.path, answer.body());
        let other = if route.method == "GET" { Method::POST } else { Method::GET };
        let wrong = script(other, route.path).body(Body::empty()).unwrap();
        assert_eq!(site.send(wrong).await.status(), 405, "{}", route.path);
    }
}
