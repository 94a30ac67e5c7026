//! CopyObject and UploadPartCopy.

use std::ops;

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Api;
use super::convert::{self, check_acl, check_version_id, etag, stored_headers, tags_from_header, time};
use super::multipart::{part_number, store_part};
use super::read::{ReadCondition, Verdict};
use super::write::{check_headers, refuse_customer_keys, write_condition};
use crate::body::{self, Received};
use crate::checksum::{Algorithm, answer_checksums};
use crate::id;
use crate::store::object::{NewBytes, NewVersion, Version};
use crate::store::segments::{Segment, files};
use crate::store::{Lease, StoreError, buckets, multipart, now_ms, versions};

/// The largest object that one CopyObject takes. 5 GiB. Source: S3 API reference, CopyObject.
const MAX_COPY_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// Where a copy comes from, and on what condition.
struct Source {
    bucket: String,
    key: String,
    version: Option<String>,
    condition: ReadCondition,
}

/// What a copy found at its source.
struct Found {
    version: Version,
    /// The source's version id to name in the answer.
    version_id: Option<String>,
}

/// Reads a source from the fields that both copies share.
macro_rules! source {
    ($input:expr) => {{
        let CopySource::Bucket { bucket, key, version_id } = $input.copy_source.clone() else {
            return Err(s3_error!(InvalidRequest, "The copy source is no object of a bucket."));
        };
        check_version_id(version_id.as_deref())?;
        Source {
            bucket: bucket.into(),
            key: key.into(),
            version: version_id.map(String::from),
            condition: ReadCondition {
                if_match: $input.copy_source_if_match.clone(),
                if_none_match: $input.copy_source_if_none_match.clone(),
                if_modified_since: $input.copy_source_if_modified_since.clone(),
                if_unmodified_since: $input.copy_source_if_unmodified_since.clone(),
            },
        }
    }};
}

pub(super) async fn copy_object(
    api: &Api,
    request: S3Request<CopyObjectInput>,
) -> S3Result<S3Response<CopyObjectOutput>> {
    let input = request.input;
    check_acl(input.acl.as_ref().map(ObjectCannedACL::as_str))?;
    refuse_customer_keys(input.sse_customer_algorithm.as_ref())?;
    let source = source!(input);
    let (source_bucket, source_key) = (source.bucket.clone(), source.key.clone());
    let replace_headers = replaces(input.metadata_directive.as_ref().map(MetadataDirective::as_str))?;
    let replace_tags = replaces(input.tagging_directive.as_ref().map(TaggingDirective::as_str))?;
    let new_headers = stored_headers!(input);
    check_headers(&new_headers)?;
    let new_tags = tags_from_header(input.tagging.as_deref())?;
    let changes = replace_headers
        || input.storage_class.is_some()
        || input.website_redirect_location.is_some()
        || input.server_side_encryption.is_some();
    if !changes && source.version.is_none() && source.bucket == input.bucket && source.key == input.key {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without \
             changing the object's metadata, storage class, website redirect location or \
             encryption attributes."
        ));
    }
    let wished = input
        .checksum_algorithm
        .as_ref()
        .map(|name| Algorithm::from_name(name.as_str()).ok_or_else(|| s3_error!(InvalidRequest)))
        .transpose()?;

    let condition = write_condition(input.if_match.clone(), input.if_none_match.clone())?;

    let (found, lease, segments) = look_up(api, source, None).await?;
    let mut version = found.version;
    if version.size_bytes > MAX_COPY_BYTES {
        return Err(s3_error!(
            InvalidRequest,
            "The specified copy source is larger than the maximum allowable size for a copy source: \
             5368709120"
        ));
    }
    if replace_headers {
        version.headers = new_headers;
    } else {
        version.headers.storage_class = new_headers.storage_class;
        version.headers.website_redirect_location = new_headers.website_redirect_location;
        // A copy is encrypted as it asks to be, not as its source was.
        version.headers.encryption = new_headers.encryption;
        version.headers.kms_key_id = new_headers.kms_key_id;
    }
    if replace_tags {
        version.tags = new_tags;
    }
    let algorithms = wanted_algorithms(&version, wished);
    let same_digests =
        version.parts.is_none() && algorithms.iter().all(|algorithm| version.checksums.get(*algorithm).is_some());
    let new = if same_digests {
        drop(lease);
        None
    } else {
        // A copy is one object put at once: its ETag is the MD5 of its bytes, so they are read.
        let bytes = body::send(&api.store, lease, segments, 0, version.size_bytes);
        Some(body::receive(&api.store, Some(bytes), version.size_bytes, &algorithms).await?)
    };
    let new = new.map(|Received { digests, bytes }| (digests, bytes.into_inner()));
    let (name, key) = (input.bucket, input.key);
    let Version { size_bytes, etag: source_etag, version: source_version, headers, checksums, tags, .. } = version;
    let (stored, version_id) = api
        .store
        .write(move |change| {
            let (etag, checksums, bytes) = match new {
                Some((digests, bytes)) => (id::hex(&digests.md5), digests.checksums, NewBytes::Staged(bytes)),
                None => {
                    // The source may have gone since: what is shared is what it has now.
                    let from = buckets::find(&change.tx, &source_bucket)?;
                    let now = versions::find(&change.tx, &from, &source_key, Some(&source_version))
                        .map_err(|_| StoreError::NoSuchKey { delete_marker: None })?;
                    if now.etag != source_etag {
                        return Err(StoreError::NoSuchKey { delete_marker: None });
                    }
                    (source_etag, checksums, versions::share(&now))
                }
            };
            let modified_ms = now_ms();
            let new = NewVersion { size_bytes, etag, parts: None, headers, checksums, tags, modified_ms, bytes };
            let bucket = buckets::find(&change.tx, &name)?;
            let stored = versions::put(change, &bucket, &key, new, &condition)?;
            let version_id = convert::version_id(&bucket, &stored.version);
            Ok((stored, version_id))
        })
        .await?;
    let mut result = CopyObjectResult {
        e_tag: Some(etag(&stored.etag)),
        last_modified: Some(time(stored.modified_ms)),
        checksum_type: Some(ChecksumType::from_static(stored.checksums.kind())),
        ..CopyObjectResult::default()
    };
    answer_checksums!(result, &stored.checksums);
    Ok(S3Response::new(CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: found.version_id,
        server_side_encryption: Some(ServerSideEncryption::from(stored.headers.encryption())),
        ssekms_key_id: stored.headers.kms_key_id,
        version_id,
        ..CopyObjectOutput::default()
    }))
}

pub(super) async fn upload_part_copy(
    api: &Api,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let input = request.input;
    refuse_customer_keys(input.sse_customer_algorithm.as_ref())?;
    let number = part_number(input.part_number)?;
    let source = source!(input);
    let (name, key, upload) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let algorithm = api
        .store
        .read(move |tx| {
            let bucket = buckets::find(tx, &name)?;
            Ok(multipart::find(tx, &bucket, &key, &upload)?.part_algorithm())
        })
        .await?;
    let wished = input.copy_source_range.as_deref().map(parse_range).transpose()?;
    let (found, lease, segments) = look_up(api, source, wished.clone()).await?;
    let range = match wished {
        None => 0..found.version.size_bytes,
        Some(range) if range.end <= found.version.size_bytes => range,
        Some(_) => {
            return Err(s3_error!(
                InvalidArgument,
                "Range specified is not valid for source object of size: {}",
                found.version.size_bytes
            ));
        }
    };
    if range.end - range.start > MAX_COPY_BYTES {
        return Err(s3_error!(EntityTooLarge));
    }
    let length_bytes = range.end - range.start;
    let bytes = body::send(&api.store, lease, segments, range.start, range.end);
    let received = body::receive(&api.store, Some(bytes), length_bytes, &[algorithm]).await?;
    let place = (input.bucket, input.key, input.upload_id);
    let part = store_part(api, place, number, received).await?;
    let mut result = CopyPartResult {
        e_tag: Some(etag(&part.etag)),
        last_modified: Some(time(part.modified_ms)),
        ..CopyPartResult::default()
    };
    answer_checksums!(result, &part.checksums);
    Ok(S3Response::new(UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: found.version_id,
        ..UploadPartCopyOutput::default()
    }))
}

/// Finds the source and leases the files of the range.
async fn look_up(api: &Api, source: Source, range: Option<ops::Range<u64>>) -> S3Result<(Found, Lease, Vec<Segment>)> {
    let (found, lease) = api
        .store
        .read_leased(move |tx| {
            let bucket = buckets::find(tx, &source.bucket)?;
            let version = versions::find(tx, &bucket, &source.key, source.version.as_deref())?;
            // A copy has no use for "not modified": every condition that fails is 412.
            if source.condition.verdict(&version) != Verdict::Go {
                return Err(StoreError::PreconditionFailed);
            }
            let range = range.unwrap_or(0..version.size_bytes);
            let segments = versions::segments(tx, &version, range.start, range.end)?;
            let files = files(&segments).collect();
            let version_id = convert::version_id(&bucket, &version.version);
            Ok(((Found { version, version_id }, segments), files))
        })
        .await?;
    Ok((found.0, lease, found.1))
}

/// The algorithms of the copy's checksums: the one asked for, else the source's own.
fn wanted_algorithms(version: &Version, wished: Option<Algorithm>) -> Vec<Algorithm> {
    match wished {
        Some(wished) => vec![wished],
        None if version.checksums.is_empty() => vec![Algorithm::Crc64Nvme],
        None => version.checksums.algorithms().collect(),
    }
}

/// `x-amz-copy-source-range`: both ends are named, and nothing else is taken.
fn parse_range(text: &str) -> S3Result<ops::Range<u64>> {
    let parsed = text.strip_prefix("bytes=").and_then(|range| {
        let (first, last) = range.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last).then(|| first..last.saturating_add(1))
    });
    parsed.ok_or_else(|| {
        s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first \
             and last are the zero-based offsets of the first and last bytes to copy"
        )
    })
}

fn replaces(directive: Option<&str>) -> S3Result<bool> {
    match directive {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(_) => Err(s3_error!(InvalidArgument, "Unknown metadata directive.")),
    }
}
