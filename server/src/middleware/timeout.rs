//! Gives up on answers that take too long to begin.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::{Problem, ProblemKind};

use crate::answer::{Answers, Asker};

/// S3 may take minutes to put a large object together, and giving up would not stop it. Source: S3 API reference,
/// CompleteMultipartUpload.
const COMPLETE_TIMEOUT: Duration = Duration::from_secs(600);

/// The one request that may take so long.
const COMPLETE_PATH: &str = "/api/uploads/complete";

/// How long an answer may take, and how a late one is told.
#[derive(Clone, Debug)]
pub struct Timeout {
    /// Until the answer begins.
    pub limit: Duration,
    /// How it is told.
    pub answers: Answers,
}

/// Waits for the beginning of the answer, not for its end.
pub async fn limit(State(timeout): State<Timeout>, request: Request, next: Next) -> Response {
    let asker = Asker::of(&request);
    let limit = if request.uri().path() == COMPLETE_PATH { COMPLETE_TIMEOUT } else { timeout.limit };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(limit_s = limit.as_secs(), "gave up on an answer");
            timeout.answers.problem(
                &asker,
                Problem::new(
                    ProblemKind::StorageUnavailable,
                    "S3 takes too long",
                    "The storage did not answer in time.",
                    "Try again in a minute; if it stays, tell your administrator and quote the incident.",
                ),
            )
        }
    }
}
