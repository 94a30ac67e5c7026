//! The parts of one multipart upload: which wait, which travel, which S3 holds, and the permissions at hand.

use std::collections::{BTreeMap, BTreeSet};

use super::io::{CallId, TransferId};
use super::plan::{ByteRange, PartLayout};
use super::wire::{MAX_PRESIGNS, Ticket};
use crate::listing::ETag;
use crate::presign::PresignedRequest;
use crate::units::{PartNumber, UnixMillis};

/// Fewest parts asked for in one signing call, where so many are left: 16, one round of transfers on HTTP/2.
const MIN_PRESIGNS: usize = 16;

/// A transfer is not begun with less time left on its URL than this, 60 s, or a fifth of its life if that is less.
const MARGIN_MS: u64 = 60_000;

/// Life assumed for a URL that seems to be over when it arrives, 60 s: then the clocks are wrong, not the URL.
const LIFE_WHERE_CLOCKS_DISAGREE_MS: u64 = 60_000;

/// A presigned request and until when a transfer may begin with it, by the engine's own clock.
#[derive(Clone, Debug)]
pub(super) struct Permit {
    pub(super) request: PresignedRequest,
    begin_before: UnixMillis,
}

impl Permit {
    /// `now` by the engine's clock, `portal_now` the same instant by the portal's.
    pub(super) fn new(request: PresignedRequest, now: UnixMillis, portal_now: UnixMillis) -> Self {
        let life_ms = match request.expires_at.ms_since(portal_now) {
            0 => LIFE_WHERE_CLOCKS_DISAGREE_MS,
            ms => ms,
        };
        let begin_before = now.plus_ms(life_ms - MARGIN_MS.min(life_ms / 5));
        Self { request, begin_before }
    }

    pub(super) fn is_usable(&self, now: UnixMillis) -> bool {
        now < self.begin_before
    }
}

/// Whether the file was looked at after the last of its parts had arrived. Once is enough: what S3 holds cannot change with
/// it any more, and where the upload was completed already, though no answer told so, it is stored as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Due,
    UnderWay(CallId),
    Passed,
}

/// A multipart upload that the portal began. Each part is in exactly one of three places: `pending`, `sending`,
/// or stored, which is all the rest.
#[derive(Clone, Debug)]
pub(super) struct Multipart {
    pub(super) ticket: Ticket,
    pub(super) layout: PartLayout,
    url_ttl_s: u64,
    pending: BTreeSet<PartNumber>,
    sending: BTreeMap<PartNumber, TransferId>,
    stored_bytes: u64,
    /// Only of pending parts.
    permits: BTreeMap<PartNumber, Permit>,
    presigning: Option<CallId>,
    look: Look,
    /// How often parts were missing at the end.
    pub(super) missing_rounds: u8,
    /// What took the name meanwhile, where the person decided to replace it.
    pub(super) replace: Option<ETag>,
}

impl Multipart {
    pub(super) fn new(ticket: Ticket, layout: PartLayout, url_ttl_s: u64) -> Self {
        Self {
            ticket,
            layout,
            url_ttl_s,
            pending: layout.numbers().collect(),
            sending: BTreeMap::new(),
            stored_bytes: 0,
            permits: BTreeMap::new(),
            presigning: None,
            look: Look::Due,
            missing_rounds: 0,
            replace: None,
        }
    }

    /// What S3 holds.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.stored_bytes
    }

    /// Whether S3 holds every part and none travels.
    pub(super) fn is_stored(&self) -> bool {
        self.pending.is_empty() && self.sending.is_empty()
    }

    /// Whether a permit is at hand, be it over or not.
    pub(super) fn has_permits(&self) -> bool {
        !self.permits.is_empty()
    }

    /// Whether a part may be sent now.
    pub(super) fn may_send(&self, now: UnixMillis) -> bool {
        self.permits.values().any(|permit| permit.is_usable(now))
    }

    /// The next part that may be sent now, with its permit. Permits that are over are dropped on the way.
    pub(super) fn take_next(&mut self, now: UnixMillis) -> Option<(PartNumber, ByteRange, Permit)> {
        while let Some((part, permit)) = self.permits.pop_first() {
            if permit.is_usable(now)
                && let Some(range) = self.layout.range(part)
            {
                return Some((part, range, permit));
            }
        }
        None
    }

    /// A part that [`Self::take_next`] gave is on its way.
    pub(super) fn sent(&mut self, part: PartNumber, transfer: TransferId) {
        if self.pending.remove(&part) {
            self.look = Look::Due;
            self.sending.insert(part, transfer);
        }
    }

    /// S3 holds a part.
    pub(super) fn stored(&mut self, part: PartNumber) {
        if self.sending.remove(&part).is_some() {
            self.stored_bytes += self.length(part);
        }
    }

    /// A part did not arrive; `permit` where the one it had is still good.
    pub(super) fn lost(&mut self, part: PartNumber, permit: Option<Permit>) {
        if self.sending.remove(&part).is_some() {
            self.pending.insert(part);
            if let Some(permit) = permit {
                self.permits.insert(part, permit);
            }
        }
    }

    /// S3 says at the end that it does not hold these. Parts that do not belong to the upload are ignored; the answer
    /// tells whether any did.
    pub(super) fn missing(&mut self, parts: &[PartNumber]) -> bool {
        let mut any = false;
        for part in parts {
            if self.layout.range(*part).is_some() && !self.sending.contains_key(part) && self.pending.insert(*part) {
                self.stored_bytes -= self.length(*part);
                any = true;
            }
        }
        any
    }

    /// All transfers on the way; their parts are pending again.
    pub(super) fn call_back(&mut self) -> Vec<TransferId> {
        let sending = std::mem::take(&mut self.sending);
        self.pending.extend(sending.keys());
        sending.into_values().collect()
    }

    /// No permit at hand is to be trusted any more, nor one that was asked for before now.
    pub(super) fn drop_permits(&mut self) {
        self.permits.clear();
        self.presigning = None;
    }

    /// The file is to be looked at.
    pub(super) fn wants_look(&self) -> bool {
        self.look == Look::Due
    }

    /// The file is being looked at.
    pub(super) fn looking(&mut self, call: CallId) {
        self.look = Look::UnderWay(call);
    }

    /// Whether `call` is the look that is waited for; then it is not any more.
    pub(super) fn take_look(&mut self, call: CallId, is_same: bool) -> bool {
        let is_waited_for = self.look == Look::UnderWay(call);
        if is_waited_for {
            self.look = if is_same { Look::Passed } else { Look::Due };
        }
        is_waited_for
    }

    /// Whether the file was still the same when all its parts had arrived.
    pub(super) fn is_sealed(&self) -> bool {
        self.look == Look::Passed
    }

    /// How many parts to ask permits for in one call: as many as can be sent within half a URL's life at this rate.
    fn batch(&self, bytes_per_s: Option<u64>) -> usize {
        let sendable = bytes_per_s.unwrap_or(0).saturating_mul(self.url_ttl_s) / 2 / self.layout.part_size().0.max(1);
        usize::try_from(sendable).unwrap_or(MAX_PRESIGNS).clamp(MIN_PRESIGNS, MAX_PRESIGNS)
    }

    /// Whether it is time to ask for permits: none is on its way, parts lack one, and at most half a batch is left.
    pub(super) fn wants_permits(&self, bytes_per_s: Option<u64>) -> bool {
        self.presigning.is_none()
            && self.pending.len() > self.permits.len()
            && self.permits.len() <= self.batch(bytes_per_s) / 2
    }

    /// The parts to ask permits for, in order.
    pub(super) fn unpermitted(&self, bytes_per_s: Option<u64>) -> Vec<PartNumber> {
        let lacking = self.pending.iter().filter(|part| !self.permits.contains_key(part));
        lacking.take(self.batch(bytes_per_s)).copied().collect()
    }

    /// Permits are asked for.
    pub(super) fn presigning(&mut self, call: CallId) {
        self.presigning = Some(call);
    }

    /// Whether `call` is the one that is waited for; then it is not any more.
    pub(super) fn take_presigning(&mut self, call: CallId) -> bool {
        self.presigning.take_if(|waited_for| *waited_for == call).is_some()
    }

    /// Permits have come, in the order asked for.
    pub(super) fn permitted(&mut self, parts: &[PartNumber], permits: Vec<Permit>) {
        for (part, permit) in parts.iter().zip(permits) {
            if self.pending.contains(part) {
                self.permits.insert(*part, permit);
            }
        }
    }

    fn length(&self, part: PartNumber) -> u64 {
        self.layout.range(part).map_or(0, ByteRange::len_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presign::SignedUrl;
    use crate::units::ByteSize;

    fn permit(expires_s: u64) -> Permit {
        let request = PresignedRequest {
            method: "PUT".to_owned(),
            url: SignedUrl::new("http://files.test/a".to_owned()),
            headers: Vec::new(),
            expires_at: UnixMillis(0).plus_s(expires_s),
        };
        Permit::new(request, UnixMillis(0), UnixMillis(0))
    }

    fn multipart(parts: u64) -> Multipart {
        let part_size = ByteSize::mib(8);
        let layout = PartLayout::new(ByteSize(parts * part_size.0), part_size).expect("a plan");
        Multipart::new(Ticket("t".to_owned()), layout, 900)
    }

    #[test]
    fn a_url_with_too_little_time_left_is_not_used() {
        for (life_s, usable_until_s) in [(900, 840), (300, 240), (100, 80), (5, 4)] {
            let permit = permit(life_s);
            assert!(permit.is_usable(UnixMillis(usable_until_s * 1000 - 1)), "{life_s}");
            assert!(!permit.is_usable(UnixMillis(usable_until_s * 1000)), "{life_s}");
        }
    }

    #[test]
    fn permits_are_asked_for_between_16_and_100_at_a_time_and_refilled_at_half() {
        let mut multipart = multipart(1000);
        assert_eq!(multipart.unpermitted(None).len(), 16);
        assert_eq!(multipart.unpermitted(Some(u64::MAX)).len(), 100);
        // 0.56 MB a second for half of 900 s is 30 parts of 8 MiB.
        assert_eq!(multipart.unpermitted(Some(560_000)).len(), 30);
        assert!(multipart.wants_permits(None));
        let parts = multipart.unpermitted(None);
        multipart.presigning(CallId(1));
        assert!(!multipart.wants_permits(None));
        assert!(multipart.take_presigning(CallId(1)));
        let permits = parts.iter().map(|_| permit(900)).collect();
        multipart.permitted(&parts, permits);
        for sent in 0..8 {
            assert!(!multipart.wants_permits(None), "{sent}");
            let (part, ..) = multipart.take_next(UnixMillis(0)).expect("permits are left");
            multipart.sent(part, TransferId(sent));
        }
        assert!(multipart.wants_permits(None));
    }
}
