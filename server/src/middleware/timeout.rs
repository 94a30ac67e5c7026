//! Gives up on answers that take too long to begin.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::answer::{Answers, Asker, takes_too_long};
use crate::api;

/// How long an answer may take, and how a late one is told.
#[derive(Clone, Debug)]
pub struct Timeout {
    /// Until the answer begins; [`api::Route::patience`] says which ones may take longer.
    pub limit: Duration,
    /// How it is told.
    pub answers: Answers,
}

/// Waits for the beginning of the answer, not for its end.
pub async fn limit(State(timeout): State<Timeout>, request: Request, next: Next) -> Response {
    let asker = Asker::of(&request);
    let limit = api::patience(request.uri().path()).unwrap_or(timeout.limit);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(limit_s = limit.as_secs(), "gave up on an answer");
            timeout.answers.problem(&asker, takes_too_long())
        }
    }
}
