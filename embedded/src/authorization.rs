//! How a request names its signer: refused, where the form is wrong, with the codes that S3 has for headers and for
//! queries. The protocol layer checks what is well-formed, and tells some of these apart less finely.

use http::Request;
use http::header::AUTHORIZATION;
use s3s::dto::{Timestamp, TimestampFormat};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use crate::uri::parameter;

/// The only algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// How far a signer's clock may be ahead. 15 minutes. Source: S3 API reference, authenticating requests.
const MAX_AHEAD_S: u64 = 15 * 60;

/// Refuses what names its signer twice, in a form of before, for another place, or for a time to come.
///
/// # Errors
/// As S3 answers; nothing for requests without any signer, which are refused where the operation is known.
pub(crate) fn check<B>(request: &Request<B>, region: &str) -> S3Result<()> {
    let query = request.uri().query();
    let named = |name: &str| parameter(query, name);
    let header = request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    let in_query = named("X-Amz-Algorithm").is_some() || named("X-Amz-Signature").is_some();
    if named("AWSAccessKeyId").is_some() || header.is_some_and(|header| header.starts_with("AWS ")) {
        return Err(s3_error!(
            InvalidRequest,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        ));
    }
    match header {
        Some(_) if in_query => Err(s3_error!(
            InvalidArgument,
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header \
             should be specified"
        )),
        Some(header) if !header.starts_with(ALGORITHM) => {
            Err(s3_error!(InvalidArgument, "Unsupported Authorization Type"))
        }
        Some(header) => {
            let credential = header.split_once("Credential=").map(|(_, rest)| rest);
            let credential = credential.and_then(|rest| rest.split(',').next()).unwrap_or_default();
            check_scope(credential.trim(), region, S3ErrorCode::AuthorizationHeaderMalformed)
        }
        None if in_query => {
            let malformed = S3ErrorCode::AuthorizationQueryParametersError;
            check_scope(&named("X-Amz-Credential").unwrap_or_default(), region, malformed)?;
            check_date(&named("X-Amz-Date").unwrap_or_default())
        }
        None => Ok(()),
    }
}

/// `key id/date/region/service/aws4_request`; a key id may hold slashes itself.
fn check_scope(credential: &str, region: &str, malformed: S3ErrorCode) -> S3Result<()> {
    let mut parts = credential.rsplit('/').skip(1);
    let (service, named) = (parts.next(), parts.next());
    let wrong = match (service, named) {
        (Some("s3"), Some(named)) if named == region => return Ok(()),
        (Some("s3"), Some(named)) => format!("the region '{named}' is wrong; expecting '{region}'"),
        (Some(service), Some(_)) => format!("incorrect service '{service}'. This endpoint belongs to 's3'."),
        _ => "the Credential is mal-formed; expecting '<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request'.".to_owned(),
    };
    Err(S3Error::with_message(malformed, wrong))
}

/// A presigned URL is not good before its time.
fn check_date(stamp: &str) -> S3Result<()> {
    let latest = std::time::SystemTime::now() + std::time::Duration::from_secs(MAX_AHEAD_S);
    let mut spelled = Vec::new();
    Timestamp::from(latest).format(TimestampFormat::DateTime, &mut spelled).map_err(S3Error::internal_error)?;
    // `2026-01-02T03:04:05.000Z` without its punctuation sorts like `20260102T030405Z`.
    let latest: String =
        String::from_utf8_lossy(&spelled).chars().filter(|character| !"-:".contains(*character)).collect();
    let digits = "YYYYMMDDTHHMMSS".len();
    if stamp.get(..digits) > latest.get(..digits) {
        return Err(s3_error!(AccessDenied, "Request is not valid yet"));
    }
    Ok(())
}
