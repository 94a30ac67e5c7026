//! What a page tells the HTTP response that it is rendered into, and the id under which the log has its request; in the
//! browser there is neither.

use std::fmt;
use std::sync::Arc;

use domain::problem::Problem;
use leptos::prelude::use_context;

/// The response of the page or the server function at work; the server puts it into the context.
#[derive(Clone)]
pub struct Reply {
    set_status: Arc<dyn Fn(u16) + Send + Sync>,
    incident: Arc<str>,
}

impl Reply {
    /// A reply that hands the status on. `incident`: the request's id, as the log knows it.
    pub fn new(incident: &str, set_status: impl Fn(u16) + Send + Sync + 'static) -> Self {
        Self { set_status: Arc::new(set_status), incident: incident.into() }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}

/// Sets the HTTP status of the page or the server function at work.
pub fn set_status(status: u16) {
    if let Some(reply) = use_context::<Reply>() {
        (reply.set_status)(status);
    }
}

/// The id under which the log has the request; empty in the browser.
pub fn incident() -> String {
    use_context::<Reply>().map(|reply| reply.incident.as_ref().to_owned()).unwrap_or_default()
}

/// `problem` with the id of the request at hand, where it has none of its own: a person can quote it, and the log has the
/// request under it.
pub fn quotable(problem: Problem) -> Problem {
    if problem.incident.is_empty() { Problem { incident: incident(), ..problem } } else { problem }
}
