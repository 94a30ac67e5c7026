//! Downloads that start while uploads run.

use leptos::prelude::document;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event};

/// The frame that nobody sees, by its name.
const FRAME: &str = "downloads";

/// To be called on each click in a listing, before the browser follows the link.
///
/// A download link is an ordinary navigation, so that a problem has a page to be told on. While uploads run that would
/// make the browser ask whether to leave, so the link then leads into a hidden frame: S3 answers with an attachment,
/// which is saved and shown nowhere. The attribute `download` would not do: it ends at a redirect to another host.
pub(crate) fn keep_page(click: &Event, uploads_run: bool) {
    let target = click.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(link) = target.and_then(|target| target.closest("a[rel=external]").ok().flatten()) else { return };
    // Fails only for a name that is no attribute's.
    let _ =
        if uploads_run && has_frame() { link.set_attribute("target", FRAME) } else { link.remove_attribute("target") };
}

/// Makes the frame where it is missing.
fn has_frame() -> bool {
    if document().get_element_by_id(FRAME).is_some() {
        return true;
    }
    let Some(body) = document().body() else { return false };
    let Ok(frame) = document().create_element("iframe") else { return false };
    let named = [("id", FRAME), ("name", FRAME), ("hidden", ""), ("aria-hidden", "true")]
        .into_iter()
        .all(|(attribute, value)| frame.set_attribute(attribute, value).is_ok());
    named && body.append_child(&frame).is_ok()
}
