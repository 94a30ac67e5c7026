//! What to do after a failure: one table, one waiting rule, and the dice for it.

use super::error::{Trouble, UploadError};
use super::io::TransferFailure;
use crate::units::UnixMillis;

/// First bound of the waiting time: 0.5 s. It doubles with each failure in a row.
pub const BACKOFF_BASE_MS: u64 = 500;

/// Largest bound of the waiting time: 30 s.
pub const BACKOFF_CAP_MS: u64 = 30_000;

/// Most time that one failure adds to "failing for so long": 60 s, a waiting time and a stall together. A lid closed
/// between two failures is so not taken for hours of failure.
const FAILURE_SPAN_MS: u64 = 60_000;

/// Renewals of a permission in a row that are not counted as failures: 3. More means that the clock of S3, or the
/// credentials, make renewing useless.
pub const FREE_RENEWALS: u8 = 3;

/// What a transfer sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// PutObject.
    Object,
    /// UploadPart.
    Part,
}

/// What to do after a transfer failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Wait, then send again.
    Later {
        /// Why, for the person.
        trouble: Trouble,
        /// Whether fewer transfers at a time may help.
        slow_down: bool,
        /// Whether the permission may be what failed: some servers' 403 carries no CORS headers and looks like no
        /// answer at all. The next attempt asks for a fresh one.
        renew: bool,
    },
    /// Wait until the person's computer can read the file, for some minutes.
    WaitForSource,
    /// Ask for a fresh permission and send again at once. Not counted.
    Renew,
    /// S3 does not know the upload: begin it again and say so.
    StartOver,
    /// The name is taken (412): ask the portal what is there.
    NameTaken,
    /// What was to be replaced is gone: ask the portal for leave without that condition.
    NothingToReplace,
    /// Nothing more to try.
    Stop(UploadError),
}

/// The retry table.
///
/// `renewals` is how often in a row this upload's permission has been renewed. S3's code decides before the status.
pub fn verdict(failure: &TransferFailure, kind: TransferKind, renewals: u8) -> Verdict {
    let (status, code, has_expires) = match failure {
        TransferFailure::Network => {
            return Verdict::Later { trouble: Trouble::Network, slow_down: false, renew: true };
        }
        TransferFailure::Timeout => {
            return Verdict::Later { trouble: Trouble::Stalled, slow_down: true, renew: false };
        }
        TransferFailure::SourceAway => return Verdict::WaitForSource,
        TransferFailure::FileChanged => return Verdict::Stop(UploadError::FileChanged),
        TransferFailure::Http { status, code, has_expires } => (*status, code.as_deref().unwrap_or(""), *has_expires),
    };
    let name = if code.is_empty() { format!("status {status}") } else { code.to_owned() };
    let renewed = || {
        if renewals < FREE_RENEWALS {
            return Verdict::Renew;
        }
        Verdict::Later { trouble: Trouble::PermissionRefused, slow_down: false, renew: true }
    };
    let failed = || Verdict::Later { trouble: Trouble::StorageFailed(name.clone()), slow_down: false, renew: false };
    let busy = || Verdict::Later { trouble: Trouble::StorageBusy(name.clone()), slow_down: true, renew: false };
    let stop = || Verdict::Stop(UploadError::StorageRefused { status, code: code.to_owned() });

    match code {
        "SlowDown" | "ServiceUnavailable" => return busy(),
        "RequestTimeout" | "InternalError" | "OperationAborted" => return failed(),
        "RequestTimeTooSkewed" | "ExpiredToken" => return renewed(),
        "AccessDenied" if has_expires => return renewed(),
        "SignatureDoesNotMatch" if renewals == 0 => return Verdict::Renew,
        "NoSuchUpload" if kind == TransferKind::Part => return Verdict::StartOver,
        // `If-Match` where nothing is: 404, not 412.
        "NoSuchKey" if kind == TransferKind::Object => return Verdict::NothingToReplace,
        "ConditionalRequestConflict" => return failed(),
        _ => {}
    }
    match status {
        412 if kind == TransferKind::Object => Verdict::NameTaken,
        429 | 503 => busy(),
        // With 200 the body was an error that the table does not name: S3 began well and then failed.
        200 | 408 | 425 | 500 | 502 | 504 => failed(),
        _ => stop(),
    }
}

/// Random numbers for waiting times (SplitMix64 by Steele, Lea and Flood): even, tiny, and of no use for secrets.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that always fall the same way for the same `entropy`.
    pub fn new(entropy: u64) -> Self {
        Self(entropy)
    }

    /// A number from 0 to `most`.
    pub fn up_to(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        most.checked_add(1).map_or(z, |n| z % n)
    }
}

/// Failures in a row: how many, for how long, and when to try again. Full jitter between 0 and a bound that doubles
/// from 0.5 s to 30 s.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failures: u32,
    failed_ms_in_all: u64,
    /// What of it counts no more.
    forgiven_ms: u64,
    last_failure: Option<UnixMillis>,
    retry_at: Option<UnixMillis>,
}

impl Backoff {
    /// Counts a failure and answers when to try again.
    pub fn fail(&mut self, now: UnixMillis, dice: &mut Dice) -> UnixMillis {
        let bound = BACKOFF_BASE_MS << self.failures.min(6);
        let retry_at = now.plus_ms(dice.up_to(bound.min(BACKOFF_CAP_MS)));
        self.fail_until(now, retry_at);
        retry_at
    }

    /// Counts a failure that is tried again at `retry_at`, together with others.
    pub fn fail_until(&mut self, now: UnixMillis, retry_at: UnixMillis) {
        if let Some(last) = self.last_failure {
            self.failed_ms_in_all += now.ms_since(last).min(FAILURE_SPAN_MS);
        }
        self.failures = self.failures.saturating_add(1);
        self.last_failure = Some(now);
        self.retry_at = Some(retry_at);
    }

    /// The time of failure so far does not count: it was not the fault of what is tried.
    pub fn forgive(&mut self) {
        self.forgiven_ms = self.failed_ms_in_all;
    }

    /// It is tried again now, and what it came to so far counts on: somebody wants to know.
    pub fn wait_no_longer(&mut self) {
        self.retry_at = None;
    }

    /// Forgets all failures: something worked, or circumstances changed.
    pub fn reset(&mut self) {
        let failed_ms_in_all = self.failed_ms_in_all;
        *self = Self { failed_ms_in_all, forgiven_ms: failed_ms_in_all, ..Self::default() };
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Milliseconds of continuous failure.
    pub fn failing_ms(&self) -> u64 {
        self.failed_ms_in_all - self.forgiven_ms
    }

    /// Milliseconds of failure since the beginning, whatever was forgiven or forgotten: by how much it grows between two
    /// moments is how long it failed between them.
    pub fn failed_ms_in_all(&self) -> u64 {
        self.failed_ms_in_all
    }

    /// When to try again, where that still lies ahead.
    pub fn blocked_until(&self, now: UnixMillis) -> Option<UnixMillis> {
        self.retry_at.filter(|at| *at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(status: u16, code: &str, has_expires: bool) -> TransferFailure {
        let code = if code.is_empty() { None } else { Some(code.to_owned()) };
        TransferFailure::Http { status, code, has_expires }
    }

    fn word(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Later { slow_down: true, .. } => "later, slower",
            Verdict::Later { renew: true, .. } => "later, renewed",
            Verdict::Later { .. } => "later",
            Verdict::WaitForSource => "wait for the source",
            Verdict::Renew => "renew",
            Verdict::StartOver => "start over",
            Verdict::NameTaken => "name taken",
            Verdict::NothingToReplace => "nothing to replace",
            Verdict::Stop(_) => "stop",
        }
    }

    #[test]
    fn the_retry_table_holds() {
        let cases = [
            (TransferFailure::Network, TransferKind::Part, 0, "later, renewed"),
            (TransferFailure::Timeout, TransferKind::Part, 0, "later, slower"),
            (TransferFailure::FileChanged, TransferKind::Part, 0, "stop"),
            (TransferFailure::SourceAway, TransferKind::Part, 0, "wait for the source"),
            (http(408, "", false), TransferKind::Part, 0, "later"),
            (http(425, "", false), TransferKind::Part, 0, "later"),
            (http(429, "", false), TransferKind::Part, 0, "later, slower"),
            (http(500, "InternalError", false), TransferKind::Part, 0, "later"),
            (http(502, "", false), TransferKind::Part, 0, "later"),
            (http(503, "SlowDown", false), TransferKind::Part, 0, "later, slower"),
            (http(503, "", false), TransferKind::Part, 0, "later, slower"),
            (http(504, "", false), TransferKind::Part, 0, "later"),
            (http(400, "RequestTimeout", false), TransferKind::Part, 0, "later"),
            (http(409, "OperationAborted", false), TransferKind::Part, 0, "later"),
            (http(200, "InternalError", false), TransferKind::Part, 0, "later"),
            (http(200, "SomethingNew", false), TransferKind::Part, 0, "later"),
            (http(403, "AccessDenied", true), TransferKind::Part, 0, "renew"),
            (http(403, "AccessDenied", true), TransferKind::Part, FREE_RENEWALS, "later, renewed"),
            (http(403, "AccessDenied", false), TransferKind::Part, 0, "stop"),
            (http(403, "RequestTimeTooSkewed", false), TransferKind::Part, 0, "renew"),
            (http(400, "ExpiredToken", false), TransferKind::Part, 0, "renew"),
            (http(403, "ExpiredToken", false), TransferKind::Object, 0, "renew"),
            (http(403, "SignatureDoesNotMatch", false), TransferKind::Part, 0, "renew"),
            (http(403, "SignatureDoesNotMatch", false), TransferKind::Part, 1, "stop"),
            (http(404, "NoSuchUpload", false), TransferKind::Part, 0, "start over"),
            (http(404, "NoSuchBucket", false), TransferKind::Part, 0, "stop"),
            (http(404, "NoSuchKey", false), TransferKind::Object, 0, "nothing to replace"),
            (http(404, "NoSuchKey", false), TransferKind::Part, 0, "stop"),
            (http(404, "", false), TransferKind::Object, 0, "stop"),
            (http(409, "ConditionalRequestConflict", false), TransferKind::Object, 0, "later"),
            (http(412, "PreconditionFailed", false), TransferKind::Object, 0, "name taken"),
            (http(412, "PreconditionFailed", false), TransferKind::Part, 0, "stop"),
            (http(413, "EntityTooLarge", false), TransferKind::Object, 0, "stop"),
            (http(501, "NotImplemented", false), TransferKind::Part, 0, "stop"),
        ];
        for (failure, kind, renewals, expected) in cases {
            assert_eq!(word(&verdict(&failure, kind, renewals)), expected, "{failure:?} {kind:?} {renewals}");
        }
    }

    #[test]
    fn waiting_times_are_jittered_and_grow_to_thirty_seconds() {
        let mut dice = Dice::new(7);
        let (mut longest, mut distinct) = (0, std::collections::BTreeSet::new());
        for _ in 0..200 {
            let mut backoff = Backoff::default();
            for failure in 0..12_u32 {
                let wait = backoff.fail(UnixMillis(0), &mut dice).0;
                let bound = (BACKOFF_BASE_MS << failure).min(BACKOFF_CAP_MS);
                assert!(wait <= bound, "failure {failure} waits {wait} of {bound}");
                longest = longest.max(wait);
                distinct.insert(wait);
            }
        }
        assert!(longest > BACKOFF_CAP_MS * 9 / 10);
        assert!(distinct.len() > 1000);
    }

    #[test]
    fn a_closed_lid_is_not_hours_of_failure() {
        let mut dice = Dice::new(7);
        let mut backoff = Backoff::default();
        backoff.fail(UnixMillis(0), &mut dice);
        backoff.fail(UnixMillis(8 * 3_600_000), &mut dice);
        assert_eq!(backoff.failing_ms(), FAILURE_SPAN_MS);
    }
}
