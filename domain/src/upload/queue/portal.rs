//! The lane to the portal: which calls are made.

use super::UploadQueue;
use super::answers::Failing;
use crate::units::{PartNumber, UnixMillis};
use crate::upload::io::{CallId, EntryId, Output};
use crate::upload::retry::Backoff;
use crate::upload::state::{Aborting, State};
use crate::upload::wire::{CompleteUpload, CreateUploads, MAX_CREATES, NewUpload, OfTicket, PresignParts, Ticket};

/// Uploads with leave to send that are always wanted, however large: 16, one for each place on HTTP/2.
const MIN_OPEN: u64 = 16;

/// The next create call is made when at most so many are left, 50, so that it is answered before they are sent.
const REFILL_OPEN: u64 = 50;

/// No further uploads are opened beyond so many bytes, 512 MiB; refilled at half. What is opened costs: the URL of a
/// single PUT ends, and parts of an upload that nobody finishes are stored and paid for.
const MAX_OPEN_BYTES: u64 = 512 * 1024 * 1024;

/// Longest rest that the portal is granted, 5 min: longer is more likely a mistake than a wish.
const MAX_REST_MS: u64 = 300_000;

/// A call on its way.
#[derive(Clone, Debug)]
pub(super) enum Call {
    Create {
        ids: Vec<EntryId>,
    },
    Presign {
        id: EntryId,
        parts: Vec<PartNumber>,
    },
    Complete {
        id: EntryId,
    },
    Abort(AbortJob),
    Check,
    /// Not to the portal, and so in no lane: the file is looked at.
    Look {
        id: EntryId,
    },
}

impl Call {
    /// Whether bytes wait for it.
    fn gives_leave(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::Presign { .. })
    }

    /// Whether it ends an upload: S3 may take minutes to complete one.
    fn ends(&self) -> bool {
        matches!(self, Self::Complete { .. } | Self::Abort(_))
    }
}

/// A multipart upload to be discarded.
#[derive(Clone, Debug)]
pub(super) struct AbortJob {
    pub(super) ticket: Ticket,
    /// Who waits for it; `None` where the upload goes on without.
    pub(super) entry: Option<EntryId>,
    pub(super) backoff: Backoff,
    /// How often the portal answered that it could not.
    pub(super) problems: u32,
}

impl UploadQueue {
    pub(super) fn has_calls_to_make(&self) -> bool {
        !(self.to_presign.is_empty()
            && self.to_complete.is_empty()
            && self.to_create.is_empty()
            && self.to_abort.is_empty())
    }

    pub(super) fn line_up_abort(&mut self, ticket: Ticket, entry: Option<EntryId>) {
        self.to_abort.push_back(AbortJob { ticket, entry, backoff: Backoff::default(), problems: 0 });
    }

    /// Makes calls while lanes are free: one for what keeps bytes moving, and one for what ends uploads, so that bytes
    /// do not wait for S3 to put objects together.
    pub(super) fn make_calls(&mut self) {
        if self.offline {
            return;
        }
        if self.portal_check_due && !self.calls.values().any(|call| matches!(call, Call::Check)) {
            self.portal_check_due = false;
            let call = self.begin(Call::Check);
            self.outputs.push_back(Output::CheckPortal(call));
        }
        if self.sign_in_needed || self.calls_blocked_until().is_some() {
            return;
        }
        let most = self.settings.max_calls;
        while self.under_way(Call::gives_leave) < most && (self.presign_next() || self.create_next()) {}
        while self.under_way(Call::ends) < most && (self.complete_next() || self.abort_next()) {}
    }

    /// The portal asks not to be called for so long.
    pub(super) fn rest(&mut self, wait_ms: u64) {
        let until = self.now.plus_ms(wait_ms.min(MAX_REST_MS));
        self.portal_rests_until = self.portal_rests_until.max(until);
    }

    /// Until when the portal is not called, where that still lies ahead.
    pub(super) fn calls_blocked_until(&self) -> Option<UnixMillis> {
        let rests_until = Some(self.portal_rests_until).filter(|until| *until > self.now);
        self.portal.blocked_until(self.now).max(rests_until)
    }

    fn under_way(&self, lane: fn(&Call) -> bool) -> usize {
        self.calls.values().filter(|call| lane(call)).count()
    }

    /// Asks for a look at the file, whose answer the completion waits for.
    pub(super) fn look_at_file(&mut self, id: EntryId) {
        let call = CallId(self.next_call);
        let Some(State::Completing { parts, .. }) = self.entries.get_mut(&id).map(|entry| &mut entry.state) else {
            return;
        };
        parts.looking(call);
        let call = self.begin(Call::Look { id });
        self.outputs.push_back(Output::LookAtFile(call, id));
    }

    fn begin(&mut self, call: Call) -> CallId {
        let id = CallId(self.next_call);
        self.next_call += 1;
        self.calls.insert(id, call);
        id
    }

    fn presign_next(&mut self) -> bool {
        if self.presigns.blocked_until(self.now).is_some() {
            return false;
        }
        let share = self.rate_per_multipart();
        let call = CallId(self.next_call);
        while let Some(id) = self.to_presign.pop_front() {
            let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.may_go_on()) else { continue };
            let State::Sending(multipart) = &mut entry.state else { continue };
            if !multipart.wants_permits(share) {
                continue;
            }
            let parts = multipart.unpermitted(share);
            multipart.presigning(call);
            let body = PresignParts { ticket: multipart.ticket.clone(), parts: parts.clone() };
            let call = self.begin(Call::Presign { id, parts });
            self.outputs.push_back(Output::Presign(call, body));
            return true;
        }
        false
    }

    fn complete_next(&mut self) -> bool {
        let next_call = CallId(self.next_call);
        while let Some(id) = self.to_complete.pop_front() {
            let Some(entry) = self.entry(id).filter(|entry| entry.may_go_on()) else { continue };
            let State::Completing { parts, call: call @ None } = &mut entry.state else { continue };
            // It may have lined up before a part was put again.
            if !parts.is_sealed() {
                continue;
            }
            *call = Some(next_call);
            let body = CompleteUpload { ticket: parts.ticket.clone(), replace: parts.replace.clone() };
            entry.may_be_stored = true;
            let call = self.begin(Call::Complete { id });
            self.outputs.push_back(Output::Complete(call, body));
            return true;
        }
        false
    }

    /// One create call at a time, for as many uploads as are worth opening.
    fn create_next(&mut self) -> bool {
        self.settle();
        if self.creates.blocked_until(self.now).is_some() {
            return false;
        }
        let wanted = self.sum.open < MIN_OPEN
            || (self.sum.open <= REFILL_OPEN && self.sum.open_bytes < MAX_OPEN_BYTES / 2)
            || self.to_create.front().is_some_and(|id| self.is_asking(*id));
        if !wanted || self.calls.values().any(|call| matches!(call, Call::Create { .. })) {
            return false;
        }
        let call = CallId(self.next_call);
        let (mut open, mut open_bytes) = (self.sum.open, self.sum.open_bytes);
        let mut bucket = None;
        let (mut ids, mut uploads) = (Vec::new(), Vec::new());
        let mut most = MAX_CREATES;
        while uploads.len() < most && (open < MIN_OPEN || open_bytes < MAX_OPEN_BYTES || uploads.is_empty()) {
            let Some(id) = self.to_create.pop_front() else { break };
            let Some(entry) = self.entry(id) else { continue };
            entry.in_line = false;
            let creating = match &entry.state {
                State::Queued if entry.may_go_on() => State::Creating(call),
                State::Aborting(Aborting::Asking(end)) if entry.may_go_on() => {
                    State::Aborting(Aborting::Creating(call, *end))
                }
                _ => continue,
            };
            most = most.min(entry.most_together());
            let fits = uploads.len() < most;
            if *bucket.get_or_insert_with(|| entry.wish.bucket.clone()) != entry.wish.bucket || !fits {
                entry.in_line = true;
                self.to_create.push_front(id);
                break;
            }
            let (key, on_conflict) = entry.ask();
            entry.asked = on_conflict.clone();
            entry.state = creating;
            let (size_bytes, content_type) = (entry.wish.size_bytes, entry.wish.content_type.clone());
            uploads.push(NewUpload { key, size_bytes, content_type, on_conflict });
            ids.push(id);
            open += 1;
            open_bytes = open_bytes.saturating_add(size_bytes.0);
        }
        let Some(bucket) = bucket.filter(|_| !uploads.is_empty()) else { return false };
        let call = self.begin(Call::Create { ids });
        self.outputs.push_back(Output::Create(call, CreateUploads { bucket, uploads }));
        true
    }

    /// Whether it is cancelled and asks what became of it.
    pub(super) fn is_asking(&self, id: EntryId) -> bool {
        self.entries.get(&id).is_some_and(|entry| matches!(entry.state, State::Aborting(Aborting::Asking(_))))
    }

    fn abort_next(&mut self) -> bool {
        let now = self.now;
        let Some(job) = self.to_abort.pop_front_if(|job| job.backoff.blocked_until(now).is_none()) else {
            return false;
        };
        let body = OfTicket { ticket: job.ticket.clone() };
        let call = self.begin(Call::Abort(job));
        self.outputs.push_back(Output::Abort(call, body));
        true
    }

    /// The portal was not reached: nothing is called for a while, except to ask whether it is well. Answers until when.
    pub(super) fn portal_failed(&mut self) -> UnixMillis {
        self.portal_check_due = true;
        self.portal.fail(self.now, &mut self.dice)
    }

    /// Uploads whose call failed in a way that may pass wait together: as long as their own failures ask for, and until
    /// the portal is called again at all.
    pub(super) fn wait_for_portal(&mut self, failing: &[(EntryId, Failing)], not_before: UnixMillis) {
        let (now, is_well, offline) = (self.now, self.portal_is_well(), self.offline);
        let mut until = not_before.max(self.portal_rests_until);
        if failing.iter().any(|(_, failing)| matches!(failing, Failing::Unreachable)) {
            until = until.max(self.portal_failed());
        }
        let entries = failing.iter().filter_map(|(id, _)| self.entries.get(id));
        if let Some(entry) = entries.max_by_key(|entry| entry.backoff.failures()) {
            until = until.max(entry.backoff.clone().fail(now, &mut self.dice));
        }
        for (id, failing) in failing {
            let Some(entry) = self.entry(*id) else { continue };
            entry.trouble = Some(failing.trouble());
            entry.backoff.fail_until(now, until);
            let failing_ms = entry.backoff.failing_ms();
            self.put_aside(*id, until);
            // Not before the portal says that it is well: it would be the way to it that is gone.
            let counts = !offline && (is_well || matches!(failing, Failing::Problem(_)));
            if counts && failing_ms >= self.settings.give_up_after_ms {
                let minutes = self.settings.give_up_after_ms / 60_000;
                match self.entries.get(id).map(|entry| &entry.state) {
                    Some(State::Aborting(Aborting::Asking(end))) => self.finish(*id, *end),
                    _ => self.stop(*id, failing.giving_up(minutes)),
                }
            }
        }
    }
}
