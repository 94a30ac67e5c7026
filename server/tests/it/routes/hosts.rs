//! One listener, two hosts, and no third.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

use crate::support::{FILES, PORTAL, TestSite, logged, of_url};

async fn status_on(site: &TestSite, host: &str, address: &str) -> u16 {
    let request = Request::get(address).header(header::HOST, host).body(Body::empty()).unwrap();
    site.send(request).await.status()
}

#[tokio::test]
async fn the_portal_answers_on_its_own_host_in_any_case() {
    let site = TestSite::new().await;
    for host in [PORTAL, "LocalHost:3000"] {
        assert_eq!(status_on(&site, host, "/b/files").await, 200, "{host}");
    }
}

#[tokio::test]
async fn an_unknown_host_is_refused_with_a_sentence() {
    let site = TestSite::new().await;
    for host in [
        "evil.example",
        "evil.example:3000",
        "localhost",
        "localhost:3001",
        "10.0.0.7:3000",
        "x.files.localhost:3000",
        "a b",
    ] {
        assert_eq!(status_on(&site, host, "/").await, 421, "{host}");
    }
    let answer = site.send(of_url(Method::GET, "http://evil.example:3000/").body(Body::empty()).unwrap()).await;
    let told = answer.body().replace(answer.header("x-request-id"), "(id)");
    insta::assert_snapshot!(told, @"This server does not answer under that host name. The portal is at http://localhost:3000. Incident (id).");
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
}

#[tokio::test]
async fn a_request_without_one_clear_host_is_refused() {
    let site = TestSite::new().await;
    let none = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(site.send(none).await.status(), 421);
    let two = Request::get("/").header(header::HOST, PORTAL).header(header::HOST, FILES).body(Body::empty()).unwrap();
    assert_eq!(site.send(two).await.status(), 421);
    let torn = Request::get("http://evil.example/").header(header::HOST, PORTAL).body(Body::empty()).unwrap();
    assert_eq!(site.send(torn).await.status(), 421);
}

#[tokio::test]
async fn a_request_without_a_path_is_refused_and_breaks_nothing() {
    let site = TestSite::new().await;
    for (method, target) in [("CONNECT", PORTAL), ("GET", PORTAL), ("GET", FILES), ("OPTIONS", "*"), ("GET", "*")] {
        let request = Request::builder().method(method).uri(target).header(header::HOST, PORTAL).body(Body::empty());
        let answer = site.send(request.unwrap()).await;
        assert_eq!(answer.status(), 400, "{method} {target}: {}", answer.body());
        let id = answer.header("x-request-id");
        assert!(answer.body().contains(&format!("Incident {id}.")), "{method} {target}: {}", answer.body());
        assert!(!logged().lines().any(|line| line.contains(id) && line.contains("panicked")), "{method} {target}");
    }
    let whole = Request::get("http://localhost:3000").header(header::HOST, PORTAL).body(Body::empty()).unwrap();
    assert_eq!(site.send(whole).await.status(), 307, "a whole address without a path is that of the first page");
}

#[tokio::test]
async fn addresses_of_the_machine_lead_to_localhost_with_path_and_query() {
    let site = TestSite::new().await;
    for host in ["127.0.0.1:3000", "[::1]:3000", "127.0.0.2:3000"] {
        let url = format!("http://{host}/b/files?prefix=a%2Fb%2F&from=x%2By");
        let answer = site.send(of_url(Method::GET, &url).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.location(), "http://localhost:3000/b/files?prefix=a%2Fb%2F&from=x%2By", "{host}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_path_that_looks_like_a_host_does_not_lead_away() {
    let site = TestSite::new().await;
    let answer =
        site.send(of_url(Method::GET, "http://127.0.0.1:3000//evil.example/").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.location(), "http://localhost:3000//evil.example/");
}

#[tokio::test]
async fn a_portal_with_a_name_sends_nobody_to_localhost() {
    let site = TestSite::with(&[("CAUSEWAY_PORTAL_ORIGIN", "https://portal.localhost")]).await;
    assert_eq!(status_on(&site, "127.0.0.1:3000", "/").await, 421);
    assert_eq!(status_on(&site, "portal.localhost", "/b/files").await, 200);
    assert_eq!(status_on(&site, "portal.localhost:443", "/b/files").await, 200);
    assert_eq!(status_on(&site, "portal.localhost:80", "/b/files").await, 421);
}

#[tokio::test]
async fn health_checks_are_answered_on_any_host_but_are_keys_on_the_files_host() {
    let site = TestSite::new().await;
    for host in [PORTAL, "10.0.0.7:3000", "127.0.0.1:3000", "evil.example"] {
        assert_eq!(status_on(&site, host, "/healthz").await, 200, "{host}");
        assert_eq!(status_on(&site, host, "/readyz").await, 200, "{host}");
    }
    let site = site.with_object("healthz", 3).await;
    let signed = site.sign_get("healthz", 60).await;
    assert_eq!(site.follow(signed.url.expose()).await.body(), "xxx");
}

#[tokio::test]
async fn no_route_of_the_portal_exists_on_the_files_host() {
    let site = TestSite::new().await;
    for address in ["/", "/b/files", "/api/list_objects", "/pkg/causeway.0f0f0f0f0f0f0f0f.js", "/healthz", "/s/x"] {
        let request = Request::get(address).header(header::HOST, FILES).body(Body::empty()).unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status(), 403, "{address}");
        assert!(answer.header("content-type").contains("xml"), "{address}: S3 itself answers");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn the_files_host_lets_the_portal_s_pages_in_and_no_others() {
    let site = TestSite::new().await;
    let preflight = |origin: &str| {
        of_url(Method::OPTIONS, "http://files.localhost:3000/a.txt")
            .header(header::ORIGIN, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "PUT")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type,if-none-match,x-amz-checksum-crc64nvme")
            .body(Body::empty())
            .unwrap()
    };
    let ours = site.send(preflight("http://localhost:3000")).await;
    assert_eq!(ours.status(), 200);
    assert_eq!(ours.header("access-control-allow-origin"), "http://localhost:3000");
    assert!(ours.header("access-control-allow-methods").contains("PUT"));
    for origin in
        ["http://evil.example", "http://localhost:3001", "https://localhost:3000", "http://127.0.0.1:3000", "null"]
    {
        let theirs = site.send(preflight(origin)).await;
        assert_eq!((theirs.status(), theirs.header("access-control-allow-origin")), (403, ""), "{origin}");
    }
}

#[tokio::test]
async fn a_fault_behind_the_files_host_is_answered_and_told_to_the_log() {
    let broken = Router::new().fallback(async || -> StatusCode { panic!("a fault of the embedded S3") });
    let site = TestSite::altered(&[], |site| site.files = Some(broken)).await;
    let answer = site.follow("http://files.localhost:3000/a.txt").await;
    assert_eq!(answer.status(), 500);
    let id = answer.header("x-request-id").to_owned();
    let log = logged();
    assert!(log.lines().any(|line| line.contains(&id) && line.contains("answered") && line.contains("(files host)")));
}

#[tokio::test]
async fn each_bucket_has_its_own_files_host() {
    let site = TestSite::with(&[
        ("CAUSEWAY_STORAGE", "embedded"),
        (
            "CAUSEWAY_BUCKETS",
            r#"[{"name":"files","public_host":"files.localhost:3000"},{"name":"archive","label":"The archive","public_host":"archive.localhost:3000"}]"#,
        ),
    ])
    .await
    .with_object("only-here.txt", 3)
    .await;
    assert!(site.get("/b/files").await.page().contains("only-here.txt"));
    assert!(!site.get("/b/archive").await.page().contains("only-here.txt"));
    let signed = site.sign_get("only-here.txt", 60).await;
    assert_eq!(site.follow(signed.url.expose()).await.status(), 200);
    let elsewhere = signed.url.expose().replace("//files.", "//archive.");
    assert_eq!(site.follow(&elsewhere).await.status(), 403, "a signature holds for its own host");
}
