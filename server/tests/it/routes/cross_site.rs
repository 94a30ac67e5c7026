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
