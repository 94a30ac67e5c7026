//! What browsers are told to be strict about.

use axum::body::Body;
use axum::http::{Method, header};

use crate::support::{Answer, TestSite, browser};

fn assert_strict(answer: &Answer, what: &str) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{what}");
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{what}");
    assert!(matches!(answer.header("referrer-policy"), "same-origin" | "no-referrer"), "{what}");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
    assert_eq!(answer.header("x-request-id").len(), 16, "{what}");
}

#[tokio::test]
async fn every_answer_of_the_portal_is_strict_whatever_it_is() {
    let site = TestSite::new().await;
    for address in [
        "/",
        "/b/files",
        "/b/nothing",
        "/no/such/page",
        "/s/broken",
        "/api/list_objects",
        "/api/get_url",
        "/api/none",
        "/pkg/causeway.0f0f0f0f0f0f0f0f.js",
        "/pkg/gone.js",
        "/favicon.svg",
        "/healthz",
        "/readyz",
    ] {
        assert_strict(&site.get(address).await, address);
    }
    let wrong_method = site.send(browser(Method::DELETE, "/b/files").body(Body::empty()).unwrap()).await;
    assert_eq!(wrong_method.status(), 405);
    assert_strict(&wrong_method, "DELETE");
}

#[tokio::test]
async fn a_page_runs_only_the_scripts_that_it_brings() {
    let site = TestSite::new().await;
    let (one, other) = (site.get("/b/files").await, site.get("/b/files").await);
    let nonce = |answer: &Answer| {
        let policy = answer.header("content-security-policy").to_owned();
        policy
            .split_once("'nonce-")
            .and_then(|(_, rest)| rest.split_once('\''))
            .map(|(nonce, _)| nonce.to_owned())
            .unwrap()
    };
    assert_ne!(nonce(&one), nonce(&other), "a nonce is for one page");
    assert!(nonce(&one).len() >= 20);
    let html = one.body();
    let scripts = html.matches("<script").count();
    assert!(scripts > 0);
    assert_eq!(html.matches(&format!("nonce=\"{}\"", nonce(&one))).count(), html.matches(" nonce=").count());
    for script in html.split("<script").skip(1) {
        assert!(script.split_once('>').is_some_and(|(tag, _)| tag.contains(" nonce=")), "a script without a nonce");
    }
    assert!(one.header("content-security-policy").contains("connect-src 'self' http://files.localhost:3000"));
    assert!(!html.contains(" onclick=") && !html.contains("javascript:"));
}

#[tokio::test]
async fn pages_are_not_kept_by_anybody() {
    let site = TestSite::new().await;
    for address in ["/b/files", "/no/such/page", "/s/broken", "/api/list_objects"] {
        assert_eq!(site.get(address).await.header("cache-control"), "no-store", "{address}");
    }
}

#[tokio::test]
async fn tls_is_remembered_where_there_is_tls() {
    assert_eq!(TestSite::new().await.get("/healthz").await.header("strict-transport-security"), "");
    let site = TestSite::with(&[("CAUSEWAY_PORTAL_ORIGIN", "https://portal.localhost")]).await;
    let request = browser(Method::GET, "/b/files");
    let mut request = request.body(Body::empty()).unwrap();
    request.headers_mut().insert(header::HOST, "portal.localhost".parse().unwrap());
    assert_eq!(site.send(request).await.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn a_request_id_from_outside_is_not_taken_over() {
    let site = TestSite::new().await;
    let request = browser(Method::GET, "/healthz").header("x-request-id", "mine").body(Body::empty()).unwrap();
    let answer = site.send(request).await;
    assert_ne!(answer.header("x-request-id"), "mine");
    assert_ne!(answer.header("x-request-id"), site.get("/healthz").await.header("x-request-id"));
}

#[tokio::test]
async fn pages_travel_compressed_and_say_so() {
    let site = TestSite::new().await;
    for encoding in ["br", "gzip"] {
        let request =
            browser(Method::GET, "/b/files").header(header::ACCEPT_ENCODING, encoding).body(Body::empty()).unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.header("content-encoding"), encoding);
        assert!(answer.header("vary").contains("accept-encoding"));
    }
    assert_eq!(site.get("/b/files").await.header("content-encoding"), "");
}
