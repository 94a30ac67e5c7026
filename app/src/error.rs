//! The error of every server function: a [`Problem`], typed on both sides of the wire.

use std::fmt;

use domain::problem::{Problem, ProblemKind};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::wasm_split::SplitLoaderError;
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

/// The code that asks the portal comes from the portal, and only from one of the same version.
impl From<SplitLoaderError> for ApiError {
    fn from(_missing: SplitLoaderError) -> Self {
        Self(Problem::new(
            ProblemKind::StorageUnavailable,
            "This could not be loaded",
            "The network failed, or the portal has been updated since this page was opened.",
            "Try again: the page is loaded anew. Uploads that still run would end.",
        ))
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
            // Success in another shape than ours, or a failure in words that are not the portal's: a load balancer's
            // page while the portal restarts.
            ServerFnErrorErr::Deserialization(_) => Problem::new(
                ProblemKind::Busy,
                "No useful answer",
                "Something else than the portal answered; it may be restarting.",
                "Try again; if it stays, reload the page.",
            ),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Problem::new(
                ProblemKind::InvalidRequest,
                "Not understood",
                "The page and the portal did not understand each other.",
                "Reload the page: the portal may have been updated.",
            ),
            _ => Problem::new(
                ProblemKind::Internal,
                "Something went wrong",
                "The portal could not answer.",
                "Try again; if it stays, tell your administrator.",
            ),
        };
        // Arguments that cannot be read never reach a function's own body, so the status is set here.
        reply::set_status(problem.kind.status());
        Self(Problem { incident: reply::incident(), ..problem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateways_page_can_be_tried_again_and_a_wrong_argument_cannot() {
        let told = |error| ApiError::from_server_fn_error(error).0.kind.is_transient();
        // What the framework makes of a body that is not JSON, whatever its status was.
        let page = ApiError::de(leptos::server_fn::Bytes::from_static(b"<html>503 Service Unavailable</html>"));
        assert!(page.0.kind.is_transient(), "{page}");
        assert!(told(ServerFnErrorErr::Request("refused".to_owned())));
        assert!(!told(ServerFnErrorErr::Args("bucket".to_owned())));
    }
}
