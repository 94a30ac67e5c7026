//! Headers that mean something only where they stand once: whoever sends one twice wants it read in two ways.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// A header that stands more than once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeated;

/// The one value of a header; `None` where it is absent.
pub(crate) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Repeated> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() { Err(Repeated) } else { Ok(first) }
}
