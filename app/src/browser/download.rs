//! Downloads that start while uploads run.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::web_sys::{Element, Event};
use web_sys::HtmlIFrameElement;

/// The frame that nobody sees, by its name.
const FRAME: &str = "downloads";

/// The downloads of this page. One value, provided above the router, as its frame outlives every page; copies share it.
#[derive(Clone, Copy)]
pub(crate) struct Downloads {
    /// What was asked for last, by its address.
    asked: StoredValue<Option<String>>,
    failed: RwSignal<Option<String>>,
}

impl Downloads {
    /// Puts them into the context.
    pub(crate) fn provide() {
        provide_context(Self { asked: StoredValue::new(None), failed: RwSignal::new(None) });
    }

    /// The page's downloads.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// The address of the download that was asked for last, where a page came instead of it.
    pub(crate) fn failed(self) -> Option<String> {
        self.failed.get()
    }

    /// To be called on each click in a listing, before the browser follows the link.
    ///
    /// A download link is an ordinary navigation, so that a problem has a page to be told on. While uploads run that
    /// would make the browser ask whether to leave, so the link then leads into a hidden frame: S3 answers with an
    /// attachment, which is saved and shown nowhere. The attribute `download` would not do: it ends at a redirect to
    /// another host.
    pub(crate) fn keep_page(self, click: &Event, uploads_run: bool) {
        let target = click.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(link) = target.and_then(|target| target.closest("a[rel=external]").ok().flatten()) else { return };
        self.failed.set(None);
        self.asked.set_value(link.get_attribute("href"));
        // Fails only for a name that is no attribute's.
        let _ = if uploads_run && self.has_frame() {
            link.set_attribute("target", FRAME)
        } else {
            link.remove_attribute("target")
        };
    }

    /// Makes the frame where it is missing.
    fn has_frame(self) -> bool {
        if document().get_element_by_id(FRAME).is_some() {
            return true;
        }
        let Some(body) = document().body() else { return false };
        let Some(frame) =
            document().create_element("iframe").ok().and_then(|frame| frame.dyn_into::<HtmlIFrameElement>().ok())
        else {
            return false;
        };
        let named = [("id", FRAME), ("name", FRAME), ("hidden", ""), ("aria-hidden", "true")]
            .into_iter()
            .all(|(attribute, value)| frame.set_attribute(attribute, value).is_ok());
        let heard = frame.clone();
        let on_load = Closure::<dyn FnMut()>::new(move || {
            // An attachment loads nothing. Whatever does is a page that says why there is none, and nobody sees it.
            // The frame's own first page, which is empty, loads too.
            if heard.content_document().is_none_or(|page| page.url().is_ok_and(|url| url != "about:blank")) {
                self.failed.set(self.asked.get_value());
            }
        });
        frame.set_onload(Some(on_load.as_ref().unchecked_ref()));
        // As long as the frame lives, which is as long as the page does.
        on_load.forget();
        named && body.append_child(&frame).is_ok()
    }
}
