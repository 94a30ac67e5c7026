//! What one server takes on, and how it says no.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let piece = move || {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::convert::Infallible>(Frame::data(bytes::Bytes::from(vec![b' '; 64 * 1024])))
        };
        let endless = futures_util::stream::iter(std::iter::repeat_with(piece).take(64));
        let request = script(Method::POST, address)
            .header(
                header::CONTENT_TYPE,
                if address.ends_with("create") { "application/json" } else { "application/x-www-form-urlencoded" },
            )
            .body(Body::new(StreamBody::new(endless)))
            .unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status(), 413, "{address}: {}", answer.body());
        assert!(answer.body().contains("straight to S3"), "{address}: {}", answer.body());
        let taken = taken.load(Ordering::SeqCst);
        assert!(taken <= 17, "{address}: {taken} pieces of 64 KiB were taken, and 16 are the limit");
    }
}

#[tokio::test]
async fn the_limit_is_the_operator_s() {
    let length = 2 * 1024 * 1024;
    let body = format!(r#"{{"bucket":"files","uploads":[]}}{}"#, " ".repeat(length));
    for (settings, status) in [(&[][..], 413), (&[("CAUSEWAY_MAX_BODY_BYTES", "4194304")], 200)] {
        let site = TestSite::with(settings).await;
        let request = script(Method::POST, "/api/uploads/create")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.clone()))
            .unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status(), status, "{settings:?}: {}", answer.body());
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
        let asset = site.get("/pkg/causeway.0f0f0f0f0f0f0f0f.css").await;
        (page, health.status(), asset.status())
    };
    let (first, (busy, health, asset)) = tokio::join!(site.get("/b/files"), second);
    assert_eq!(first.status(), 200);
    assert_eq!((busy.status(), busy.header("retry-after")), (503, "2"));
    assert!(busy.page().contains("The portal is busy"));
    assert_eq!((health, asset), (200, 200), "a full house still lives");
    assert_eq!(site.get("/b/files").await.status(), 200, "and has room again");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_given_up() {
    let timeout = Timeout { limit: Duration::from_secs(30), answers: Answers::new("/pkg/x.css") };
    let after = |limit_s| get(move || tokio::time::sleep(Duration::from_secs(limit_s)));
    let router = Router::new()
        .route("/slow", get(std::future::pending::<()>))
        .route("/api/uploads/complete", after(570))
        .route("/api/uploads/create", after(270))
        .layer(from_fn_with_state(timeout, timeout::limit));
    let slow = answer_of(router.clone(), browser(Method::GET, "/slow").body(Body::empty()).unwrap()).await;
    assert_eq!(slow.status(), 502);
    assert!(slow.page().contains("This takes too long"), "{}", slow.page());
    for patient in ["/api/uploads/complete", "/api/uploads/create"] {
        let request = script(Method::GET, patient).body(Body::empty()).unwrap();
        assert_eq!(answer_of(router.clone(), request).await.status(), 200, "{patient} may take minutes");
    }
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
