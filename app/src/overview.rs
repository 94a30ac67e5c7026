//! Who is signed in and which buckets there are: worked out while the page is made, and known as long as it lives.

use std::fmt;
use std::sync::Arc;

use leptos::prelude::*;

use crate::api::objects::Overview;
use crate::error::ApiError;
use crate::json::Json;
use crate::words;

/// Works the overview out for the request at hand; the server puts it into the context.
#[derive(Clone)]
pub struct OverviewSource(Arc<dyn Fn() -> Result<Overview, ApiError> + Send + Sync>);

impl OverviewSource {
    /// A source that asks `ask`.
    pub fn new(ask: impl Fn() -> Result<Overview, ApiError> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }
}

impl fmt::Debug for OverviewSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OverviewSource")
    }
}

/// What the page knows.
#[derive(Clone)]
struct Known(Arc<Result<Overview, ApiError>>);

/// To be called once, by the app. In the browser the value comes with the page.
pub(crate) fn provide_overview() {
    let ask = || match use_context() {
        Some(OverviewSource(ask)) => ask(),
        None => Err(ApiError(words::nobody_known())),
    };
    provide_context(Known(Arc::new(SharedValue::<_, Json>::new_with_encoding(ask).into_inner())));
}

/// The overview, or why there is none.
pub(crate) fn use_overview() -> Arc<Result<Overview, ApiError>> {
    expect_context::<Known>().0
}
