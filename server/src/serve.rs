//! Takes connections and answers on them until told to stop.
//!
//! By hand and not by `axum::serve`, which knows no limit for the time that a request's head may take.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use crate::config::Limits;
use crate::health::Readiness;
use crate::shutdown::{Pace, Stop};

/// Pause after the system could not give a connection, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until told to stop; then goes on for a while, answers what is open, and ends, at once where told again.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    readiness: Readiness,
    mut stops: mpsc::Receiver<Stop>,
) {
    let connections = Connections { router, header_timeout: limits.header_timeout, graceful: GracefulShutdown::new() };
    let stop = tokio::select! {
        never = connections.accept(&listener) => match never {},
        stop = stops.recv() => stop.unwrap_or(Stop::Interrupt),
    };
    let pace = Pace::of(stop, limits);
    tracing::info!(drain_s = pace.drain.as_secs(), "shutting down");
    readiness.drain();
    tokio::select! {
        never = connections.accept(&listener) => match never {},
        () = tokio::time::sleep(pace.drain) => {}
        Some(_) = stops.recv() => tracing::info!("told again to stop"),
    }
    drop(listener);
    let open = connections.graceful.count();
    tokio::select! {
        () = connections.graceful.shutdown() => tracing::info!("every request is answered"),
        () = tokio::time::sleep(pace.close) => tracing::warn!(open, "gave up on open requests"),
        Some(_) = stops.recv() => tracing::warn!(open, "told again to stop"),
    }
}

struct Connections {
    router: Router,
    header_timeout: Duration,
    graceful: GracefulShutdown,
}

impl Connections {
    async fn accept(&self, listener: &TcpListener) -> Infallible {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    // Small answers are not to wait for more to say.
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(answer(stream, self.router.clone(), self.header_timeout, self.graceful.watcher()));
                }
                // The one that called has gone; the next is still there.
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot take connections");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn answer(stream: TcpStream, router: Router, header_timeout: Duration, watcher: Watcher) {
    let service = service_fn(move |request: hyper::Request<Incoming>| router.clone().oneshot(request.map(Body::new)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .serve_connection(TokioIo::new(stream), service);
    // Connections end early for a hundred reasons, nearly all the other side's.
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended early");
    }
}
