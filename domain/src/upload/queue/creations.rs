//! What the portal's answers to create calls mean: leave, a taken name, or a failure that many uploads share.

use super::UploadQueue;
use super::answers::{Failing, Refusal};
use super::portal::Call;
use crate::listing::ObjectMeta;
use crate::upload::error::UploadError;
use crate::upload::io::{CallId, Choice, ControlFailure, EntryId};
use crate::upload::multipart::{Multipart, Permit};
use crate::upload::plan::PartLayout;
use crate::upload::state::{Aborting, End, Entry, Putting, State};
use crate::upload::wire::{CreateOutcome, CreatedUpload, OnConflict, Transfer};

impl UploadQueue {
    pub(super) fn created(&mut self, call: CallId, result: Result<Vec<CreateOutcome>, ControlFailure>) {
        let Some(Call::Create { ids }) = self.take_call(call, |call| matches!(call, Call::Create { .. })) else {
            return;
        };
        match self.judge(result) {
            Ok(outcomes) if outcomes.len() == ids.len() => {
                let asked = outcomes.len();
                self.divide(&ids, false);
                let created = ids.into_iter().zip(outcomes);
                let failing: Vec<_> =
                    created.filter_map(|(id, outcome)| Some((id, self.created_one(call, id, outcome)?))).collect();
                self.creates_failed(&failing, failing.len() == asked);
            }
            Ok(_) => {
                for id in ids {
                    if let Some(end) = self.cancelled_meanwhile(call, id) {
                        self.finish(id, end);
                    } else if self.is_creating(call, id) {
                        self.stop(id, UploadError::AnswerDoesNotFit);
                    }
                }
            }
            Err(refusal) => {
                let failing: Vec<_> = ids
                    .iter()
                    .rev()
                    .filter_map(|id| Some((*id, self.create_refused(call, *id, refusal.clone())?)))
                    .collect();
                self.divide(&ids, matches!(refusal, Refusal::Failing(Failing::Unreachable)));
                self.creates_failed(&failing, true);
            }
        }
    }

    /// Uploads that the portal may give leave later wait together, so that they are asked for together again. Where a
    /// call came to nothing at all, so would the next one: it waits too.
    fn creates_failed(&mut self, failing: &[(EntryId, Failing)], all: bool) {
        if failing.is_empty() {
            return self.creates.reset();
        }
        let mut not_before = self.now;
        if all {
            not_before = self.creates.fail(self.now, &mut self.dice);
        } else {
            self.creates.reset();
        }
        self.wait_for_portal(failing, not_before);
        if self.creates.failing_ms() >= self.settings.give_up_after_ms && self.portal_is_well() && !self.offline {
            self.give_up_creating(&failing[0].1);
        }
    }

    /// Nobody got leave for so long that those who waited for it all the while need not try one by one.
    fn give_up_creating(&mut self, failing: &Failing) {
        let error = failing.giving_up(self.settings.give_up_after_ms / 60_000);
        let waits = |entry: &Entry| matches!(entry.state, State::Queued);
        let now_ms = self.creates.failed_ms_in_all();
        if !self.stop_all(&error, waits, |entry| now_ms - entry.failed_before.leave_ms) {
            self.creates.reset();
        }
    }

    /// Where a call of several uploads was not answered, one name in it may be the reason, such as one that a gateway
    /// refuses. They are asked for by half as many the next time: in the end it is asked for alone, and stops alone.
    fn divide(&mut self, ids: &[EntryId], unanswered: bool) {
        for id in ids {
            if let Some(entry) = self.entries.get_mut(id) {
                entry.unanswered = if unanswered { entry.unanswered.saturating_add(1) } else { 0 };
            }
        }
    }

    /// Whether this upload waits for that answer.
    fn is_creating(&self, call: CallId, id: EntryId) -> bool {
        let state = self.entries.get(&id).map(|entry| &entry.state);
        matches!(state, Some(State::Creating(waited_for)) if *waited_for == call)
    }

    /// How an upload is to end that waits for that answer and was cancelled.
    fn cancelled_meanwhile(&self, call: CallId, id: EntryId) -> Option<End> {
        match &self.entries.get(&id)?.state {
            State::Aborting(Aborting::Creating(waited_for, end)) if *waited_for == call => Some(*end),
            _ => None,
        }
    }

    /// Answers the failure where it may pass.
    fn create_refused(&mut self, call: CallId, id: EntryId, refusal: Refusal) -> Option<Failing> {
        if let Some(end) = self.cancelled_meanwhile(call, id) {
            return self.is_not_told(id, end, refusal);
        }
        if !self.is_creating(call, id) {
            return None;
        }
        let entry = self.entry(id)?;
        entry.state = State::Queued;
        match refusal {
            Refusal::Failing(failing) => return Some(failing),
            Refusal::SignIn => self.create_again(id),
            Refusal::Gone => self.start_over(id, None),
            // Two uploads of one call under one name: the other goes first, and then the person is asked about it.
            Refusal::Raced(_) if entry.asked != OnConflict::KeepBoth && entry.restarts == 0 => {
                self.start_over(id, None)
            }
            Refusal::Raced(problem) => self.stop(id, UploadError::Refused(problem)),
            Refusal::Final(error) => self.stop(id, error),
        }
        None
    }

    /// Whether something of a cancelled upload was stored is not known yet: it is asked again where that may help.
    fn is_not_told(&mut self, id: EntryId, end: End, refusal: Refusal) -> Option<Failing> {
        let entry = self.entry(id)?;
        match refusal {
            Refusal::Failing(failing) if entry.may_be_stored => {
                entry.state = State::Aborting(Aborting::Asking(end));
                return Some(failing);
            }
            Refusal::SignIn => self.ask_what_became(id, end),
            _ => self.finish(id, end),
        }
        None
    }

    /// Answers the failure where it may pass.
    fn created_one(&mut self, call: CallId, id: EntryId, outcome: CreateOutcome) -> Option<Failing> {
        let cancelled = self.cancelled_meanwhile(call, id);
        if cancelled.is_none() && !self.is_creating(call, id) {
            return None;
        }
        match (outcome, cancelled) {
            (CreateOutcome::Refused(problem), _) => {
                return self.create_refused(call, id, Refusal::of(ControlFailure::Problem(problem)));
            }
            (CreateOutcome::Created(created), None) => self.begun(id, created),
            (CreateOutcome::Created(CreatedUpload { transfer, .. }), Some(end)) => match transfer {
                Transfer::Multipart { ticket, .. } => self.abort(id, ticket, end),
                Transfer::Put { .. } => self.finish(id, end),
            },
            (CreateOutcome::Exists(existing), None) => self.name_is_taken(id, existing),
            (CreateOutcome::Exists(existing), Some(end)) => {
                let is_ours = self.entries.get(&id).is_some_and(|entry| entry.made(&existing));
                self.finish(id, if is_ours { End::TOO_LATE } else { end });
            }
        }
        None
    }

    /// The portal gave leave.
    fn begun(&mut self, id: EntryId, created: CreatedUpload) {
        let (now, portal_now) = (self.now, self.portal_now());
        let Some(entry) = self.entry(id) else { return };
        entry.portal_works();
        entry.key = Some(created.key);
        entry.marks.push(created.mark);
        match created.transfer {
            Transfer::Put { request } => {
                entry.state = State::Putting(Putting::Ready(Permit::new(request, now, portal_now)));
                self.go_on(id);
            }
            Transfer::Multipart { ticket, part_size_bytes, url_ttl_s } => {
                match PartLayout::new(entry.wish.size_bytes, part_size_bytes) {
                    Ok(layout) => {
                        entry.state = State::Sending(Box::new(Multipart::new(ticket, layout, url_ttl_s)));
                        self.go_on(id);
                    }
                    Err(_) => {
                        self.line_up_abort(ticket, None);
                        self.stop(id, UploadError::AnswerDoesNotFit);
                    }
                }
            }
        }
    }

    /// Something has the name that was to be created.
    fn name_is_taken(&mut self, id: EntryId, existing: ObjectMeta) {
        let Some(entry) = self.entry(id) else { return };
        if entry.made(&existing) {
            return self.complete(id);
        }
        entry.portal_works();
        entry.may_be_stored = false;
        entry.unseen_refusals = 0;
        match (entry.choice, &entry.asked) {
            (Some(Choice::Skip), _) => self.finish(id, End::Skipped),
            // Decided while the question was on its way.
            (Some(Choice::Replace | Choice::KeepBoth), OnConflict::Refuse) => self.create_again(id),
            _ => {
                entry.choice = None;
                entry.trouble = None;
                entry.state = State::Conflict { existing, kept: None };
            }
        }
    }
}
