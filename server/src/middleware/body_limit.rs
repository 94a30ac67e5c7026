//! Keeps long bodies out: objects travel between browser and S3, so nothing long has any business here.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::{Problem, ProblemKind};
use http_body_util::Limited;

use crate::answer::{Answers, Asker};

/// How long a body may be, and how a longer one is told.
#[derive(Clone, Debug)]
pub struct BodyLimit {
    /// In bytes.
    pub max_bytes: usize,
    /// How it is told.
    pub answers: Answers,
}

/// Refuses by the length that the request states; a body that states none is cut off on the way.
pub async fn limit(State(limit): State<BodyLimit>, request: Request, next: Next) -> Response {
    let stated =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let max = u64::try_from(limit.max_bytes).unwrap_or(u64::MAX);
    if stated.is_some_and(|bytes| bytes > max) {
        return limit.answers.problem_with_status(
            &Asker::of(&request),
            StatusCode::PAYLOAD_TOO_LARGE,
            Problem::new(
                ProblemKind::InvalidRequest,
                "Too long",
                format!("The portal reads at most {max} bytes in one request."),
                "Objects travel straight to S3: ask for an upload URL and send the bytes there.",
            ),
        );
    }
    next.run(request.map(|body| Body::new(Limited::new(body, limit.max_bytes)))).await
}
