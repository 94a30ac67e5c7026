//! ListObjects, versions 1 and 2.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::convert::{etag, time};
use super::write::size;
use super::{Api, OWNER, token};
use crate::store::listing::{Entry, Page, Position, Query, Scope};
use crate::store::object::Version;
use crate::store::{buckets, listing};
use crate::xml_text::protect;

/// The largest page. Source: S3 API reference, ListObjectsV2.
pub(super) const MAX_KEYS: usize = 1_000;

/// What `encoding-type=url` leaves as it is.
const URL_SAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// How the text of an answer is spelled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spelling {
    url: bool,
}

impl Spelling {
    /// From `encoding-type`.
    ///
    /// # Errors
    /// `InvalidArgument` for any other than `url`.
    pub(super) fn new(encoding_type: Option<&EncodingType>) -> S3Result<Self> {
        match encoding_type.map(EncodingType::as_str) {
            None => Ok(Self { url: false }),
            Some("url") => Ok(Self { url: true }),
            Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request")),
        }
    }

    /// S3 spells a space as `+`, as in a form.
    pub(super) fn text(self, text: &str) -> String {
        if self.url { utf8_percent_encode(text, URL_SAFE).to_string().replace("%20", "+") } else { protect(text) }
    }
}

pub(super) async fn list_objects_v2(
    api: &Api,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let input = request.input;
    let spelling = Spelling::new(input.encoding_type.as_ref())?;
    let limit = limit(input.max_keys)?;
    let after = match (&input.continuation_token, &input.start_after) {
        (Some(text), _) => token::decode(&input.bucket, text)
            .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))?,
        (None, Some(key)) if !key.is_empty() => Position::Key(key.clone()),
        (None, _) => Position::Start,
    };
    let query = Query {
        scope: Scope::Current,
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        after,
        limit,
    };
    let page = page(api, &input.bucket, query).await?;
    let next = page.next.as_ref().map(|position| token::encode(&input.bucket, position));
    let owner = input.fetch_owner.unwrap_or_default();
    let key_count = count(page.entries.len());
    let (contents, prefixes) = entries(page, spelling, owner);
    Ok(S3Response::new(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(spelling.text(input.prefix.as_deref().unwrap_or_default())),
        delimiter: delimiter(input.delimiter, spelling),
        start_after: input.start_after.map(|key| spelling.text(&key)),
        continuation_token: input.continuation_token.map(|text| protect(&text)),
        max_keys: Some(count(limit)),
        key_count: Some(key_count),
        is_truncated: Some(next.is_some()),
        next_continuation_token: next,
        contents: Some(contents),
        common_prefixes: Some(prefixes),
        encoding_type: input.encoding_type,
        ..ListObjectsV2Output::default()
    }))
}

pub(super) async fn list_objects(
    api: &Api,
    request: S3Request<ListObjectsInput>,
) -> S3Result<S3Response<ListObjectsOutput>> {
    let input = request.input;
    let spelling = Spelling::new(input.encoding_type.as_ref())?;
    let limit = limit(input.max_keys)?;
    let query = Query {
        scope: Scope::Current,
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        after: match &input.marker {
            Some(marker) if !marker.is_empty() => Position::Key(marker.clone()),
            _ => Position::Start,
        },
        limit,
    };
    let delimited = !query.delimiter.is_empty();
    let page = page(api, &input.bucket, query).await?;
    let truncated = page.next.is_some();
    // Version 1 names the next marker only with a delimiter: else it is the last key.
    let next_marker = match &page.next {
        Some(Position::Key(text) | Position::Prefix(text)) if delimited => Some(spelling.text(text)),
        _ => None,
    };
    let (contents, prefixes) = entries(page, spelling, true);
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(spelling.text(input.prefix.as_deref().unwrap_or_default())),
        delimiter: delimiter(input.delimiter, spelling),
        marker: Some(spelling.text(input.marker.as_deref().unwrap_or_default())),
        max_keys: Some(count(limit)),
        is_truncated: Some(truncated),
        next_marker,
        contents: Some(contents),
        common_prefixes: Some(prefixes),
        encoding_type: input.encoding_type,
        ..ListObjectsOutput::default()
    }))
}

/// A page's size: 1,000 where it is not named or larger.
///
/// # Errors
/// `InvalidArgument` for a negative one.
pub(super) fn limit(asked: Option<i32>) -> S3Result<usize> {
    match asked {
        None => Ok(MAX_KEYS),
        Some(asked) => usize::try_from(asked)
            .map(|asked| asked.min(MAX_KEYS))
            .map_err(|_| s3_error!(InvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647")),
    }
}

/// A count of at most a page in the protocol's type.
pub(super) fn count(entries: usize) -> i32 {
    i32::try_from(entries).unwrap_or(i32::MAX)
}

/// The delimiter as answered: not at all where none was given.
pub(super) fn delimiter(given: Option<String>, spelling: Spelling) -> Option<String> {
    given.filter(|text| !text.is_empty()).map(|text| spelling.text(&text))
}

/// Who owns everything here.
pub(super) fn owner() -> Owner {
    Owner { display_name: None, id: Some(OWNER.to_owned()) }
}

pub(super) async fn page(api: &Api, bucket: &str, query: Query) -> S3Result<Page> {
    let name = bucket.to_owned();
    let page = api.store.read(move |tx| listing::page(tx, &buckets::find(tx, &name)?, &query)).await?;
    Ok(page)
}

fn entries(page: Page, spelling: Spelling, owner: bool) -> (Vec<Object>, Vec<CommonPrefix>) {
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::Object(version) => objects.push(object(&version, spelling, owner)),
            Entry::CommonPrefix(prefix) => {
                prefixes.push(CommonPrefix { prefix: Some(spelling.text(&prefix)) });
            }
        }
    }
    (objects, prefixes)
}

fn object(version: &Version, spelling: Spelling, with_owner: bool) -> Object {
    let algorithms: Vec<ChecksumAlgorithm> =
        version.checksums.algorithms().map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())).collect();
    Object {
        checksum_type: (!algorithms.is_empty()).then(|| ChecksumType::from_static(version.checksums.kind())),
        checksum_algorithm: Some(algorithms),
        e_tag: Some(etag(&version.etag)),
        key: Some(spelling.text(&version.key)),
        last_modified: Some(time(version.modified_ms)),
        owner: with_owner.then(owner),
        restore_status: None,
        size: size(version.size_bytes),
        storage_class: Some(ObjectStorageClass::from(version.headers.storage_class())),
    }
}
