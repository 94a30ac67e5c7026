//! A call that is not answered as wished: a problem as JSON, with its status.

use app::error::ApiError;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::problem::{Problem, ProblemKind};
use http::StatusCode;

use crate::answer::{Asker, as_json, status_of};

/// The answer to a call that is refused.
#[derive(Clone, Debug)]
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
        Self { status: status_of(&problem), problem }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        error.0.into()
    }
}

/// The answer without its incident, which only [`with_incident`] knows.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Unsent(self));
        response
    }
}

/// A refusal on its way out.
#[derive(Clone, Debug)]
struct Unsent(Refusal);

/// Gives every refusal the id under which the log has its request, so that a script's author can quote it.
pub(crate) async fn with_incident(request: Request, next: Next) -> Response {
    let incident = Asker::of(&request).incident().to_owned();
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Unsent>() {
        Some(Unsent(Refusal { status, problem })) => as_json(status, &Problem { incident, ..problem }),
        None => response,
    }
}
