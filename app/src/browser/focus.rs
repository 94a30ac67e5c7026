//! Where reading goes on after a page has changed without a reload.

use leptos::prelude::document;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

/// Moves the focus to the page's heading.
pub(crate) fn heading() {
    let heading = document().query_selector("main h1").ok().flatten();
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
        // Refused only for elements that cannot have it.
        let _ = heading.focus();
    }
}
