//! `/healthz`: the process lives. `/readyz`: it has seen S3 serve every bucket, and is not about to stop.
//!
//! What S3 does after that is no reason to take a server away: another one would meet the same S3, and an orchestrator
//! that replaces whatever is not ready would replace them all, over and over, for one bucket.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::ssr::error_chain;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::access::BucketName;
use domain::store::{ObjectStore, StoreError};
use futures_util::future::join_all;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::answer::sentence;

/// Never depends on S3: a process is not killed for what another one does.
const LIVE_PATH: &str = "/healthz";

/// Where load balancers and operators ask.
const READY_PATH: &str = "/readyz";

/// Longest wait for S3, below the timeout of the load balancer's health check.
const S3_TIMEOUT: Duration = Duration::from_secs(3);

/// How long an answer of S3 counts, so that frequent checks by many balancers' nodes ask S3 rarely.
const KEPT_FOR: Duration = Duration::from_secs(5);

/// Whether the path is one of the two that are answered on any host.
pub fn is_health_check(path: &str) -> bool {
    matches!(path, LIVE_PATH | READY_PATH)
}

/// The routes of both.
pub fn routes(readiness: Readiness) -> Router {
    Router::new().route(LIVE_PATH, get(live)).route(READY_PATH, get(ready)).with_state(readiness)
}

async fn live() -> Response {
    sentence(StatusCode::OK, "Causeway lives.")
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    match readiness.check().await {
        Ok(()) => sentence(StatusCode::OK, "Causeway is ready."),
        Err(not_ready) => sentence(StatusCode::SERVICE_UNAVAILABLE, not_ready.to_string()),
    }
}

/// Why no new requests should come here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// The server has been told to stop.
    #[error("Causeway is shutting down.")]
    Draining,
    /// S3 has not served so many of the buckets yet. Which ones is for the log: this is told to anybody.
    #[error("S3 does not answer for {missing} of {all}; the log has the names.")]
    Buckets {
        /// Without an answer.
        missing: usize,
        /// Served by the portal.
        all: usize,
    },
}

/// Whether new requests should come here; shared by the route and the shutdown. A server that starts is ready when S3
/// has answered for every bucket; from then on until it is told to stop.
#[derive(Clone)]
pub struct Readiness(Arc<Inner>);

struct Inner {
    draining: AtomicBool,
    was_ready: AtomicBool,
    store: Arc<dyn ObjectStore>,
    buckets: Vec<BucketName>,
    last: Mutex<Option<(Instant, Result<(), NotReady>)>>,
}

impl Readiness {
    /// Of a server that needs these buckets.
    pub fn new(store: Arc<dyn ObjectStore>, buckets: Vec<BucketName>) -> Self {
        let (draining, was_ready) = (AtomicBool::new(false), AtomicBool::new(false));
        Self(Arc::new(Inner { draining, was_ready, store, buckets, last: Mutex::new(None) }))
    }

    /// From now on nothing new should come here.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    async fn check(&self) -> Result<(), NotReady> {
        if self.0.draining.load(Ordering::Relaxed) {
            return Err(NotReady::Draining);
        }
        if self.0.was_ready.load(Ordering::Relaxed) {
            return Ok(());
        }
        // Held while S3 is asked, so that checks that come together ask once.
        let mut last = self.0.last.lock().await;
        if let Some((at, outcome)) = last.as_ref()
            && at.elapsed() < KEPT_FOR
        {
            return outcome.clone();
        }
        let outcome = self.ask().await;
        self.0.was_ready.fetch_or(outcome.is_ok(), Ordering::Relaxed);
        *last = Some((Instant::now(), outcome.clone()));
        outcome
    }

    async fn ask(&self) -> Result<(), NotReady> {
        let asked = self.0.buckets.iter().map(|bucket| async move {
            let answer = tokio::time::timeout(S3_TIMEOUT, self.0.store.head_bucket(bucket)).await;
            (bucket, answer.unwrap_or_else(|late| Err(StoreError::Unavailable(late.into()))))
        });
        let mut missing = 0;
        for (bucket, answer) in join_all(asked).await {
            if let Err(error) = answer {
                tracing::warn!(%bucket, error = error_chain(&error), "bucket is not ready");
                missing += 1;
            }
        }
        if missing == 0 { Ok(()) } else { Err(NotReady::Buckets { missing, all: self.0.buckets.len() }) }
    }
}
