//! What the portal's answers mean for the uploads that they are about.

use super::UploadQueue;
use super::portal::{AbortJob, Call};
use crate::presign::PresignedRequest;
use crate::problem::{Problem, ProblemKind};
use crate::units::PartNumber;
use crate::upload::error::{Trouble, UploadError};
use crate::upload::io::{CallId, Choice, ControlFailure, EntryId};
use crate::upload::multipart::Permit;
use crate::upload::state::{Aborting, End, State};
use crate::upload::view::Notice;
use crate::upload::wire::{AbortOutcome, CompleteOutcome};

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
pub(super) enum Refusal {
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
    pub(super) fn of(failure: ControlFailure) -> Self {
        let problem = match failure {
            ControlFailure::Unreachable => return Self::Failing(Failing::Unreachable),
            ControlFailure::SignInRequired => return Self::SignIn,
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
    pub(super) fn judge<T>(&mut self, result: Result<T, ControlFailure>) -> Result<T, Refusal> {
        let result = result.map_err(Refusal::of);
        match &result {
            Err(Refusal::Failing(Failing::Unreachable)) => {}
            Err(Refusal::SignIn) => self.sign_in_needed = true,
            _ => {
                self.portal_well_at = Some(self.now);
                self.portal.reset();
            }
        }
        result
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

    /// The file was looked at after its last part had arrived.
    pub(super) fn file_looked_at(&mut self, call: CallId, is_same: bool) {
        let Some(Call::Look { id }) = self.take_call(call, |call| matches!(call, Call::Look { .. })) else { return };
        let Some(State::Completing { parts, .. }) = self.entries.get_mut(&id).map(|entry| &mut entry.state) else {
            return;
        };
        if !parts.take_look(call, is_same) {
            return;
        }
        if is_same {
            self.go_on(id);
        } else {
            self.stop(id, UploadError::FileChanged);
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
                let counts = self.portal_is_well() && !self.offline;
                let too_long = counts && job.backoff.failing_ms() >= self.settings.give_up_after_ms;
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

    pub(super) fn take_call(&mut self, id: CallId, fits: impl Fn(&Call) -> bool) -> Option<Call> {
        if !self.calls.get(&id).is_some_and(fits) {
            return None;
        }
        self.calls.remove(&id)
    }
}
