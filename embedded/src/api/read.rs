//! GetObject and HeadObject: conditions, ranges, part numbers, and headers overridden for one answer.

use std::ops;

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, EXPIRES, IF_RANGE,
    LAST_MODIFIED,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use rusqlite::Transaction;
use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::Api;
use super::convert::{self, answer_headers, check_version_id, etag, second, signed, time};
use crate::body;
use crate::checksum::{Checksums, answer_checksums};
use crate::error::custom;
use crate::store::object::Version;
use crate::store::segments::{Segment, files};
use crate::store::{StoreError, buckets, versions};

/// What a read asks of a version before it gets its bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadCondition {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) if_modified_since: Option<Timestamp>,
    pub(super) if_unmodified_since: Option<Timestamp>,
}

/// `If-Range`: what the version must be for its range to be of use to the one who asks.
#[derive(Debug, Clone)]
struct IfRange(String);

impl IfRange {
    fn read(headers: &HeaderMap) -> Option<Self> {
        // One that is no text matches nothing.
        headers.get(IF_RANGE).map(|value| Self(value.to_str().unwrap_or_default().trim().to_owned()))
    }

    /// By the same ETag, or by the same date.
    fn holds(&self, version: &Version) -> bool {
        let date = || Timestamp::parse(TimestampFormat::HttpDate, &self.0).ok();
        self.0.trim_matches('"') == version.etag || date() == Some(second(version.modified_ms))
    }
}

/// How a read's conditions came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    NotModified,
    Failed,
}

impl ReadCondition {
    /// By the rules of HTTP: ETags before dates, and a date is not looked at where an ETag decided.
    pub(super) fn verdict(&self, version: &Version) -> Verdict {
        let is = |condition: &ETagCondition| match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(etag) => etag.value() == version.etag,
        };
        let modified = second(version.modified_ms);
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) if !is(condition) => return Verdict::Failed,
            (None, Some(date)) if modified > *date => return Verdict::Failed,
            _ => {}
        }
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) if is(condition) => Verdict::NotModified,
            (None, Some(date)) if modified <= *date => Verdict::NotModified,
            _ => Verdict::Go,
        }
    }
}

/// A version and the stretch of it that was asked for.
struct Found {
    version: Version,
    version_id: Option<String>,
    range: ops::Range<u64>,
    /// Whether less than everything was asked for: 206.
    partial: bool,
    checksums: Checksums,
    segments: Vec<Segment>,
}

/// What to look for.
struct Wanted {
    bucket: String,
    key: String,
    version: Option<String>,
    condition: ReadCondition,
    range: Option<Range>,
    if_range: Option<IfRange>,
    part: Option<i32>,
    /// HEAD has no body to read.
    bytes: bool,
}

/// Reads a request's fields, which Get and Head share.
macro_rules! wanted {
    ($input:expr, $headers:expr, $bytes:expr) => {
        Wanted {
            bucket: $input.bucket,
            key: $input.key,
            version: $input.version_id,
            condition: ReadCondition {
                if_match: $input.if_match,
                if_none_match: $input.if_none_match,
                if_modified_since: $input.if_modified_since,
                if_unmodified_since: $input.if_unmodified_since,
            },
            range: $input.range,
            if_range: IfRange::read($headers),
            part: $input.part_number,
            bytes: $bytes,
        }
    };
}

/// Fills an answer's fields, which Get and Head share.
macro_rules! describe {
    ($output:expr, $found:expr, $checksum_mode:expr) => {{
        let found: &Found = $found;
        answer_headers!($output, &found.version.headers);
        if $checksum_mode && !found.checksums.is_empty() {
            answer_checksums!($output, &found.checksums);
            $output.checksum_type = Some(ChecksumType::from_static(found.checksums.kind()));
        }
        $output.accept_ranges = Some("bytes".to_owned());
        $output.content_length = Some(signed(found.range.end - found.range.start));
        $output.content_range = found.content_range();
        $output.e_tag = Some(etag(&found.version.etag));
        $output.last_modified = Some(time(found.version.modified_ms));
        $output.version_id = found.version_id.clone();
        $output.tag_count = i32::try_from(found.version.tags.len()).ok().filter(|count| *count > 0);
    }};
}

pub(super) async fn get_object(api: &Api, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
    let input = request.input;
    check_version_id(input.version_id.as_deref())?;
    let checksum_mode = input.checksum_mode.is_some();
    let parts = input.part_number.is_some();
    let wanted = wanted!(input, &request.headers, true);
    let (found, lease) = api
        .store
        .read_leased(move |tx| {
            let found = find(tx, wanted)?;
            let files = found.iter().flat_map(|found| files(&found.segments)).collect();
            Ok((found, files))
        })
        .await?;
    let mut found = found?;
    let segments = std::mem::take(&mut found.segments);
    let mut output = GetObjectOutput::default();
    describe!(output, &found, checksum_mode);
    output.parts_count = found.version.parts.filter(|_| parts).map(i32::from);
    output.body = Some(body::send(&api.store, lease, segments, found.range.start, found.range.end));
    Ok(S3Response::new(output))
}

pub(super) async fn head_object(
    api: &Api,
    request: S3Request<HeadObjectInput>,
) -> S3Result<S3Response<HeadObjectOutput>> {
    let input = request.input;
    check_version_id(input.version_id.as_deref())?;
    let checksum_mode = input.checksum_mode.is_some();
    let parts = input.part_number.is_some();
    let overrides = overrides(&input)?;
    let wanted = wanted!(input, &request.headers, false);
    let found = api.store.read(move |tx| find(tx, wanted)).await??;
    let mut output = HeadObjectOutput::default();
    describe!(output, &found, checksum_mode);
    output.parts_count = found.version.parts.filter(|_| parts).map(i32::from);
    Ok(S3Response::with_headers(output, overrides))
}

impl Found {
    /// None of the whole, and none of nothing: no byte is its last.
    fn content_range(&self) -> Option<String> {
        let last = self.range.end.checked_sub(1).filter(|_| self.partial)?;
        Some(format!("bytes {}-{last}/{}", self.range.start, self.version.size_bytes))
    }
}

fn find(tx: &Transaction<'_>, wanted: Wanted) -> Result<S3Result<Found>, StoreError> {
    let bucket = buckets::find(tx, &wanted.bucket)?;
    let version = versions::find(tx, &bucket, &wanted.key, wanted.version.as_deref())?;
    match wanted.condition.verdict(&version) {
        Verdict::Go => {}
        Verdict::NotModified => return Ok(Err(not_modified(&version))),
        Verdict::Failed => return Ok(Err(s3_error!(PreconditionFailed))),
    }
    let size_bytes = version.size_bytes;
    // A range of what has changed since would be put behind bytes of before: the whole comes instead.
    let wished = wanted.range.filter(|_| wanted.if_range.as_ref().is_none_or(|condition| condition.holds(&version)));
    let mut checksums = version.checksums.clone();
    let range = match (wanted.part, wished) {
        (Some(_), Some(_)) => {
            return Ok(Err(s3_error!(
                InvalidRequest,
                "Cannot specify both Range header and partNumber query parameter"
            )));
        }
        (None, None) => 0..size_bytes,
        (None, Some(range)) => match range.check(size_bytes) {
            Ok(range) => {
                checksums = Checksums::default();
                range
            }
            Err(_) => return Ok(Err(s3_error!(InvalidRange))),
        },
        (Some(number), None) => match part(tx, &version, number)? {
            Ok((range, of_part)) => {
                checksums = of_part;
                range
            }
            Err(error) => return Ok(Err(error)),
        },
    };
    let partial = wanted.part.is_some() || wished.is_some();
    let segments = if wanted.bytes { versions::segments(tx, &version, range.start, range.end)? } else { Vec::new() };
    Ok(Ok(Found {
        version_id: convert::version_id(&bucket, &version.version),
        version,
        range,
        partial,
        checksums,
        segments,
    }))
}

type PartRange = (ops::Range<u64>, Checksums);

fn part(tx: &Transaction<'_>, version: &Version, number: i32) -> Result<S3Result<PartRange>, StoreError> {
    // Without bytes there are no segments, but the one part that holds nothing.
    if number == 1 && (version.parts.is_none() || version.size_bytes == 0) {
        return Ok(Ok((0..version.size_bytes, version.checksums.clone())));
    }
    let number = u16::try_from(number).ok().filter(|_| version.parts.is_some());
    let segment = match number {
        Some(number) => versions::part(tx, version, number)?,
        None => None,
    };
    Ok(match segment {
        Some(segment) => {
            let end = segment.start_bytes + segment.size_bytes;
            let mut checksums = segment.checksums;
            // What is said of the type is said of the object.
            checksums.composite = version.checksums.composite;
            Ok((segment.start_bytes..end, checksums))
        }
        None => Err(custom(
            "InvalidPartNumber",
            StatusCode::RANGE_NOT_SATISFIABLE,
            "The requested partnumber is not satisfiable",
        )),
    })
}

/// 304, with what a cache needs to go on using what it has.
fn not_modified(version: &Version) -> S3Error {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", version.etag)) {
        headers.insert(ETAG, value);
    }
    let mut date = Vec::new();
    if second(version.modified_ms).format(TimestampFormat::HttpDate, &mut date).is_ok()
        && let Ok(value) = HeaderValue::from_bytes(&date)
    {
        headers.insert(LAST_MODIFIED, value);
    }
    let mut error = s3_error!(NotModified);
    error.set_status_code(StatusCode::NOT_MODIFIED);
    error.set_headers(headers);
    error
}

/// HEAD's `response-*` parameters; the protocol layer knows them for GET alone.
fn overrides(input: &HeadObjectInput) -> S3Result<HeaderMap> {
    let mut expires = Vec::new();
    if let Some(date) = &input.response_expires {
        date.format(TimestampFormat::HttpDate, &mut expires).map_err(S3Error::internal_error)?;
    }
    let pairs: [(HeaderName, &[u8]); 6] = [
        (CONTENT_TYPE, bytes(input.response_content_type.as_ref())),
        (CONTENT_LANGUAGE, bytes(input.response_content_language.as_ref())),
        (CONTENT_DISPOSITION, bytes(input.response_content_disposition.as_ref())),
        (CONTENT_ENCODING, bytes(input.response_content_encoding.as_ref())),
        (CACHE_CONTROL, bytes(input.response_cache_control.as_ref())),
        (EXPIRES, &expires),
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        if !value.is_empty() {
            let value = HeaderValue::from_bytes(value).map_err(|_| s3_error!(InvalidArgument))?;
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

fn bytes(text: Option<&String>) -> &[u8] {
    text.map(String::as_bytes).unwrap_or_default()
}
