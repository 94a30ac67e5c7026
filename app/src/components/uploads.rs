//! Uploading as a person meets it: buttons, the whole window as a place to drop files, and the panel.

mod buttons;
mod conflict;
mod drop_zone;
mod panel;
mod row;
mod words;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::browser::wake_lock;
use crate::uploads::Uploads;

pub use buttons::UploadButtons;

/// What lies above every page: the overlay, the panel, and what has to be heard of the window while there are uploads.
/// To stand once, inside the router and outside its routes.
#[component]
pub fn UploadLayer() -> impl IntoView {
    let uploads = Uploads::expect();
    Effect::new(move || {
        uploads.wake();
        listen_to_window(uploads);
        wake_lock::hold_while(uploads.is_busy());
    });
    view! {
        <buttons::Dialogues/>
        <drop_zone::Overlay/>
        <panel::Panel/>
    }
}

/// As long as the page lives, as the layer does.
fn listen_to_window(uploads: Uploads) {
    window_event_listener(ev::paste, move |event| {
        let into_field = event.target().is_some_and(|target| is_field(&target));
        let target = uploads.target().get_untracked();
        if let (false, Some(target), Some(source)) = (into_field, target, crate::uploads::pasted(&event)) {
            event.prevent_default();
            uploads.add(target, source);
        }
    });
    window_event_listener(ev::online, move |_| uploads.set_online(true));
    window_event_listener(ev::offline, move |_| uploads.set_online(false));
    // Somebody who had to sign in again did so in another window.
    window_event_listener(ev::focus, move |_| uploads.signed_in());
    window_event_listener(ev::beforeunload, move |event| {
        if uploads.would_lose() {
            event.prevent_default();
            // What older browsers ask for.
            event.set_return_value("1");
        }
    });
}

fn is_field(target: &web_sys::EventTarget) -> bool {
    target.dyn_ref::<web_sys::Element>().is_some_and(|element| {
        element.dyn_ref::<HtmlInputElement>().is_some()
            || matches!(element.closest("textarea,[contenteditable]"), Ok(Some(_)))
    })
}
