//! Multipart uploads and their parts while they are open.

use rusqlite::{Row, Transaction, params};

use super::buckets::Bucket;
use super::object::{self, ObjectHeaders, Tags};
use super::segments::{Place, Staged};
use super::{Change, StoreError, now_ms};
use crate::checksum::{Algorithm, Checksums};
use crate::id;

mod complete;
mod list;

use complete::Completed;
pub(crate) use complete::{Complete, NamedPart, complete};
pub(crate) use list::{Query, list};

/// The columns that [`upload`] reads, in its order.
const UPLOAD_COLUMNS: &str = "id, key, initiated_ms, headers, tags, algorithm, full_object, completed";

/// An upload's row.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) initiated_ms: i64,
    pub(crate) headers: ObjectHeaders,
    pub(crate) tags: Tags,
    /// The algorithm that Create declared; none means CRC64NVME over the whole.
    pub(crate) algorithm: Option<Algorithm>,
    /// Whether the object's checksum covers the whole, or the parts' checksums.
    pub(crate) full_object: bool,
    completed: Option<Completed>,
}

impl Upload {
    /// The algorithm that every part's checksum is worked out with.
    pub(crate) fn part_algorithm(&self) -> Algorithm {
        self.algorithm.unwrap_or(Algorithm::Crc64Nvme)
    }
}

/// A part's row.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) number: u16,
    pub(crate) size_bytes: u64,
    /// MD5 in hexadecimal, without quotes.
    pub(crate) etag: String,
    pub(crate) modified_ms: i64,
    pub(crate) checksums: Checksums,
}

/// Begins an upload; returns its id.
pub(crate) fn create(
    change: &Change<'_>,
    bucket: &Bucket,
    key: &str,
    headers: &ObjectHeaders,
    tags: &Tags,
    checksum: (Option<Algorithm>, bool),
) -> Result<String, StoreError> {
    let id = id::random();
    change.tx.execute(
        "INSERT INTO upload (id, bucket, key, initiated_ms, headers, tags, algorithm, full_object)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            id,
            bucket.id,
            key.as_bytes(),
            now_ms(),
            serde_json::to_string(headers)?,
            serde_json::to_string(tags)?,
            checksum.0.map(Algorithm::name),
            checksum.1,
        ],
    )?;
    Ok(id)
}

/// The open upload of that id, for that bucket and key.
///
/// # Errors
/// `NoSuchUpload`, also for one that is completed.
pub(crate) fn find(tx: &Transaction<'_>, bucket: &Bucket, key: &str, id: &str) -> Result<Upload, StoreError> {
    match any(tx, bucket, key, id)? {
        Some(upload) if upload.completed.is_none() => Ok(upload),
        _ => Err(StoreError::NoSuchUpload),
    }
}

/// Stores a part; one of the same number before it is replaced.
pub(crate) fn put_part(
    change: &mut Change<'_>,
    bucket: &Bucket,
    (key, upload): (&str, &str),
    part: &Part,
    bytes: Staged,
) -> Result<(), StoreError> {
    find(&change.tx, bucket, key, upload)?;
    remove_parts(change, upload, Some(part.number))?;
    let (file, inline) = match bytes.place(change) {
        Place::File(file) => (Some(file), None),
        Place::Index(bytes) => (None, Some(bytes)),
    };
    change
        .tx
        .prepare_cached(
            "INSERT INTO part (upload, number, size_bytes, etag, modified_ms, checksums, file, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            upload,
            part.number,
            part.size_bytes,
            part.etag,
            part.modified_ms,
            part.checksums.to_json()?,
            file,
            inline,
        ])?;
    Ok(())
}

/// Parts numbered above `after`, in order, at most `limit`.
pub(crate) fn parts(tx: &Transaction<'_>, upload: &str, after: u16, limit: usize) -> Result<Vec<Part>, StoreError> {
    let mut select = tx.prepare_cached(
        "SELECT number, size_bytes, etag, modified_ms, checksums FROM part
         WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
    )?;
    let mut rows = select.query(params![upload, after, limit])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        parts.push(part(row)?);
    }
    Ok(parts)
}

/// Gives an upload up and frees its parts.
pub(crate) fn abort(change: &mut Change<'_>, bucket: &Bucket, key: &str, id: &str) -> Result<(), StoreError> {
    find(&change.tx, bucket, key, id)?;
    remove_parts(change, id, None)?;
    change.tx.execute("DELETE FROM upload WHERE id = ?1", [id])?;
    Ok(())
}

/// Gives up every open upload under a prefix that was initiated before; returns how many.
pub(crate) fn abort_older(
    change: &mut Change<'_>,
    bucket: &Bucket,
    prefix: &str,
    before_ms: i64,
) -> Result<usize, StoreError> {
    let due: Vec<String> = change
        .tx
        .prepare_cached(
            "SELECT id FROM upload WHERE bucket = ?1 AND completed IS NULL AND initiated_ms < ?2
             AND substr(key, 1, ?3) = ?4",
        )?
        .query_map(params![bucket.id, before_ms, prefix.len(), prefix.as_bytes()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in &due {
        remove_parts(change, id, None)?;
        change.tx.execute("DELETE FROM upload WHERE id = ?1", [id])?;
    }
    Ok(due.len())
}

/// Forgets the answers of uploads that were completed before.
pub(crate) fn forget_completed(change: &Change<'_>, before_ms: i64) -> Result<(), StoreError> {
    change.tx.execute("DELETE FROM upload WHERE completed_ms < ?1", [before_ms])?;
    Ok(())
}

/// Deletes parts that no object took over, and frees their files.
fn remove_parts(change: &mut Change<'_>, upload: &str, number: Option<u16>) -> Result<(), StoreError> {
    let files: Vec<String> = change
        .tx
        .prepare_cached("DELETE FROM part WHERE upload = ?1 AND (?2 IS NULL OR number = ?2) RETURNING file")?
        .query_map(params![upload, number], |row| row.get::<_, Option<String>>(0))?
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    for file in files {
        change.free(file);
    }
    Ok(())
}

fn any(tx: &Transaction<'_>, bucket: &Bucket, key: &str, id: &str) -> Result<Option<Upload>, StoreError> {
    let mut select =
        tx.prepare_cached(&format!("SELECT {UPLOAD_COLUMNS} FROM upload WHERE id = ?1 AND bucket = ?2 AND key = ?3"))?;
    let mut rows = select.query(params![id, bucket.id, key.as_bytes()])?;
    rows.next()?.map(upload).transpose()
}

fn upload(row: &Row<'_>) -> Result<Upload, StoreError> {
    let algorithm: Option<String> = row.get(5)?;
    let completed: Option<String> = row.get(7)?;
    Ok(Upload {
        id: row.get(0)?,
        key: object::key(row, 1)?,
        initiated_ms: row.get(2)?,
        headers: serde_json::from_str(&row.get::<_, String>(3)?)?,
        tags: serde_json::from_str(&row.get::<_, String>(4)?)?,
        algorithm: algorithm.as_deref().and_then(Algorithm::from_name),
        full_object: row.get(6)?,
        completed: completed.map(|text| serde_json::from_str(&text)).transpose()?,
    })
}

fn part(row: &Row<'_>) -> Result<Part, StoreError> {
    Ok(Part {
        number: row.get(0)?,
        size_bytes: row.get(1)?,
        etag: row.get(2)?,
        modified_ms: row.get(3)?,
        checksums: Checksums::from_json(&row.get::<_, String>(4)?)?,
    })
}
