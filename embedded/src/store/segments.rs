//! Where an object's bytes lie: contents made of segments, shared by copies, freed with the last.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::bytes::StagedFile;
use super::schema::SEGMENTS_PER_CONTENT;
use super::{Change, StoreError};
use crate::checksum::Checksums;

/// The bytes of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A whole file, by its id.
    File(String),
    /// In the index itself.
    Index(Vec<u8>),
}

/// One stretch of an object's bytes. An object put at once has one, a multipart one for each part.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// The part's number in Complete's list, from 1; also 1 for an object put at once.
    pub(crate) ordinal: u16,
    /// Where it begins in the object, in bytes.
    pub(crate) start_bytes: u64,
    /// How long it is.
    pub(crate) size_bytes: u64,
    pub(crate) place: Place,
    pub(crate) checksums: Checksums,
}

/// The files that these segments lie in: what a reader of them leases.
pub(crate) fn files(segments: &[Segment]) -> impl Iterator<Item = String> + '_ {
    segments.iter().filter_map(|segment| match &segment.place {
        Place::File(id) => Some(id.clone()),
        Place::Index(_) => None,
    })
}

/// Bytes that were received and are on the disk, or are few enough for the index.
#[derive(Debug)]
pub(crate) enum Staged {
    File(StagedFile),
    Index(Vec<u8>),
}

impl Staged {
    /// The place to write into a row of this change, which takes the file over.
    pub(super) fn place(self, change: &mut Change<'_>) -> Place {
        match self {
            Self::File(file) => {
                let place = Place::File(file.id().to_owned());
                change.keep(file);
                place
            }
            Self::Index(bytes) => Place::Index(bytes),
        }
    }
}

/// Writes a content; the id of a content without bytes is `None`.
pub(super) fn insert(tx: &Transaction<'_>, segments: &[Segment]) -> Result<Option<i64>, StoreError> {
    if segments.iter().all(|segment| segment.size_bytes == 0) {
        return Ok(None);
    }
    let last: Option<i64> = tx.prepare_cached("SELECT max(id) FROM segment")?.query_row([], |row| row.get(0))?;
    let content = last.map_or(0, |id| id / SEGMENTS_PER_CONTENT) + 1;
    let mut insert = tx.prepare_cached(
        "INSERT INTO segment (id, start_bytes, size_bytes, file, bytes, checksums)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for segment in segments {
        let (file, bytes) = match &segment.place {
            Place::File(id) => (Some(id), None),
            Place::Index(bytes) => (None, Some(bytes)),
        };
        insert.execute(params![
            content * SEGMENTS_PER_CONTENT + i64::from(segment.ordinal),
            segment.start_bytes,
            segment.size_bytes,
            file,
            bytes,
            segment.checksums.to_json()?,
        ])?;
    }
    Ok(Some(content))
}

/// The segments of a content that overlap `from..to`, in order.
pub(super) fn overlapping(
    tx: &Transaction<'_>,
    content: Option<i64>,
    from: u64,
    to: u64,
) -> Result<Vec<Segment>, StoreError> {
    let Some(content) = content else {
        return Ok(Vec::new());
    };
    let (first, last) = ids(content);
    let mut select = tx.prepare_cached(
        "SELECT id, start_bytes, size_bytes, file, bytes, checksums FROM segment
         WHERE id BETWEEN ?1 AND ?2 AND start_bytes < ?4 AND start_bytes + size_bytes > ?3
         ORDER BY id",
    )?;
    let mut rows = select.query(params![first, last, from, to])?;
    let mut segments = Vec::new();
    while let Some(row) = rows.next()? {
        segments.push(segment(row)?);
    }
    Ok(segments)
}

/// The `ordinal`-th segment of a content, counted from 1: what `partNumber` asks for.
pub(super) fn nth(tx: &Transaction<'_>, content: Option<i64>, nth: u16) -> Result<Option<Segment>, StoreError> {
    let (Some(content), Some(skipped)) = (content, nth.checked_sub(1)) else {
        return Ok(None);
    };
    let (first, last) = ids(content);
    let mut select = tx.prepare_cached(
        "SELECT id, start_bytes, size_bytes, file, bytes, checksums FROM segment
         WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1 OFFSET ?3",
    )?;
    let mut rows = select.query(params![first, last, skipped])?;
    rows.next()?.map(segment).transpose()
}

/// One part of a multipart object, without its bytes.
#[derive(Debug, Clone)]
pub(crate) struct PartOfWhole {
    /// From 1 without gaps: what `partNumber` asks for.
    pub(crate) number: u16,
    pub(crate) size_bytes: u64,
    pub(crate) checksums: Checksums,
}

/// The parts of a content behind the `after`-th, at most `limit`.
pub(super) fn parts(
    tx: &Transaction<'_>,
    content: Option<i64>,
    after: u16,
    limit: usize,
) -> Result<Vec<PartOfWhole>, StoreError> {
    let Some(content) = content else {
        return Ok(Vec::new());
    };
    let (first, last) = ids(content);
    let mut select = tx.prepare_cached(
        "SELECT size_bytes, checksums FROM segment WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3 OFFSET ?4",
    )?;
    let mut rows = select.query(params![first, last, limit, after])?;
    let mut parts = Vec::new();
    let mut number = after;
    while let Some(row) = rows.next()? {
        number += 1;
        let checksums = Checksums::from_json(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
        parts.push(PartOfWhole { number, size_bytes: row.get(0)?, checksums });
    }
    Ok(parts)
}

/// Removes a content that no version holds any more, and notes its files to be removed.
pub(super) fn release(change: &mut Change<'_>, content: Option<i64>) -> Result<(), StoreError> {
    let Some(content) = content else {
        return Ok(());
    };
    let held: Option<i64> = change
        .tx
        .prepare_cached("SELECT 1 FROM version WHERE content = ?1 LIMIT 1")?
        .query_row([content], |row| row.get(0))
        .optional()?;
    if held.is_some() {
        return Ok(());
    }
    let (first, last) = ids(content);
    let files: Vec<String> = change
        .tx
        .prepare_cached("DELETE FROM segment WHERE id BETWEEN ?1 AND ?2 RETURNING file")?
        .query_map([first, last], |row| row.get::<_, Option<String>>(0))?
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    for file in files {
        change.free(file);
    }
    Ok(())
}

/// Every file that a row names.
pub(super) fn named_files(connection: &Connection) -> Result<HashSet<String>, rusqlite::Error> {
    let mut select = connection.prepare(
        "SELECT file FROM segment WHERE file IS NOT NULL
         UNION ALL SELECT file FROM part WHERE file IS NOT NULL",
    )?;
    select.query_map([], |row| row.get(0))?.collect()
}

fn ids(content: i64) -> (i64, i64) {
    let first = content * SEGMENTS_PER_CONTENT;
    (first, first + SEGMENTS_PER_CONTENT - 1)
}

fn segment(row: &rusqlite::Row<'_>) -> Result<Segment, StoreError> {
    let id: i64 = row.get(0)?;
    let file: Option<String> = row.get(3)?;
    let place = match file {
        Some(file) => Place::File(file),
        None => Place::Index(row.get(4)?),
    };
    Ok(Segment {
        ordinal: u16::try_from(id % SEGMENTS_PER_CONTENT).expect("SEGMENTS_PER_CONTENT is below 65,536"),
        start_bytes: row.get(1)?,
        size_bytes: row.get(2)?,
        place,
        checksums: Checksums::from_json(&row.get::<_, String>(5)?)?,
    })
}
