//! The lane to S3: who sends next, what became of it, and what has been silent for too long.

use super::UploadQueue;
use crate::units::{PartNumber, UnixMillis};
use crate::upload::error::UploadError;
use crate::upload::io::{Choice, EntryId, Output, PutBytes, TransferFailure, TransferId};
use crate::upload::multipart::Permit;
use crate::upload::plan::ByteRange;
use crate::upload::retry::{FREE_RENEWALS, TransferKind, Verdict, verdict};
use crate::upload::stall::Patience;
use crate::upload::state::{Aborting, End, Putting, State};
use crate::upload::view::Notice;

/// How often in a row S3 may refuse a name under which the portal sees nothing: 1, somebody who wrote and removed it
/// meanwhile. More means that the person may write there and not read, and each try sends up to 16 MiB.
const MAX_UNSEEN_REFUSALS: u8 = 1;

/// A PUT on its way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) entry: EntryId,
    /// `None` for a whole object.
    pub(super) part: Option<PartNumber>,
    pub(super) permit: Permit,
    pub(super) length: u64,
    pub(super) sent: u64,
    pub(super) last_report: UnixMillis,
}

impl Flight {
    pub(super) fn stalls_at(&self, patience: &Patience) -> UnixMillis {
        patience.ends_at(self.last_report, self.sent >= self.length)
    }
}

impl UploadQueue {
    /// Fills the free places, one transfer an upload in turn.
    pub(super) fn fill_places(&mut self) {
        if !self.offline && self.storage.blocked_until(self.now).is_none() {
            while self.transfers.len() < self.pace.limit() {
                let Some(id) = self.ring.pop_front() else { break };
                self.send_next(id);
            }
        }
        self.pace.in_flight(self.now, self.transfers.len());
        if self.transfers.is_empty() {
            self.rate.pause();
        }
    }

    fn send_next(&mut self, id: EntryId) {
        let (now, transfer, share) = (self.now, self.next_transfer(), self.rate_per_multipart());
        let Some(entry) = self.entry(id) else { return };
        entry.in_ring = false;
        if !entry.may_go_on() {
            return;
        }
        let (part, range, permit) = match &mut entry.state {
            State::Putting(Putting::Ready(permit)) if !permit.is_usable(now) => return self.create_again(id),
            State::Putting(Putting::Ready(permit)) => {
                let permit = permit.clone();
                entry.state = State::Putting(Putting::InFlight(transfer));
                entry.may_be_stored = true;
                (None, ByteRange::whole(entry.wish.size_bytes), permit)
            }
            State::Sending(parts) => {
                let next = parts.take_next(now);
                if let Some((part, ..)) = &next {
                    parts.sent(*part, transfer);
                }
                if parts.wants_permits(share) {
                    self.to_presign.push_back(id);
                }
                let Some((part, range, permit)) = next else { return };
                (Some(part), range, permit)
            }
            _ => return,
        };
        self.next_transfer += 1;
        let put = PutBytes { transfer, entry: id, range, request: permit.request.clone() };
        self.outputs.push_back(Output::Put(put));
        let flight = Flight { entry: id, part, permit, length: range.len_bytes(), sent: 0, last_report: now };
        self.transfers.insert(transfer, flight);
        if part.is_some() {
            // To the end of the round: others first.
            self.go_on(id);
        }
    }

    /// What one upload in parts may expect of the rate.
    pub(super) fn rate_per_multipart(&self) -> Option<u64> {
        self.rate.bytes_per_s().map(|rate| rate / self.sum.multiparts.max(1))
    }

    pub(super) fn progressed(&mut self, transfer: TransferId, sent: u64) {
        let now = self.now;
        let Some(flight) = self.transfers.get_mut(&transfer) else { return };
        let more = sent.min(flight.length).saturating_sub(flight.sent);
        if more == 0 {
            return;
        }
        flight.sent += more;
        self.patience.observe(now.ms_since(std::mem::replace(&mut flight.last_report, now)));
        let id = flight.entry;
        self.arrived(more);
        if let Some(entry) = self.entry(id) {
            entry.flying_bytes += more;
        }
    }

    fn arrived(&mut self, bytes: u64) {
        self.rate.arrive(self.now, bytes);
        self.pace.arrive(bytes);
    }

    /// A transfer ended: it leaves the list, and its bytes leave the upload's bytes in flight.
    fn land(&mut self, transfer: TransferId) -> Option<Flight> {
        let flight = self.transfers.remove(&transfer)?;
        if let Some(entry) = self.entry(flight.entry) {
            entry.flying_bytes = entry.flying_bytes.saturating_sub(flight.sent);
        }
        Some(flight)
    }

    pub(super) fn stored(&mut self, transfer: TransferId) {
        let Some(flight) = self.land(transfer) else { return };
        self.arrived(flight.length - flight.sent);
        self.storage.reset();
        let (id, failed_for) = (flight.entry, self.failed_for());
        let Some(entry) = self.entry(id) else { return };
        entry.succeed(failed_for);
        match (&mut entry.state, flight.part) {
            (State::Putting(_), None) => self.complete(id),
            (State::Aborting(Aborting::Putting(waited_for, _)), None) if *waited_for == transfer => {
                self.finish(id, End::TOO_LATE);
            }
            (State::Sending(parts), Some(part)) => {
                parts.stored(part);
                if parts.is_stored() {
                    let State::Sending(parts) = std::mem::replace(&mut entry.state, State::Queued) else { return };
                    entry.state = State::Completing { parts, call: None };
                }
                self.take_back(id);
                self.go_on(id);
            }
            _ => {}
        }
    }

    pub(super) fn transfer_failed(&mut self, transfer: TransferId, failure: &TransferFailure) {
        let Some(flight) = self.land(transfer) else { return };
        let (id, now, next, offline) = (flight.entry, self.now, self.next_transfer(), self.offline);
        let failed_for = self.failed_for();
        let kind = if flight.part.is_some() { TransferKind::Part } else { TransferKind::Object };
        let Some(entry) = self.entry(id) else { return };
        if let State::Aborting(Aborting::Putting(waited_for, end)) = &entry.state {
            let end = *end;
            if *waited_for == transfer {
                self.ask_what_became(id, end);
            }
            return;
        }
        // One that began before the last renewal says nothing about what was renewed.
        let is_older = transfer < entry.counted_before;
        let verdict = verdict(failure, kind, if is_older { 0 } else { entry.renewals });

        let keeps_permit = matches!(verdict, Verdict::Later { renew: false, .. } | Verdict::WaitForSource);
        let same_permit = keeps_permit && flight.permit.is_usable(now);
        let permit = same_permit.then_some(flight.permit);
        match (&mut entry.state, flight.part) {
            (State::Sending(parts), Some(part)) => parts.lost(part, permit),
            (State::Putting(_), None) => match permit {
                Some(permit) => entry.state = State::Putting(Putting::Ready(permit)),
                None => entry.asks_for_leave(failed_for),
            },
            _ => return,
        }

        match verdict {
            // Without a network nothing can be S3's fault: it goes on when there is one.
            Verdict::Later { .. } | Verdict::WaitForSource if offline => self.go_on(id),
            Verdict::Later { trouble, slow_down, .. } => {
                if slow_down && transfer >= self.storage_counted_before {
                    self.pace.slow_down();
                }
                self.count_failure(id, transfer, trouble);
                self.go_on(id);
            }
            Verdict::WaitForSource => {
                self.wait_for_source(id, transfer);
                self.go_on(id);
            }
            Verdict::Renew => {
                if !is_older {
                    entry.counted_before = next;
                    entry.renewals = entry.renewals.saturating_add(1).min(FREE_RENEWALS);
                }
                entry.notice = Some(Notice::PermissionRenewed);
                if let State::Sending(parts) = &mut entry.state {
                    if !is_older {
                        parts.drop_permits();
                    }
                    self.go_on(id);
                } else {
                    self.create_again(id);
                }
            }
            Verdict::StartOver => self.start_over(id, Some(Notice::StartedOver)),
            Verdict::NothingToReplace => self.start_over(id, None),
            Verdict::NameTaken => {
                entry.unseen_refusals += 1;
                if entry.unseen_refusals > MAX_UNSEEN_REFUSALS {
                    return self.stop(id, UploadError::NameTakenUnseen);
                }
                if entry.choice == Some(Choice::Replace) {
                    // It changed since the person decided: ask again.
                    entry.choice = None;
                }
                self.start_over(id, None);
            }
            Verdict::Stop(error) => self.stop(id, error),
        }
    }

    /// Everything whose time has come.
    pub(super) fn run_clocks(&mut self) {
        if self.offline {
            return;
        }
        let now = self.now;
        let is_silent = |flight: &Flight| flight.stalls_at(&self.patience) <= now;
        let silent: Vec<TransferId> =
            self.transfers.iter().filter(|(_, flight)| is_silent(flight)).map(|(transfer, _)| *transfer).collect();
        for transfer in silent {
            self.outputs.push_back(Output::CancelTransfer(transfer));
            self.transfer_failed(transfer, &TransferFailure::Timeout);
        }
        self.wake_due();
        self.pace.decide(now);
    }
}
