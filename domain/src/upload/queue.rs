//! Many uploads under one cap of transfers in flight, served in turn; calls to the portal have a lane of their own.

mod answers;
mod creations;
mod orders;
mod portal;
mod transfers;
mod turns;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use self::portal::{AbortJob, Call};
use self::transfers::Flight;
use super::io::{CallId, EntryId, HttpVersion, Input, Output, Scope, TransferId};
use super::pace::Pace;
use super::rate::Rate;
use super::retry::{Backoff, Dice};
use super::settings::Settings;
use super::stall::Patience;
use super::state::{Entry, FailedFor, Tally};
use super::view::{Totals, UploadView};
use crate::units::{ByteSize, UnixMillis};

/// The engine: a value without IO, clock or tasks.
///
/// Methods are of three kinds: [`handle`](Self::handle) takes what happened; [`poll_output`](Self::poll_output) and
/// [`poll_timeout`](Self::poll_timeout) say what to do and when to come back, to be called in this order after
/// handling; the rest are views. Several inputs may be handled before polling: calls are then fuller.
#[derive(Clone, Debug)]
pub struct UploadQueue {
    settings: Settings,
    dice: Dice,
    /// The latest instant heard of.
    now: UnixMillis,
    /// The portal's clock and ours, read together.
    portal_date: Option<(UnixMillis, UnixMillis)>,
    entries: BTreeMap<EntryId, Entry>,

    // Who waits for what. An entry may stand in a line that it does not need any more: it is looked at when its turn
    // comes, so that leaving a line costs nothing.
    to_create: VecDeque<EntryId>,
    ring: VecDeque<EntryId>,
    to_presign: VecDeque<EntryId>,
    to_complete: VecDeque<EntryId>,
    to_abort: VecDeque<AbortJob>,
    portal_check_due: bool,
    waiting: BTreeSet<(UnixMillis, EntryId)>,

    calls: BTreeMap<CallId, Call>,
    transfers: BTreeMap<TransferId, Flight>,
    next_call: u64,
    next_transfer: u64,

    /// Failures of S3 in a row, over all uploads: else thousands of uploads would each try their luck in an outage.
    storage: Backoff,
    storage_counted_before: TransferId,
    /// Failures to reach the portal in a row.
    portal: Backoff,
    /// The portal asked not to be called before.
    portal_rests_until: UnixMillis,
    /// Calls for permits in a row that failed while permits were at hand: they are needed soon, not now.
    presigns: Backoff,
    /// Create calls in a row that came to nothing: one call speaks for many uploads, so the next ones wait too.
    creates: Backoff,
    portal_well_at: Option<UnixMillis>,
    offline: bool,
    sign_in_needed: bool,

    pace: Pace,
    patience: Patience,
    rate: Rate,

    outputs: VecDeque<Output>,
    sum: Tally,
    touched: Vec<EntryId>,
    changed: BTreeSet<EntryId>,
    removed: Vec<EntryId>,
    /// Numbers below are known or gone: a start that comes late or twice may not bring them back.
    first_new: EntryId,
}

impl UploadQueue {
    /// An empty queue. `entropy` feeds the waiting times: any number that differs between browsers.
    pub fn new(settings: Settings, entropy: u64) -> Self {
        Self {
            dice: Dice::new(entropy),
            now: UnixMillis::default(),
            portal_date: None,
            entries: BTreeMap::new(),
            to_create: VecDeque::new(),
            ring: VecDeque::new(),
            to_presign: VecDeque::new(),
            to_complete: VecDeque::new(),
            to_abort: VecDeque::new(),
            portal_check_due: false,
            waiting: BTreeSet::new(),
            calls: BTreeMap::new(),
            transfers: BTreeMap::new(),
            next_call: 1,
            next_transfer: 1,
            storage: Backoff::default(),
            storage_counted_before: TransferId(0),
            portal: Backoff::default(),
            portal_rests_until: UnixMillis::default(),
            presigns: Backoff::default(),
            creates: Backoff::default(),
            portal_well_at: None,
            offline: false,
            sign_in_needed: false,
            pace: Pace::new(&settings),
            patience: Patience::default(),
            rate: Rate::default(),
            outputs: VecDeque::new(),
            sum: Tally::default(),
            touched: Vec::new(),
            changed: BTreeSet::new(),
            removed: Vec::new(),
            first_new: EntryId(0),
            settings,
        }
    }

    /// Takes what happened at `now`. Instants may not go back; one that does is taken for the latest known.
    pub fn handle(&mut self, now: UnixMillis, input: Input) {
        self.now = self.now.max(now);
        match input {
            Input::Start(wishes) => self.start(wishes),
            Input::Pause(scope) => self.each(scope, Self::pause),
            Input::Resume(scope) => self.each(scope, Self::resume),
            Input::Cancel(Scope::One(id)) => self.cancel(id),
            Input::Cancel(Scope::All) => self.cancel_all(),
            Input::Retry(Scope::One(id)) => self.retry_first(id),
            Input::Retry(Scope::All) => self.each(Scope::All, Self::retry),
            Input::Decide(scope, choice) => self.each(scope, |queue, id| queue.decide(id, choice)),
            Input::Clear => self.clear(),
            Input::WentOffline => self.offline = true,
            Input::CameOnline => self.came_online(),
            Input::SignedIn => self.sign_in_needed = false,
            Input::HttpVersion(HttpVersion::Http1) => self.pace.set_ceiling(self.settings.max_transfers_http1),
            Input::HttpVersion(HttpVersion::Http2) => self.pace.set_ceiling(self.settings.max_transfers_http2),
            Input::ServerDate(date) => self.portal_date = Some((date, self.now)),
            Input::RetryAfter { wait_ms } => self.rest(wait_ms),
            Input::Timeout => {}
            Input::Created(call, result) => self.created(call, result),
            Input::Presigned(call, result) => self.presigned(call, result),
            Input::Completed(call, result) => self.completed(call, result),
            Input::Aborted(call, result) => self.aborted(call, result),
            Input::PortalChecked(call, well) => self.portal_checked(call, well),
            Input::FileLookedAt(call, is_same) => self.file_looked_at(call, is_same),
            Input::Progress(transfer, sent) => self.progressed(transfer, sent),
            Input::Stored(transfer) => self.stored(transfer),
            Input::TransferFailed(transfer, failure) => self.transfer_failed(transfer, &failure),
        }
        // What came with this input counts before what its lateness would mean.
        self.run_clocks();
        self.settle();
    }

    /// The next thing to do; call again until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        if self.outputs.is_empty() {
            self.fill_places();
            self.make_calls();
            self.settle();
        }
        self.outputs.pop_front()
    }

    /// When to handle [`Input::Timeout`], where nothing else happens before. To be asked when there is no output left.
    pub fn poll_timeout(&self) -> Option<UnixMillis> {
        if self.offline {
            return None;
        }
        let storage = if self.ring.is_empty() { None } else { self.storage.blocked_until(self.now) };
        let portal = if self.has_calls_to_make() { self.calls_blocked_until() } else { None };
        let presigns = if self.to_presign.is_empty() { None } else { self.presigns.blocked_until(self.now) };
        let creates = if self.to_create.is_empty() { None } else { self.creates.blocked_until(self.now) };
        let aborts = self.to_abort.front().and_then(|job| job.backoff.blocked_until(self.now));
        let waiting = self.waiting.first().map(|(at, _)| *at);
        let stalls = self.transfers.values().map(|flight| flight.stalls_at(&self.patience)).min();
        [storage, portal, presigns, creates, aborts, waiting, stalls, self.pace.decides_at()]
            .into_iter()
            .flatten()
            .min()
    }

    /// One upload; `None` where the queue does not know it (any more).
    pub fn view(&self, id: EntryId) -> Option<UploadView> {
        self.entries.get(&id).map(|entry| entry.view(self.storage.blocked_until(self.now)))
    }

    /// The uploads that changed since this was last asked, by id.
    pub fn take_changed(&mut self) -> Vec<UploadView> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|id| self.view(id)).collect()
    }

    /// The uploads that [`Input::Clear`] dropped since this was last asked.
    pub fn take_removed(&mut self) -> Vec<EntryId> {
        std::mem::take(&mut self.removed)
    }

    /// The queue in all; costs the same for one upload and for 13,000.
    pub fn totals(&self) -> Totals {
        let sum = &self.sum;
        let rate = if sum.active > 0 { self.rate.bytes_per_s() } else { None };
        Totals {
            uploads: sum.uploads,
            completed: sum.completed,
            failed: sum.failed,
            resumable: sum.resumable,
            conflicts: sum.conflicts,
            paused: sum.paused,
            active: sum.active,
            aborting: sum.aborting,
            size_bytes: ByteSize(sum.size_bytes),
            sent_bytes: ByteSize(sum.sent_bytes),
            rate_bytes_per_s: rate,
            left_s: rate.filter(|rate| *rate > 0).map(|rate| sum.todo_bytes.div_ceil(rate)),
            offline: self.offline,
            sign_in_needed: self.sign_in_needed,
        }
    }

    /// An entry to be changed: noted for the totals and for [`Self::take_changed`].
    fn entry(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.touched.push(id);
        self.entries.get_mut(&id)
    }

    fn settle(&mut self) {
        for id in std::mem::take(&mut self.touched) {
            if let Some(entry) = self.entries.get_mut(&id) {
                let tally = Tally::of(entry);
                self.sum.replace(std::mem::replace(&mut entry.tally, tally), tally);
                self.changed.insert(id);
            }
        }
    }

    /// This instant by the portal's clock.
    fn portal_now(&self) -> UnixMillis {
        self.portal_date.map_or(self.now, |(portal, ours)| portal.plus_ms(self.now.ms_since(ours)))
    }

    /// The queue's clocks of failure.
    fn failed_for(&self) -> FailedFor {
        FailedFor { leave_ms: self.creates.failed_ms_in_all(), storage_ms: self.storage.failed_ms_in_all() }
    }

    fn next_transfer(&self) -> TransferId {
        TransferId(self.next_transfer)
    }
}
