//! Complete: the object that the named parts make, all or nothing.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{Upload, any, part, remove_parts};
use crate::checksum::{self, Checksums};
use crate::store::buckets::Bucket;
use crate::store::object::{NewBytes, NewVersion, WriteCondition};
use crate::store::segments::{Place, Segment};
use crate::store::{Change, StoreError, now_ms, versions};

/// Smallest part S3 accepts, except the last. 5 MiB. Source: S3 user guide, multipart upload limits.
const MIN_PART_BYTES: u64 = 5 * 1024 * 1024;

/// What Complete answered, kept for a repeat of the same request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Completed {
    pub(crate) etag: String,
    pub(crate) version: String,
    pub(crate) checksums: Checksums,
    pub(crate) encryption: String,
    parts: Vec<(u16, String)>,
}

/// A part as Complete names it.
#[derive(Debug, Clone)]
pub(crate) struct NamedPart {
    pub(crate) number: u16,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) checksums: Checksums,
}

/// Complete's request.
#[derive(Debug, Clone)]
pub(crate) struct Complete {
    pub(crate) upload: String,
    pub(crate) key: String,
    pub(crate) parts: Vec<NamedPart>,
    /// Checksums of the whole, as declared.
    pub(crate) declared: Checksums,
    /// Whether they are said to cover the whole, or the parts' checksums.
    pub(crate) declared_full: Option<bool>,
    pub(crate) declared_bytes: Option<u64>,
    pub(crate) condition: WriteCondition,
}

/// Makes the object of the named parts. A repeat of the request that completed the upload gets the
/// same answer.
///
/// # Errors
/// `NoSuchUpload`, `InvalidPartOrder`, `BarePart`, `InvalidPart`, `EntityTooSmall`, `NotAsDeclared`,
/// `OtherAlgorithm`, and those of the condition.
pub(crate) fn complete(change: &mut Change<'_>, bucket: &Bucket, request: &Complete) -> Result<Completed, StoreError> {
    let upload = any(&change.tx, bucket, &request.key, &request.upload)?.ok_or(StoreError::NoSuchUpload)?;
    if let Some(completed) = upload.completed {
        let same = completed.parts.iter().map(|(number, etag)| (*number, etag.as_str()));
        let repeated = same.eq(request.parts.iter().map(|part| (part.number, part.etag.as_str())));
        return if repeated { Ok(completed) } else { Err(StoreError::NoSuchUpload) };
    }
    if !request.parts.is_sorted_by(|before, after| before.number < after.number) {
        return Err(StoreError::InvalidPartOrder);
    }
    if request.declared_full.is_some_and(|full| full != upload.full_object) {
        return Err(StoreError::NotAsDeclared("checksum type"));
    }
    if let Some(other) = request.declared.algorithms().find(|algorithm| *algorithm != upload.part_algorithm()) {
        return Err(StoreError::OtherAlgorithm { expected: upload.part_algorithm().name(), actual: other.name() });
    }
    if let Some(algorithm) = upload.algorithm.filter(|_| !upload.full_object) {
        if let Some(bare) = request.parts.iter().find(|part| part.checksums.get(algorithm).is_none()) {
            return Err(StoreError::BarePart(bare.number, algorithm.name()));
        }
        // A checksum of checksums says where each belongs by its place alone.
        if !request.parts.iter().map(|part| part.number).eq(1..=u16::try_from(request.parts.len()).unwrap_or_default())
        {
            return Err(StoreError::InvalidPartOrder);
        }
    }
    let segments = named_segments(change, request)?;
    let size_bytes = segments.iter().map(|segment| segment.size_bytes).sum();
    if request.declared_bytes.is_some_and(|declared| declared != size_bytes) {
        return Err(StoreError::NotAsDeclared("size"));
    }
    let checksums = whole_checksums(&upload, &segments);
    if !checksums.hold(&request.declared) {
        return Err(StoreError::NotAsDeclared("checksum"));
    }
    let etag = checksum::multipart_etag(request.parts.iter().map(|part| part.etag.as_str()))
        .ok_or(StoreError::InvalidPart(0))?;
    // The rows go first: the files of the parts that are in the object belong to its segments now.
    for part in &request.parts {
        change
            .tx
            .prepare_cached("DELETE FROM part WHERE upload = ?1 AND number = ?2")?
            .execute(params![upload.id, part.number])?;
    }
    let new = NewVersion {
        size_bytes,
        etag,
        parts: u16::try_from(segments.len()).ok(),
        headers: upload.headers,
        checksums,
        tags: upload.tags,
        // S3 dates an object back to the beginning of its upload.
        modified_ms: upload.initiated_ms,
        bytes: NewBytes::Segments(segments),
    };
    let stored = versions::put(change, bucket, &request.key, new, &request.condition)?;
    remove_parts(change, &upload.id, None)?;
    let completed = Completed {
        etag: stored.etag,
        version: stored.version,
        encryption: stored.headers.encryption(),
        checksums: stored.checksums,
        parts: request.parts.iter().map(|part| (part.number, part.etag.clone())).collect(),
    };
    change.tx.execute(
        "UPDATE upload SET completed = ?2, completed_ms = ?3 WHERE id = ?1",
        params![upload.id, serde_json::to_string(&completed)?, now_ms()],
    )?;
    Ok(completed)
}

/// The parts that Complete names, as the new object's segments.
fn named_segments(change: &Change<'_>, request: &Complete) -> Result<Vec<Segment>, StoreError> {
    let mut select = change.tx.prepare_cached(
        "SELECT number, size_bytes, etag, modified_ms, checksums, file, bytes FROM part
         WHERE upload = ?1 AND number = ?2",
    )?;
    let mut segments = Vec::with_capacity(request.parts.len());
    let mut start_bytes = 0;
    for (position, named) in request.parts.iter().enumerate() {
        let invalid = StoreError::InvalidPart(named.number);
        let mut rows = select.query(params![request.upload, named.number])?;
        let Some(row) = rows.next()? else {
            return Err(invalid);
        };
        let stored = part(row)?;
        if stored.etag != named.etag || !stored.checksums.hold(&named.checksums) {
            return Err(invalid);
        }
        let is_last = position + 1 == request.parts.len();
        if !is_last && stored.size_bytes < MIN_PART_BYTES {
            return Err(StoreError::EntityTooSmall(named.number));
        }
        let file: Option<String> = row.get(5)?;
        let place = match file {
            Some(file) => Place::File(file),
            None => Place::Index(row.get(6)?),
        };
        segments.push(Segment {
            ordinal: named.number,
            start_bytes,
            size_bytes: stored.size_bytes,
            place,
            checksums: stored.checksums,
        });
        start_bytes += stored.size_bytes;
    }
    Ok(segments)
}

fn whole_checksums(upload: &Upload, segments: &[Segment]) -> Checksums {
    let algorithm = upload.part_algorithm();
    let mut whole = Checksums::default();
    whole.composite = !upload.full_object;
    let parts =
        segments.iter().filter_map(|segment| segment.checksums.get(algorithm).map(|value| (value, segment.size_bytes)));
    let value = if upload.full_object {
        checksum::combine(algorithm, parts)
    } else {
        checksum::composite(algorithm, parts.map(|(value, _)| value))
    };
    whole.set(algorithm, value);
    whole
}
