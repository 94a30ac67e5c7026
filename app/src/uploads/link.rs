//! The link to the upload worker: loads it with the first upload, passes messages, and notices when it is gone.

use std::cell::RefCell;
use std::time::Duration;

use domain::upload::io::HttpVersion;
use domain::upload::message::{Command, Report};
use js_sys::{Array, Object, Reflect};
use leptos::prelude::{GetUntracked, Set, TimeoutHandle, document, set_timeout_with_handle, window};
use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlMetaElement, MessageEvent, PerformanceResourceTiming, Worker, WorkerOptions, WorkerType};

use super::{Health, Uploads};

/// A worker that has not spoken by then never will.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

thread_local! {
    /// One worker a page. Beside the signals, since a worker belongs to the page's only thread.
    static LINK: RefCell<Option<Link>> = const { RefCell::new(None) };
}

struct Link {
    worker: Worker,
    /// Ends with the link: it may not close the next one.
    start_watch: Option<TimeoutHandle>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(watch) = self.start_watch.take() {
            watch.clear();
        }
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Whether there is a worker.
pub(super) fn is_open() -> bool {
    LINK.with_borrow(Option::is_some)
}

/// Posts a command, after loading the worker where there is none yet.
pub(super) fn post(uploads: Uploads, command: &Command, files: &Array) {
    if !is_open() {
        let Ok(link) = open(uploads) else { return uploads.health.set(Health::DidNotStart) };
        LINK.set(Some(link));
        uploads.health.set(Health::Starting);
        send(uploads, &Command::HttpVersion(http_version()), &Array::new());
        if !window().navigator().on_line() {
            send(uploads, &Command::Online(false), &Array::new());
        }
    }
    send(uploads, command, files);
}

fn send(uploads: Uploads, command: &Command, files: &Array) {
    let message = Object::new();
    let sent = serde_json::to_string(command).map_err(|error| JsValue::from_str(&error.to_string())).and_then(|text| {
        Reflect::set(&message, &"command".into(), &text.into())?;
        Reflect::set(&message, &"files".into(), files)?;
        LINK.with_borrow(|link| link.as_ref().map_or(Ok(()), |link| link.worker.post_message(&message)))
    });
    if let Err(refused) = sent {
        close(uploads, &format!("{refused:?}"));
    }
}

fn open(uploads: Uploads) -> Result<Link, JsValue> {
    let meta = document().query_selector("meta[name=uploader]")?.ok_or("the page names no uploader")?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&meta.unchecked_into::<HtmlMetaElement>().content(), &options)?;

    let on_message = Closure::new(move |event: MessageEvent| {
        let text = event.data().as_string().unwrap_or_default();
        match serde_json::from_str(&text) {
            Ok(Report::Ready) => uploads.health.set(Health::Running),
            Ok(Report::Frame(frame)) => uploads.show(*frame, super::page_now()),
            Ok(Report::Broken(fault)) => close(uploads, &fault),
            Err(error) => close(uploads, &error.to_string()),
        }
    });
    let on_error = Closure::new(move |event: Event| {
        let words = Reflect::get(&event, &"message".into()).ok().and_then(|words| words.as_string());
        close(uploads, &words.unwrap_or_default());
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Ok(Link { worker, start_watch: watch_start(uploads), _on_message: on_message, _on_error: on_error })
}

/// Ends the worker for good. What it had not stored is lost, and the person is told so.
fn close(uploads: Uploads, fault: &str) {
    leptos::logging::error!("the upload worker stopped: {fault}");
    let started = uploads.health.get_untracked() == Health::Running;
    LINK.set(None);
    uploads.health.set(if started { Health::Broke } else { Health::DidNotStart });
}

fn watch_start(uploads: Uploads) -> Option<TimeoutHandle> {
    let look = move || {
        if uploads.health.get_untracked() == Health::Starting {
            close(uploads, "it did not start in time");
        }
    };
    set_timeout_with_handle(look, STARTS_WITHIN).ok()
}

/// How the browser reached the portal, and so how it reaches the files host: both are one listener. Entries of
/// another origin hide it.
fn http_version() -> HttpVersion {
    let protocol = window().performance().and_then(|performance| {
        let navigation = performance.get_entries_by_type("navigation").get(0);
        navigation.dyn_into::<PerformanceResourceTiming>().ok().map(|entry| entry.next_hop_protocol())
    });
    match protocol.as_deref() {
        Some("h2" | "h3") => HttpVersion::Http2,
        _ => HttpVersion::Http1,
    }
}
