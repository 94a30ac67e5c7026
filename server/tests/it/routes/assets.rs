//! Built assets: kept for ever where their name holds their hash, and never run where they should not.

use axum::body::Body;
use axum::http::{Method, header};

use crate::support::{BEHIND_PROXY, TestSite, script};

async fn fetch(site: &TestSite, address: &str, encodings: &str) -> crate::support::Answer {
    let request = script(Method::GET, address).header(header::ACCEPT_ENCODING, encodings).body(Body::empty()).unwrap();
    site.send(request).await
}

#[tokio::test]
async fn hashed_assets_are_kept_for_ever_and_have_their_types() {
    let site = TestSite::new().await;
    for (address, kind) in [
        ("/pkg/causeway.0f0f0f0f0f0f0f0f.js", "text/javascript"),
        ("/pkg/causeway.0f0f0f0f0f0f0f0f.wasm", "application/wasm"),
        ("/pkg/causeway.0f0f0f0f0f0f0f0f.css", "text/css"),
    ] {
        let answer = fetch(&site, address, "identity").await;
        assert_eq!((answer.status(), answer.header("content-type")), (200, kind), "{address}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn an_asset_without_a_hash_is_asked_about_each_time() {
    let site = TestSite::new().await;
    for address in ["/pkg/causeway.js", "/pkg/causeway_bg.wasm"] {
        let answer = fetch(&site, address, "identity").await;
        assert_eq!((answer.status(), answer.header("cache-control")), (200, "no-cache"), "{address}");
        assert_ne!(answer.header("last-modified"), "", "{address}: nothing to ask by");
    }
}

#[tokio::test]
async fn the_encoding_that_the_build_made_is_sent_as_it_is() {
    let site = TestSite::new().await;
    for (encodings, encoding, body) in
        [("gzip, br", "br", "as brotli"), ("gzip", "gzip", "as gzip"), ("identity", "", "export default () => {};")]
    {
        let answer = fetch(&site, "/pkg/causeway.0f0f0f0f0f0f0f0f.js", encodings).await;
        assert_eq!((answer.header("content-encoding"), answer.body().as_str()), (encoding, body));
        assert_eq!(answer.header("content-type"), "text/javascript");
        assert_eq!(answer.header("vary"), "accept-encoding");
    }
}

#[tokio::test]
async fn a_worker_s_script_brings_the_policy_under_which_it_runs() {
    let site = TestSite::new().await;
    let policy = fetch(&site, "/pkg/uploader.0f0f0f0f0f0f0f0f.js", "identity")
        .await
        .header("content-security-policy")
        .to_owned();
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'"), "{policy}");
    assert!(policy.contains("connect-src 'self' http://files.localhost:3000"), "{policy}");
    for what_a_page_may in ["nonce", "img-src", "form-action", "frame-src"] {
        assert!(!policy.contains(what_a_page_may), "{policy}");
    }
}

#[tokio::test]
async fn other_assets_have_names_of_their_own_and_are_kept_for_a_while() {
    let site = TestSite::new().await;
    let icon = fetch(&site, "/favicon.svg", "identity").await;
    assert_eq!((icon.status(), icon.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(icon.header("cache-control"), "public, max-age=3600");
}

#[tokio::test]
async fn a_missing_asset_is_not_remembered_and_nothing_outside_is_reached() {
    let site = TestSite::new().await;
    for address in [
        "/pkg/causeway.gone.js",
        "/pkg/",
        "/pkg/../assets.json",
        "/pkg/..%2fassets.json",
        "/pkg/%2e%2e/assets.json",
        "/assets.json",
    ] {
        let answer = fetch(&site, address, "identity").await;
        assert_eq!(answer.status(), 404, "{address}");
        assert_eq!(answer.header("cache-control"), "no-store", "{address}");
    }
}

#[tokio::test]
async fn assets_need_no_sign_in() {
    let site = TestSite::with(BEHIND_PROXY).await;
    assert_eq!(fetch(&site, "/pkg/causeway.0f0f0f0f0f0f0f0f.css", "identity").await.status(), 200);
    assert_eq!(fetch(&site, "/favicon.svg", "identity").await.status(), 200);
}
