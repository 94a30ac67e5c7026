//! What goes into the engine and what comes out of it: the whole language between [`UploadQueue`] and its driver.
//!
//! [`UploadQueue`]: super::UploadQueue

use serde::{Deserialize, Serialize};

use super::plan::ByteRange;
use super::wire::{
    AbortOutcome, CompleteOutcome, CompleteUpload, CreateOutcome, CreateUploads, OfTicket, PresignParts,
};
use crate::access::BucketName;
use crate::presign::PresignedRequest;
use crate::problem::Problem;
use crate::units::{ByteSize, UnixMillis};

/// One upload within its queue. Chosen by whoever starts it and never used twice in a queue.
/// (Not S3's upload id: that one is sealed in the ticket.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub u32);

/// One PUT to S3. Never used twice, so an answer that comes late is known as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId(pub u64);

/// One call to the portal, or one look at a file. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// An upload as a person asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEntry {
    /// Higher than every number that this queue has seen; one that is not is ignored.
    pub id: EntryId,
    /// Where to.
    pub bucket: BucketName,
    /// The wish; the portal may answer another. Ends with `/` for an empty folder, which has no bytes.
    pub key: String,
    /// Exact size.
    pub size_bytes: ByteSize,
    /// As the browser tells it; may be empty.
    pub content_type: String,
    /// What the person decided beforehand; `None`: ask.
    pub choice: Option<Choice>,
}

/// What a person decides where the name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Replace what is there.
    Replace,
    /// Upload under a free name.
    KeepBoth,
    /// Leave what is there and do not upload.
    Skip,
}

/// What a person's order is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One upload.
    One(EntryId),
    /// Every upload that the queue knows now and to which the order applies.
    All,
}

/// How the browser talks with the load balancer: decides how many transfers may be in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpVersion {
    /// Browsers open six connections to a host.
    Http1,
    /// One connection with many streams.
    Http2,
}

/// Everything that can happen to the engine.
///
/// A call or transfer that the engine does not know (any more) may be answered at any time and any number of times:
/// such inputs are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Uploads to add. Give many at once: they are created in batches.
    Start(Vec<NewEntry>),
    /// Hold. What S3 holds is kept; requests on the way are cancelled.
    Pause(Scope),
    /// Go on after a pause.
    Resume(Scope),
    /// Give up and discard what S3 holds of it. [`Scope::All`] leaves what failed as it is: what S3 holds of that was
    /// promised to be kept.
    Cancel(Scope),
    /// Go on after a failure, where it stopped.
    Retry(Scope),
    /// What to do where the name is taken. [`Scope::All`] also decides for uploads that have not met theirs yet.
    Decide(Scope, Choice),
    /// Drop from the views and totals what is completed, skipped or cancelled, and what failed for good with nothing
    /// kept.
    Clear,

    /// The browser lost its network. Nothing new is begun, nothing counts as failed.
    WentOffline,
    /// It has one again.
    CameOnline,
    /// Somebody signed in again after [`Totals::sign_in_needed`](super::view::Totals).
    SignedIn,
    /// Known once from the page's own navigation; HTTP/1.1 until then.
    HttpVersion(HttpVersion),
    /// The portal's clock: the `Date` of an answer. To be given before the answer itself.
    ServerDate(UnixMillis),
    /// The portal asks not to be called for so long: the `Retry-After` of an answer. To be given before the answer itself.
    RetryAfter {
        /// From now on.
        wait_ms: u64,
    },
    /// The instant of [`UploadQueue::poll_timeout`](super::UploadQueue::poll_timeout) has come.
    Timeout,

    /// Answer to [`Output::Create`]: as many outcomes as uploads asked for, in their order.
    Created(CallId, Result<Vec<CreateOutcome>, ControlFailure>),
    /// Answer to [`Output::Presign`]: in the order asked for.
    Presigned(CallId, Result<Vec<PresignedRequest>, ControlFailure>),
    /// Answer to [`Output::Complete`].
    Completed(CallId, Result<CompleteOutcome, ControlFailure>),
    /// Answer to [`Output::Abort`].
    Aborted(CallId, Result<AbortOutcome, ControlFailure>),
    /// Answer to [`Output::CheckPortal`]: whether the portal said that it is well.
    PortalChecked(CallId, bool),
    /// Answer to [`Output::LookAtFile`]: whether it is still the file whose parts were sent.
    FileLookedAt(CallId, bool),

    /// So many bytes of a transfer have left, counted from its beginning.
    Progress(TransferId, u64),
    /// S3 answered a transfer with success.
    Stored(TransferId),
    /// A transfer ended otherwise.
    TransferFailed(TransferId, TransferFailure),
}

/// Everything that the driver has to do. Each call and each transfer is answered exactly once, except a transfer
/// that was cancelled, which need not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// `POST /api/uploads/create`; answer with [`Input::Created`].
    Create(CallId, CreateUploads),
    /// `POST /api/uploads/presign`; answer with [`Input::Presigned`].
    Presign(CallId, PresignParts),
    /// `POST /api/uploads/complete`; answer with [`Input::Completed`]. S3 may take minutes.
    Complete(CallId, CompleteUpload),
    /// `POST /api/uploads/abort`; answer with [`Input::Aborted`].
    Abort(CallId, OfTicket),
    /// `GET /healthz`; answer with [`Input::PortalChecked`].
    CheckPortal(CallId),
    /// S3 holds all parts of this upload: look whether its file is still the one that they were sent from, and answer with
    /// [`Input::FileLookedAt`]. A file that cannot be read has been sent whole: nothing tells that it changed.
    LookAtFile(CallId, EntryId),
    /// Send bytes to S3; answer with [`Input::Progress`] (any number), then [`Input::Stored`] or
    /// [`Input::TransferFailed`].
    Put(PutBytes),
    /// Stop this transfer before anything that follows is done.
    CancelTransfer(TransferId),
    /// The bytes of this upload are not needed any more. The last that is heard of it.
    Release(EntryId),
}

/// One PUT of a whole object or of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutBytes {
    /// Names it in every answer.
    pub transfer: TransferId,
    /// Whose bytes.
    pub entry: EntryId,
    /// Which bytes.
    pub range: ByteRange,
    /// The request to send, as it is.
    pub request: PresignedRequest,
}

/// Why a call to the portal has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlFailure {
    /// No answer, or one that is not the portal's own: a network error, a timeout, a gateway's page.
    Unreachable,
    /// Nobody is signed in (any more).
    SignInRequired,
    /// The portal's own words.
    Problem(Problem),
    /// Success in a shape that this code does not know: page and portal are of different ages.
    DoesNotFit,
}

/// What a browser↔S3 request did instead of storing its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferFailure {
    /// No answer that the browser shows: status 0. Includes answers without CORS headers.
    Network,
    /// The browser's own time limit, or the engine's: no byte moved for too long.
    Timeout,
    /// S3 answered with an error.
    Http {
        /// 200 where the body was an `<Error>` all the same.
        status: u16,
        /// `<Code>` of the body, where there was one.
        code: Option<String>,
        /// Whether the body has an `<Expires>` element: the URL's time was over.
        has_expires: bool,
    },
    /// The person's computer has another file there now.
    FileChanged,
    /// The bytes cannot be read now: the drive that they are on is away, or the file was moved, or changed in a way that
    /// the browser tells no more of.
    SourceAway,
}
