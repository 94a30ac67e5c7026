//! SigV4 in the query of a request to S3: the AWS library's signature, with the settings in which S3 differs from
//! AWS's other services.
//!
//! Signed with the library of the SDK instead of the SDK itself, whose way to a signature is ten times as long and
//! refuses keys of white space alone.

use std::time::{Duration, UNIX_EPOCH};

use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use domain::store::StoreError;
use domain::units::UnixMillis;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::invalid;

/// What SigV4 leaves unescaped in a query. Source: IAM user guide, create a signed request.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same in a path, where slashes stay.
const IN_PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// From when, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    /// A whole second.
    pub(crate) starts_at: UnixMillis,
    pub(crate) expires_in_s: u64,
}

impl Lifetime {
    pub(crate) fn ends_at(self) -> UnixMillis {
        self.starts_at.plus_s(self.expires_in_s)
    }
}

/// A request to be signed. Its body is not: it does not exist yet.
pub(crate) struct Unsigned<'a> {
    pub(crate) method: &'static str,
    /// Scheme and Host as S3 sees them.
    pub(crate) origin: &'a str,
    pub(crate) key: &'a str,
    /// Names that need no escaping, and values as they are.
    pub(crate) query: &'a [(&'static str, String)],
    /// Names in lower case.
    pub(crate) headers: &'a [(&'static str, String)],
}

/// Path and query of the signed request.
///
/// # Errors
/// [`StoreError::InvalidRequest`] where the parts make no request.
pub(crate) fn signed_target(
    request: &Unsigned<'_>,
    identity: &Identity,
    region: &str,
    lifetime: Lifetime,
) -> Result<String, StoreError> {
    let mut uri = format!("{}/{}", request.origin, escaped_path(request.key));
    let path_and_query = request.origin.len();
    for (name, value) in request.query {
        push(&mut uri, path_and_query, name, value);
    }
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(lifetime.expires_in_s));
    // S3 takes a path as it is: `a//b` and `a/./b` are keys of their own.
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let params = v4::SigningParams::builder()
        .identity(identity)
        .region(region)
        .name("s3")
        .time(UNIX_EPOCH + Duration::from_millis(lifetime.starts_at.0))
        .settings(settings)
        .build()
        .map_err(invalid)?
        .into();
    let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let signable = SignableRequest::new(request.method, uri.as_str(), headers, SignableBody::UnsignedPayload);
    let (instructions, _) = sign(signable.map_err(invalid)?, &params).map_err(invalid)?.into_parts();
    for (name, value) in instructions.params() {
        push(&mut uri, path_and_query, name, value);
    }
    Ok(uri.split_off(path_and_query))
}

/// A key as it stands in a path.
pub(crate) fn escaped_path(key: &str) -> String {
    utf8_percent_encode(key, IN_PATH).to_string()
}

fn push(uri: &mut String, path_and_query: usize, name: &str, value: &str) {
    let joint = if uri[path_and_query..].contains('?') { '&' } else { '?' };
    uri.push(joint);
    uri.push_str(name);
    uri.push('=');
    uri.extend(utf8_percent_encode(value, UNRESERVED));
}
