//! A call that is not answered as wished: a problem as JSON, with its status.

use app::error::ApiError;
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::problem::{Problem, ProblemKind};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

/// When to come back while S3 is busy, in seconds: a little above the pause that S3's own clients make.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("2");

/// The answer to a call that is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    problem: Problem,
}

impl Refusal {
    /// A problem with a status of its own, where HTTP has a more exact one than the problem's kind.
    pub(crate) fn new(status: StatusCode, problem: Problem) -> Self {
        Self { status, problem }
    }

    /// A request that is wrong by itself.
    pub(crate) fn invalid(title: &str, detail: impl Into<String>, advice: &str) -> Self {
        Problem::new(ProblemKind::InvalidRequest, title, detail, advice).into()
    }

    /// The problem, for an answer about one of many.
    pub(crate) fn into_problem(self) -> Problem {
        self.problem
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let status = StatusCode::from_u16(problem.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, problem }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        error.0.into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let busy = self.problem.kind == ProblemKind::Busy;
        let mut response = (self.status, Json(self.problem)).into_response();
        if busy {
            response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
        }
        response
    }
}
