//! What a page tells the HTTP response that it is rendered into; in the browser it tells nobody.

use std::fmt;
use std::sync::Arc;

use leptos::prelude::use_context;

/// The response of the page that is being rendered; the server puts it into the context.
#[derive(Clone)]
pub struct Reply(Arc<dyn Fn(u16) + Send + Sync>);

impl Reply {
    /// A reply that hands the status on.
    pub fn new(set_status: impl Fn(u16) + Send + Sync + 'static) -> Self {
        Self(Arc::new(set_status))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}

/// Sets the HTTP status of the page or the server function at work.
pub fn set_status(status: u16) {
    if let Some(Reply(set)) = use_context() {
        set(status);
    }
}
