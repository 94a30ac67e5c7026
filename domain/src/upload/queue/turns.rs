//! What moves an upload from state to state: going on, waiting, starting over, stopping, ending.

use super::UploadQueue;
use crate::units::UnixMillis;
use crate::upload::error::{Trouble, UploadError};
use crate::upload::io::{EntryId, Output, TransferId};
use crate::upload::state::{Aborting, End, Entry, Putting, State};
use crate::upload::view::Notice;
use crate::upload::wire::Ticket;

/// How often an upload is begun again by itself: 5. More means that somebody keeps removing it.
const MAX_RESTARTS: u8 = 5;

/// The portal counts as well for so long after it answered anything: 90 s, a waiting time and a stall and some more.
const PORTAL_WELL_MS: u64 = 90_000;

impl UploadQueue {
    /// Puts an upload into the line that its state asks for, unless it is held or waits.
    pub(super) fn go_on(&mut self, id: EntryId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if !entry.may_go_on() {
            return;
        }
        match &entry.state {
            State::Queued | State::Aborting(Aborting::Asking(_)) if !entry.in_line => {
                entry.in_line = true;
                self.to_create.push_back(id);
            }
            State::Putting(Putting::Ready(_)) | State::Sending(_) if !entry.in_ring => {
                entry.in_ring = true;
                self.ring.push_back(id);
            }
            State::Completing { parts, call: None } if parts.is_sealed() => self.to_complete.push_back(id),
            State::Completing { parts, call: None } if parts.wants_look() => self.look_at_file(id),
            _ => {}
        }
    }

    /// Asks the portal for leave once more, before those that never had any.
    pub(super) fn create_again(&mut self, id: EntryId) {
        let failed_for = self.failed_for();
        let Some(entry) = self.entry(id) else { return };
        entry.asks_for_leave(failed_for);
        if entry.may_go_on() && !entry.in_line {
            entry.in_line = true;
            self.to_create.push_front(id);
        }
    }

    /// Cancels the transfers of an upload; their bytes are pending again.
    pub(super) fn call_back(&mut self, id: EntryId) {
        let Some(entry) = self.entry(id) else { return };
        entry.flying_bytes = 0;
        let mut lone = None;
        let in_flight: Vec<TransferId> = match &mut entry.state {
            State::Putting(Putting::InFlight(transfer)) => {
                lone = Some(*transfer);
                vec![*transfer]
            }
            State::Sending(parts) => parts.call_back(),
            _ => Vec::new(),
        };
        for transfer in in_flight {
            let flight = self.transfers.remove(&transfer);
            self.outputs.push_back(Output::CancelTransfer(transfer));
            if let (Some(flight), true) = (flight, lone == Some(transfer))
                && let Some(entry) = self.entry(id)
            {
                entry.state = State::Putting(Putting::Ready(flight.permit));
            }
        }
    }

    /// Waits until `until`, then goes on.
    pub(super) fn put_aside(&mut self, id: EntryId, until: UnixMillis) {
        self.take_back(id);
        if let Some(entry) = self.entry(id) {
            entry.waits_until = Some(until);
            self.waiting.insert((until, id));
        }
    }

    /// Ends the waiting without going on.
    pub(super) fn take_back(&mut self, id: EntryId) {
        if let Some(entry) = self.entry(id)
            && let Some(until) = entry.waits_until.take()
        {
            self.waiting.remove(&(until, id));
        }
    }

    /// Ends the waiting of an upload and lets it go on.
    pub(super) fn wake(&mut self, id: EntryId) {
        self.take_back(id);
        self.go_on(id);
    }

    /// Those whose waiting is over go on.
    pub(super) fn wake_due(&mut self) {
        while let Some((_, id)) = self.waiting.first().copied().filter(|(at, _)| *at <= self.now) {
            self.wake(id);
        }
    }

    /// A network is there again: what failed without one was nobody's fault.
    pub(super) fn came_online(&mut self) {
        self.offline = false;
        self.storage.reset();
        self.portal.reset();
        self.creates.reset();
        self.presigns.reset();
        let (now, failed_for) = (self.now, self.failed_for());
        let mut ids: Vec<EntryId> = self.waiting.iter().map(|(_, id)| *id).collect();
        for flight in self.transfers.values_mut() {
            flight.last_report = now;
            ids.push(flight.entry);
        }
        for id in ids {
            if let Some(entry) = self.entry(id) {
                entry.forget_failures(failed_for);
            }
            self.wake(id);
        }
    }

    /// S3 failed a transfer of this upload. Transfers that were under way together count as one failure.
    pub(super) fn count_failure(&mut self, id: EntryId, transfer: TransferId, trouble: Trouble) {
        let (now, next) = (self.now, self.next_transfer());
        if transfer >= self.storage_counted_before {
            self.storage_counted_before = next;
            self.storage.fail(now, &mut self.dice);
            // When they are tried again has changed for all that wait in the round.
            self.touched.extend(&self.ring);
        }
        self.touched.push(id);
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if transfer >= entry.counted_before {
            entry.counted_before = next;
            entry.trouble = Some(trouble.clone());
            let until = entry.backoff.fail(now, &mut self.dice);
            self.put_aside(id, until);
        } else if entry.backoff.failures() > 0 {
            entry.trouble = Some(trouble.clone());
        }
        self.weigh_giving_up(id, trouble);
    }

    /// The file cannot be read. A network drive comes back, so it is tried again for a few minutes; S3 has no part in it,
    /// nor have other uploads.
    pub(super) fn wait_for_source(&mut self, id: EntryId, transfer: TransferId) {
        let (now, next) = (self.now, self.next_transfer());
        let Some(entry) = self.entry(id) else { return };
        if transfer < entry.counted_before {
            return;
        }
        entry.counted_before = next;
        if entry.trouble != Some(Trouble::SourceAway) {
            entry.backoff.reset();
        }
        entry.trouble = Some(Trouble::SourceAway);
        let failing_ms = entry.backoff.failing_ms();
        if failing_ms >= self.settings.source_away_ms {
            return self.stop(id, UploadError::SourceAway);
        }
        if let Some(entry) = self.entries.get_mut(&id) {
            let until = entry.backoff.fail(now, &mut self.dice);
            self.put_aside(id, until);
        }
    }

    /// Whether the portal answered something, or said that it is well, not long ago.
    pub(super) fn portal_is_well(&self) -> bool {
        self.portal_well_at.is_some_and(|at| self.now.ms_since(at) <= PORTAL_WELL_MS)
    }

    /// Stops after too much continuous failure, but only where the portal is well: else it is the way to both.
    fn weigh_giving_up(&mut self, id: EntryId, trouble: Trouble) {
        let limit_ms = self.settings.give_up_after_ms;
        let all = self.storage.failing_ms() >= limit_ms;
        let this = self.entries.get(&id).is_some_and(|entry| entry.backoff.failing_ms() >= limit_ms);
        if !all && !this {
            return;
        }
        if !self.portal_is_well() {
            self.portal_check_due = true;
            return;
        }
        let error = UploadError::GaveUp { trouble, minutes: limit_ms / 60_000 };
        if this {
            self.stop(id, error.clone());
        }
        if !all {
            return;
        }
        let sends = |entry: &Entry| matches!(entry.state, State::Queued | State::Putting(_) | State::Sending(_));
        let now_ms = self.storage.failed_ms_in_all();
        if !self.stop_all(&error, sends, |entry| now_ms - entry.failed_before.storage_ms) {
            self.storage.reset();
        }
    }

    /// Stops all of a kind that have failed together for too long, each by its own time. Whether some are left, whose time
    /// began later.
    pub(super) fn stop_all(
        &mut self,
        error: &UploadError,
        is_such: impl Fn(&Entry) -> bool,
        failed_ms: impl Fn(&Entry) -> u64,
    ) -> bool {
        let limit_ms = self.settings.give_up_after_ms;
        let such: Vec<&Entry> = self.entries.values().filter(|entry| !entry.paused && is_such(entry)).collect();
        let over: Vec<EntryId> =
            such.iter().filter(|entry| failed_ms(entry) >= limit_ms).map(|entry| entry.id()).collect();
        let some_are_left = over.len() < such.len();
        for id in over {
            self.stop(id, error.clone());
        }
        some_are_left
    }

    /// Stops. What S3 holds is kept: a failure never aborts.
    pub(super) fn stop(&mut self, id: EntryId, error: UploadError) {
        self.call_back(id);
        self.take_back(id);
        let failed_for = self.failed_for();
        let Some(entry) = self.entry(id) else { return };
        let kept = match std::mem::replace(&mut entry.state, State::Queued) {
            State::Sending(mut parts) | State::Completing { mut parts, .. } => {
                parts.drop_permits();
                Some(parts)
            }
            _ => None,
        };
        entry.forget_failures(failed_for);
        entry.state = State::Failed { error, kept };
    }

    /// Begins again from nothing, since what was begun is gone or met a conflict.
    pub(super) fn start_over(&mut self, id: EntryId, notice: Option<Notice>) {
        self.call_back(id);
        let Some(entry) = self.entry(id) else { return };
        entry.restarts += 1;
        if entry.restarts > MAX_RESTARTS {
            // What was begun is gone: nothing is left to keep.
            entry.state = State::Queued;
            return self.stop(id, UploadError::StartedOverTooOften);
        }
        entry.notice = notice.or(entry.notice);
        self.create_again(id);
    }

    /// The object is stored.
    pub(super) fn complete(&mut self, id: EntryId) {
        self.take_back(id);
        if let Some(entry) = self.entry(id) {
            entry.flying_bytes = 0;
            entry.trouble = None;
            entry.state = State::Completed;
            self.outputs.push_back(Output::Release(id));
        }
    }

    /// Nothing is left of it.
    pub(super) fn finish(&mut self, id: EntryId, end: End) {
        self.take_back(id);
        if let Some(entry) = self.entry(id) {
            entry.flying_bytes = 0;
            entry.state = State::Aborted(end);
            self.outputs.push_back(Output::Release(id));
        }
    }

    /// Ends; before that, where something of it may have been stored, asks whether it was.
    pub(super) fn ask_what_became(&mut self, id: EntryId, end: End) {
        self.take_back(id);
        let Some(entry) = self.entry(id) else { return };
        if !entry.may_be_stored || entry.key.is_none() {
            return self.finish(id, end);
        }
        entry.flying_bytes = 0;
        entry.paused = false;
        entry.in_line = true;
        entry.state = State::Aborting(Aborting::Asking(end));
        self.to_create.push_front(id);
    }

    /// Discards what S3 holds, then ends.
    pub(super) fn abort(&mut self, id: EntryId, ticket: Ticket, end: End) {
        self.take_back(id);
        if let Some(entry) = self.entry(id) {
            entry.state = State::Aborting(Aborting::Calling(end));
            self.line_up_abort(ticket, Some(id));
        }
    }
}
