//! Links by where they lead.

use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event};

/// Whether an event is about a link to another place in the portal. One that leaves the page, such as a download's, is not:
/// Firefox breaks off what the page loads when such a link is followed.
pub(crate) fn leads_on(event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest("a[href]:not([rel=external])").is_ok_and(|link| link.is_some()))
}
