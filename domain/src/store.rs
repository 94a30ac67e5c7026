//! The store port: S3 as the portal needs it, one method an operation, each asking for the grant it needs.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::access::{BucketName, Grant, List, Read, Write};
use crate::listing::{ContinuationToken, ETag, ListingFilter, ListingPage, ObjectMeta, UploadMark};
use crate::presign::{Disposition, PresignedRequest};
use crate::units::{ByteSize, PartNumber};

/// What went wrong at S3, as conditions that somebody acts on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No such bucket, object or version.
    #[error("not found")]
    NotFound(#[source] Source),
    /// The multipart upload was completed, aborted or swept.
    #[error("the multipart upload does not exist")]
    UploadNotFound(#[source] Source),
    /// The portal's own credentials may not do that.
    #[error("S3 denied access")]
    AccessDenied(#[source] Source),
    /// A condition (`If-None-Match`, `If-Match`) did not hold, or two writers met.
    #[error("a precondition failed")]
    PreconditionFailed(#[source] Source),
    /// S3 asks for fewer requests.
    #[error("S3 is busy")]
    Throttled(#[source] Source),
    /// S3 does not answer, or answers 5xx.
    #[error("S3 is unavailable")]
    Unavailable(#[source] Source),
    /// What was to be put together is not what S3 holds by now: a part is absent, is another one, or is too small.
    #[error("the parts changed")]
    PartsChanged(#[source] Source),
    /// S3 refuses the request as wrong: a broken continuation token, a wrong argument.
    #[error("S3 refused the request as invalid")]
    InvalidRequest(#[source] Source),
    /// Anything else.
    #[error("S3 answered unexpectedly")]
    Unexpected(#[source] Source),
}

/// What the store's own library said; for the log.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// What an object is stored with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewObject {
    /// Exact size; signed, so S3 refuses one byte more or less.
    pub size_bytes: ByteSize,
    /// Signed with the request.
    pub content_type: String,
    /// Whether an object of that name may be replaced.
    pub overwrite: Overwrite,
    /// Signed with the request and kept with the object.
    pub mark: Option<UploadMark>,
}

/// What happens to an object that has the name already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overwrite {
    /// Nothing: the write fails (`If-None-Match: *`).
    Never,
    /// Replaced only while it is still this content (`If-Match`).
    IfMatch(ETag),
    /// Replaced.
    Always,
}

/// A part that S3 holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPart {
    /// Its number.
    pub number: PartNumber,
    /// Its size.
    pub size_bytes: ByteSize,
    /// Its identity, needed to complete.
    pub etag: ETag,
}

/// What S3 made of a completed upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Identity of the content.
    pub etag: ETag,
    /// The version, where the bucket keeps versions.
    pub version_id: Option<String>,
}

/// S3 behind a trait, so that pages and API know no library.
///
/// # Contract
/// Keys are passed byte for byte. Lists are in S3's order. Nothing here retries a change whose outcome is unknown.
/// An error's source holds S3's code and request id and no credentials.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// A page of at most `max_keys` (1 to 1,000) entries below the grant's prefix, cut at `/`, without what lies below the
    /// portal's own [`RESERVED_PREFIX`](crate::key::RESERVED_PREFIX).
    ///
    /// `starts_with` narrows to names that begin so; empty for all.
    async fn list_objects_v2(
        &self,
        grant: &Grant<List>,
        filter: &ListingFilter,
        from: Option<&ContinuationToken>,
        max_keys: u16,
    ) -> Result<ListingPage, StoreError>;

    /// Size, type and identity of the current object, or of the version named.
    async fn head_object(&self, grant: &Grant<Read>, version_id: Option<&str>) -> Result<ObjectMeta, StoreError>;

    /// A GET on the files host, with the file name and type signed into it. Lives at most `expires_in_s`.
    async fn presign_get(
        &self,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError>;

    /// The same as a HEAD, for clients that only ask what they would get: S3 takes a signature for one method alone.
    async fn presign_head(
        &self,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError>;

    /// A PUT of a whole object on the files host.
    async fn presign_put(
        &self,
        grant: &Grant<Write>,
        object: &NewObject,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError>;

    /// PUTs of parts of one upload on the files host, in the order asked for.
    async fn presign_parts(
        &self,
        grant: &Grant<Write>,
        upload_id: &str,
        parts: &[(PartNumber, ByteSize)],
        expires_in_s: u64,
    ) -> Result<Vec<PresignedRequest>, StoreError>;

    /// Begins a multipart upload, whose object will keep `mark`, and answers its id.
    async fn create_multipart_upload(
        &self,
        grant: &Grant<Write>,
        content_type: &str,
        mark: &UploadMark,
    ) -> Result<String, StoreError>;

    /// All parts that S3 holds, every page of them, by number.
    async fn list_parts(&self, grant: &Grant<Write>, upload_id: &str) -> Result<Vec<StoredPart>, StoreError>;

    /// Makes the object of the parts given, under the condition given.
    async fn complete_multipart_upload(
        &self,
        grant: &Grant<Write>,
        upload_id: &str,
        parts: &[StoredPart],
        overwrite: &Overwrite,
    ) -> Result<StoredObject, StoreError>;

    /// Discards a multipart upload and its parts.
    async fn abort_multipart_upload(&self, grant: &Grant<Write>, upload_id: &str) -> Result<(), StoreError>;

    /// Whether S3 answers for this bucket: for the readiness check, which acts for nobody.
    async fn head_bucket(&self, bucket: &BucketName) -> Result<(), StoreError>;
}
