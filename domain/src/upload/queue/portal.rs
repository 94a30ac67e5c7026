//! The lane to the portal: which calls are made.

use super::UploadQueue;
use super::answers::Failing;
use crate::units::{PartNumber, UnixMillis};
use crate::upload::io::{CallId, Choice, EntryId, Output};
use crate::upload::state::State;
use crate::upload::wire::{
    CompleteUpload, CreateUploads, MAX_CREATES, NewUpload, OfTicket, OnConflict, PresignParts, Ticket,
};

/// Uploads with leave to send that are always wanted, however large: 16, one for each place on HTTP/2.
const MIN_OPEN: u64 = 16;

/// The next create call is made when at most so many are left, 50, so that it is answered before they are sent.
const REFILL_OPEN: u64 = 50;

/// No further uploads are opened beyond so many bytes, 512 MiB; refilled at half. What is opened costs: the URL of a
/// single PUT ends, and parts of an upload that nobody finishes are stored and paid for.
const MAX_OPEN_BYTES: u64 = 512 * 1024 * 1024;

/// A call on its way.
#[derive(Clone, Debug)]
pub(super) enum Call {
    Create { ids: Vec<EntryId>, sent_at: UnixMillis },
    Presign { id: EntryId, parts: Vec<PartNumber> },
    Complete { id: EntryId },
    Abort(AbortJob),
    Check,
}

/// A multipart upload to be discarded.
#[derive(Clone, Debug)]
pub(super) struct AbortJob {
    pub(super) ticket: Ticket,
    /// Who waits for it; `None` where the upload goes on without.
    pub(super) entry: Option<EntryId>,
    pub(super) failures: u8,
}

impl UploadQueue {
    pub(super) fn has_calls_to_make(&self) -> bool {
        !(self.to_presign.is_empty()
            && self.to_complete.is_empty()
            && self.to_create.is_empty()
            && self.to_abort.is_empty())
    }

    pub(super) fn line_up_abort(&mut self, ticket: Ticket, entry: Option<EntryId>) {
        self.to_abort.push_back(AbortJob { ticket, entry, failures: 0 });
    }

    /// Makes calls while lanes are free: what keeps bytes moving first.
    pub(super) fn make_calls(&mut self) {
        if self.offline {
            return;
        }
        if self.portal_check_due && !self.calls.values().any(|call| matches!(call, Call::Check)) {
            self.portal_check_due = false;
            let call = self.begin(Call::Check);
            self.outputs.push_back(Output::CheckPortal(call));
        }
        if self.sign_in_needed || self.portal.blocked_until(self.now).is_some() {
            return;
        }
        while self.calls.len() < self.settings.max_calls
            && (self.presign_next() || self.complete_next() || self.create_next() || self.abort_next())
        {}
    }

    fn begin(&mut self, call: Call) -> CallId {
        let id = CallId(self.next_call);
        self.next_call += 1;
        self.calls.insert(id, call);
        id
    }

    fn presign_next(&mut self) -> bool {
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
            *call = Some(next_call);
            let body = CompleteUpload { ticket: parts.ticket.clone(), replace: parts.replace };
            let call = self.begin(Call::Complete { id });
            self.outputs.push_back(Output::Complete(call, body));
            return true;
        }
        false
    }

    /// One create call at a time, for as many uploads as are worth opening.
    fn create_next(&mut self) -> bool {
        self.settle();
        let wanted =
            self.sum.open < MIN_OPEN || (self.sum.open <= REFILL_OPEN && self.sum.open_bytes < MAX_OPEN_BYTES / 2);
        if !wanted || self.calls.values().any(|call| matches!(call, Call::Create { .. })) {
            return false;
        }
        let call = CallId(self.next_call);
        let (mut open, mut open_bytes) = (self.sum.open, self.sum.open_bytes);
        let mut bucket = None;
        let (mut ids, mut uploads) = (Vec::new(), Vec::new());
        while uploads.len() < MAX_CREATES && (open < MIN_OPEN || open_bytes < MAX_OPEN_BYTES) {
            let Some(id) = self.to_create.pop_front() else { break };
            let Some(entry) = self.entry(id) else { continue };
            entry.in_line = false;
            if !entry.may_go_on() || !matches!(entry.state, State::Queued) {
                continue;
            }
            if *bucket.get_or_insert_with(|| entry.wish.bucket.clone()) != entry.wish.bucket {
                entry.in_line = true;
                self.to_create.push_front(id);
                break;
            }
            // Where an earlier attempt may have stored the object, first ask whether it is there.
            let doubted = entry.key.as_ref().filter(|_| entry.doubt.is_some());
            let key = doubted.map_or_else(|| entry.wish.key.clone(), |key| key.as_str().to_owned());
            let on_conflict = if doubted.is_some() { OnConflict::Refuse } else { Choice::on_conflict(entry.choice) };
            entry.asked = on_conflict;
            entry.state = State::Creating(call);
            let (size_bytes, content_type) = (entry.wish.size_bytes, entry.wish.content_type.clone());
            uploads.push(NewUpload { key, size_bytes, content_type, on_conflict });
            ids.push(id);
            open += 1;
            open_bytes = open_bytes.saturating_add(size_bytes.0);
        }
        let Some(bucket) = bucket.filter(|_| !uploads.is_empty()) else { return false };
        let sent_at = self.now;
        let call = self.begin(Call::Create { ids, sent_at });
        self.outputs.push_back(Output::Create(call, CreateUploads { bucket, uploads }));
        true
    }

    fn abort_next(&mut self) -> bool {
        let Some(job) = self.to_abort.pop_front() else { return false };
        let body = OfTicket { ticket: job.ticket.clone() };
        let call = self.begin(Call::Abort(job));
        self.outputs.push_back(Output::Abort(call, body));
        true
    }

    /// A call failed in a way that may pass: nothing is called for a while. Answers until when.
    pub(super) fn portal_failed(&mut self) -> UnixMillis {
        self.portal.fail(self.now, &mut self.dice)
    }

    /// Uploads whose call failed in a way that may pass wait together, so that they are asked for together again.
    pub(super) fn wait_for_portal(&mut self, ids: &[EntryId], failing: &Failing) {
        let now = self.now;
        let mut until = self.portal_failed();
        let most_failed = ids.iter().filter_map(|id| self.entries.get(id)).max_by_key(|entry| entry.backoff.failures());
        if let Some(entry) = most_failed {
            // The portal may be well and only these calls fail: then their own failures tell how long to wait.
            until = until.max(entry.backoff.clone().fail(now, &mut self.dice));
        }
        for id in ids {
            let Some(entry) = self.entry(*id) else { continue };
            entry.trouble = Some(failing.trouble());
            entry.backoff.fail_until(now, until);
            if matches!(failing, Failing::Unreachable) {
                // The way to the portal is gone, and with it most likely the way to S3.
                entry.backoff.forgive();
            }
            let failing_ms = entry.backoff.failing_ms();
            self.put_aside(*id, until);
            if failing_ms >= self.settings.give_up_after_ms {
                let minutes = self.settings.give_up_after_ms / 60_000;
                self.stop(*id, failing.giving_up(minutes));
            }
        }
    }
}
