//! What the portal's answers mean for the uploads that they are about.

use super::UploadQueue;
use super::portal::{AbortJob, Call};
use crate::listing::ObjectMeta;
use crate::presign::PresignedRequest;
use crate::problem::{Problem, ProblemKind};
use crate::units::PartNumber;
use crate::upload::error::{Trouble, UploadError};
use crate::upload::io::{CallId, Choice, ControlFailure, EntryId};
use crate::upload::multipart::{Multipart, Permit};
use crate::upload::plan::PartLayout;
use crate::upload::state::{Aborting, End, Entry, Putting, State};
use crate::upload::view::Notice;
use crate::upload::wire::{AbortOutcome, CompleteOutcome, CreateOutcome, CreatedUpload, OnConflict, Transfer};

/// How often parts may be missing at the end before an upload stops: 5.
const MAX_MISSING_ROUNDS: u8 = 5;

/// How often the portal may answer that it could not discard an upload: 5. What is left then, the bucket's own rule for
/// unfinished uploads removes.
const MAX_ABORT_PROBLEMS: u32 = 5;

/// A failure that may pass.
#[derive(Clone)]
pub(super) enum Failing {
    Unreachable,
    Problem(Problem),
}

impl Failing {
    pub(super) fn trouble(&self) -> Trouble {
        match self {
            Self::Unreachable => Trouble::PortalUnreachable,
            Self::Problem(problem) => Trouble::PortalFailed(problem.clone()),
        }
    }

    pub(super) fn giving_up(&self, minutes: u64) -> UploadError {
        UploadError::GaveUp { trouble: self.trouble(), minutes }
    }
}

/// What a failed call comes to.
#[derive(Clone)]
enum Refusal {
    /// May pass.
    Failing(Failing),
    /// Waits until somebody signed in.
    SignIn,
    /// Neither the ticket nor what it stands for is known any more.
    Gone,
    /// The name is taken in a way that the portal cannot tell more of than in words.
    Raced(Problem),
    /// Nothing more to try.
    Final(UploadError),
}

impl Refusal {
    fn of(failure: ControlFailure) -> Self {
        let problem = match failure {
            ControlFailure::Unreachable => return Self::Failing(Failing::Unreachable),
            ControlFailure::SignInRequired => return Self::SignIn,
            ControlFailure::FileChanged => return Self::Final(UploadError::FileChanged),
            ControlFailure::DoesNotFit => return Self::Final(UploadError::AnswerDoesNotFit),
            ControlFailure::Problem(problem) => problem,
        };
        match problem.kind {
            ProblemKind::SignInRequired => Self::SignIn,
            ProblemKind::UploadNotFound | ProblemKind::Expired => Self::Gone,
            ProblemKind::Conflict => Self::Raced(problem),
            // Parts are missing but not named: asking again names them or finds them.
            ProblemKind::Busy
            | ProblemKind::StorageUnavailable
            | ProblemKind::Internal
            | ProblemKind::IncompleteUpload => Self::Failing(Failing::Problem(problem)),
            ProblemKind::InvalidRequest | ProblemKind::Forbidden | ProblemKind::NotFound => {
                Self::Final(UploadError::Refused(problem))
            }
        }
    }
}

impl UploadQueue {
    /// What a call came to, with what it says about the portal noted.
    fn judge<T>(&mut self, result: Result<T, ControlFailure>) -> Result<T, Refusal> {
        let result = result.map_err(Refusal::of);
        match &result {
            Err(Refusal::Failing(Failing::Unreachable) | Refusal::Final(UploadError::FileChanged)) => {}
            Err(Refusal::SignIn) => self.sign_in_needed = true,
            _ => {
                self.portal_well_at = Some(self.now);
                self.portal.reset();
            }
        }
        result
    }

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
        if self.creates.failing_ms() >= self.settings.give_up_after_ms && self.portal_is_well() {
            self.give_up_creating(&failing[0].1);
        }
    }

    /// Nobody got leave for so long that those who wait for it need not try one by one.
    fn give_up_creating(&mut self, failing: &Failing) {
        self.creates.reset();
        let error = failing.giving_up(self.settings.give_up_after_ms / 60_000);
        let waits = |entry: &Entry| !entry.paused && matches!(entry.state, State::Queued);
        let ids: Vec<EntryId> = self.entries.values().filter(|entry| waits(entry)).map(Entry::id).collect();
        for id in ids {
            self.stop(id, error.clone());
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

    pub(super) fn presigned(&mut self, call: CallId, result: Result<Vec<PresignedRequest>, ControlFailure>) {
        let Some(Call::Presign { id, parts }) = self.take_call(call, |call| matches!(call, Call::Presign { .. }))
        else {
            return;
        };
        let result = self.judge(result);
        let (now, portal_now) = (self.now, self.portal_now());
        let Some(entry) = self.entry(id) else { return };
        if result.is_ok() {
            entry.portal_works();
        }
        let State::Sending(multipart) = &mut entry.state else { return };
        if !multipart.take_presigning(call) {
            return;
        }
        match result {
            Ok(requests) if requests.len() == parts.len() => {
                let permits = requests.into_iter().map(|request| Permit::new(request, now, portal_now)).collect();
                multipart.permitted(&parts, permits);
                self.presigns.reset();
                self.go_on(id);
            }
            Ok(_) => self.stop(id, UploadError::AnswerDoesNotFit),
            // Those at hand are sent meanwhile; then it is asked again.
            Err(Refusal::Failing(failing)) if multipart.has_permits() => {
                if matches!(failing, Failing::Unreachable) {
                    self.portal_failed();
                }
                self.presigns.fail(now, &mut self.dice);
                self.to_presign.push_back(id);
            }
            Err(Refusal::Failing(failing)) => self.wait_for_portal(&[(id, failing)], now),
            Err(Refusal::SignIn) => self.to_presign.push_back(id),
            Err(Refusal::Gone) => self.start_over(id, Some(Notice::StartedOver)),
            Err(Refusal::Raced(problem)) => self.stop(id, UploadError::Refused(problem)),
            Err(Refusal::Final(error)) => self.stop(id, error),
        }
    }

    pub(super) fn completed(&mut self, call: CallId, result: Result<CompleteOutcome, ControlFailure>) {
        let Some(Call::Complete { id }) = self.take_call(call, |call| matches!(call, Call::Complete { .. })) else {
            return;
        };
        let result = self.judge(result);
        let Some(entry) = self.entry(id) else { return };
        if let State::Aborting(Aborting::Completing { call: waited_for, ticket, end }) = &entry.state {
            if *waited_for != call {
                return;
            }
            let (ticket, end) = (ticket.clone(), *end);
            return match result {
                Ok(CompleteOutcome::Stored { .. }) => self.finish(id, End::TOO_LATE),
                _ => self.abort(id, ticket, end),
            };
        }
        let State::Completing { call: waited_for, .. } = &mut entry.state else { return };
        if waited_for.take_if(|waited_for| *waited_for == call).is_none() {
            return;
        }
        match result {
            Ok(CompleteOutcome::Stored { .. }) => self.complete(id),
            Ok(CompleteOutcome::Missing(missing)) => self.send_missing(id, &missing),
            Ok(CompleteOutcome::Exists(existing)) => {
                entry.may_be_stored = false;
                let State::Completing { parts, .. } = std::mem::replace(&mut entry.state, State::Queued) else {
                    return;
                };
                entry.choice = entry.choice.filter(|choice| *choice == Choice::Skip);
                entry.trouble = None;
                entry.state = State::Conflict { existing, kept: Some(parts) };
                if entry.choice.is_some() {
                    self.decide(id, Choice::Skip);
                }
            }
            Err(Refusal::Failing(failing)) => self.wait_for_portal(&[(id, failing)], self.now),
            Err(Refusal::SignIn) => self.to_complete.push_back(id),
            Err(Refusal::Gone) => self.start_over(id, Some(Notice::StartedOver)),
            Err(Refusal::Raced(problem)) => self.stop(id, UploadError::Refused(problem)),
            Err(Refusal::Final(error)) => self.stop(id, error),
        }
    }

    /// S3 does not hold these parts: they go again, a limited number of times.
    fn send_missing(&mut self, id: EntryId, missing: &[PartNumber]) {
        let Some(entry) = self.entry(id) else { return };
        let State::Completing { mut parts, .. } = std::mem::replace(&mut entry.state, State::Queued) else { return };
        entry.portal_works();
        parts.missing_rounds += 1;
        let (any, rounds) = (parts.missing(missing), parts.missing_rounds);
        entry.state = State::Sending(parts);
        if !any {
            self.stop(id, UploadError::AnswerDoesNotFit);
        } else if rounds > MAX_MISSING_ROUNDS {
            self.stop(id, UploadError::PartsKeepMissing);
        } else {
            self.go_on(id);
        }
    }

    pub(super) fn aborted(&mut self, call: CallId, result: Result<AbortOutcome, ControlFailure>) {
        let Some(Call::Abort(mut job)) = self.take_call(call, |call| matches!(call, Call::Abort(_))) else { return };
        let result = self.judge(result);
        let came_too_late = matches!(result, Ok(AbortOutcome::Stored));
        match result {
            Err(Refusal::SignIn) => return self.to_abort.push_front(job),
            Err(Refusal::Failing(failing)) => {
                match failing {
                    Failing::Unreachable => drop(self.portal_failed()),
                    Failing::Problem(_) => job.problems += 1,
                }
                if !self.offline {
                    job.backoff.fail(self.now, &mut self.dice);
                }
                let too_long = job.backoff.failing_ms() >= self.settings.give_up_after_ms && self.portal_is_well();
                if job.problems < MAX_ABORT_PROBLEMS && !too_long {
                    return self.to_abort.push_back(job);
                }
            }
            _ => {}
        }
        let AbortJob { entry: Some(id), .. } = job else { return };
        if let Some(entry) = self.entry(id)
            && let State::Aborting(Aborting::Calling(end)) = &entry.state
        {
            let end = if came_too_late { End::TOO_LATE } else { *end };
            self.finish(id, end);
        }
    }

    pub(super) fn portal_checked(&mut self, call: CallId, well: bool) {
        if self.take_call(call, |call| matches!(call, Call::Check)).is_none() {
            return;
        }
        if well {
            self.portal_well_at = Some(self.now);
            // What it did not answer waits by itself; nothing else has to wait with it.
            self.portal.reset();
            return;
        }
        self.portal_well_at = None;
        self.storage.forgive();
        self.creates.forgive();
        self.to_abort.iter_mut().for_each(|job| job.backoff.forgive());
        for (_, id) in self.waiting.clone() {
            if let Some(entry) = self.entry(id) {
                entry.backoff.forgive();
                entry.unanswered = 0;
            }
        }
    }

    fn take_call(&mut self, id: CallId, fits: impl Fn(&Call) -> bool) -> Option<Call> {
        if !self.calls.get(&id).is_some_and(fits) {
            return None;
        }
        self.calls.remove(&id)
    }
}
