//! Scripted faults strike where they are told to, count it, and leave the rest alone.

use std::time::Duration;

use embedded::{Action, Fault};
use http::Method;

use crate::support::{Site, Wire, connection};

#[tokio::test]
async fn an_error_strikes_as_often_as_scripted_and_is_counted() {
    let site = Site::new().await;
    let slow = site.s3.faults().script(
        Fault::on("PutObject").key("photo").after(1).times(2),
        Action::Error { status: 503, code: "SlowDown".to_owned() },
    );
    site.put("photo1", "x").await.expect(200);
    site.put("photo2", "x").await.refused(503, "SlowDown");
    site.put("other", "x").await.expect(200);
    site.get("photo1").await.expect(200);
    site.put("photo3", "x").await.refused(503, "SlowDown");
    site.put("photo4", "x").await.expect(200);
    assert_eq!((slow.fired(), slow.matched()), (2, 4));
    site.get("photo2").await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn one_part_of_one_upload_can_be_struck() {
    let site = Site::new().await;
    let wire = Wire::new(Method::POST, "a").query("uploads", "");
    let upload = site.send(wire.build()).await.expect(200).element("UploadId").unwrap();
    let script = site.s3.faults().script(
        Fault::on("UploadPart").part(2).times(1),
        Action::Error { status: 500, code: "InternalError".to_owned() },
    );
    let part = |number: &str| {
        let wire = Wire::new(Method::PUT, "a").query("partNumber", number).query("uploadId", &upload);
        site.send(wire.body("x").build())
    };
    part("1").await.expect(200);
    part("2").await.refused(500, "InternalError");
    part("2").await.expect(200);
    assert_eq!(script.fired(), 1);
}

#[tokio::test]
async fn an_error_may_hide_in_a_200() {
    let site = Site::new().await;
    site.with("a", "x").await;
    let script =
        site.s3.faults().script(Fault::on("CopyObject"), Action::ErrorWithin200 { code: "InternalError".to_owned() });
    let wire = Wire::new(Method::PUT, "b").header("x-amz-copy-source", "data/a").body("");
    site.send(wire.build()).await.refused(200, "InternalError");
    assert_eq!(script.fired(), 1);
    site.s3.faults().clear();
    site.get("b").await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn a_request_cut_in_its_body_changes_nothing() {
    let site = Site::new().await;
    for after_bytes in [0, 1_000, 50_000] {
        let script = site.s3.faults().script(Fault::on("PutObject"), Action::DropRequest { after_bytes });
        let answer = site.put("a", vec![1; 100_000]).await;
        assert!(answer.cut && answer.body.is_empty());
        assert_eq!(script.fired(), 1);
        site.s3.faults().clear();
        site.get("a").await.refused(404, "NoSuchKey");
        assert!(site.byte_files().is_empty());
    }
}

#[tokio::test]
async fn an_answer_cut_off_comes_after_the_deed() {
    let site = Site::new().await;
    let script = site.s3.faults().script(Fault::on("PutObject"), Action::DropAnswer { after_bytes: 0 });
    assert!(site.put("a", vec![1; 100_000]).await.cut);
    assert_eq!(script.fired(), 1);
    site.s3.faults().clear();
    site.get("a").await.expect(200);
    site.s3.faults().script(Fault::on("GetObject"), Action::DropAnswer { after_bytes: 10 });
    let answer = site.get("a").await;
    assert_eq!((answer.body.len(), answer.cut), (10, true));
}

/// The S3 on a socket, for a client that sees whether anything leaves.
async fn on_a_socket(site: &Site) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = axum::Router::new().fallback_service(site.s3.service());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_answer_cut_off_nothing_leaves_the_socket() {
    let site = Site::new().await;
    let address = on_a_socket(&site).await;
    let send = |wire: Wire| {
        let (address, body) = (address.clone(), wire.body.clone());
        let exchange = move || connection::exchange(&address, &wire.signed(), &body);
        async move { tokio::task::spawn_blocking(exchange).await.unwrap() }
    };
    let wire = |method| Wire::new(method, "a");
    // Answers without a body, of 200 and of 204, and one with a body.
    for (operation, request) in [
        ("PutObject", wire(Method::PUT).body("x")),
        ("DeleteObject", wire(Method::DELETE)),
        ("GetObject", wire(Method::GET)),
    ] {
        site.with("a", "before").await;
        let script = site.s3.faults().script(Fault::on(operation), Action::DropAnswer { after_bytes: 0 });
        let answer = send(request).await;
        assert!(answer.is_err(), "{operation}: {answer:?}");
        assert_eq!(script.fired(), 1, "{operation}");
        site.s3.faults().clear();
    }
    site.with("a", "before").await;
    let script = site.s3.faults().script(Fault::on_any(), Action::DropAnswer { after_bytes: 0 });
    assert_eq!(send(wire(Method::HEAD)).await.unwrap().status, 200);
    assert_eq!((script.fired(), script.matched()), (0, 0), "a HEAD is not struck, and not counted");
}

#[tokio::test(start_paused = true)]
async fn a_delay_holds_a_request_up() {
    let site = Site::new().await;
    site.with("a", "x").await;
    let delay = Duration::from_secs(90);
    let script = site.s3.faults().script(Fault::on_any().times(1), Action::Delay(delay));
    let before = tokio::time::Instant::now();
    site.get("a").await.expect(200);
    assert!(before.elapsed() >= delay);
    assert_eq!(script.fired(), 1);
}
