//! S3 down, slow, busy or mad: a clear page with an id to quote, and nothing of S3's own words.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use domain::problem::Problem;
use embedded::{Action, Fault};
use server::s3::{Connection, credentials};
use tokio::time::Instant;

use crate::support::{Answer, TestSite, another_s3, logged, script};

async fn listing_under(action: Action) -> Answer {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    site.disturb(Fault::on("ListObjectsV2"), action);
    site.get("/b/files").await
}

fn words(answer: &Answer) -> String {
    let page = answer.page();
    assert!(page.contains("Incident (id)"), "no id to quote: {page}");
    page.lines().filter(|line| !line.starts_with("Incident")).collect::<Vec<_>>().join("\n")
}

fn error(status: u16, code: &str) -> Action {
    Action::Error { status, code: code.to_owned() }
}

/// An address at which nobody listens.
fn nobody_there() -> String {
    let taken_for_a_moment = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", taken_for_a_moment.local_addr().unwrap())
}

#[tokio::test]
async fn s3_down() {
    let site = TestSite::altered(&[], |site| {
        let connection = Connection::Endpoint { url: nobody_there(), path_style: true };
        site.portal.store = another_s3(site, credentials::fixed("AKIDTEST", "secret"), connection);
    })
    .await;
    insta::assert_snapshot!(words(&site.get("/b/files").await), @r"
    502 Bad Gateway
    [Skip to content](#main)
    [Causeway](/)local
    S3 does not answer
    The storage could not be reached, or met a fault of its own.
    Try again in a minute; if it stays, tell your administrator and quote the incident.
    [Try again](/b/files)[Go to the start page](/)
    ");
}

#[tokio::test]
async fn s3_without_room_for_more() {
    insta::assert_snapshot!(words(&listing_under(error(503, "ServiceUnavailable")).await), @r"
    503 Service Unavailable
    [Skip to content](#main)
    [Causeway](/)local
    S3 is busy
    S3 asks for fewer requests.
    Try again in a few seconds.
    [Try again](/b/files)[Go to the start page](/)
    ");
}

#[tokio::test]
async fn s3_busy() {
    insta::assert_snapshot!(words(&listing_under(error(503, "SlowDown")).await), @r"
    503 Service Unavailable
    [Skip to content](#main)
    [Causeway](/)local
    S3 is busy
    S3 asks for fewer requests.
    Try again in a few seconds.
    [Try again](/b/files)[Go to the start page](/)
    ");
}

#[tokio::test]
async fn s3_closed_to_the_portal() {
    insta::assert_snapshot!(words(&listing_under(error(403, "AccessDenied")).await), @r"
    403 Forbidden
    [Skip to content](#main)
    [Causeway](/)local
    S3 refused
    The portal itself may not do this in S3.
    Tell your administrator and quote the incident.
    [Go to the start page](/)
    ");
}

#[tokio::test]
async fn credentials_that_have_ended_are_not_told_as_a_person_s_fault() {
    for (status, code) in [(400, "ExpiredToken"), (400, "InvalidToken"), (403, "RequestTimeTooSkewed")] {
        let page = words(&listing_under(error(status, code)).await);
        assert!(page.starts_with("502 ") && page.contains("S3 does not answer"), "{code}: {page}");
    }
}

#[tokio::test]
async fn what_the_portal_itself_may_not_do_is_an_error_in_the_log() {
    for (status, code) in [(403, "AccessDenied"), (400, "ExpiredToken")] {
        let answer = listing_under(error(status, code)).await;
        let (id, log) = (answer.header("x-request-id"), logged());
        let told = log.lines().find(|line| line.contains(id) && line.contains("S3 operation") && line.contains(code));
        assert!(told.is_some_and(|line| line.contains(r#""level":"ERROR""#)), "{code}: {told:?}");
    }
}

#[tokio::test]
async fn s3_with_an_error_of_its_own() {
    insta::assert_snapshot!(words(&listing_under(error(500, "InternalError")).await), @r"
    502 Bad Gateway
    [Skip to content](#main)
    [Causeway](/)local
    S3 does not answer
    The storage could not be reached, or met a fault of its own.
    Try again in a minute; if it stays, tell your administrator and quote the incident.
    [Try again](/b/files)[Go to the start page](/)
    ");
}

#[tokio::test(start_paused = true)]
async fn s3_slow() {
    let site = TestSite::new().await;
    let slow = site.disturb(Fault::on("ListObjectsV2"), Action::Delay(Duration::from_secs(3600)));
    let began = Instant::now();
    let answer = site.get("/b/files").await;
    insta::assert_snapshot!(words(&answer), @r"
    502 Bad Gateway
    [Skip to content](#main)
    [Causeway](/)local
    S3 does not answer
    The storage could not be reached, or met a fault of its own.
    Try again in a minute; if it stays, tell your administrator and quote the incident.
    [Try again](/b/files)[Go to the start page](/)
    ");
    assert_eq!((began.elapsed().as_secs(), slow.matched()), (20, 3), "seconds that a person waits, and attempts");
}

#[tokio::test]
async fn s3_that_says_an_error_with_a_200() {
    let page = words(&listing_under(Action::ErrorWithin200 { code: "InternalError".to_owned() }).await);
    assert!(page.starts_with("502 ") && page.contains("S3 does not answer"), "{page}");
    let empty = TestSite::new().await.get("/b/files").await.page();
    let looks_empty = "This bucket is empty";
    assert!(empty.contains(looks_empty) && !page.contains(looks_empty), "an error looks like an empty bucket: {page}");
}

#[tokio::test]
async fn a_page_s_incident_leads_to_the_whole_story_in_the_log() {
    let answer = listing_under(error(403, "AccessDenied")).await;
    assert!(!answer.body().contains("AccessDenied"), "S3's code is for the log");
    let incident = answer.header("x-request-id").to_owned();
    let log = logged();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(&incident)).collect();
    assert!(lines.iter().any(|line| line.contains("AccessDenied")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("answered") && line.contains("/b/{bucket}")), "{lines:#?}");
}

#[tokio::test]
async fn every_refusal_of_the_api_has_an_incident_that_the_log_knows() {
    let site = TestSite::new().await;
    for (method, address) in [
        (Method::GET, "/api/get_url"),
        (Method::GET, "/api/get_url?key=gone.txt"),
        (Method::GET, "/api/get_url?key=a&bucket=nothing"),
        (Method::GET, "/api/get_url?key=.causeway%2Fx"),
        (Method::GET, "/api/nothing"),
        (Method::DELETE, "/api/get_url"),
        (Method::POST, "/api/uploads/create"),
    ] {
        let answer = site.send(script(method, address).body(Body::empty()).unwrap()).await;
        assert!((400..500).contains(&answer.status()), "{address}: {}", answer.status());
        let problem: Problem = serde_json::from_str(&answer.body()).unwrap();
        assert_eq!(problem.incident, answer.header("x-request-id"), "{address}");
        assert!(logged().contains(&problem.incident), "{address}");
    }
}

#[tokio::test]
async fn programs_are_told_in_json() {
    let site = TestSite::new().await;
    site.disturb(Fault::on_any(), error(503, "SlowDown"));
    let request = script(Method::GET, "/api/get_url?key=a.txt").body(Body::empty()).unwrap();
    insta::assert_snapshot!(site.send(request).await.problem(), @r"
    503 Service Unavailable
    Busy: S3 is busy
    S3 asks for fewer requests.
    Try again in a few seconds.
    ");
}
