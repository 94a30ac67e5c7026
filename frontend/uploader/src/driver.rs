//! Carries out what the engine decides, and tells it what came of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use domain::upload::io::{ControlFailure, Input, Output, PutBytes, TransferFailure, TransferId};
use domain::upload::message::{Command, FRAMES_PER_S, Report};
use domain::upload::panel::Panel;
use domain::upload::{Settings, UploadQueue};
use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;

use crate::clock::{Timer, now};
use crate::files::Files;
use crate::page;
use crate::portal::{self, Answer, Call};
use crate::transfer::{Event, Transfer};

/// Time between two frames, so that there are no more than [`FRAMES_PER_S`].
const FRAME_EVERY_MS: u64 = 1000 / FRAMES_PER_S;

/// The engine with its hands; clones share it.
#[derive(Clone)]
pub(crate) struct Driver {
    shared: Rc<RefCell<Shared>>,
}

struct Shared {
    queue: UploadQueue,
    panel: Panel,
    files: Files,
    transfers: HashMap<TransferId, Transfer>,
    alarm: Option<Timer>,
    next_frame: Option<Timer>,
}

impl Driver {
    /// With nothing to do yet.
    pub(crate) fn new() -> Self {
        let shared = Shared {
            queue: UploadQueue::new(Settings::default(), entropy()),
            panel: Panel::default(),
            files: Files::default(),
            transfers: HashMap::new(),
            alarm: None,
            next_frame: None,
        };
        Self { shared: Rc::new(RefCell::new(shared)) }
    }

    /// Does what the page asks for. `files` belong to a [`Command::Start`].
    pub(crate) fn obey(&self, command: Command, files: &Array) {
        let input = match command {
            Command::HttpVersion(version) => Input::HttpVersion(version),
            Command::Start(entries) => {
                self.shared.borrow_mut().files.keep(&entries, files);
                Input::Start(entries)
            }
            Command::Pause(scope) => Input::Pause(scope),
            Command::Resume(scope) => Input::Resume(scope),
            Command::Cancel(scope) => Input::Cancel(scope),
            Command::Retry(scope) => Input::Retry(scope),
            Command::Decide(scope, choice) => Input::Decide(scope, choice),
            Command::Clear => Input::Clear,
            Command::SignedIn => Input::SignedIn,
            Command::Online(true) => Input::CameOnline,
            Command::Online(false) => Input::WentOffline,
            Command::ShowAtMost(count) => {
                self.shared.borrow_mut().panel.show_at_most(count);
                return self.frame_soon();
            }
            Command::HoldOrder(held) => {
                self.shared.borrow_mut().panel.hold_order(held);
                return self.frame_soon();
            }
        };
        self.feed([input]);
    }

    /// Tells the engine what happened, carries out what it answers, and sets the alarm that it wants.
    fn feed(&self, inputs: impl IntoIterator<Item = Input>) {
        let mut inputs: Vec<_> = inputs.into_iter().collect();
        while !inputs.is_empty() {
            let mut outputs = Vec::new();
            {
                let queue = &mut self.shared.borrow_mut().queue;
                for input in inputs.drain(..) {
                    queue.handle(now(), input);
                }
                outputs.extend(std::iter::from_fn(|| queue.poll_output()));
            }
            for output in outputs {
                inputs.extend(self.carry_out(output));
            }
        }
        self.set_alarm();
        self.frame_soon();
    }

    /// Begins what the engine asks for; what is refused at once is the answer already.
    fn carry_out(&self, output: Output) -> Option<Input> {
        match output {
            Output::Create(call, body) => self.ask(Call::Create, body, move |result| Input::Created(call, result)),
            Output::Presign(call, body) => self.ask(Call::Presign, body, move |result| Input::Presigned(call, result)),
            Output::Complete(call, body) => {
                self.ask(Call::Complete, body, move |result| Input::Completed(call, result));
            }
            Output::Abort(call, body) => self.ask(Call::Abort, body, move |result| Input::Aborted(call, result)),
            Output::CheckPortal(call) => {
                let driver = self.clone();
                spawn_local(async move {
                    let well = portal::is_well().await;
                    driver.feed([Input::PortalChecked(call, well)]);
                });
            }
            Output::Put(put) => return self.put(put),
            Output::CancelTransfer(transfer) => drop(self.shared.borrow_mut().transfers.remove(&transfer)),
            Output::Release(entry) => self.shared.borrow_mut().files.release(entry),
        }
        None
    }

    fn ask<T: DeserializeOwned + 'static>(
        &self,
        call: Call,
        body: impl Serialize + 'static,
        input: impl FnOnce(Result<T, ControlFailure>) -> Input + 'static,
    ) {
        let driver = self.clone();
        spawn_local(async move {
            let Answer { server_date, wait_ms, result } = portal::ask(call, body).await;
            let date = server_date.map(Input::ServerDate);
            let rest = wait_ms.map(|wait_ms| Input::RetryAfter { wait_ms });
            driver.feed(date.into_iter().chain(rest).chain([input(result)]));
        });
    }

    fn put(&self, put: PutBytes) -> Option<Input> {
        let PutBytes { transfer: id, entry, range, request } = put;
        let mut shared = self.shared.borrow_mut();
        let Ok(body) = shared.files.slice(entry, range) else {
            return Some(Input::TransferFailed(id, TransferFailure::FileChanged));
        };
        let driver = self.clone();
        match Transfer::start(&request, body, move |event| driver.hear(id, event)) {
            Ok(transfer) => {
                shared.transfers.insert(id, transfer);
                None
            }
            Err(_) => Some(Input::TransferFailed(id, TransferFailure::Network)),
        }
    }

    fn hear(&self, id: TransferId, event: Event) {
        let input = match event {
            Event::Progress(sent) => Input::Progress(id, sent),
            Event::Ended(result) => {
                // Cancelled in the meantime: the engine wants to hear nothing more of it.
                let Some(ended) = self.shared.borrow_mut().transfers.remove(&id) else { return };
                drop(ended);
                match result {
                    Ok(()) => Input::Stored(id),
                    Err(failure) => Input::TransferFailed(id, failure),
                }
            }
        };
        self.feed([input]);
    }

    fn set_alarm(&self) {
        let mut shared = self.shared.borrow_mut();
        let driver = self.clone();
        shared.alarm = shared
            .queue
            .poll_timeout()
            .and_then(|at| Timer::after_ms(at.ms_since(now()), move || driver.feed([Input::Timeout])));
    }

    /// Shows the page what changed, together with what else changes until the next frame is due.
    fn frame_soon(&self) {
        let mut shared = self.shared.borrow_mut();
        if shared.next_frame.is_none() {
            let driver = self.clone();
            shared.next_frame = Timer::after_ms(FRAME_EVERY_MS, move || driver.show_frame());
        }
    }

    fn show_frame(&self) {
        let mut shared = self.shared.borrow_mut();
        let Shared { queue, panel, next_frame, .. } = &mut *shared;
        *next_frame = None;
        panel.update(queue.take_changed());
        panel.remove(&queue.take_removed());
        let frame = panel.frame(now(), queue.totals(), |id| queue.view(id));
        page::tell(&Report::Frame(Box::new(frame)));
    }
}

/// A seed for the jitter of retries, so that a thousand browsers do not come back in one moment.
fn entropy() -> u64 {
    js_sys::Math::random().to_bits() ^ js_sys::Date::now().to_bits()
}
