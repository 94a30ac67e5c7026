//! Turns a panic into an answer with an incident id, so that one request's fault stays one request's.

use std::panic::AssertUnwindSafe;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::{Problem, ProblemKind};
use futures_util::FutureExt as _;

use crate::answer::{Answers, Asker};

/// The panic hook has logged the message and the place within the request's span; here only the answer is made.
pub async fn catch(State(answers): State<Answers>, request: Request, next: Next) -> Response {
    let asker = Asker::of(&request);
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
        answers.problem(
            &asker,
            Problem::new(
                ProblemKind::Internal,
                "Something went wrong",
                "The portal met a fault of its own.",
                "Try again; if it stays, tell your administrator and quote the incident.",
            ),
        )
    })
}
