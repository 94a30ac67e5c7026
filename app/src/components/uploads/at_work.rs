//! What is there while there are uploads: the panel, the words that are read out, and what has to be heard of the window.

use leptos::ev;
use leptos::prelude::*;

use super::panel::Panel;
use super::words;
use crate::browser::wake_lock;
use crate::uploads::Uploads;

/// Comes with the first upload and stays as long as the page does.
#[component]
pub(super) fn AtWork() -> impl IntoView {
    let uploads = Uploads::expect();
    Effect::new(move || {
        window_event_listener(ev::online, move |_| uploads.set_online(true));
        window_event_listener(ev::offline, move |_| uploads.set_online(false));
        // Somebody who had to sign in again did so in another window.
        window_event_listener(ev::focus, move |_| uploads.signed_in());
        wake_lock::hold_while(uploads.is_busy());
    });
    Effect::new(move || {
        let totals = uploads.totals.get();
        uploads.announce(words::announcement(&totals, uploads.is_preparing(), uploads.health.get()));
    });
    view! { <Panel/> }
}
