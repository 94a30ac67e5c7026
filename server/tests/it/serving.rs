//! Connections: taken, timed and closed in order. On real sockets, with limits of milliseconds.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use server::config::Limits;
use server::serve::serve;
use server::shutdown::{Pace, Stop};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::support::TestSite;

const LIMITS: Limits = Limits {
    request_timeout: Duration::from_secs(30),
    header_timeout: Duration::from_secs(30),
    drain: Duration::from_millis(100),
    shutdown_timeout: Duration::from_secs(30),
    max_body_bytes: 1024,
    max_concurrent_requests: 10,
};

struct Running {
    address: SocketAddr,
    stop: mpsc::Sender<Stop>,
    ended: JoinHandle<()>,
}

/// A server with one route that answers when it is told to.
async fn run(limits: Limits, go: &'static Semaphore) -> Running {
    let site = TestSite::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stops) = mpsc::channel(1);
    let router = Router::new().route(
        "/slow",
        get(move || async { go.acquire().await.map(|permission| permission.forget()).map_or("closed", |()| "done") }),
    );
    let ended = tokio::spawn(async move { serve(listener, router, &limits, site.readiness().clone(), stops).await });
    Running { address, stop, ended }
}

async fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

async fn everything(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text).await;
    text
}

/// Nobody answers until a permit is added.
fn nobody() -> &'static Semaphore {
    Box::leak(Box::new(Semaphore::new(0)))
}

#[tokio::test]
async fn a_request_that_is_open_when_the_server_stops_is_answered() {
    let go = nobody();
    let running = run(LIMITS, go).await;
    let open = ask(running.address, "/slow").await;
    running.stop.send(Stop::Terminate).await.unwrap();
    let meanwhile = ask(running.address, "/slow").await;
    tokio::time::sleep(LIMITS.drain * 3).await;
    assert!(TcpStream::connect(running.address).await.is_err(), "nothing new is taken after the drain");
    assert!(!running.ended.is_finished());
    go.add_permits(2);
    let (open, meanwhile) = tokio::join!(everything(open), everything(meanwhile));
    assert!(open.ends_with("done") && meanwhile.ends_with("done"), "{open}\n{meanwhile}");
    running.ended.await.unwrap();
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_the_server() {
    let running = run(Limits { shutdown_timeout: Duration::from_millis(100), ..LIMITS }, nobody()).await;
    let open = ask(running.address, "/slow").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.stop.send(Stop::Interrupt).await.unwrap();
    running.ended.await.unwrap();
    drop(open);
}

#[tokio::test]
async fn the_second_signal_ends_at_once() {
    let limits = Limits { drain: Duration::from_secs(3600), shutdown_timeout: Duration::from_secs(3600), ..LIMITS };
    let running = run(limits, nobody()).await;
    let open = ask(running.address, "/slow").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    for _ in 0..3 {
        let _ = running.stop.send(Stop::Terminate).await;
    }
    running.ended.await.unwrap();
    drop(open);
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let running = run(Limits { header_timeout: Duration::from_millis(100), ..LIMITS }, nobody()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: loc").await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection is still open");
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
}

#[test]
fn a_person_at_the_keyboard_does_not_wait_for_a_load_balancer() {
    assert_eq!(Pace::of(Stop::Terminate, &LIMITS).drain, LIMITS.drain);
    assert_eq!(Pace::of(Stop::Interrupt, &LIMITS), Pace { drain: Duration::ZERO, close: LIMITS.shutdown_timeout });
}
