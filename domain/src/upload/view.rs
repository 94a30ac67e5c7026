//! How the queue shows itself: one view an upload, and totals. All serialisable, to travel from a worker to a page.

use serde::{Deserialize, Serialize};

use super::error::{Trouble, UploadError};
use super::io::EntryId;
use crate::access::BucketName;
use crate::listing::ObjectMeta;
use crate::units::{ByteSize, UnixMillis};

/// One upload as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadView {
    /// Which upload.
    pub id: EntryId,
    /// Where to.
    pub bucket: BucketName,
    /// The key as the portal answered it; before that, as it was wished.
    pub key: String,
    /// As it was wished; differs from `key` where the portal chose another.
    pub wished_key: String,
    /// Size of the whole object.
    pub size_bytes: ByteSize,
    /// What S3 holds and what is on the way. Never more than the size; less than before after a part was lost.
    pub sent_bytes: ByteSize,
    /// Where it stands.
    pub phase: Phase,
    /// Something that the engine did by itself and that the person should know.
    pub notice: Option<Notice>,
}

/// Where an upload stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub enum Phase {
    /// Waits for its turn.
    Queued,
    /// The portal is asked for leave.
    Preparing,
    /// Bytes travel, or wait for a free place.
    Sending,
    /// Something failed and is tried again by itself, until the same way works again.
    Retrying {
        /// When; an instant that has passed means that it is being tried now.
        at: UnixMillis,
        /// Which attempt that will be, from 2 on.
        attempt: u32,
        /// Why.
        trouble: Trouble,
    },
    /// A person held it.
    Paused,
    /// All bytes are sent; S3 puts the object together.
    Completing,
    /// The object is stored.
    Completed,
    /// The name is taken: waits for a [`Choice`](super::io::Choice).
    Conflict {
        /// What has the name now.
        existing: ObjectMeta,
        /// Whether all bytes are sent already: then replacing sends nothing again, and keeping both sends all again.
        all_sent: bool,
    },
    /// It stopped. A failure discards nothing.
    Failed {
        /// Why.
        error: UploadError,
        /// Whether trying again makes sense.
        can_retry: bool,
        /// Whether S3 holds parts of it, with which it would go on.
        kept: bool,
    },
    /// What S3 holds of it is being discarded.
    Cancelling,
    /// A person cancelled it.
    Cancelled {
        /// The order came too late: the object was stored all the same.
        stored_anyway: bool,
    },
    /// A person left what has the name already.
    Skipped,
}

impl UploadView {
    /// How much has been sent, from 0 to 1,000; nothing to send is all sent.
    pub fn sent_permille(&self) -> u64 {
        permille(self.sent_bytes, self.size_bytes)
    }
}

impl Phase {
    /// Whether nothing will ever change any more.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled { .. } | Self::Skipped)
    }

    /// Whether [`Input::Clear`](super::io::Input::Clear) takes it away.
    pub fn can_be_cleared(&self) -> bool {
        self.is_over() || matches!(self, Self::Failed { can_retry: false, kept: false, .. })
    }
}

/// Something that the engine did by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The upload permission ran out and was renewed; the upload went on where it was.
    PermissionRenewed,
    /// S3 did not know the upload any more; it was begun again.
    StartedOver,
    /// All bytes are sent a second time, under another name, since somebody took the first one meanwhile.
    SentAgainToKeepBoth,
}

/// The queue in all. Cancelled and skipped uploads do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many uploads.
    pub uploads: u64,
    /// Of these, stored.
    pub completed: u64,
    /// Of these, stopped by a failure.
    pub failed: u64,
    /// Of these, such as would go on with what S3 holds of them.
    pub resumable: u64,
    /// Of all, waiting for a choice about a taken name.
    pub conflicts: u64,
    /// Of all, held by a person.
    pub paused: u64,
    /// Neither over nor stopped: the queue is busy while there is one.
    pub active: u64,
    /// Being cancelled: what S3 holds of them is paid for until it is discarded.
    pub aborting: u64,
    /// Sum of their sizes.
    pub size_bytes: ByteSize,
    /// Sum of what S3 holds and what is on the way.
    pub sent_bytes: ByteSize,
    /// Smoothed with a half-life of 2 s; stays as it was while nothing arrives. `None` before the first bytes and
    /// while nothing is active.
    pub rate_bytes_per_s: Option<u64>,
    /// Time left for what is active; `None` where there is no rate.
    pub left_s: Option<u64>,
    /// The browser has no network: everything waits.
    pub offline: bool,
    /// The portal asks who this is: everything that needs it waits for [`Input::SignedIn`](super::io::Input).
    pub sign_in_needed: bool,
}

impl Totals {
    /// How much has been sent, from 0 to 1,000; nothing to send is all sent.
    pub fn sent_permille(&self) -> u64 {
        permille(self.sent_bytes, self.size_bytes)
    }

    /// Whether closing the page now would lose something, or leave something behind.
    pub fn would_lose(&self) -> bool {
        self.active + self.paused + self.conflicts + self.resumable + self.aborting > 0
    }
}

fn permille(sent: ByteSize, size: ByteSize) -> u64 {
    // Beyond 18 PB a thousandth is near enough; 128 bits would be half a kilobyte of the first page.
    let part = match sent.0.checked_mul(1000) {
        Some(thousandfold) => thousandfold.checked_div(size.0),
        None => sent.0.checked_div(size.0 / 1000),
    };
    part.unwrap_or(1000).min(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_never_divides_by_nothing_nor_passes_its_end() {
        assert_eq!(permille(ByteSize(0), ByteSize(0)), 1000);
        assert_eq!(permille(ByteSize(1), ByteSize(3)), 333);
        assert_eq!(permille(ByteSize(u64::MAX), ByteSize(1)), 1000);
        assert_eq!(permille(ByteSize(u64::MAX / 2), ByteSize(u64::MAX)), 500);
        assert_eq!(permille(ByteSize(u64::MAX / 1000), ByteSize(u64::MAX / 1000)), 1000);
    }
}
