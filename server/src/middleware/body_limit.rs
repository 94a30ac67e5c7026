//! Keeps long bodies out: objects travel between browser and S3, so nothing long has any business here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::{Problem, ProblemKind};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

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
    let asker = Asker::of(&request);
    if stated.is_some_and(|bytes| bytes > u64::try_from(limit.max_bytes).unwrap_or(u64::MAX)) {
        return too_long(&limit, &asker);
    }
    let was_cut = Arc::new(AtomicBool::new(false));
    let cut = Arc::clone(&was_cut);
    let body = |body| {
        Body::new(Limited::new(body, limit.max_bytes).map_err(move |error| {
            cut.store(error.is::<LengthLimitError>(), Ordering::Relaxed);
            error
        }))
    };
    let response = next.run(request.map(body)).await;
    // Whoever read the body knows only that it broke off, and has words for that.
    if was_cut.load(Ordering::Relaxed) { too_long(&limit, &asker) } else { response }
}

fn too_long(limit: &BodyLimit, asker: &Asker) -> Response {
    limit.answers.problem_with_status(
        asker,
        StatusCode::PAYLOAD_TOO_LARGE,
        Problem::new(
            ProblemKind::InvalidRequest,
            "Too long",
            format!("The portal reads at most {} bytes in one request.", limit.max_bytes),
            "Objects travel straight to S3: ask for an upload URL and send the bytes there.",
        ),
    )
}
