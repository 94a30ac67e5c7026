//! The whole window as a place to drop files: says where they would go, and takes them.

use domain::key::Prefix;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, EventTarget, Node};

use super::{Intake, words};
use crate::components::listing_table::shown_name;
use crate::uploads::{UploadTarget, dropped, holds_files};

/// Stands on rows of the listing that lead to a level below: the prefix that takes what is dropped on them.
const ROW_PREFIX: &str = "data-upload-prefix";

/// The row's class while files are held over it.
const ROW_CLASS: &str = "upload-target";

/// Shown while files are held over the window.
#[component]
pub(super) fn Overlay() -> impl IntoView {
    let intake = Intake::expect();
    let aimed_at = RwSignal::new(None::<UploadTarget>);
    Effect::new(move || listen(intake, aimed_at));
    let name = move || aimed_at.with(|target| target.as_ref().map(place_name));
    view! {
        <div class="upload-overlay" hidden=move || aimed_at.with(Option::is_none)>
            <p class="upload-overlay-card" role="status">
                <span class="icon icon-large icon-upload" aria-hidden="true"></span>
                <span>{words::DROP_TO_UPLOAD}" "<bdi class="upload-overlay-name">{name}</bdi></span>
            </p>
        </div>
    }
}

fn place_name(target: &UploadTarget) -> String {
    if target.prefix.is_root() {
        return target.bucket.to_string();
    }
    let names: Vec<_> = target.prefix.ancestors().iter().map(|level| shown_name(level.name())).collect();
    names.join("/")
}

fn listen(intake: Intake, aimed_at: RwSignal<Option<UploadTarget>>) {
    let uploads = intake.uploads;
    let aim = move |event: DragEvent| {
        let Some(data) = event.data_transfer().filter(holds_files) else { return };
        // Without this, the browser would leave the page and open the file.
        event.prevent_default();
        let target = uploads.target().get_untracked();
        data.set_drop_effect(if target.is_some() { "copy" } else { "none" });
        let target = target.map(|target| aim_at_row(target, &event));
        if aimed_at.with_untracked(|before| *before != target) {
            intake.prepare();
            aimed_at.set(target);
        }
    };
    window_event_listener(ev::dragenter, aim);
    window_event_listener(ev::dragover, aim);
    window_event_listener(ev::dragleave, move |event| {
        // No related target: the pointer left the window.
        if event.related_target().is_none() {
            stop(aimed_at);
        }
    });
    window_event_listener(ev::drop, move |event| {
        let Some(data) = event.data_transfer().filter(holds_files) else { return };
        event.prevent_default();
        let target = uploads.target().get_untracked().map(|target| aim_at_row(target, &event));
        stop(aimed_at);
        if let Some(target) = target {
            intake.take(target, dropped(&data));
        }
    });
}

fn stop(aimed_at: RwSignal<Option<UploadTarget>>) {
    mark(None);
    aimed_at.set(None);
}

/// The prefix of the row under the pointer, where there is one, else the page's own.
fn aim_at_row(target: UploadTarget, event: &DragEvent) -> UploadTarget {
    let row = event
        .target()
        .and_then(element_of)
        .and_then(|element| element.closest(&["[", ROW_PREFIX, "]"].concat()).ok().flatten());
    let prefix = row.as_ref().and_then(|row| Prefix::parse(row.get_attribute(ROW_PREFIX)?).ok());
    mark(row.as_ref());
    match prefix {
        Some(prefix) => UploadTarget { prefix, ..target },
        None => target,
    }
}

/// The element that an event is about. Firefox tells of the text under the pointer, as a target of its own.
fn element_of(target: EventTarget) -> Option<Element> {
    match target.dyn_into::<Element>() {
        Ok(element) => Some(element),
        Err(target) => target.dyn_ref::<Node>()?.parent_element(),
    }
}

/// Moves the mark to `row`.
fn mark(row: Option<&Element>) {
    let marked = document().query_selector(&[".", ROW_CLASS].concat()).ok().flatten();
    if marked.as_ref() == row {
        return;
    }
    if let Some(marked) = marked {
        let _ = marked.class_list().remove_1(ROW_CLASS);
    }
    if let Some(row) = row {
        let _ = row.class_list().add_1(ROW_CLASS);
    }
}
