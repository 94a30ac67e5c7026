//! The upload worker: runs the upload engine of `domain` beside the page and carries out what it decides.
//!
//! The page posts `{command, files}` ([`Command`] as JSON, and the `File`s of a [`Command::Start`]); the worker posts
//! [`Report`]s as JSON. No bytes pass through this code, but for a look at both ends of a file: the browser reads and sends
//! slices of the files by itself.

mod clock;
mod driver;
mod files;
mod page;
mod portal;
mod transfer;

use domain::upload::message::{Command, Report};
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::driver::Driver;

/// Runs as soon as the worker's WebAssembly is loaded: from then on it hears the page.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|fault| page::tell(&Report::Broken(fault.to_string()))));
    let driver = Driver::new();
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let (command, files) = read(&event.data());
        driver.obey(command, &files);
    });
    page::worker().set_onmessage(Some(hear.as_ref().unchecked_ref()));
    // Heard as long as the worker lives.
    hear.forget();
    page::tell(&Report::Ready);
}

/// Takes a message of the page apart.
///
/// # Panics
/// Where the message is none of ours: page and worker are built and served together, so that is a fault, and the
/// page is told of it.
fn read(message: &JsValue) -> (Command, Array) {
    let command = Reflect::get(message, &"command".into()).ok().and_then(|text| text.as_string()).unwrap_or_default();
    let command = serde_json::from_str(&command).expect("the page speaks the worker's language");
    let files = Reflect::get(message, &"files".into()).ok().and_then(|files| files.dyn_into().ok()).unwrap_or_default();
    (command, files)
}
