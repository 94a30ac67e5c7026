//! What travels between an uploading client and the portal: the bodies of `POST /api/uploads…`, all JSON.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `/api/uploads/create` | [`CreateUploads`] | [`Vec<CreateOutcome>`], one for each, in order |
//! | `/api/uploads/presign` | [`PresignParts`] | [`Vec<PresignedRequest>`], in the order asked for |
//! | `/api/uploads/parts` | [`OfTicket`] | [`Vec<PartInfo>`], by number |
//! | `/api/uploads/complete` | [`CompleteUpload`] | [`CompleteOutcome`] |
//! | `/api/uploads/abort` | [`OfTicket`] | [`AbortOutcome`] |
//!
//! Errors are a [`Problem`] with its status.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::access::BucketName;
use crate::key::ObjectKey;
use crate::listing::{ETag, ObjectMeta, UploadMark};
use crate::presign::PresignedRequest;
use crate::problem::Problem;
use crate::store::Overwrite;
use crate::units::{ByteSize, PartNumber, UnixMillis};

/// Most uploads in one [`CreateUploads`]: enough that 1,000 small objects need ten calls.
pub const MAX_CREATES: usize = 100;

/// Most parts in one [`PresignParts`].
pub const MAX_PRESIGNS: usize = 100;

/// The portal works at most 280 s on a create call: 100 uploads are some hundreds of calls to S3, eight at a time. Below
/// the 300 s after which the load balancer closes a connection without bytes.
pub const CREATE_ENDS_AFTER_S: u64 = 280;

/// The portal gives up on a complete call after 600 s: S3 may take minutes to put a large object together, and giving up
/// would not stop it. More than twice the limit of the call to S3, which may be made twice. Source: S3 API reference,
/// CompleteMultipartUpload.
pub const COMPLETE_ENDS_AFTER_S: u64 = 600;

/// A client waits 10 s longer than the portal works on a call: one that gives up earlier asks again for what is still being
/// done, so a slow S3 is asked for ever more, and every multipart upload begun for nobody is stored and paid for. Enough
/// for the call's way, and for the last call to S3, which has 8 s.
pub const CLIENT_WAITS_LONGER_S: u64 = 10;

/// The portal works 50 s on a create call, and 3 s more for each upload in it, which is some calls to S3, and many where
/// both are kept. A client's next uploads wait for the answer, so a call that is lost on its way may not hold them up for
/// as long as a full one may take.
const CREATE_TAKES_S: u64 = 50;
const CREATE_TAKES_PER_UPLOAD_S: u64 = 3;

/// How long the portal works on leave for so many uploads: what has not been begun by then is told to be asked for again.
pub fn create_ends_after_s(uploads: usize) -> u64 {
    let uploads = u64::try_from(uploads).unwrap_or(u64::MAX);
    CREATE_TAKES_PER_UPLOAD_S.saturating_mul(uploads).saturating_add(CREATE_TAKES_S).min(CREATE_ENDS_AFTER_S)
}

/// How long a client waits for leave for so many uploads.
pub fn create_answered_within_s(uploads: usize) -> u64 {
    create_ends_after_s(uploads) + CLIENT_WAITS_LONGER_S
}

/// Asks for leave to upload up to [`MAX_CREATES`] objects into one bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateUploads {
    /// Where to.
    pub bucket: BucketName,
    /// What.
    pub uploads: Vec<NewUpload>,
}

/// One object to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUpload {
    /// The wish, as the person's computer names it; the answer holds the key as it will be.
    pub key: String,
    /// Exact size.
    pub size_bytes: ByteSize,
    /// As the browser tells it; may be empty.
    pub content_type: String,
    /// What to do where the name is taken.
    pub on_conflict: OnConflict,
}

/// What to do where the name is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Answer [`CreateOutcome::Exists`] and write nothing.
    #[default]
    Refuse,
    /// Replace what is there, unless it changes meanwhile.
    Replace {
        /// What the person was shown and decided about: where something else is there by now, the answer is
        /// [`CreateOutcome::Exists`] again. `None` where they decided beforehand for whatever is there.
        seen: Option<ETag>,
    },
    /// Find a free name: `report (2).pdf`.
    KeepBoth,
}

/// The answer for one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreateOutcome {
    /// Go ahead.
    Created(CreatedUpload),
    /// The name is taken; nothing was begun.
    Exists(ObjectMeta),
    /// This one cannot be uploaded, and why; the others can.
    Refused(Problem),
}

/// Leave to upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedUpload {
    /// The key as it will be: normalised, or another where both are kept.
    pub key: ObjectKey,
    /// What the object will be known by: one that carries it, and no other, was stored by this upload.
    pub mark: UploadMark,
    /// How the bytes travel.
    pub transfer: Transfer,
}

/// How the bytes travel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transfer {
    /// In one request; where its time runs out, create again.
    Put {
        /// The request to send.
        request: PresignedRequest,
    },
    /// In parts.
    Multipart {
        /// To be presented with each later call.
        ticket: Ticket,
        /// Size of each part but the last.
        part_size_bytes: ByteSize,
        /// How long a part's URL lives.
        url_ttl_s: u64,
    },
}

/// A sealed [`UploadTicket`]: opaque to the client, and worth as much as the upload, so it never shows in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub String);

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(redacted)")
    }
}

/// What the portal binds an upload to. The portal keeps no state: the ticket is the state, and nothing is signed
/// that it does not cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadTicket {
    /// Whose upload; nobody else can go on with it.
    pub user: String,
    /// Where to.
    pub bucket: BucketName,
    /// The key as it will be.
    pub key: ObjectKey,
    /// S3's id of the multipart upload.
    pub upload_id: String,
    /// What the object will be known by.
    pub mark: UploadMark,
    /// Size of the whole object.
    pub size_bytes: ByteSize,
    /// Size of each part but the last.
    pub part_size_bytes: ByteSize,
    /// What may be replaced at the end.
    pub overwrite: Overwrite,
    /// When the ticket ends: as long as the bucket keeps unfinished uploads.
    pub expires_at: UnixMillis,
}

/// Asks for URLs of up to [`MAX_PRESIGNS`] parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresignParts {
    /// Of which upload.
    pub ticket: Ticket,
    /// Which parts.
    pub parts: Vec<PartNumber>,
}

/// A call that needs only the ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfTicket {
    /// Of which upload.
    pub ticket: Ticket,
}

/// A part that S3 holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartInfo {
    /// Its number.
    pub number: PartNumber,
    /// Its size.
    pub size_bytes: ByteSize,
}

/// Asks the portal to make the object of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteUpload {
    /// Of which upload.
    pub ticket: Ticket,
    /// What may be replaced, where the person decided so after [`CompleteOutcome::Exists`] had shown it to them; else
    /// the ticket's own rule holds.
    #[serde(default)]
    pub replace: Option<ETag>,
}

/// What became of the parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompleteOutcome {
    /// The object is stored.
    Stored {
        /// Identity of the content.
        etag: ETag,
        /// The version, where the bucket keeps versions.
        version_id: Option<String>,
    },
    /// These parts are missing or have another size than planned; send them and complete again.
    Missing(Vec<PartNumber>),
    /// Somebody took the name meanwhile. The parts are kept.
    Exists(ObjectMeta),
}

/// What became of an upload that was to be discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbortOutcome {
    /// S3 holds nothing of it any more.
    Discarded,
    /// It came too late: the object is stored.
    Stored,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `idle_timeout_s` of the load balancer.
    const BALANCER_CLOSES_AFTER_S: u64 = 300;

    #[test]
    fn a_client_gives_up_after_the_portal_and_before_the_load_balancer() {
        for uploads in 0..=MAX_CREATES {
            let client_s = create_answered_within_s(uploads);
            assert!((create_ends_after_s(uploads) + 1..BALANCER_CLOSES_AFTER_S).contains(&client_s), "{client_s}");
        }
    }

    #[test]
    fn a_create_call_of_one_upload_that_is_lost_holds_up_the_next_for_a_minute_not_for_five() {
        assert_eq!(create_answered_within_s(1), 63);
        assert_eq!(create_answered_within_s(40), 180);
        assert_eq!(create_ends_after_s(usize::MAX), CREATE_ENDS_AFTER_S);
    }
}
