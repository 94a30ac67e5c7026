//! Changes are taken from the portal's own pages and from scripts, never from another site's page.

use axum::body::Body;
use axum::http::{Method, header};

use crate::support::{Answer, TestSite, script};

/// A change that is understood and does nothing: its ticket is none.
async fn change(site: &TestSite, headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(script(Method::POST, "/api/uploads/abort"), |request, (name, value)| request.header(*name, *value));
    site.send(
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from(r#"{"ticket":"none"}"#)).unwrap(),
    )
    .await
}

#[tokio::test]
async fn another_site_s_page_changes_nothing() {
    let site = TestSite::new().await;
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", "http://localhost:3000")],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "")],
        &[("origin", "http://evil.example")],
        &[("origin", "http://files.localhost:3000")],
        &[("origin", "http://localhost:3001")],
        &[("origin", "https://localhost:3000")],
        &[("origin", "http://localhost:3000.evil.example")],
        &[("origin", "null")],
        &[("origin", "http://localhost:3000"), ("origin", "http://evil.example")],
        &[("cookie", "session=1")],
        &[("cookie", "session=1"), ("authorization", "Bearer x"), ("origin", "http://evil.example")],
        &[("authorization", "Basic eDp5"), ("origin", "http://evil.example")],
        &[("authorization", "Bearer "), ("origin", "http://evil.example")],
    ] {
        assert_eq!(change(&site, headers).await.status(), 403, "{headers:?}");
    }
    insta::assert_snapshot!(change(&site, &[("origin", "http://evil.example")]).await.problem(), @r"
    403 Forbidden
    Forbidden: Refused
    The request came from another site than the portal.
    Open the portal itself and try again there.
    ");
}

#[tokio::test]
async fn the_portal_s_pages_and_scripts_change_what_they_may() {
    let site = TestSite::new().await;
    for headers in [
        &[("sec-fetch-site", "same-origin")][..],
        &[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:3000"), ("cookie", "session=1")],
        &[("sec-fetch-site", "none")],
        &[("origin", "http://localhost:3000")],
        &[("origin", "http://localhost:3000"), ("cookie", "session=1")],
        &[("authorization", "Bearer token"), ("origin", "http://evil.example")],
        &[("authorization", "bearer token")],
        &[],
    ] {
        let answer = change(&site, headers).await;
        assert_ne!(answer.status(), 403, "{headers:?}: {}", answer.body());
    }
}

#[tokio::test]
async fn the_check_stands_before_server_functions_so_that_no_redirect_carries_an_error() {
    let site = TestSite::new().await;
    let request = script(Method::POST, "/api/create_share_link")
        .header(header::ORIGIN, "http://evil.example")
        .header(header::REFERER, "http://evil.example/page")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("bucket=files&key=a.txt&expires_in_s=60"))
        .unwrap();
    let answer = site.send(request).await;
    assert_eq!((answer.status(), answer.header("location")), (403, ""));
}

/// As a browser asks that a page of another site sends to an address of the portal.
async fn led_there_by_another_site(site: &TestSite, address: &str) -> Answer {
    let request = script(Method::GET, address)
        .header(header::REFERER, "https://evil.example/page?__err=x")
        .header("sec-fetch-site", "cross-site");
    let mut request = request.body(Body::empty()).unwrap();
    request.headers_mut().insert(header::ACCEPT, "text/html,*/*;q=0.8".parse().unwrap());
    site.send(request).await
}

#[tokio::test]
async fn no_server_function_that_reads_sends_a_browser_back_to_the_site_it_came_from() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let reading: Vec<_> =
        leptos::server_fn::axum::server_fn_paths().filter(|(_, method)| *method == Method::GET).collect();
    assert!(reading.len() >= 5, "{reading:?}");
    for (path, _) in reading {
        for query in ["", "?bucket=files&key=a.txt", "?bucket=files&key=gone.txt", "?bucket=nothing&key=a", "?token=x"]
        {
            let answer = led_there_by_another_site(&site, &format!("{path}{query}")).await;
            let location = answer.header("location");
            assert!(location.is_empty() || location.starts_with("http://files.localhost:3000/"), "{path}: {location}");
            assert!(location.is_empty() == (answer.status() != 307), "{path}{query}: {}", answer.status());
            let kind = answer.header("content-type");
            assert!(answer.status() < 400 || kind == "application/json", "{path}{query}: {kind}");
        }
    }
}

#[tokio::test]
async fn a_page_does_not_send_a_browser_back_to_the_site_it_came_from_either() {
    let site = TestSite::new().await;
    for (address, status) in [("/b/files", 200), ("/b/files/download?key=gone.txt", 404), ("/s/x", 404)] {
        let answer = led_there_by_another_site(&site, address).await;
        assert_eq!((answer.status(), answer.header("location")), (status, ""), "{address}");
    }
}

#[tokio::test]
async fn reading_is_not_changing() {
    let site = TestSite::new().await;
    let request = script(Method::GET, "/b/files").header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    assert_eq!(site.send(request).await.status(), 200, "a link on another site leads into the portal");
}

#[tokio::test]
async fn no_server_function_that_changes_listens_to_get() {
    let site = TestSite::new().await;
    let answer = site.get("/api/create_share_link?bucket=files&key=a.txt&expires_in_s=60").await;
    assert_eq!(answer.status(), 405);
}
