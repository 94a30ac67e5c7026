//! The way to the page, and the worker's own global scope.

use domain::upload::message::Report;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

/// The scope that this code runs in.
pub(crate) fn worker() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Posts a report to the page.
pub(crate) fn tell(report: &Report) {
    if let Ok(text) = serde_json::to_string(report) {
        // Refused only for what cannot be cloned; a text can.
        let _ = worker().post_message(&JsValue::from_str(&text));
    }
}
