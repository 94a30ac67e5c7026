//! Gives up on answers that take too long to begin.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::{Problem, ProblemKind};
use domain::upload::wire::{COMPLETE_ENDS_AFTER_S, CREATE_ENDS_AFTER_S};

use crate::answer::{Answers, Asker};

/// Requests that may take longer, and how long.
const PATIENT: &[(&str, Duration)] = &[
    ("/api/uploads/complete", Duration::from_secs(COMPLETE_ENDS_AFTER_S)),
    ("/api/uploads/create", Duration::from_secs(CREATE_ENDS_AFTER_S)),
];

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
    let patient = PATIENT.iter().find(|(path, _)| *path == request.uri().path());
    let limit = patient.map_or(timeout.limit, |(_, limit)| *limit);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(limit_s = limit.as_secs(), "gave up on an answer");
            timeout.answers.problem(
                &asker,
                Problem::new(
                    ProblemKind::StorageUnavailable,
                    "This takes too long",
                    "The storage did not answer in time, or the request did not arrive in time.",
                    "Try again in a minute; if it stays, tell your administrator and quote the incident.",
                ),
            )
        }
    }
}
