//! What a person orders: start, hold, go on, cancel, try again, decide about a taken name.

use super::UploadQueue;
use crate::limits::MAX_OBJECT_SIZE;
use crate::units::UnixMillis;
use crate::upload::error::UploadError;
use crate::upload::io::{Choice, EntryId, NewEntry, Output, Scope, TransferId};
use crate::upload::multipart::Multipart;
use crate::upload::rate::Rate;
use crate::upload::state::{Aborting, End, Entry, Putting, State};
use crate::upload::view::Notice;

impl UploadQueue {
    pub(super) fn each(&mut self, scope: Scope, mut order: impl FnMut(&mut Self, EntryId)) {
        match scope {
            Scope::One(id) => order(self, id),
            Scope::All => {
                let ids: Vec<EntryId> = self.entries.values().filter(|entry| !entry.is_over()).map(Entry::id).collect();
                for id in ids {
                    order(self, id);
                }
            }
        }
    }

    pub(super) fn start(&mut self, wishes: Vec<NewEntry>) {
        if self.sum.active == 0 {
            // What the last uploads reached says nothing about these.
            self.rate = Rate::default();
        }
        let failed_for = self.failed_for();
        for wish in wishes {
            let (id, size) = (wish.id, wish.size_bytes);
            if id < self.first_new {
                continue;
            }
            self.first_new = EntryId(id.0.saturating_add(1));
            let mut entry = Entry::new(wish, failed_for);
            if size > MAX_OBJECT_SIZE {
                entry.state = State::Failed { error: UploadError::TooLarge(size), kept: None };
            }
            self.entries.insert(id, entry);
            self.touched.push(id);
            self.go_on(id);
        }
    }

    pub(super) fn pause(&mut self, id: EntryId) {
        self.call_back(id);
        if let Some(entry) = self.entry(id)
            && !entry.is_over()
            && !matches!(entry.state, State::Aborting(_))
        {
            entry.paused = true;
        }
    }

    pub(super) fn resume(&mut self, id: EntryId) {
        let failed_for = self.failed_for();
        if let Some(entry) = self.entry(id)
            && entry.paused
        {
            entry.paused = false;
            entry.forget_failures(failed_for);
            self.wake(id);
        }
    }

    pub(super) fn retry(&mut self, id: EntryId) {
        let (now, failed_for) = (self.now, self.failed_for());
        let Some(entry) = self.entry(id) else { return };
        if let State::Failed { error, kept } = &mut entry.state {
            if !error.can_retry() {
                return;
            }
            entry.state = match kept.take() {
                Some(mut parts) => {
                    parts.missing_rounds = 0;
                    if parts.is_stored() { State::Completing { parts, call: None } } else { State::Sending(parts) }
                }
                None => State::Queued,
            };
            entry.restarts = 0;
            entry.unseen_refusals = 0;
            entry.renewals = 0;
            entry.paused = false;
        } else if entry.trouble.is_none() || entry.paused {
            return;
        }
        entry.forget_failures(failed_for);
        let has_leave = match &entry.state {
            State::Putting(Putting::Ready(permit)) => permit.is_usable(now),
            State::Putting(Putting::InFlight(_)) => true,
            State::Sending(parts) => parts.may_send(now),
            _ => false,
        };
        self.wait_no_longer(has_leave);
        self.wake(id);
    }

    /// Tries one that a person is looking at before those that wait for leave, too; but after those that only ask what
    /// became of them. Where it may be itself why calls are not answered, it does not take others along.
    pub(super) fn retry_first(&mut self, id: EntryId) {
        let unanswered = self.entries.get(&id).map_or(0, |entry| entry.unanswered);
        self.retry(id);
        let Some(entry) = self.entry(id) else { return };
        entry.unanswered = unanswered;
        if entry.in_line {
            self.to_create.retain(|other| *other != id);
            let asking = self.to_create.iter().take_while(|other| self.is_asking(**other)).count();
            self.to_create.insert(asking, id);
        }
    }

    /// Something is tried now, instead of later: a person who sees it wants to know, and asks once, not again and again as
    /// a machine would. Where it needs the portal, be it sooner than the portal wished to be asked. How long it has all been
    /// failing goes on to count for the others.
    fn wait_no_longer(&mut self, has_leave: bool) {
        self.storage.wait_no_longer();
        if !has_leave {
            self.portal_rests_until = UnixMillis::default();
            self.portal.wait_no_longer();
            self.creates.wait_no_longer();
            self.presigns.wait_no_longer();
        }
    }

    /// Cancels what still goes on or waits. What failed stays: the person was told that it is kept.
    pub(super) fn cancel_all(&mut self) {
        let goes_on = |entry: &&Entry| !entry.is_over() && !matches!(entry.state, State::Failed { .. });
        let ids: Vec<EntryId> = self.entries.values().filter(goes_on).map(Entry::id).collect();
        ids.into_iter().for_each(|id| self.cancel(id));
    }

    pub(super) fn cancel(&mut self, id: EntryId) {
        let end = End::CANCELLED;
        if let Some(transfer) = self.all_bytes_left(id) {
            if let Some(entry) = self.entry(id) {
                entry.state = State::Aborting(Aborting::Putting(transfer, end));
            }
            return self.take_back(id);
        }
        self.call_back(id);
        let Some(entry) = self.entry(id) else { return };
        match &mut entry.state {
            State::Queued | State::Putting(_) => self.ask_what_became(id, end),
            State::Creating(call) => {
                entry.state = State::Aborting(Aborting::Creating(*call, end));
                // Where the call fails, it has to be asked again.
                entry.paused = false;
                self.take_back(id);
            }
            State::Completing { parts, call: Some(call) } => {
                let (call, ticket) = (*call, parts.ticket.clone());
                entry.state = State::Aborting(Aborting::Completing { call, ticket, end });
                self.take_back(id);
            }
            State::Sending(parts) | State::Completing { parts, call: None } => {
                let ticket = parts.ticket.clone();
                self.abort(id, ticket, end);
            }
            State::Conflict { kept, .. } | State::Failed { kept, .. } => {
                let kept = kept.take();
                self.discard(id, kept, end);
            }
            State::Aborting(_) | State::Completed | State::Aborted(_) => {}
        }
    }

    fn discard(&mut self, id: EntryId, kept: Option<Box<Multipart>>, end: End) {
        match kept {
            Some(parts) => self.abort(id, parts.ticket, end),
            None => self.ask_what_became(id, end),
        }
    }

    /// The PUT of a whole object that cannot be called back any more.
    fn all_bytes_left(&self, id: EntryId) -> Option<TransferId> {
        let State::Putting(Putting::InFlight(transfer)) = &self.entries.get(&id)?.state else { return None };
        self.transfers.get(transfer).filter(|flight| flight.sent >= flight.length).map(|_| *transfer)
    }

    /// Decides a conflict that waits, or one that is still to come.
    pub(super) fn decide(&mut self, id: EntryId, choice: Choice) {
        let failed_for = self.failed_for();
        let Some(entry) = self.entry(id) else { return };
        if !matches!(entry.state, State::Aborting(_) | State::Failed { .. }) {
            if entry.choice != Some(choice) {
                // What a person decides beforehand is about whatever will be there.
                entry.seen = None;
            }
            entry.choice = Some(choice);
        }
        let State::Conflict { existing, kept } = &mut entry.state else { return };
        let seen = existing.etag.clone();
        entry.seen = Some(seen.clone());
        let kept = kept.take();
        entry.forget_failures(failed_for);
        match (choice, kept) {
            (Choice::Skip, kept) => self.discard(id, kept, End::Skipped),
            (Choice::Replace, Some(mut parts)) => {
                parts.replace = Some(seen);
                entry.state = State::Completing { parts, call: None };
                self.go_on(id);
            }
            (Choice::KeepBoth, Some(parts)) => {
                // A multipart upload cannot change its key: all bytes go again under another.
                entry.notice = Some(Notice::SentAgainToKeepBoth);
                entry.state = State::Queued;
                self.line_up_abort(parts.ticket, None);
                self.go_on(id);
            }
            (Choice::Replace | Choice::KeepBoth, None) => {
                entry.state = State::Queued;
                self.go_on(id);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.settle();
        let (sum, removed, outputs) = (&mut self.sum, &mut self.removed, &mut self.outputs);
        self.entries.retain(|id, entry| {
            if !entry.can_be_cleared() {
                return true;
            }
            sum.replace(entry.tally, super::Tally::default());
            removed.push(*id);
            if !entry.is_over() {
                outputs.push_back(Output::Release(*id));
            }
            false
        });
    }
}
