//! What is known of one upload: a state whose variants own their data, and what outlives every state.

use super::error::{Trouble, UploadError};
use super::io::{CallId, Choice, EntryId, NewEntry, TransferId};
use super::multipart::{Multipart, Permit};
use super::retry::Backoff;
use super::view::{Notice, Phase, UploadView};
use super::wire::{MAX_CREATES, OnConflict, Ticket};
use crate::key::ObjectKey;
use crate::limits::MAX_OBJECT_SIZE;
use crate::listing::{ETag, ObjectMeta, UploadMark};
use crate::units::{ByteSize, UnixMillis};

/// Where an upload stands.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Waits for a create call: the first, or one more after the last leave ran out.
    Queued,
    /// A create call is under way.
    Creating(CallId),
    /// Travels in one PUT.
    Putting(Putting),
    /// Travels in parts.
    Sending(Box<Multipart>),
    /// S3 holds all parts; `call` while the portal is putting them together.
    Completing { parts: Box<Multipart>, call: Option<CallId> },
    /// The name is taken and nobody has decided yet. `kept`: all parts are stored already.
    Conflict { existing: ObjectMeta, kept: Option<Box<Multipart>> },
    /// Stopped. `kept`: what S3 holds, to go on with.
    Failed { error: UploadError, kept: Option<Box<Multipart>> },
    /// On its way to `Aborted`.
    Aborting(Aborting),
    /// The object is stored.
    Completed,
    /// Nothing is left of it.
    Aborted(End),
}

/// One PUT of a whole object.
#[derive(Clone, Debug)]
pub(super) enum Putting {
    Ready(Permit),
    InFlight(TransferId),
}

/// What an abort waits for.
#[derive(Clone, Debug)]
pub(super) enum Aborting {
    /// S3's answer to a PUT all of whose bytes have left: it stores them, whatever is ordered now.
    Putting(TransferId, End),
    /// Its turn to ask the portal whether an earlier request, whose answer is not known, was stored all the same.
    Asking(End),
    /// The answer to a create call, to know what to abort.
    Creating(CallId, End),
    /// The answer to a complete call: nothing can be aborted under it.
    Completing { call: CallId, ticket: Ticket, end: End },
    /// The abort call itself.
    Calling(End),
}

/// How an upload ended that did not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Cancelled { stored_anyway: bool },
    Skipped,
}

impl End {
    pub(super) const CANCELLED: Self = Self::Cancelled { stored_anyway: false };
    pub(super) const TOO_LATE: Self = Self::Cancelled { stored_anyway: true };
}

/// For how long, since the queue began, nobody got leave and S3 stored nothing, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FailedFor {
    pub(super) leave_ms: u64,
    pub(super) storage_ms: u64,
}

/// One upload.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) wish: NewEntry,
    /// As the portal answered it.
    pub(super) key: Option<ObjectKey>,
    pub(super) state: State,
    /// A person's wish, whatever the state.
    pub(super) paused: bool,
    pub(super) choice: Option<Choice>,
    /// What a choice to replace was about, where the person was shown it.
    pub(super) seen: Option<ETag>,
    /// What objects of this upload are known by: one for each time that the portal gave leave, since any of them may
    /// have been stored without an answer.
    pub(super) marks: Vec<UploadMark>,
    /// Something was sent under the present key that may have been stored: the next create call first asks whether it
    /// is there.
    pub(super) may_be_stored: bool,
    /// What the last create call asked for.
    pub(super) asked: OnConflict,
    /// What failed last, until the same way works again.
    pub(super) trouble: Option<Trouble>,
    pub(super) backoff: Backoff,
    /// Create calls for it in a row that were not answered while the portal was well.
    pub(super) unanswered: u32,
    /// Where the queue's clocks of failure stood when its own time began.
    pub(super) failed_before: FailedFor,
    /// When it was put aside to wait, and so stands in the queue's list of those who wait.
    pub(super) waits_until: Option<UnixMillis>,
    /// Failures of transfers older than this one are part of a failure that has been counted.
    pub(super) counted_before: TransferId,
    pub(super) renewals: u8,
    pub(super) restarts: u8,
    /// PUTs in a row that S3 refused for the name, though the portal saw nothing under it.
    pub(super) unseen_refusals: u8,
    /// Bytes of transfers in flight that have left.
    pub(super) flying_bytes: u64,
    /// Stands in the round of those that may send.
    pub(super) in_ring: bool,
    /// Stands in the line of those that wait to be created.
    pub(super) in_line: bool,
    pub(super) notice: Option<Notice>,
    pub(super) tally: Tally,
}

impl Entry {
    pub(super) fn new(wish: NewEntry, failed_for: FailedFor) -> Self {
        Self {
            choice: wish.choice,
            seen: None,
            wish,
            key: None,
            state: State::Queued,
            paused: false,
            marks: Vec::new(),
            may_be_stored: false,
            asked: OnConflict::Refuse,
            trouble: None,
            backoff: Backoff::default(),
            unanswered: 0,
            failed_before: failed_for,
            waits_until: None,
            counted_before: TransferId(0),
            renewals: 0,
            restarts: 0,
            unseen_refusals: 0,
            flying_bytes: 0,
            in_ring: false,
            in_line: false,
            notice: None,
            tally: Tally::default(),
        }
    }

    pub(super) fn id(&self) -> EntryId {
        self.wish.id
    }

    pub(super) fn is_over(&self) -> bool {
        self.phase(None).is_over()
    }

    /// Whether it may go on by itself: a person let it, and it does not wait after a failure.
    pub(super) fn may_go_on(&self) -> bool {
        !self.paused && self.waits_until.is_none()
    }

    /// S3 stored something of it. Answers of the portal do not count here: else an upload whose bytes never arrive
    /// would go on for ever, since its permissions are renewed each time.
    pub(super) fn succeed(&mut self, failed_for: FailedFor) {
        self.forget_failures(failed_for);
        self.renewals = 0;
    }

    /// The portal answered: what it failed before is over. Trouble with S3 stays until S3 stores something.
    pub(super) fn portal_works(&mut self) {
        self.trouble.take_if(|trouble| matches!(trouble, Trouble::PortalUnreachable | Trouble::PortalFailed(_)));
    }

    /// It has no leave, or none any more, and asks for it from now on.
    pub(super) fn asks_for_leave(&mut self, failed_for: FailedFor) {
        self.state = State::Queued;
        self.failed_before.leave_ms = failed_for.leave_ms;
    }

    /// Whether this very upload stored that object, its answer having been lost.
    pub(super) fn made(&self, object: &ObjectMeta) -> bool {
        object.mark.as_ref().is_some_and(|mark| self.marks.contains(mark))
    }

    /// Which name to ask leave for, and what to do where it is taken.
    pub(super) fn ask(&self) -> (String, OnConflict) {
        if let (true, Some(key)) = (self.may_be_stored, &self.key) {
            return (key.as_str().to_owned(), OnConflict::Refuse);
        }
        let on_conflict = match self.choice {
            None | Some(Choice::Skip) => OnConflict::Refuse,
            Some(Choice::Replace) => OnConflict::Replace { seen: self.seen.clone() },
            Some(Choice::KeepBoth) => OnConflict::KeepBoth,
        };
        (self.wish.key.clone(), on_conflict)
    }

    /// With how many others at most leave is asked for it, itself among them.
    pub(super) fn most_together(&self) -> usize {
        MAX_CREATES.checked_shr(self.unanswered).unwrap_or(0).max(1)
    }

    /// Waits for no failure any more: circumstances changed, so what failed before says nothing.
    pub(super) fn forget_failures(&mut self, failed_for: FailedFor) {
        self.trouble = None;
        self.backoff.reset();
        self.unanswered = 0;
        self.failed_before = failed_for;
    }

    pub(super) fn can_be_cleared(&self) -> bool {
        self.phase(None).can_be_cleared()
    }

    pub(super) fn sent_bytes(&self) -> u64 {
        let size = self.wish.size_bytes.0;
        match &self.state {
            State::Completed => size,
            State::Putting(_) => self.flying_bytes.min(size),
            State::Sending(parts)
            | State::Completing { parts, .. }
            | State::Conflict { kept: Some(parts), .. }
            | State::Failed { kept: Some(parts), .. } => (parts.stored_bytes() + self.flying_bytes).min(size),
            _ => 0,
        }
    }

    /// `storage_until`: no transfer begins before, whichever upload it is of.
    fn phase(&self, storage_until: Option<UnixMillis>) -> Phase {
        let stopped = matches!(
            self.state,
            State::Completed | State::Aborted(_) | State::Aborting(_) | State::Conflict { .. } | State::Failed { .. }
        );
        if self.paused && !stopped {
            return Phase::Paused;
        }
        if let (false, Some(trouble)) = (stopped, &self.trouble) {
            let sends = matches!(self.state, State::Putting(Putting::Ready(_)) | State::Sending(_));
            let at = self.waits_until.max(storage_until.filter(|_| sends)).unwrap_or_default();
            let attempt = self.backoff.failures().saturating_add(1);
            return Phase::Retrying { at, attempt, trouble: trouble.clone() };
        }
        match &self.state {
            State::Queued => Phase::Queued,
            State::Creating(_) => Phase::Preparing,
            State::Putting(_) | State::Sending(_) => Phase::Sending,
            State::Completing { .. } => Phase::Completing,
            State::Conflict { existing, kept } => {
                Phase::Conflict { existing: existing.clone(), all_sent: kept.is_some() }
            }
            State::Failed { error, kept } => {
                Phase::Failed { error: error.clone(), can_retry: error.can_retry(), kept: kept.is_some() }
            }
            State::Aborting(_) => Phase::Cancelling,
            State::Completed => Phase::Completed,
            State::Aborted(End::Cancelled { stored_anyway }) => Phase::Cancelled { stored_anyway: *stored_anyway },
            State::Aborted(End::Skipped) => Phase::Skipped,
        }
    }

    pub(super) fn view(&self, storage_until: Option<UnixMillis>) -> UploadView {
        UploadView {
            id: self.wish.id,
            bucket: self.wish.bucket.clone(),
            key: self.key.as_ref().map_or_else(|| self.wish.key.clone(), |key| key.as_str().to_owned()),
            wished_key: self.wish.key.clone(),
            size_bytes: self.wish.size_bytes,
            sent_bytes: ByteSize(self.sent_bytes()),
            phase: self.phase(storage_until),
            notice: self.notice,
        }
    }
}

/// What one upload adds to the queue's totals, so that they need no walk over all uploads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) uploads: u64,
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) resumable: u64,
    pub(super) conflicts: u64,
    pub(super) paused: u64,
    pub(super) active: u64,
    pub(super) aborting: u64,
    pub(super) size_bytes: u64,
    pub(super) sent_bytes: u64,
    /// Bytes that are still to be sent without anybody doing anything.
    pub(super) todo_bytes: u64,
    /// Has leave to send and is not held.
    pub(super) open: u64,
    pub(super) open_bytes: u64,
    /// Of these, in parts.
    pub(super) multiparts: u64,
}

impl Tally {
    pub(super) fn of(entry: &Entry) -> Self {
        match entry.state {
            State::Aborting(_) => return Self { aborting: 1, ..Self::default() },
            State::Aborted(_) => return Self::default(),
            _ => {}
        }
        let one = u64::from;
        // A size that no S3 can hold is told as a failure; adding it up would only make the totals senseless.
        let size = if entry.wish.size_bytes > MAX_OBJECT_SIZE { 0 } else { entry.wish.size_bytes.0 };
        let sent = entry.sent_bytes();
        let completed = matches!(entry.state, State::Completed);
        let failed = matches!(entry.state, State::Failed { .. });
        let conflict = matches!(entry.state, State::Conflict { .. });
        let paused = entry.paused && !(completed || failed || conflict);
        let active = !(completed || failed || conflict || paused);
        let open = active && matches!(entry.state, State::Putting(_) | State::Sending(_));
        Self {
            uploads: 1,
            completed: one(completed),
            failed: one(failed),
            resumable: one(matches!(&entry.state, State::Failed { error, kept: Some(_) } if error.can_retry())),
            conflicts: one(conflict),
            paused: one(paused),
            active: one(active),
            aborting: 0,
            size_bytes: size,
            sent_bytes: sent,
            todo_bytes: if active { size - sent } else { 0 },
            open: one(open),
            open_bytes: if open { size - sent } else { 0 },
            multiparts: one(active && matches!(entry.state, State::Sending(_))),
        }
    }

    fn fields(&mut self) -> [&mut u64; 14] {
        [
            &mut self.uploads,
            &mut self.completed,
            &mut self.failed,
            &mut self.resumable,
            &mut self.conflicts,
            &mut self.paused,
            &mut self.active,
            &mut self.aborting,
            &mut self.size_bytes,
            &mut self.sent_bytes,
            &mut self.todo_bytes,
            &mut self.open,
            &mut self.open_bytes,
            &mut self.multiparts,
        ]
    }

    /// Replaces what an entry added by what it adds now.
    pub(super) fn replace(&mut self, mut old: Self, mut new: Self) {
        for ((sum, old), new) in self.fields().into_iter().zip(old.fields()).zip(new.fields()) {
            *sum = *sum - *old + *new;
        }
    }
}
