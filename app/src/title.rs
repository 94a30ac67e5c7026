//! What the browser's tab says: what the page is called, and how far uploads are.

use leptos::prelude::*;
use leptos_meta::{Title, TitleProps, provide_meta_context};

use crate::{ON_SERVER, words};

/// What the page is called. One value, provided above the router; copies share it.
#[derive(Clone, Copy)]
struct PageName(RwSignal<String>);

/// To be called once, by the app. `percent`: how much of all uploads is done, while some run.
///
/// In the browser the title is set here; leptos_meta writes it into the document on the server, and nothing of it is
/// loaded.
pub(crate) fn provide_title(percent: Signal<Option<u64>>) {
    if ON_SERVER {
        return provide_meta_context();
    }
    let name = RwSignal::new(String::new());
    provide_context(PageName(name));
    Effect::new(move || document().set_title(&name.with(|name| words::title(name, percent.get()))));
}

/// Makes `name` the title of the page at hand.
pub(crate) fn call_page(name: &str) {
    if ON_SERVER {
        // Is told to the head by being made, and shows nothing. It is written as it is.
        let _told = Title(TitleProps::builder().text(escaped(&words::title(name, None))).build());
    } else if let Some(PageName(now)) = use_context() {
        now.set(name.to_owned());
    }
}

/// Text as a document holds it between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
