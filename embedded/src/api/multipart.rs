//! Multipart uploads.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Api;
use super::convert::{self, check_acl, etag, stored_headers, tags_from_header, time};
use super::list::{Spelling, count, delimiter, limit, owner};
use super::write::{Declared, check_headers, length, refuse_customer_keys, size, write_condition};
use crate::body::Received;
use crate::checksum::{Algorithm, answer_checksums, declared_checksums};
use crate::id;
use crate::store::error::other_algorithm;
use crate::store::multipart::{Complete, NamedPart, Part as StoredPart, Upload};
use crate::store::{buckets, multipart, now_ms};
use crate::xml_text::protect;

/// The largest part number. Source: S3 user guide, multipart upload limits.
const MAX_PART_NUMBER: u16 = 10_000;

pub(super) async fn create_multipart_upload(
    api: &Api,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let input = request.input;
    check_acl(input.acl.as_ref().map(ObjectCannedACL::as_str))?;
    refuse_customer_keys(input.sse_customer_algorithm.as_ref())?;
    let headers = stored_headers!(input);
    check_headers(&headers)?;
    let tags = tags_from_header(input.tagging.as_deref())?;
    let checksum = checksum_of(input.checksum_algorithm.as_ref(), input.checksum_type.as_ref())?;
    let (encryption, kms_key_id) = (headers.encryption(), headers.kms_key_id.clone());
    let (name, key) = (input.bucket.clone(), input.key.clone());
    let upload_id = api
        .store
        .write(move |change| {
            let bucket = buckets::find(&change.tx, &name)?;
            multipart::create(change, &bucket, &key, &headers, &tags, checksum)
        })
        .await?;
    Ok(S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(protect(&input.key)),
        upload_id: Some(upload_id),
        checksum_algorithm: checksum.0.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: checksum.0.map(|_| kind(checksum.1)),
        server_side_encryption: Some(ServerSideEncryption::from(encryption)),
        ssekms_key_id: kms_key_id,
        ..CreateMultipartUploadOutput::default()
    }))
}

pub(super) async fn upload_part(
    api: &Api,
    mut request: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let body = request.input.body.take();
    let input = request.input;
    refuse_customer_keys(input.sse_customer_algorithm.as_ref())?;
    let length_bytes = length(input.content_length)?;
    let number = part_number(input.part_number)?;
    let mut declared = Declared::read(declared_checksums!(input), input.content_md5.as_deref(), &request.headers)?;
    let (name, key, upload_id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let upload = api.store.read(move |tx| multipart::find(tx, &buckets::find(tx, &name)?, &key, &upload_id)).await?;
    check_algorithm(&upload, declared.algorithms.first().copied())?;
    let algorithm = upload.part_algorithm();
    if !declared.algorithms.contains(&algorithm) {
        declared.algorithms.push(algorithm);
    }
    let received = declared.receive(api, body, length_bytes, request.trailing_headers.as_ref()).await?;
    let place = (input.bucket, input.key, input.upload_id);
    let part = store_part(api, place, number, received).await?;
    let mut output = UploadPartOutput {
        e_tag: Some(etag(&part.etag)),
        server_side_encryption: Some(ServerSideEncryption::from(upload.headers.encryption())),
        ..UploadPartOutput::default()
    };
    answer_checksums!(output, &part.checksums);
    Ok(S3Response::new(output))
}

/// A part's checksum is of the upload's algorithm. The checksum of a whole needs none of its parts'; one over the
/// parts' own needs each.
fn check_algorithm(upload: &Upload, given: Option<Algorithm>) -> S3Result<()> {
    match upload.algorithm {
        Some(expected) if given != Some(expected) && (given.is_some() || !upload.full_object) => {
            Err(other_algorithm(expected.name(), given.map(Algorithm::name)))
        }
        _ => Ok(()),
    }
}

/// Stores a received part of `(bucket, key, upload id)`.
pub(super) async fn store_part(
    api: &Api,
    place: (String, String, String),
    number: u16,
    received: Received,
) -> S3Result<StoredPart> {
    let part = StoredPart {
        number,
        size_bytes: received.digests.size_bytes,
        etag: id::hex(&received.digests.md5),
        modified_ms: now_ms(),
        checksums: received.digests.checksums,
    };
    let stored = part.clone();
    let (name, key, upload_id) = place;
    let bytes = received.bytes.into_inner();
    api.store
        .write(move |change| {
            let bucket = buckets::find(&change.tx, &name)?;
            multipart::put_part(change, &bucket, (&key, &upload_id), &part, bytes)
        })
        .await?;
    Ok(stored)
}

pub(super) async fn list_parts(api: &Api, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
    let input = request.input;
    let limit = limit(input.max_parts)?;
    let marker = input.part_number_marker.unwrap_or_default();
    let after = u16::try_from(marker).map_err(|_| s3_error!(InvalidArgument))?;
    let (name, key, upload_id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let (upload, mut parts) = api
        .store
        .read(move |tx| {
            let upload = multipart::find(tx, &buckets::find(tx, &name)?, &key, &upload_id)?;
            let parts = multipart::parts(tx, &upload_id, after, limit + 1)?;
            Ok((upload, parts))
        })
        .await?;
    let truncated = limit > 0 && parts.len() > limit;
    parts.truncate(limit);
    let next = parts.last().map(|part| i32::from(part.number));
    Ok(S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(protect(&input.key)),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(marker),
        next_part_number_marker: next,
        max_parts: Some(count(limit)),
        is_truncated: Some(truncated),
        parts: Some(parts.iter().map(|part| protocol_part(part, &upload)).collect()),
        owner: Some(owner()),
        initiator: Some(Initiator { display_name: None, id: owner().id }),
        storage_class: Some(StorageClass::from(upload.headers.storage_class())),
        checksum_algorithm: upload.algorithm.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: upload.algorithm.map(|_| kind(upload.full_object)),
        ..ListPartsOutput::default()
    }))
}

pub(super) async fn list_multipart_uploads(
    api: &Api,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let input = request.input;
    let spelling = Spelling::new(input.encoding_type.as_ref())?;
    let limit = limit(input.max_uploads)?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let query = multipart::Query {
        prefix: prefix.clone(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        key_marker: input.key_marker.clone().unwrap_or_default(),
        upload_marker: input.upload_id_marker.clone().unwrap_or_default(),
        limit,
    };
    let name = input.bucket.clone();
    let page = api.store.read(move |tx| multipart::list(tx, &buckets::find(tx, &name)?, &query)).await?;
    let uploads = page
        .uploads
        .iter()
        .map(|upload| MultipartUpload {
            key: Some(spelling.text(&upload.key)),
            upload_id: Some(upload.id.clone()),
            initiated: Some(time(upload.initiated_ms)),
            initiator: Some(Initiator { display_name: None, id: owner().id }),
            owner: Some(owner()),
            storage_class: Some(StorageClass::from(upload.headers.storage_class())),
            checksum_algorithm: upload.algorithm.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
            checksum_type: upload.algorithm.map(|_| kind(upload.full_object)),
        })
        .collect();
    let prefixes =
        page.common_prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(spelling.text(prefix)) }).collect();
    let (next_key, next_upload) = page.next.unzip();
    Ok(S3Response::new(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: Some(spelling.text(&prefix)),
        delimiter: delimiter(input.delimiter, spelling),
        key_marker: Some(spelling.text(input.key_marker.as_deref().unwrap_or_default())),
        upload_id_marker: Some(protect(&input.upload_id_marker.unwrap_or_default())),
        is_truncated: Some(next_key.is_some()),
        next_key_marker: next_key.map(|key| spelling.text(&key)),
        next_upload_id_marker: next_upload,
        max_uploads: Some(count(limit)),
        uploads: Some(uploads),
        common_prefixes: Some(prefixes),
        encoding_type: input.encoding_type,
        ..ListMultipartUploadsOutput::default()
    }))
}

pub(super) async fn complete_multipart_upload(
    api: &Api,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let input = request.input;
    refuse_customer_keys(input.sse_customer_algorithm.as_ref())?;
    let declared = declared_checksums!(input);
    let declared_full = match input.checksum_type.as_ref().map(ChecksumType::as_str) {
        None => None,
        Some(ChecksumType::FULL_OBJECT) => Some(true),
        Some(ChecksumType::COMPOSITE) => Some(false),
        Some(_) => return Err(s3_error!(InvalidRequest, "Value for x-amz-checksum-type header is invalid.")),
    };
    let parts = input
        .multipart_upload
        .and_then(|upload| upload.parts)
        .filter(|parts| !parts.is_empty())
        .ok_or_else(|| s3_error!(MalformedXML))?
        .into_iter()
        .map(named_part)
        .collect::<S3Result<Vec<_>>>()?;
    let complete = Complete {
        upload: input.upload_id,
        key: input.key.clone(),
        parts,
        declared,
        declared_full,
        declared_bytes: input
            .mpu_object_size
            .map(|bytes| u64::try_from(bytes).map_err(|_| s3_error!(InvalidArgument)))
            .transpose()?,
        condition: write_condition(input.if_match, input.if_none_match)?,
    };
    let name = input.bucket.clone();
    let (completed, version_id) = api
        .store
        .write(move |change| {
            let bucket = buckets::find(&change.tx, &name)?;
            let completed = multipart::complete(change, &bucket, &complete)?;
            let version_id = convert::version_id(&bucket, &completed.version);
            Ok((completed, version_id))
        })
        .await?;
    let mut output = CompleteMultipartUploadOutput {
        location: Some(protect(&format!("/{}/{}", input.bucket, input.key))),
        bucket: Some(input.bucket),
        key: Some(protect(&input.key)),
        e_tag: Some(etag(&completed.etag)),
        checksum_type: Some(ChecksumType::from_static(completed.checksums.kind())),
        server_side_encryption: Some(ServerSideEncryption::from(completed.encryption)),
        version_id,
        ..CompleteMultipartUploadOutput::default()
    };
    answer_checksums!(output, &completed.checksums);
    Ok(S3Response::new(output))
}

pub(super) async fn abort_multipart_upload(
    api: &Api,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let AbortMultipartUploadInput { bucket, key, upload_id, .. } = request.input;
    api.store
        .shrink(move |change| {
            let bucket = buckets::find(&change.tx, &bucket)?;
            multipart::abort(change, &bucket, &key, &upload_id)
        })
        .await?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

/// A part number within S3's limits.
///
/// # Errors
/// `InvalidArgument`.
pub(super) fn part_number(number: i32) -> S3Result<u16> {
    u16::try_from(number)
        .ok()
        .filter(|number| (1..=MAX_PART_NUMBER).contains(number))
        .ok_or_else(|| s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"))
}

/// The algorithm of an upload, and whether its checksum covers the whole object.
fn checksum_of(
    algorithm: Option<&ChecksumAlgorithm>,
    kind: Option<&ChecksumType>,
) -> S3Result<(Option<Algorithm>, bool)> {
    let unsupported = || s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported.");
    let algorithm = algorithm.map(|name| Algorithm::from_name(name.as_str()).ok_or_else(unsupported)).transpose()?;
    match (algorithm, kind.map(ChecksumType::as_str)) {
        (None, None) | (Some(Algorithm::Crc64Nvme), None | Some(ChecksumType::FULL_OBJECT)) => Ok((algorithm, true)),
        (None, Some(_)) => Err(s3_error!(
            InvalidRequest,
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
        )),
        (Some(Algorithm::Crc64Nvme), Some(_)) => Err(unsupported()),
        (Some(_), None | Some(ChecksumType::COMPOSITE)) => Ok((algorithm, false)),
        (Some(known), Some(ChecksumType::FULL_OBJECT)) if known.combines() => Ok((algorithm, true)),
        (Some(_), Some(_)) => {
            Err(s3_error!(InvalidRequest, "The checksum type cannot be used with this checksum algorithm."))
        }
    }
}

fn kind(full_object: bool) -> ChecksumType {
    ChecksumType::from_static(if full_object { ChecksumType::FULL_OBJECT } else { ChecksumType::COMPOSITE })
}

fn protocol_part(part: &StoredPart, upload: &Upload) -> Part {
    let mut answer = Part {
        part_number: Some(i32::from(part.number)),
        e_tag: Some(etag(&part.etag)),
        size: size(part.size_bytes),
        last_modified: Some(time(part.modified_ms)),
        ..Part::default()
    };
    answer_checksums!(answer, &part.checksums.only(upload.part_algorithm()));
    answer
}

fn named_part(part: CompletedPart) -> S3Result<NamedPart> {
    let checksums = declared_checksums!(part);
    let number = part.part_number.ok_or_else(|| s3_error!(MalformedXML))?;
    let etag = part.e_tag.ok_or_else(|| s3_error!(MalformedXML))?;
    Ok(NamedPart { number: part_number(number)?, etag: etag.into_value(), checksums })
}
