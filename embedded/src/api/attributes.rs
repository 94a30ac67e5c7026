//! GetObjectAttributes: what is known of an object without its bytes.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Api;
use super::convert::{self, check_version_id, etag, time};
use super::list::{count, limit};
use super::write::{refuse_customer_keys, size};
use crate::checksum::answer_checksums;
use crate::store::object::Version;
use crate::store::segments::PartOfWhole;
use crate::store::{buckets, versions};

pub(super) async fn get_object_attributes(
    api: &Api,
    request: S3Request<GetObjectAttributesInput>,
) -> S3Result<S3Response<GetObjectAttributesOutput>> {
    let input = request.input;
    check_version_id(input.version_id.as_deref())?;
    refuse_customer_keys(input.sse_customer_algorithm.as_ref())?;
    // The names come in one header, or in several.
    let headers = input.object_attributes.iter().map(ObjectAttributes::as_str);
    let asked: Vec<&str> = headers.flat_map(|names| names.split(',')).map(str::trim).collect();
    if let Some(unknown) = asked.iter().find(|name| !KNOWN.contains(name)) {
        return Err(s3_error!(InvalidArgument, "Invalid attribute name specified: {unknown}"));
    }
    let asks = |name: &str| asked.contains(&name);
    let limit = limit(input.max_parts)?;
    let marker = input.part_number_marker.unwrap_or_default();
    let after = u16::try_from(marker).map_err(|_| s3_error!(InvalidArgument))?;
    let with_parts = asks(ObjectAttributes::OBJECT_PARTS);
    let (bucket, key, version_id) = (input.bucket, input.key, input.version_id);
    let (version, version_id, parts) = api
        .store
        .read(move |tx| {
            let bucket = buckets::find(tx, &bucket)?;
            let version = versions::find(tx, &bucket, &key, version_id.as_deref())?;
            let version_id = convert::version_id(&bucket, &version.version);
            let parts = if with_parts && version.parts.is_some() {
                versions::parts(tx, &version, after, limit)?
            } else {
                Vec::new()
            };
            Ok((version, version_id, parts))
        })
        .await?;
    let output = GetObjectAttributesOutput {
        checksum: asks(ObjectAttributes::CHECKSUM).then(|| checksum(&version)),
        e_tag: asks(ObjectAttributes::ETAG).then(|| etag(&version.etag)),
        last_modified: Some(time(version.modified_ms)),
        object_parts: version.parts.filter(|_| with_parts).map(|total| GetObjectAttributesParts {
            is_truncated: Some(parts.last().is_some_and(|last| last.number < total)),
            max_parts: Some(count(limit)),
            next_part_number_marker: parts.last().map(|last| i32::from(last.number)),
            part_number_marker: Some(marker),
            parts: Some(parts.iter().map(part).collect()),
            total_parts_count: Some(i32::from(total)),
        }),
        object_size: if asks(ObjectAttributes::OBJECT_SIZE) { size(version.size_bytes) } else { None },
        storage_class: asks(ObjectAttributes::STORAGE_CLASS)
            .then(|| StorageClass::from(version.headers.storage_class())),
        version_id,
        ..GetObjectAttributesOutput::default()
    };
    Ok(S3Response::new(output))
}

/// What may be asked for.
const KNOWN: [&str; 5] = [
    ObjectAttributes::CHECKSUM,
    ObjectAttributes::ETAG,
    ObjectAttributes::OBJECT_PARTS,
    ObjectAttributes::OBJECT_SIZE,
    ObjectAttributes::STORAGE_CLASS,
];

fn checksum(version: &Version) -> Checksum {
    let mut answer = Checksum::default();
    answer_checksums!(answer, &version.checksums.without_count());
    answer.checksum_type = Some(ChecksumType::from_static(version.checksums.kind()));
    answer
}

fn part(part: &PartOfWhole) -> ObjectPart {
    let mut answer =
        ObjectPart { part_number: Some(i32::from(part.number)), size: size(part.size_bytes), ..ObjectPart::default() };
    answer_checksums!(answer, &part.checksums);
    answer
}
