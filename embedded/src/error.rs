//! S3's errors whose codes the protocol layer's list does not have.

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode};

/// An error of this code, answered with this status.
pub(crate) fn custom(code: &'static str, status: StatusCode, message: &'static str) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(status);
    error
}
