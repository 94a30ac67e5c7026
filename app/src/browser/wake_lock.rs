//! Keeps the computer from falling asleep over an upload, where the browser lets a page ask for that.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Holds a lock for as long as `wanted`. Browsers take it away from a page that is not seen, so it is asked for again
/// when the page is.
pub(crate) fn hold_while(wanted: Signal<bool>) {
    let held = StoredValue::new_local(None::<JsValue>);
    let ask = move || {
        leptos::task::spawn_local(async move {
            let Some(asked) = call(&navigator_lock(), "request") else { return };
            // Refused where the battery is low: then it is as without.
            let Ok(sentinel) = JsFuture::from(asked).await else { return };
            if wanted.get_untracked() {
                release(held.try_update_value(|held| held.replace(sentinel)).flatten());
            } else {
                release(Some(sentinel));
            }
        });
    };
    Effect::new(move || {
        if wanted.get() {
            ask();
        } else {
            release(held.try_update_value(Option::take).flatten());
        }
    });
    // The window's own, to which the document's event rises.
    window_event_listener_untyped("visibilitychange", move |_| {
        if wanted.get_untracked() && !document().hidden() {
            ask();
        }
    });
}

/// `undefined` where the browser has none, or the page was not loaded by TLS.
fn navigator_lock() -> JsValue {
    Reflect::get(&window().navigator(), &JsValue::from_str("wakeLock")).unwrap_or_default()
}

fn release(sentinel: Option<JsValue>) {
    if let Some(sentinel) = sentinel {
        // A lock that the browser took away already is released once more without harm.
        let _done = call(&sentinel, "release");
    }
}

fn call(object: &JsValue, method: &str) -> Option<Promise> {
    let method = Reflect::get(object, &JsValue::from_str(method)).ok()?.dyn_into::<Function>().ok()?;
    method.call0(object).ok()?.dyn_into().ok()
}
