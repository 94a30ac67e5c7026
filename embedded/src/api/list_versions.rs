//! ListObjectVersions.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Api;
use super::convert::{etag, time};
use super::list::{Spelling, count, delimiter, limit, owner, page};
use super::write::size;
use crate::store::listing::{Entry, Position, Query, Scope};
use crate::store::object::Version;
use crate::xml_text::protect;

pub(super) async fn list_object_versions(
    api: &Api,
    request: S3Request<ListObjectVersionsInput>,
) -> S3Result<S3Response<ListObjectVersionsOutput>> {
    let input = request.input;
    let spelling = Spelling::new(input.encoding_type.as_ref())?;
    let limit = limit(input.max_keys)?;
    let query = Query {
        scope: Scope::AllVersions,
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        after: after(input.key_marker.as_deref(), input.version_id_marker.as_deref())?,
        limit,
    };
    let page = page(api, &input.bucket, query).await?;
    let truncated = page.next.is_some();
    let (next_key, next_version) = match page.next {
        None | Some(Position::Start) => (None, None),
        Some(Position::Key(text) | Position::Prefix(text)) => (Some(text), None),
        Some(Position::Version(key, version)) => (Some(key), Some(version)),
    };
    let (mut versions, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::CommonPrefix(prefix) => {
                prefixes.push(CommonPrefix { prefix: Some(spelling.text(&prefix)) });
            }
            Entry::Object(found) if found.delete_marker => markers.push(marker(&found, spelling)),
            Entry::Object(found) => versions.push(version(&found, spelling)),
        }
    }
    Ok(S3Response::new(ListObjectVersionsOutput {
        name: Some(input.bucket),
        prefix: Some(spelling.text(input.prefix.as_deref().unwrap_or_default())),
        delimiter: delimiter(input.delimiter, spelling),
        key_marker: Some(spelling.text(input.key_marker.as_deref().unwrap_or_default())),
        version_id_marker: Some(protect(&input.version_id_marker.unwrap_or_default())),
        max_keys: Some(count(limit)),
        is_truncated: Some(truncated),
        next_key_marker: next_key.map(|key| spelling.text(&key)),
        next_version_id_marker: next_version,
        versions: Some(versions),
        delete_markers: Some(markers),
        common_prefixes: Some(prefixes),
        encoding_type: input.encoding_type,
        ..ListObjectVersionsOutput::default()
    }))
}

fn after(key: Option<&str>, version: Option<&str>) -> S3Result<Position> {
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    match (given(key), given(version)) {
        (None, None) => Ok(Position::Start),
        (Some(key), None) => Ok(Position::Key(key)),
        (Some(key), Some(version)) => Ok(Position::Version(key, version)),
        (None, Some(_)) => {
            Err(s3_error!(InvalidArgument, "A version-id marker cannot be specified without a key marker."))
        }
    }
}

fn version(found: &Version, spelling: Spelling) -> ObjectVersion {
    let algorithms = found.checksums.algorithms();
    ObjectVersion {
        checksum_algorithm: Some(
            algorithms.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())).collect(),
        ),
        checksum_type: (!found.checksums.is_empty()).then(|| ChecksumType::from_static(found.checksums.kind())),
        e_tag: Some(etag(&found.etag)),
        is_latest: Some(found.latest),
        key: Some(spelling.text(&found.key)),
        last_modified: Some(time(found.modified_ms)),
        owner: Some(owner()),
        restore_status: None,
        size: size(found.size_bytes),
        storage_class: Some(ObjectVersionStorageClass::from(found.headers.storage_class())),
        version_id: Some(found.version.clone()),
    }
}

fn marker(found: &Version, spelling: Spelling) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(found.latest),
        key: Some(spelling.text(&found.key)),
        last_modified: Some(time(found.modified_ms)),
        owner: Some(owner()),
        version_id: Some(found.version.clone()),
    }
}
