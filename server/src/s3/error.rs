//! What S3's errors mean to the portal: one table of codes, and of statuses where an answer carries no code.

use std::fmt;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use domain::store::{Source, StoreError};

/// What to do about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    NotFound,
    UploadNotFound,
    AccessDenied,
    PreconditionFailed,
    Throttled,
    Unavailable,
    PartsChanged,
    InvalidRequest,
    Unexpected,
}

/// S3's codes. Source: S3 API reference, error responses. Codes decide; texts never do.
const BY_CODE: &[(&str, Condition)] = &[
    ("NoSuchBucket", Condition::NotFound),
    ("NoSuchKey", Condition::NotFound),
    ("NoSuchVersion", Condition::NotFound),
    ("NotFound", Condition::NotFound),
    ("NoSuchUpload", Condition::UploadNotFound),
    ("AccessDenied", Condition::AccessDenied),
    ("AccountProblem", Condition::AccessDenied),
    ("AllAccessDisabled", Condition::AccessDenied),
    ("InvalidAccessKeyId", Condition::AccessDenied),
    ("SignatureDoesNotMatch", Condition::AccessDenied),
    ("ConditionalRequestConflict", Condition::PreconditionFailed),
    ("PreconditionFailed", Condition::PreconditionFailed),
    ("RequestLimitExceeded", Condition::Throttled),
    ("ServiceUnavailable", Condition::Throttled),
    ("SlowDown", Condition::Throttled),
    ("ThrottlingException", Condition::Throttled),
    ("TooManyRequests", Condition::Throttled),
    ("BadGateway", Condition::Unavailable),
    // Of the portal's own credentials or clock: nobody's permission is missing, and it may be over with the next ones.
    ("ExpiredToken", Condition::Unavailable),
    ("GatewayTimeout", Condition::Unavailable),
    ("InternalError", Condition::Unavailable),
    ("InvalidToken", Condition::Unavailable),
    ("OperationAborted", Condition::Unavailable),
    ("RequestTimeout", Condition::Unavailable),
    ("RequestTimeTooSkewed", Condition::Unavailable),
    ("EntityTooSmall", Condition::PartsChanged),
    ("InvalidPart", Condition::PartsChanged),
    ("InvalidPartOrder", Condition::PartsChanged),
    ("BadDigest", Condition::InvalidRequest),
    ("EntityTooLarge", Condition::InvalidRequest),
    ("InvalidArgument", Condition::InvalidRequest),
    ("InvalidBucketName", Condition::InvalidRequest),
    ("InvalidDigest", Condition::InvalidRequest),
    ("InvalidRange", Condition::InvalidRequest),
    ("InvalidRequest", Condition::InvalidRequest),
    ("InvalidURI", Condition::InvalidRequest),
    ("KeyTooLongError", Condition::InvalidRequest),
    ("MalformedXML", Condition::InvalidRequest),
    ("MetadataTooLarge", Condition::InvalidRequest),
    ("MissingContentLength", Condition::InvalidRequest),
    ("NotImplemented", Condition::InvalidRequest),
];

/// For answers without a body (HEAD) and without a code that we know.
fn by_status(status: u16) -> Condition {
    match status {
        400 | 411 | 413 | 414 | 416 | 431 => Condition::InvalidRequest,
        401 | 403 => Condition::AccessDenied,
        // A HEAD of a version that is a delete marker is answered 405.
        404 | 405 | 410 => Condition::NotFound,
        409 | 412 => Condition::PreconditionFailed,
        429 | 503 => Condition::Throttled,
        408 | 500 | 502 | 504 => Condition::Unavailable,
        _ => Condition::Unexpected,
    }
}

fn condition(code: Option<&str>, status: u16) -> Condition {
    let known = code.and_then(|code| BY_CODE.iter().find(|(known, _)| *known == code));
    known.map_or_else(|| by_status(status), |(_, condition)| *condition)
}

impl Condition {
    fn with(self, source: Source) -> StoreError {
        match self {
            Self::NotFound => StoreError::NotFound(source),
            Self::UploadNotFound => StoreError::UploadNotFound(source),
            Self::AccessDenied => StoreError::AccessDenied(source),
            Self::PreconditionFailed => StoreError::PreconditionFailed(source),
            Self::Throttled => StoreError::Throttled(source),
            Self::Unavailable => StoreError::Unavailable(source),
            Self::PartsChanged => StoreError::PartsChanged(source),
            Self::InvalidRequest => StoreError::InvalidRequest(source),
            Self::Unexpected => StoreError::Unexpected(source),
        }
    }
}

/// An error answer of S3, as far as it may be logged.
#[derive(Debug)]
struct S3Answer {
    status: u16,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

impl fmt::Display for S3Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.code.as_deref().unwrap_or("without a code"))?;
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}

impl std::error::Error for S3Answer {}

/// What an SDK call's failure means.
pub(crate) fn store_error<E>(error: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if let SdkError::ServiceError(answer) = &error {
        let (raw, said) = (answer.raw(), answer.err().meta());
        let status = raw.status().as_u16();
        let answer = S3Answer {
            status,
            code: said.code().map(str::to_owned),
            message: said.message().map(str::to_owned),
            request_id: raw.headers().get("x-amz-request-id").map(str::to_owned),
        };
        return condition(answer.code.as_deref(), status).with(Box::new(answer));
    }
    let condition = match &error {
        SdkError::ConstructionFailure(_) => Condition::InvalidRequest,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => Condition::Unavailable,
        // An answer that is not S3's: a proxy's page, a body cut off.
        SdkError::ResponseError(answer) => match answer.raw().status().as_u16() {
            200..=299 => Condition::Unavailable,
            status => by_status(status),
        },
        _ => Condition::Unexpected,
    };
    condition.with(Box::new(error))
}

/// The same for a call about an upload that asks nothing of an object: where a store knows no such key, it means the
/// upload.
pub(crate) fn upload_error<E>(error: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let no_such_key = error.code() == Some("NoSuchKey");
    match store_error(error) {
        StoreError::NotFound(source) if no_such_key => StoreError::UploadNotFound(source),
        other => other,
    }
}

/// A request that the portal itself finds wrong.
pub(crate) fn invalid(why: impl Into<Source>) -> StoreError {
    StoreError::InvalidRequest(why.into())
}

/// Something that the portal needs for S3 and does not have for now.
pub(crate) fn unavailable(why: impl Into<Source>) -> StoreError {
    StoreError::Unavailable(why.into())
}

/// An answer that breaks S3's own rules.
pub(crate) fn unexpected(why: impl Into<Source>) -> StoreError {
    StoreError::Unexpected(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_in_the_table_once() {
        let mut codes: Vec<_> = BY_CODE.iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), BY_CODE.len());
    }

    #[test]
    fn a_code_decides_whatever_the_status_says() {
        assert_eq!(condition(Some("SlowDown"), 200), Condition::Throttled);
        assert_eq!(condition(Some("InternalError"), 200), Condition::Unavailable);
        assert_eq!(condition(Some("NoSuchUpload"), 404), Condition::UploadNotFound);
        assert_eq!(condition(Some("ConditionalRequestConflict"), 409), Condition::PreconditionFailed);
        assert_eq!(condition(Some("OperationAborted"), 409), Condition::Unavailable);
        for of_the_portal in ["ExpiredToken", "InvalidToken", "RequestTimeTooSkewed"] {
            assert_eq!(condition(Some(of_the_portal), 403), Condition::Unavailable, "{of_the_portal}");
        }
    }

    #[test]
    fn a_completion_that_is_wrong_in_itself_is_not_taken_for_parts_that_changed() {
        for parts in ["EntityTooSmall", "InvalidPart", "InvalidPartOrder"] {
            assert_eq!(condition(Some(parts), 400), Condition::PartsChanged, "{parts}");
        }
        for wrong in ["InvalidArgument", "InvalidRequest", "MalformedXML", "EntityTooLarge", "SomethingNew"] {
            assert_eq!(condition(Some(wrong), 400), Condition::InvalidRequest, "{wrong}");
        }
    }

    #[test]
    fn without_a_known_code_the_status_decides() {
        for (status, expected) in [
            (400, Condition::InvalidRequest),
            (403, Condition::AccessDenied),
            (404, Condition::NotFound),
            (405, Condition::NotFound),
            (412, Condition::PreconditionFailed),
            (503, Condition::Throttled),
            (500, Condition::Unavailable),
            (200, Condition::Unexpected),
            (301, Condition::Unexpected),
        ] {
            assert_eq!(condition(None, status), expected, "{status}");
            assert_eq!(condition(Some("SomethingNew"), status), expected, "{status}");
        }
    }

    #[test]
    fn what_is_logged_names_code_status_and_request_id() {
        let answer = S3Answer {
            status: 404,
            code: Some("NoSuchKey".to_owned()),
            message: Some("The specified key does not exist.".to_owned()),
            request_id: Some("4442587FB7D0A2F9".to_owned()),
        };
        assert_eq!(
            answer.to_string(),
            "404 NoSuchKey (request id 4442587FB7D0A2F9): The specified key does not exist."
        );
    }
}
