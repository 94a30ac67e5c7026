//! Parts of the page whose code comes with their first use, and what a person is told where it does not come.
//!
//! Such a part is a function marked `#[wasm_split]`: the build step moves it, and what nothing else needs, into a file
//! of its own. On the server it is a function like any other.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use crate::api::objects::prepare_to_ask;
use crate::browser::links;
use crate::words;

/// Makes a view of a part once its code is there. A function, and so as small as the name of one.
pub(crate) type LateView = fn() -> AnyView;

/// Whether a part could not be loaded. One value, provided above the router; copies share it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Late {
    is_missing: RwSignal<bool>,
}

impl Late {
    /// Puts it into the context.
    pub(crate) fn provide() -> Self {
        let late = Self { is_missing: RwSignal::new(false) };
        provide_context(late);
        late
    }

    /// The page's.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Awaits `part` and gives what it answers to `then`, or tells the person and gives `None`.
    pub(crate) fn load<T: 'static>(
        self,
        part: impl Future<Output = Result<T, SplitLoaderError>> + 'static,
        then: impl FnOnce(Option<T>) + 'static,
    ) {
        // So that a second failure is a change too, which alone is read out.
        self.is_missing.set(false);
        spawn_local(async move {
            let loaded = part.await.ok();
            // Never the other way: what came does not mean that another part did.
            if loaded.is_none() {
                self.is_missing.set(true);
            }
            then(loaded);
        });
    }
}

/// Loads what asks for a listing once somebody points at a link to another place, by pointer or keyboard. To be called once,
/// in the browser: it listens as long as the page lives.
pub(crate) fn prepare_the_way_on() {
    let is_prepared = Rc::new(Cell::new(false));
    let prepare = move |event: &web_sys::Event| {
        if is_prepared.get() || !links::leads_on(event) {
            return;
        }
        is_prepared.set(true);
        let is_prepared = is_prepared.clone();
        // Told where it matters: when the listing is asked for. Until then it is tried again.
        spawn_local(async move { is_prepared.set(prepare_to_ask().await.is_ok()) });
    };
    let also = prepare.clone();
    window_event_listener(ev::pointerover, move |event| prepare(&event));
    window_event_listener(ev::focusin, move |event| also(&event));
}

/// Tells that a part could not be loaded, wherever the page is scrolled to.
#[component]
pub(crate) fn LateAlert() -> impl IntoView {
    let is_missing = Late::expect().is_missing;
    let alert = move || {
        is_missing.get().then(|| {
            view! {
                <div class="alert">
                    <p>{words::PART_IS_MISSING}</p>
                    <button class="button quiet" type="button" aria-label=words::CLOSE on:click=move |_| is_missing.set(false)>
                        <span class="icon icon-close" aria-hidden="true"></span>
                    </button>
                </div>
            }
        })
    };
    view! { <div class="late-alert" role="alert">{alert}</div> }
}
