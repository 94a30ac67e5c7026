//! Between the protocol's types and the store's: times, ETags, stored headers, tags.

use std::time::{Duration, UNIX_EPOCH};

use http::StatusCode;
use s3s::dto::{ETag, Timestamp};
use s3s::{S3Result, s3_error};

use crate::error::custom;
use crate::id;
use crate::store::buckets::{Bucket, Versioning};
use crate::store::object::{NULL_VERSION, Tags};

/// S3's type for an object that was put without one.
pub(super) const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// What is tagged, and how many tags it may have. Source: S3 user guide, object tagging and bucket tagging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagLimit {
    /// 10.
    Object,
    /// 50.
    Bucket,
}

impl TagLimit {
    fn check(self, count: usize) -> S3Result<()> {
        let (most, message) = match self {
            Self::Object => (10, "Object tags cannot be greater than 10"),
            Self::Bucket => (50, "Bucket tag count cannot be greater than 50"),
        };
        if count > most { Err(custom("BadRequest", StatusCode::BAD_REQUEST, message)) } else { Ok(()) }
    }
}

/// Milliseconds since 1970 as S3's time.
pub(super) fn time(ms: i64) -> Timestamp {
    Timestamp::from(UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or_default()))
}

/// The whole second of a time: HTTP dates have no more, so comparisons must not.
pub(super) fn second(ms: i64) -> Timestamp {
    time(ms.div_euclid(1000) * 1000)
}

pub(super) fn etag(value: &str) -> ETag {
    ETag::Strong(value.to_owned())
}

/// Sizes as the protocol's signed type.
pub(super) fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// The version id to name in an answer: none in a bucket that never had versioning.
pub(super) fn version_id(bucket: &Bucket, version: &str) -> Option<String> {
    (bucket.versioning != Versioning::Off).then(|| version.to_owned())
}

/// A version id that could be one: `null`, or one as they are made here.
///
/// # Errors
/// `InvalidArgument`.
pub(super) fn check_version_id(id: Option<&str>) -> S3Result<()> {
    match id {
        Some("") => Err(s3_error!(InvalidArgument, "Version id cannot be the empty string")),
        Some(id) if id != NULL_VERSION && !id::is_one(id) => {
            Err(s3_error!(InvalidArgument, "Invalid version id specified"))
        }
        _ => Ok(()),
    }
}

/// Reads `x-amz-tagging`: tags spelled like a query.
pub(super) fn tags_from_header(header: Option<&str>) -> S3Result<Tags> {
    let header = header.unwrap_or_default();
    let pairs = header.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        (decode(name), decode(value))
    });
    check_tags(pairs, TagLimit::Object)
}

/// Tags within S3's limits.
///
/// # Errors
/// `InvalidTag`, `BadRequest` for too many.
pub(super) fn check_tags(pairs: impl Iterator<Item = (String, String)>, limit: TagLimit) -> S3Result<Tags> {
    let mut tags = Tags::new();
    for (name, value) in pairs {
        let (name_length, value_length) = (name.chars().count(), value.chars().count());
        if name_length == 0 || name_length > 128 || !name.chars().all(may_tag) {
            return Err(s3_error!(InvalidTag, "The TagKey you have provided is invalid"));
        }
        if value_length > 256 || !value.chars().all(may_tag) {
            return Err(s3_error!(InvalidTag, "The TagValue you have provided is invalid"));
        }
        if tags.insert(name, value).is_some() {
            return Err(s3_error!(InvalidTag, "Cannot provide multiple Tags with the same key"));
        }
    }
    limit.check(tags.len())?;
    Ok(tags)
}

/// Letters, digits and spaces of any script, and these signs. Source: S3 user guide, object tagging.
fn may_tag(character: char) -> bool {
    character.is_alphanumeric()
        || (character.is_whitespace() && !character.is_control())
        || "_.:/=+-@".contains(character)
}

/// Refuses what would change who may read an object: buckets here have no ACLs, like new ones on
/// AWS.
///
/// # Errors
/// `AccessControlListNotSupported`.
pub(super) fn check_acl(acl: Option<&str>) -> S3Result<()> {
    match acl {
        None | Some("private" | "bucket-owner-full-control") => Ok(()),
        Some(_) => Err(s3_error!(AccessControlListNotSupported)),
    }
}

/// Reads the stored headers from the fields that Put, Copy and Create share.
macro_rules! stored_headers {
    ($input:expr) => {
        $crate::store::object::ObjectHeaders {
            content_type: $input.content_type.clone(),
            cache_control: $input.cache_control.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_encoding: $crate::api::convert::stored_encoding($input.content_encoding.as_deref()),
            content_language: $input.content_language.clone(),
            expires: $input.expires.clone(),
            website_redirect_location: $input.website_redirect_location.clone(),
            storage_class: $input
                .storage_class
                .as_ref()
                .map(|class| class.as_str().to_owned())
                .filter(|class| class != "STANDARD"),
            encryption: $input
                .server_side_encryption
                .as_ref()
                .map(|encryption| encryption.as_str().to_owned())
                .filter(|encryption| encryption != $crate::store::object::DEFAULT_ENCRYPTION),
            kms_key_id: $input.ssekms_key_id.clone(),
            user: $input
                .metadata
                .clone()
                .unwrap_or_default()
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
        }
    };
}
pub(super) use stored_headers;

/// Gives stored headers back in the fields that Get and Head share.
macro_rules! answer_headers {
    ($output:expr, $headers:expr) => {{
        let headers: &$crate::store::object::ObjectHeaders = $headers;
        $output.content_type =
            Some(headers.content_type.clone().unwrap_or_else(|| $crate::api::convert::DEFAULT_CONTENT_TYPE.to_owned()));
        $output.cache_control = headers.cache_control.clone();
        $output.content_disposition = headers.content_disposition.clone();
        $output.content_encoding = headers.content_encoding.clone();
        $output.content_language = headers.content_language.clone();
        $output.expires = headers.expires.clone();
        $output.website_redirect_location = headers.website_redirect_location.clone();
        $output.server_side_encryption = Some(ServerSideEncryption::from(headers.encryption()));
        $output.ssekms_key_id = headers.kms_key_id.clone();
        $output.storage_class = headers.storage_class.clone().map(StorageClass::from);
        $output.metadata = Some(headers.user.clone().into_iter().collect());
    }};
}
pub(super) use answer_headers;

/// `aws-chunked` is how a body travelled, not what the object is.
pub(super) fn stored_encoding(header: Option<&str>) -> Option<String> {
    let kept: Vec<&str> =
        header?.split(',').map(str::trim).filter(|coding| !coding.is_empty() && *coding != "aws-chunked").collect();
    (!kept.is_empty()).then(|| kept.join(","))
}
