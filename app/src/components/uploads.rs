//! Uploading as a person meets it: buttons, the whole window as a place to drop files, and the panel.

mod at_work;
mod buttons;
mod conflict;
mod drop_zone;
mod panel;
mod row;
mod words;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::api::objects::prepare_to_ask;
use crate::components::erased::erased;
use crate::components::late::{Late, LateView};
use crate::uploads::{Reading, Source, UploadTarget, Uploads};

pub use buttons::UploadButtons;

/// What lies above every page: the dialogues, the overlay, and, once there are uploads, what shows them. To stand once,
/// inside the router and outside its routes.
#[component]
pub fn UploadLayer() -> impl IntoView {
    let uploads = Uploads::expect();
    let intake = Intake::provide(uploads);
    let at_work = intake.at_work;
    Effect::new(move || {
        uploads.wake();
        listen_to_window(intake);
    });
    view! {
        <buttons::Dialogues/>
        <drop_zone::Overlay/>
        // Before there is anything to say, so that what comes is a change, which alone is read out.
        <p class="unseen" role="status">{uploads.announcement()}</p>
        {move || at_work.get().map(|view| view())}
    }
}

/// Takes what a person gives. What shows and steers uploads comes with the first of them.
#[derive(Clone, Copy)]
struct Intake {
    uploads: Uploads,
    at_work: RwSignal<Option<LateView>>,
    late: Late,
}

impl Intake {
    fn provide(uploads: Uploads) -> Self {
        let intake = Self { uploads, at_work: RwSignal::new(None), late: Late::expect() };
        provide_context(intake);
        intake
    }

    /// Of the page.
    fn expect() -> Self {
        expect_context()
    }

    /// Loads what uploading needs, as somebody is about to give something.
    fn prepare(self) {
        spawn_local(async {
            // Told where it matters: when something is given.
            let _missing = prepare().await;
        });
        // For when something was stored: the portal may be another by then, which has no code for this page.
        spawn_local(async {
            // Told when the listing is asked for.
            let _missing = prepare_to_ask().await;
        });
    }

    /// Adds what a person gave.
    fn take(self, target: UploadTarget, source: Source) {
        let Self { uploads, at_work, late } = self;
        self.prepare();
        let reading = uploads.begin_reading();
        late.load(begin(uploads, reading, target, source), move |view| match view {
            Some(view) if at_work.with_untracked(Option::is_none) => at_work.set(Some(view)),
            Some(_) => {}
            None => uploads.end_reading(),
        });
    }
}

/// Reads what a person gave, and answers what shows it.
#[wasm_split(uploads, wasm_split_path = leptos::wasm_split, preload(prepare), fallible)]
fn begin(
    uploads: Uploads,
    reading: Reading,
    target: UploadTarget,
    source: Source,
) -> Result<LateView, SplitLoaderError> {
    uploads.read(reading, target, source);
    Ok(|| erased(view! { <at_work::AtWork/> }))
}

/// As long as the page lives, as the layer does.
fn listen_to_window(intake: Intake) {
    let uploads = intake.uploads;
    window_event_listener(ev::paste, move |event| {
        let into_field = event.target().is_some_and(|target| is_field(&target));
        let target = uploads.target().get_untracked();
        if let (false, Some(target), Some(source)) = (into_field, target, crate::uploads::pasted(&event)) {
            event.prevent_default();
            intake.take(target, source);
        }
    });
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
