//! The error of every server function: a [`Problem`], typed on both sides of the wire.

use std::fmt;

use domain::problem::{Problem, ProblemKind};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::reply;

/// A problem on its way to browser code and people. Holds nothing internal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiError(pub Problem);

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.title, self.0.detail)
    }
}

impl std::error::Error for ApiError {}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let problem = match error {
            ServerFnErrorErr::Request(_) => Problem::new(
                ProblemKind::StorageUnavailable,
                "No connection",
                "The portal could not be reached.",
                "Check the network and try again; nothing was lost.",
            ),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Problem::new(
                    ProblemKind::InvalidRequest,
                    "Not understood",
                    "The page and the portal did not understand each other.",
                    "Reload the page: the portal may have been updated.",
                )
            }
            _ => Problem::new(
                ProblemKind::Internal,
                "Something went wrong",
                "The portal could not answer.",
                "Try again; if it stays, tell your administrator.",
            ),
        };
        // Arguments that cannot be read never reach a function's own body, so the status is set here.
        reply::set_status(problem.kind.status());
        Self(problem)
    }
}
