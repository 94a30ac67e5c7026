//! Alive and ready are two things.

use std::time::Duration;

use embedded::{Action, Fault};

use crate::support::{TestSite, logged};

fn outage() -> Action {
    Action::Error { status: 503, code: "ServiceUnavailable".to_owned() }
}

#[tokio::test(start_paused = true)]
async fn a_server_without_s3_lives_but_is_not_ready() {
    let site = TestSite::new().await;
    site.disturb(Fault::on_any(), outage());
    assert_eq!(site.get("/healthz").await.status(), 200);
    let ready = site.get("/readyz").await;
    assert_eq!(ready.status(), 503);
    insta::assert_snapshot!(ready.body(), @"S3 does not answer for 1 of 1; the log has the names.");
    let log = logged();
    let id = ready.header("x-request-id");
    assert!(
        log.lines().any(|line| line.contains(id) && line.contains("bucket is not ready") && line.contains("files"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_deleted_later_takes_no_server_away() {
    let site = TestSite::new().await;
    assert_eq!(site.get("/readyz").await.status(), 200);
    let asked = site.disturb(Fault::on("HeadBucket"), Action::Error { status: 404, code: "NoSuchBucket".to_owned() });
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(site.get("/readyz").await.status(), 200);
    }
    assert_eq!(asked.matched(), 0, "what S3 does now is told by the answers and the log");
    site.readiness().drain();
    assert_eq!(site.get("/readyz").await.status(), 503);
}

#[tokio::test(start_paused = true)]
async fn a_server_becomes_ready_as_soon_as_s3_answers_for_every_bucket() {
    let site = TestSite::new().await;
    site.disturb(Fault::on("HeadBucket").times(1), Action::Error { status: 404, code: "NoSuchBucket".to_owned() });
    assert_eq!(site.get("/readyz").await.status(), 503);
    assert_eq!(site.get("/readyz").await.status(), 503, "an answer counts for a while");
    tokio::time::advance(Duration::from_secs(6)).await;
    assert_eq!(site.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn liveness_never_asks_s3() {
    let site = TestSite::new().await;
    let any = site.disturb(Fault::on_any(), outage());
    for _ in 0..3 {
        assert_eq!(site.get("/healthz").await.status(), 200);
    }
    assert_eq!(any.matched(), 0);
}

#[tokio::test]
async fn many_readiness_checks_ask_s3_once() {
    let site = TestSite::new().await;
    let asked = site.disturb(Fault::on("HeadBucket").after(u32::MAX), outage());
    let (first, second) = tokio::join!(site.get("/readyz"), site.get("/readyz"));
    assert_eq!((first.status(), second.status(), site.get("/readyz").await.status()), (200, 200, 200));
    assert_eq!(asked.matched(), 1);
}

#[tokio::test]
async fn a_server_that_drains_is_alive_and_serves_but_is_not_ready() {
    let site = TestSite::new().await;
    assert_eq!(site.get("/readyz").await.status(), 200);
    site.readiness().drain();
    let ready = site.get("/readyz").await;
    assert_eq!(ready.status(), 503);
    insta::assert_snapshot!(ready.body(), @"Causeway is shutting down.");
    assert_eq!(site.get("/healthz").await.status(), 200);
    assert_eq!(site.get("/b/files").await.status(), 200);
}
