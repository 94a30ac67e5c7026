//! What can go wrong in the store, and the S3 error that says so.

use s3s::{S3Error, s3_error};

use crate::error::custom;

/// A store operation's failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// No bucket of that name.
    #[error("no such bucket")]
    NoSuchBucket,
    /// A bucket of that name is there already.
    #[error("the bucket exists")]
    BucketExists,
    /// The bucket still holds objects or uploads.
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    /// The key has no object now. Its newest version is the delete marker, where there is one.
    #[error("no such key")]
    NoSuchKey {
        /// The delete marker's version id.
        delete_marker: Option<String>,
    },
    /// The key has no version of that id.
    #[error("no such version")]
    NoSuchVersion,
    /// The version asked for is a delete marker.
    #[error("the version is a delete marker")]
    IsDeleteMarker(String),
    /// No upload of that id for this bucket and key.
    #[error("no such upload")]
    NoSuchUpload,
    /// A part named by Complete was never uploaded, or its ETag or checksum differs.
    #[error("invalid part {0}")]
    InvalidPart(u16),
    /// Complete names a part without the checksum that the object's own is made of.
    #[error("part {0} without its {1}")]
    BarePart(u16, &'static str),
    /// Complete names the parts out of order.
    #[error("parts out of order")]
    InvalidPartOrder,
    /// A part other than the last is under the minimum.
    #[error("part {0} is too small")]
    EntityTooSmall(u16),
    /// The whole object's declared size or checksum is not what its parts give.
    #[error("the object is not what was declared: {0}")]
    NotAsDeclared(&'static str),
    /// The whole object's checksum is declared by another algorithm than the upload's.
    #[error("a checksum of {actual}, where {expected} is expected")]
    OtherAlgorithm {
        /// The upload's.
        expected: &'static str,
        /// The request's.
        actual: &'static str,
    },
    /// `If-Match` or `If-None-Match` does not hold.
    #[error("precondition failed")]
    PreconditionFailed,
    /// The disk is full.
    #[error("no space left")]
    Full,
    /// The index failed.
    #[error("the index failed")]
    Index(#[source] rusqlite::Error),
    /// A file of bytes failed.
    #[error("reading or writing bytes failed")]
    Bytes(#[source] std::io::Error),
    /// A document in the index does not read back.
    #[error("a document in the index is broken")]
    Document(#[from] serde_json::Error),
    /// The runtime is shutting down.
    #[error("shutting down")]
    Stopped,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Index(error),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Bytes(error),
        }
    }
}

impl From<StoreError> for S3Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchBucket => s3_error!(NoSuchBucket),
            StoreError::BucketExists => s3_error!(BucketAlreadyOwnedByYou),
            StoreError::BucketNotEmpty => s3_error!(BucketNotEmpty),
            StoreError::NoSuchKey { delete_marker } => {
                let mut answer = s3_error!(NoSuchKey);
                if let Some(version) = delete_marker {
                    answer.set_headers(delete_marker_headers(&version));
                }
                answer
            }
            StoreError::NoSuchVersion => s3_error!(NoSuchVersion),
            StoreError::IsDeleteMarker(version) => {
                let mut answer = s3_error!(MethodNotAllowed);
                answer.set_headers(delete_marker_headers(&version));
                answer
            }
            StoreError::NoSuchUpload => s3_error!(NoSuchUpload),
            StoreError::InvalidPart(number) => {
                s3_error!(InvalidPart, "Part {number} could not be found, or its ETag or checksum is another one.")
            }
            StoreError::BarePart(number, algorithm) => s3_error!(
                InvalidRequest,
                "The upload was created using a {} checksum. The complete request must include the checksum for each \
                 part. It was missing for part {number} in the request.",
                algorithm.to_ascii_lowercase()
            ),
            StoreError::InvalidPartOrder => s3_error!(InvalidPartOrder),
            StoreError::EntityTooSmall(number) => {
                s3_error!(EntityTooSmall, "Part {number} is smaller than the minimum allowed size.")
            }
            StoreError::NotAsDeclared("size") => {
                s3_error!(InvalidRequest, "The x-amz-mp-object-size header does not match the sum of the parts.")
            }
            StoreError::NotAsDeclared(_) => s3_error!(BadDigest),
            StoreError::OtherAlgorithm { expected, actual } => other_algorithm(expected, Some(actual)),
            StoreError::PreconditionFailed => s3_error!(PreconditionFailed),
            StoreError::Full => full(),
            StoreError::Stopped => s3_error!(ServiceUnavailable),
            other => S3Error::internal_error(other),
        }
    }
}

/// A checksum of another algorithm than an upload's own, or none where one is needed.
pub(crate) fn other_algorithm(expected: &str, actual: Option<&str>) -> S3Error {
    s3_error!(
        InvalidRequest,
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
        expected.to_ascii_lowercase(),
        actual.map_or_else(|| "null".to_owned(), str::to_ascii_lowercase)
    )
}

fn delete_marker_headers(version: &str) -> http::HeaderMap {
    let mut headers = http::HeaderMap::new();
    headers.insert("x-amz-delete-marker", http::HeaderValue::from_static("true"));
    if let Ok(value) = version.parse() {
        headers.insert("x-amz-version-id", value);
    }
    headers
}

/// 507: a status that clients do not retry, for a state that a retry does not mend.
fn full() -> S3Error {
    custom("InsufficientStorage", http::StatusCode::INSUFFICIENT_STORAGE, "There is no space left to store this.")
}
