//! Carries out what the engine decides, and tells it what came of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use domain::upload::io::{ControlFailure, EntryId, Input, Output, PutBytes, TransferFailure, TransferId};
use domain::upload::message::{Command, FRAMES_PER_S, Report};
use domain::upload::panel::Panel;
use domain::upload::{Settings, UploadQueue};
use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;

use crate::clock::{Timer, now};
use crate::files::{self, Files, LAST_LOOK_WITHIN_MS, READ_WITHIN_MS};
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
    transfers: HashMap<TransferId, (EntryId, Sending)>,
    alarm: Option<Timer>,
    next_frame: Option<Timer>,
}

/// How far a transfer is.
enum Sending {
    /// Its file is being looked at.
    Looking,
    /// Dropped to be cancelled.
    Begun { _transfer: Transfer },
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
            Output::Create(call, body) => {
                let uploads = body.uploads.len();
                self.ask(Call::Create { uploads }, body, move |result| Input::Created(call, result));
            }
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
            Output::LookAtFile(call, entry) => {
                let driver = self.clone();
                spawn_local(async move {
                    let is_same = !driver.has_changed(entry).await;
                    driver.feed([Input::FileLookedAt(call, is_same)]);
                });
            }
            Output::Put(put) => return self.put(put),
            Output::CancelTransfer(transfer) => self.end(transfer),
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

    /// Sends bytes of a file, after a look at it where that is due.
    fn put(&self, put: PutBytes) -> Option<Input> {
        let (id, entry) = (put.transfer, put.entry);
        let file = self.shared.borrow().files.to_look_at(entry, put.range);
        let Some(file) = file else { return self.send(put) };
        self.shared.borrow_mut().transfers.insert(id, (entry, Sending::Looking));
        let driver = self.clone();
        spawn_local(async move {
            let seen = files::look_at(&file, READ_WITHIN_MS).await;
            // Cancelled in the meantime: the engine wants to hear nothing more of it.
            if driver.shared.borrow_mut().transfers.remove(&id).is_none() {
                return;
            }
            let is_same = seen.map(|seen| driver.shared.borrow_mut().files.is_same(entry, seen));
            let failed = match is_same {
                Ok(true) => driver.send(put),
                Ok(false) => Some(Input::TransferFailed(id, TransferFailure::FileChanged)),
                Err(failure) => Some(Input::TransferFailed(id, failure)),
            };
            if let Some(failed) = failed {
                driver.feed([failed]);
            }
        });
        None
    }

    /// Whether another file is there now than when its first part was sent. One that cannot be read has been sent whole.
    async fn has_changed(&self, entry: EntryId) -> bool {
        let file = self.shared.borrow().files.sent_in_parts(entry);
        let Some(file) = file else { return false };
        match files::look_at(&file, LAST_LOOK_WITHIN_MS).await {
            Ok(seen) => !self.shared.borrow_mut().files.is_same(entry, seen),
            Err(failure) => failure == TransferFailure::FileChanged,
        }
    }

    fn send(&self, put: PutBytes) -> Option<Input> {
        let PutBytes { transfer: id, entry, range, request } = put;
        let mut shared = self.shared.borrow_mut();
        let Ok(body) = shared.files.slice(entry, range) else {
            return Some(Input::TransferFailed(id, TransferFailure::FileChanged));
        };
        let driver = self.clone();
        match Transfer::start(&request, body, move |event| driver.hear(id, event)) {
            Ok(transfer) => {
                shared.transfers.insert(id, (entry, Sending::Begun { _transfer: transfer }));
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
                if !self.shared.borrow().transfers.contains_key(&id) {
                    return;
                }
                match result {
                    Ok(()) => {
                        self.shared.borrow_mut().transfers.remove(&id);
                        Input::Stored(id)
                    }
                    Err(failure) => {
                        self.end(id);
                        Input::TransferFailed(id, failure)
                    }
                }
            }
        };
        self.feed([input]);
    }

    /// A transfer did not reach its end; when its upload goes on is not known.
    fn end(&self, id: TransferId) {
        let mut shared = self.shared.borrow_mut();
        if let Some((entry, _)) = shared.transfers.remove(&id) {
            shared.files.doubt(entry);
        }
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
