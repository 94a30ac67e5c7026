//! What one server takes on, and how it says no.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use embedded::{Action, Fault};
use http_body_util::StreamBody;
use hyper::body::Frame;
use server::answer::Answers;
use server::middleware::timeout::{self, Timeout};

use crate::support::{TestSite, answer_of, browser, script};

#[tokio::test]
async fn object_bytes_never_pass_through_the_portal() {
    let site = TestSite::new().await;
    for address in ["/", "/b/files", "/api/uploads/create", "/api/create_share_link", "/api/none"] {
        let request = script(Method::POST, address)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, 5 * 1024 * 1024)
            .body(Body::from(vec![b' '; 5 * 1024 * 1024]))
            .unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status(), 413, "{address}");
        assert!(answer.body().contains("straight to S3"), "{address}: {}", answer.body());
    }
}

#[tokio::test]
async fn a_body_that_hides_its_length_is_cut_off() {
    let site = TestSite::new().await;
    for address in ["/api/uploads/create", "/api/create_share_link"] {
        let piece = || Ok::<_, std::convert::Infallible>(Frame::data(bytes::Bytes::from(vec![b' '; 64 * 1024])));
        let endless = futures_util::stream::iter(std::iter::repeat_with(piece).take(64));
        let request = script(Method::POST, address)
            .header(
                header::CONTENT_TYPE,
                if address.ends_with("create") { "application/json" } else { "application/x-www-form-urlencoded" },
            )
            .body(Body::new(StreamBody::new(endless)))
            .unwrap();
        let status = site.send(request).await.status();
        assert!((400..600).contains(&status), "{address}: {status}");
    }
}

#[tokio::test]
async fn a_full_house_sends_people_away_to_come_back() {
    let site = TestSite::with(&[("CAUSEWAY_MAX_CONCURRENT_REQUESTS", "1")]).await;
    let slow = site.disturb(Fault::on("ListObjectsV2").times(1), Action::Delay(Duration::from_millis(300)));
    let second = async {
        while slow.fired() == 0 {
            tokio::task::yield_now().await;
        }
        let page = site.get("/b/files").await;
        let health = site.get("/healthz").await;
        let asset = site.get("/pkg/causeway.0f0f.css").await;
        (page, health.status(), asset.status())
    };
    let (first, (busy, health, asset)) = tokio::join!(site.get("/b/files"), second);
    assert_eq!(first.status(), 200);
    assert_eq!((busy.status(), busy.header("retry-after")), (503, "2"));
    assert!(busy.page().contains("The portal is busy"));
    assert_eq!((health, asset), (200, 200), "a full house still lives");
    assert_eq!(site.get("/b/files").await.status(), 200, "and has room again");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let timeout = Timeout { limit: Duration::from_millis(20), answers: Answers::new("/pkg/x.css") };
    let router = Router::new()
        .route("/slow", get(std::future::pending::<()>))
        .route("/api/uploads/complete", get(async || tokio::time::sleep(Duration::from_millis(60)).await))
        .layer(from_fn_with_state(timeout, timeout::limit));
    let slow = answer_of(router.clone(), browser(Method::GET, "/slow").body(Body::empty()).unwrap()).await;
    assert_eq!(slow.status(), 502);
    assert!(slow.page().contains("S3 takes too long"), "{}", slow.page());
    let complete = script(Method::GET, "/api/uploads/complete").body(Body::empty()).unwrap();
    assert_eq!(answer_of(router, complete).await.status(), 200, "S3 may take minutes to put an object together");
}

#[tokio::test]
async fn an_unknown_method_is_refused_in_order() {
    let site = TestSite::new().await;
    for method in ["PUT", "DELETE", "PATCH", "PROPFIND"] {
        let request = browser(method.parse().unwrap(), "/b/files").body(Body::empty()).unwrap();
        assert_eq!(site.send(request).await.status(), 405, "{method}");
    }
    let head = site.send(browser(Method::HEAD, "/b/files").body(Body::empty()).unwrap()).await;
    assert_eq!((head.status(), head.body().as_str()), (200, ""));
}
