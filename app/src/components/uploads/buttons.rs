//! The buttons that open the browser's dialogues for files and folders.

use leptos::attr::custom::custom_attribute;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::{Intake, words};
use crate::uploads::{Uploads, picked};

const FILES: &str = "upload-pick-files";
const FOLDER: &str = "upload-pick-folder";

/// "Upload files" and "Upload folder", for the toolbar of a listing. They keep their place and stay unseen until they
/// work.
#[component]
pub fn UploadButtons() -> impl IntoView {
    let (uploads, intake) = (Uploads::expect(), Intake::expect());
    let hidden = move || !uploads.is_awake() || uploads.target().try_with(Option::is_none).unwrap_or(true);
    view! {
        <div class="upload-buttons" hidden=hidden>
            <button type="button" class="button primary" on:click=move |_| open(intake, FILES)>
                <span class="icon icon-upload" aria-hidden="true"></span>
                {words::UPLOAD_FILES}
            </button>
            <button type="button" class="button" on:click=move |_| open(intake, FOLDER)>
                <span class="icon icon-folder" aria-hidden="true"></span>
                {words::UPLOAD_FOLDER}
            </button>
        </div>
    }
}

/// The dialogues' hidden fields. They lie outside the pages, so that going to another page does not take away what was
/// picked just then.
#[component]
pub(super) fn Dialogues() -> impl IntoView {
    let (uploads, intake) = (Uploads::expect(), Intake::expect());
    let on_pick = move |event: ev::Event| {
        let field: HtmlInputElement = event_target(&event);
        if let (Some(target), Some(list)) = (uploads.target().get_untracked(), field.files()) {
            intake.take(target, picked(&list));
        }
        // So that the same file can be picked again.
        field.set_value("");
    };
    view! {
        <input id=FILES type="file" multiple hidden aria-label=words::UPLOAD_FILES on:change=on_pick/>
        <input id=FOLDER type="file" {..custom_attribute("webkitdirectory", "")} hidden aria-label=words::UPLOAD_FOLDER on:change=on_pick/>
    }
}

/// Opens a dialogue; browsers do so only while a person's click or key is handled.
fn open(intake: Intake, id: &str) {
    intake.prepare();
    if let Some(field) = document().get_element_by_id(id) {
        field.unchecked_into::<HtmlInputElement>().click();
    }
}
