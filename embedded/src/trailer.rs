//! Checksums that come behind a body: what `x-amz-trailer` promises, and whether it was kept.

use http::{HeaderMap, StatusCode};
use s3s::{S3Error, s3_error};

use crate::checksum::{Algorithm, Checksums};
use crate::error::custom;

/// The trailer's own signature, which the protocol layer checks.
const SIGNATURE: &str = "x-amz-trailer-signature";

/// What is wrong with a trailer, or with the promise of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrailerError {
    /// It is to be something else than a checksum.
    Unsupported,
    /// More than one is promised.
    Several,
    /// It is not what was promised, or is missing.
    Malformed,
    /// It is no digest of its algorithm.
    Invalid,
}

impl From<TrailerError> for S3Error {
    fn from(error: TrailerError) -> Self {
        match error {
            TrailerError::Unsupported => {
                s3_error!(InvalidRequest, "The value specified in the x-amz-trailer header is not supported")
            }
            TrailerError::Several => s3_error!(
                InvalidRequest,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
            ),
            TrailerError::Malformed => custom(
                "MalformedTrailerError",
                StatusCode::BAD_REQUEST,
                "The request contained trailing data that was not well-formed or did not conform to our published \
                 schema.",
            ),
            TrailerError::Invalid => {
                s3_error!(InvalidRequest, "Value for x-amz-checksum trailing header is invalid.")
            }
        }
    }
}

/// The algorithm of the checksum that is to come, where one is.
///
/// # Errors
/// `Unsupported` and `Several`.
pub(crate) fn promised(headers: &HeaderMap) -> Result<Option<Algorithm>, TrailerError> {
    let mut promised = None;
    for names in headers.get_all("x-amz-trailer") {
        for name in names.to_str().map_err(|_| TrailerError::Unsupported)?.split(',') {
            let algorithm = Algorithm::from_header(name).ok_or(TrailerError::Unsupported)?;
            if promised.replace(algorithm).is_some() {
                return Err(TrailerError::Several);
            }
        }
    }
    Ok(promised)
}

/// The checksum that came: what was promised, and nothing else.
///
/// # Errors
/// `Malformed` and `Invalid`.
pub(crate) fn kept(promised: Option<Algorithm>, came: Option<&HeaderMap>) -> Result<Checksums, TrailerError> {
    let mut checksums = Checksums::default();
    let came = came.into_iter().flatten().filter(|(name, _)| *name != SIGNATURE);
    for (name, value) in came {
        let algorithm = Algorithm::from_header(name.as_str());
        if algorithm.is_none() || algorithm != promised || !checksums.is_empty() {
            return Err(TrailerError::Malformed);
        }
        let value = value.to_str().map_err(|_| TrailerError::Invalid)?;
        checksums.set(algorithm.ok_or(TrailerError::Malformed)?, Some(value.trim().to_owned()));
    }
    if promised.is_some() && checksums.is_empty() {
        return Err(TrailerError::Malformed);
    }
    if checksums.well_formed() { Ok(checksums) } else { Err(TrailerError::Invalid) }
}
