//! Values that follow from others: remembered in the browser, computed at each reading on the server.

use leptos::prelude::*;

use crate::ON_SERVER;

/// A memo in the browser. On the server two threads may read one page at the same time, the second of them even when
/// it is sent already: a memo loses its value for a moment there, so it is computed at each reading.
///
/// For whatever stands below a `Suspense` or `Transition`. Signals are read by `try_…` in it, as they may be gone.
pub(crate) fn remembered<T>(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Signal<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    if ON_SERVER { Signal::derive(move || compute(None)) } else { Memo::new(compute).into() }
}
