//! A world for the engine: a link with a bandwidth, a portal and an S3, all in virtual time, with faults on order.
//!
//! The simulator checks on its way what must hold at every moment: places in flight, one writer a part, progress
//! within what is stored and on the way, silence after the end, no completion with a hole.

mod checks;
mod network;
mod portal;
mod storage;

use std::collections::{BTreeMap, BTreeSet};

use domain::access::BucketName;
use domain::listing::UploadMark;
use domain::units::{ByteSize, UnixMillis};
use domain::upload::io::{CallId, EntryId, Input, NewEntry, Output, Scope, TransferFailure, TransferId};
use domain::upload::retry::Dice;
use domain::upload::view::{Phase, UploadView};
use domain::upload::wire::OnConflict;
use domain::upload::{Settings, UploadQueue};

pub(crate) use self::network::Fate;
use self::network::{Link, Live};
use self::portal::Portal;
use self::storage::Storage;
pub(crate) use self::storage::Target;

/// Where virtual time begins: any instant will do.
const EPOCH_MS: u64 = 1_700_000_000_000;

/// What was done, in exact numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) creates: u64,
    pub(crate) presigns: u64,
    pub(crate) completes: u64,
    pub(crate) aborts: u64,
    pub(crate) checks: u64,
    pub(crate) looks: u64,
    pub(crate) puts: u64,
    pub(crate) refused_puts: u64,
    pub(crate) cancelled_transfers: u64,
    /// Bytes that left the browser.
    pub(crate) sent_bytes: u64,
    /// Parts and objects that S3 stored although it had them.
    pub(crate) stored_again: u64,
    pub(crate) most_in_flight: usize,
}

/// Something that happens at an instant.
pub(crate) enum Event {
    /// Given to the engine.
    Input(Input),
    /// A call reaches the portal.
    CallArrives(Output),
    /// S3's answer to a transfer, where the browser still listens.
    TransferEnds(TransferId, Input),
    /// A change of the world.
    World(Box<dyn FnOnce(&mut Sim)>),
}

pub(crate) type FateOf = Box<dyn FnMut(&mut Dice, UnixMillis, &Target) -> Fate>;

pub(crate) struct Sim {
    pub(crate) now: UnixMillis,
    pub(crate) queue: UploadQueue,
    pub(crate) link: Link,
    pub(crate) portal: Portal,
    pub(crate) storage: Storage,
    pub(crate) counts: Counts,
    pub(crate) dice: Dice,
    /// What becomes of a transfer that begins.
    pub(crate) fate: FateOf,
    /// Every output, for tests that look at the order.
    pub(crate) log: Vec<Output>,
    pub(crate) ceiling: usize,
    /// How long a look at a file takes.
    pub(crate) look_ms: u64,
    /// Whose files the person has saved anew since they were first looked at.
    pub(crate) saved: BTreeSet<EntryId>,
    /// Chance in 1,000 that an input is given twice, the second time later.
    pub(crate) twice_permille: u64,
    /// Chance in 1,000 that a transfer cancelled after its last byte left is stored all the same.
    pub(crate) lands_late_permille: u64,
    live: BTreeMap<TransferId, Live>,
    events: BTreeMap<(UnixMillis, u64), Event>,
    next_event: u64,
    ticking: bool,
    released: BTreeSet<EntryId>,
    known: BTreeSet<EntryId>,
    /// What objects of an upload are known by.
    marks: BTreeMap<EntryId, Vec<UploadMark>>,
    last_call: CallId,
    unanswered: BTreeSet<CallId>,
    /// When transfers fell silent that the engine has found out about.
    found_holes: Vec<UnixMillis>,
}

impl Sim {
    pub(crate) fn new(seed: u64) -> Self {
        let settings = Settings::default();
        Self {
            now: UnixMillis(EPOCH_MS),
            ceiling: usize::from(settings.max_transfers_http1),
            queue: UploadQueue::new(settings, seed),
            link: Link::default(),
            portal: Portal::default(),
            storage: Storage::default(),
            counts: Counts::default(),
            dice: Dice::new(seed),
            fate: Box::new(|_, _, _| Fate::Arrives),
            log: Vec::new(),
            look_ms: 1,
            saved: BTreeSet::new(),
            twice_permille: 0,
            lands_late_permille: 0,
            live: BTreeMap::new(),
            events: BTreeMap::new(),
            next_event: 0,
            ticking: false,
            released: BTreeSet::new(),
            known: BTreeSet::new(),
            marks: BTreeMap::new(),
            last_call: CallId(0),
            unanswered: BTreeSet::new(),
            found_holes: Vec::new(),
        }
    }

    /// Adds uploads `0..sizes.len()` named `name-<id>`.
    pub(crate) fn start(&mut self, sizes: &[u64]) {
        let entries = sizes.iter().zip(0..).map(|(size, id)| entry(id, *size)).collect();
        self.input(Input::Start(entries));
    }

    /// Gives an input now and does what follows at once.
    pub(crate) fn input(&mut self, input: Input) {
        self.queue.handle(self.now, input);
        self.drain();
    }

    /// Gives an input later.
    pub(crate) fn input_in(&mut self, delay_ms: u64, input: Input) {
        self.event_in(delay_ms, Event::Input(input));
    }

    pub(crate) fn world_in(&mut self, delay_ms: u64, change: impl FnOnce(&mut Self) + 'static) {
        self.event_in(delay_ms, Event::World(Box::new(change)));
    }

    fn event_in(&mut self, delay_ms: u64, event: Event) {
        self.next_event += 1;
        self.events.insert((self.now.plus_ms(delay_ms), self.next_event), event);
    }

    /// An answer on its way to the engine; with some luck it comes twice.
    fn answer_in(&mut self, delay_ms: u64, input: Input) {
        if self.dice.up_to(999) < self.twice_permille {
            let later = delay_ms + self.dice.up_to(5_000);
            self.event_in(later, Event::Input(input.clone()));
        }
        self.event_in(delay_ms, Event::Input(input));
    }

    fn drain(&mut self) {
        while let Some(output) = self.queue.poll_output() {
            self.check_output(&output);
            self.log.push(output.clone());
            self.execute(output);
        }
        self.check_views();
    }

    fn execute(&mut self, output: Output) {
        match output {
            Output::Put(put) => self.begin_transfer(put),
            Output::CancelTransfer(transfer) => self.cancel_transfer(transfer),
            Output::Release(entry) => {
                self.released.insert(entry);
            }
            call => {
                let call_id = match &call {
                    Output::Create(id, _) => *id,
                    Output::Presign(id, _) => *id,
                    Output::Complete(id, _) => *id,
                    Output::Abort(id, _) => *id,
                    Output::CheckPortal(id) => *id,
                    Output::LookAtFile(id, _) => *id,
                    Output::Put(_) | Output::CancelTransfer(_) | Output::Release(_) => unreachable!(),
                };
                assert!(call_id > self.last_call, "{call_id:?} is used twice");
                self.last_call = call_id;
                self.unanswered.insert(call_id);
                if let Output::LookAtFile(_, entry) = call {
                    self.counts.looks += 1;
                    let is_same = !self.saved.contains(&entry);
                    return self.answer_in(self.look_ms, Input::FileLookedAt(call_id, is_same));
                }
                let delay = self.portal.way_ms(&mut self.dice);
                self.event_in(delay, Event::CallArrives(call));
            }
        }
    }

    /// Lets the next thing happen; false where nothing is left to happen.
    pub(crate) fn step(&mut self) -> bool {
        let timeout = self.queue.poll_timeout();
        let event_at = self.events.first_key_value().map(|((at, _), _)| *at);
        match (event_at, timeout) {
            (None, None) => return false,
            (Some(at), timeout) if timeout.is_none_or(|timeout| at <= timeout) => {
                self.now = self.now.max(at);
                let Some((_, event)) = self.events.pop_first() else { return false };
                match event {
                    Event::Input(input) => {
                        self.note_answer(&input);
                        self.queue.handle(self.now, input);
                    }
                    Event::CallArrives(call) => self.serve(call),
                    Event::TransferEnds(transfer, input) => self.end_transfer(transfer, input),
                    Event::World(change) => change(self),
                }
            }
            (_, Some(at)) => {
                self.now = self.now.max(at);
                self.queue.handle(self.now, Input::Timeout);
            }
            (Some(_), None) => unreachable!("an event without a timeout is taken above"),
        }
        self.drain();
        true
    }

    /// Runs for so long.
    pub(crate) fn run_ms(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        loop {
            let next = [self.queue.poll_timeout(), self.events.first_key_value().map(|((at, _), _)| *at)];
            match next.into_iter().flatten().min() {
                Some(at) if at <= end => self.step(),
                _ => break,
            };
        }
        self.now = end;
    }

    /// Runs until nothing is left to happen.
    pub(crate) fn run(&mut self) {
        let mut steps = 0_u64;
        while self.step() {
            steps += 1;
            assert!(steps < 3_000_000, "it does not end");
        }
    }

    /// Runs until the condition holds.
    pub(crate) fn run_until(&mut self, mut condition: impl FnMut(&mut Self) -> bool) {
        while !condition(self) {
            assert!(self.step(), "nothing is left to happen and the condition does not hold");
        }
    }

    /// All uploads that the queue knows, by id.
    pub(crate) fn views(&self) -> impl Iterator<Item = UploadView> {
        self.known.iter().filter_map(|id| self.queue.view(*id))
    }

    pub(crate) fn view(&self, id: u32) -> UploadView {
        self.queue.view(EntryId(id)).unwrap()
    }

    pub(crate) fn phase(&self, id: u32) -> Phase {
        self.view(id).phase
    }

    /// Time passes and nobody notices: neither does the engine hear of anything, nor do bytes move.
    pub(crate) fn sleep_ms(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
    }

    /// What create calls asked for, in order.
    pub(crate) fn creates(&self) -> Vec<(String, OnConflict)> {
        let bodies = self.log.iter().filter_map(|output| match output {
            Output::Create(_, body) => Some(body.uploads.clone()),
            _ => None,
        });
        bodies.flatten().map(|upload| (upload.key, upload.on_conflict)).collect()
    }

    /// The transfers that were begun, in order.
    pub(crate) fn transfers(&self) -> Vec<TransferId> {
        let begun = self.log.iter().filter_map(|output| match output {
            Output::Put(put) => Some(put.transfer),
            _ => None,
        });
        begun.collect()
    }

    pub(crate) fn take_found_holes(&mut self) -> Vec<UnixMillis> {
        std::mem::take(&mut self.found_holes)
    }

    fn note_answer(&mut self, input: &Input) {
        if let Input::Created(call, _)
        | Input::Presigned(call, _)
        | Input::Completed(call, _)
        | Input::Aborted(call, _)
        | Input::PortalChecked(call, _)
        | Input::FileLookedAt(call, _) = input
        {
            self.unanswered.remove(call);
        }
    }

    /// Whether a call was made and answered.
    pub(crate) fn is_done_with_call(&self, call: CallId) -> bool {
        call <= self.last_call && !self.unanswered.contains(&call)
    }

    /// Whether a transfer was begun and has ended or was cancelled.
    pub(crate) fn is_done_with_transfer(&self, transfer: TransferId) -> bool {
        transfer.0 <= self.counts.puts && !self.live.contains_key(&transfer)
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.now.ms_since(UnixMillis(EPOCH_MS))
    }

    /// Every upload is stored, each under its name, and S3 keeps nothing unfinished.
    pub(crate) fn assert_all_stored(&self) {
        for view in self.views() {
            assert_eq!(view.phase, Phase::Completed, "{view:?}");
            assert_eq!(view.sent_bytes, view.size_bytes);
            assert_eq!(self.storage.objects.get(&view.key).map(|object| object.size), Some(view.size_bytes.0));
        }
        assert_eq!(self.storage.unfinished(), 0);
        assert_eq!(self.in_flight(), 0);
    }
}

pub(crate) fn entry(id: u32, size: u64) -> NewEntry {
    NewEntry {
        id: EntryId(id),
        bucket: BucketName("files.example.test".to_owned()),
        key: format!("name-{id}"),
        size_bytes: ByteSize(size),
        content_type: "text/plain".to_owned(),
        choice: None,
    }
}

/// S3 asks to slow down.
pub(crate) fn busy() -> TransferFailure {
    TransferFailure::Http { status: 503, code: Some("SlowDown".to_owned()), has_expires: false }
}

pub(crate) fn one(id: u32) -> Scope {
    Scope::One(EntryId(id))
}

pub(crate) const MIB: u64 = 1024 * 1024;
