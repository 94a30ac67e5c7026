//! Downloads that start while uploads run.

use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event};

/// To be called on each click in a listing, before the browser follows the link.
///
/// A download link is an ordinary navigation, so that a problem has a page to be told on. While uploads run that would
/// make the browser ask whether to leave; the attribute `download` says that nobody leaves.
pub(crate) fn keep_page(click: &Event, uploads_run: bool) {
    let target = click.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(link) = target.and_then(|target| target.closest("a[rel=external]").ok().flatten()) else { return };
    // Fails only for a name that is no attribute's.
    let _ = if uploads_run { link.set_attribute("download", "") } else { link.remove_attribute("download") };
}
