//! Putting, finding and deleting versions: what each write does to the versions before it.

use rusqlite::{Transaction, params};

use super::buckets::{Bucket, Versioning};
use super::object::{COLUMNS, NULL_VERSION, NewBytes, NewVersion, Tags, Version, WriteCondition};
use super::segments::{self, PartOfWhole, Segment};
use super::{Change, StoreError, now_ms};
use crate::checksum::Checksums;
use crate::id;

/// The newest version of a key is no longer the latest. By its row, since a key may have any number of versions.
const STEP_BACK: &str = "UPDATE version SET latest = 0 WHERE id =
    (SELECT id FROM version WHERE bucket = ?1 AND key = ?2 ORDER BY id DESC LIMIT 1)";

/// The newest version of a key is the latest.
const PROMOTE: &str = "UPDATE version SET latest = 1 WHERE id =
    (SELECT id FROM version WHERE bucket = ?1 AND key = ?2 ORDER BY id DESC LIMIT 1)";

/// A key's version by its id.
const BY_ID: &str = "FROM version WHERE bucket = ?1 AND key = ?2 AND version = ?3";

/// What a delete did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Deleted {
    /// The version made (a delete marker's) or removed.
    pub(crate) version: Option<String>,
    /// Whether a delete marker was made or removed.
    pub(crate) delete_marker: bool,
}

/// The object that a key has now.
pub(crate) fn current(tx: &Transaction<'_>, bucket: &Bucket, key: &str) -> Result<Option<Version>, StoreError> {
    one(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM version
             WHERE bucket = ?1 AND key = ?2 AND latest = 1 AND delete_marker = 0"
        ),
        params![bucket.id, key.as_bytes()],
    )
}

/// The version asked for: the current object, or the one of that id.
///
/// # Errors
/// `NoSuchKey`, `NoSuchVersion`, and `IsDeleteMarker` when the id is a delete marker's.
pub(crate) fn find(
    tx: &Transaction<'_>,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
) -> Result<Version, StoreError> {
    let Some(id) = version else {
        if let Some(found) = current(tx, bucket, key)? {
            return Ok(found);
        }
        let delete_marker = newest(tx, bucket, key)?.map(|marker| marker.version);
        return Err(StoreError::NoSuchKey { delete_marker });
    };
    let found = by_id(tx, bucket, key, id)?.ok_or(StoreError::NoSuchVersion)?;
    if found.delete_marker {
        return Err(StoreError::IsDeleteMarker(found.version));
    }
    Ok(found)
}

/// Makes a version the key's current one. Returns it as stored.
///
/// # Errors
/// Those of the condition, which is checked inside the same transaction.
pub(crate) fn put(
    change: &mut Change<'_>,
    bucket: &Bucket,
    key: &str,
    new: NewVersion,
    condition: &WriteCondition,
) -> Result<Version, StoreError> {
    let before = current(&change.tx, bucket, key)?;
    condition.check(before.as_ref())?;
    let content = match new.bytes {
        NewBytes::Shared(content) => content,
        NewBytes::Segments(segments) => segments::insert(&change.tx, &segments)?,
        // No bytes need no file: a staged one goes with this line.
        NewBytes::Staged(_) if new.size_bytes == 0 => None,
        NewBytes::Staged(staged) => {
            let segment = Segment {
                ordinal: 1,
                start_bytes: 0,
                size_bytes: new.size_bytes,
                place: staged.place(change),
                checksums: Checksums::default(),
            };
            segments::insert(&change.tx, &[segment])?
        }
    };
    let stored = Version {
        key: key.to_owned(),
        version: new_version_id(bucket),
        latest: true,
        delete_marker: false,
        modified_ms: new.modified_ms,
        size_bytes: new.size_bytes,
        etag: new.etag,
        parts: new.parts,
        headers: new.headers,
        checksums: new.checksums,
        tags: new.tags,
        content,
    };
    make_current(change, bucket, &stored)?;
    Ok(stored)
}

/// Deletes a key's object (with versioning: puts a delete marker), or one version for good.
/// A key or version that is not there is no error.
pub(crate) fn delete(
    change: &mut Change<'_>,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
) -> Result<Deleted, StoreError> {
    if let Some(id) = version {
        let removed = by_id(&change.tx, bucket, key, id)?;
        let delete_marker = removed.as_ref().is_some_and(|removed| removed.delete_marker);
        if let Some(removed) = removed {
            remove_row(change, bucket, &removed)?;
            segments::release(change, removed.content)?;
            if removed.latest {
                promote(change, bucket, key)?;
            }
        }
        return Ok(Deleted { version: Some(id.to_owned()), delete_marker });
    }
    if bucket.versioning == Versioning::Off {
        if let Some(removed) = step_back(change, bucket, key, NULL_VERSION)? {
            segments::release(change, removed.content)?;
        }
        return Ok(Deleted::default());
    }
    let marker = Version {
        key: key.to_owned(),
        version: new_version_id(bucket),
        latest: true,
        delete_marker: true,
        modified_ms: now_ms(),
        size_bytes: 0,
        etag: String::new(),
        parts: None,
        headers: super::object::ObjectHeaders::default(),
        checksums: Checksums::default(),
        tags: Tags::new(),
        content: None,
    };
    make_current(change, bucket, &marker)?;
    Ok(Deleted { version: Some(marker.version), delete_marker: true })
}

/// Replaces a version's tags.
pub(crate) fn set_tags(
    change: &Change<'_>,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
    tags: &Tags,
) -> Result<Version, StoreError> {
    let found = find(&change.tx, bucket, key, version)?;
    change
        .tx
        .prepare_cached("UPDATE version SET tags = ?4 WHERE bucket = ?1 AND key = ?2 AND version = ?3")?
        .execute(params![bucket.id, key.as_bytes(), found.version, serde_json::to_string(tags)?])?;
    Ok(found)
}

/// The segments of a version that overlap `from..to` (bytes), in order.
pub(crate) fn segments(
    tx: &Transaction<'_>,
    version: &Version,
    from: u64,
    to: u64,
) -> Result<Vec<Segment>, StoreError> {
    segments::overlapping(tx, version.content, from, to)
}

/// The part of that number, for `partNumber` on a read: `(segment)`, or `None` past the last one.
pub(crate) fn part(tx: &Transaction<'_>, version: &Version, number: u16) -> Result<Option<Segment>, StoreError> {
    segments::nth(tx, version.content, number)
}

/// The parts of a multipart version behind the `after`-th, at most `limit`.
pub(crate) fn parts(
    tx: &Transaction<'_>,
    version: &Version,
    after: u16,
    limit: usize,
) -> Result<Vec<PartOfWhole>, StoreError> {
    segments::parts(tx, version.content, after, limit)
}

/// The bytes of a version, to be shared by a copy.
pub(crate) fn share(version: &Version) -> NewBytes {
    NewBytes::Shared(version.content)
}

fn new_version_id(bucket: &Bucket) -> String {
    match bucket.versioning {
        Versioning::Enabled => id::random(),
        Versioning::Off | Versioning::Suspended => NULL_VERSION.to_owned(),
    }
}

/// Stores a version as the newest of its key. What it replaces lets go of its bytes only afterwards: they may be the
/// new version's own, where an object is copied onto itself.
fn make_current(change: &mut Change<'_>, bucket: &Bucket, version: &Version) -> Result<(), StoreError> {
    let replaced = step_back(change, bucket, &version.key, &version.version)?;
    insert(change, bucket, version)?;
    match replaced {
        Some(replaced) => segments::release(change, replaced.content),
        None => Ok(()),
    }
}

/// The newest version of a key makes room for `version`, and a `null` one for the next `null` one: its row goes and
/// is returned, its bytes are still there.
fn step_back(change: &Change<'_>, bucket: &Bucket, key: &str, version: &str) -> Result<Option<Version>, StoreError> {
    change.tx.prepare_cached(STEP_BACK)?.execute(params![bucket.id, key.as_bytes()])?;
    if version != NULL_VERSION {
        return Ok(None);
    }
    let replaced = by_id(&change.tx, bucket, key, NULL_VERSION)?;
    if let Some(replaced) = &replaced {
        remove_row(change, bucket, replaced)?;
    }
    Ok(replaced)
}

/// The newest version that is left becomes the latest.
fn promote(change: &Change<'_>, bucket: &Bucket, key: &str) -> Result<(), StoreError> {
    change.tx.prepare_cached(PROMOTE)?.execute(params![bucket.id, key.as_bytes()])?;
    Ok(())
}

fn insert(change: &Change<'_>, bucket: &Bucket, version: &Version) -> Result<(), StoreError> {
    change
        .tx
        .prepare_cached(
            "INSERT INTO version (bucket, key, version, latest, delete_marker, modified_ms,
                 size_bytes, etag, parts, headers, checksums, tags, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            bucket.id,
            version.key.as_bytes(),
            version.version,
            version.latest,
            version.delete_marker,
            version.modified_ms,
            version.size_bytes,
            version.etag,
            version.parts,
            serde_json::to_string(&version.headers)?,
            version.checksums.to_json()?,
            serde_json::to_string(&version.tags)?,
            version.content,
        ])?;
    Ok(())
}

fn remove_row(change: &Change<'_>, bucket: &Bucket, version: &Version) -> Result<(), StoreError> {
    change.tx.prepare_cached(&format!("DELETE {BY_ID}"))?.execute(params![
        bucket.id,
        version.key.as_bytes(),
        version.version
    ])?;
    Ok(())
}

fn by_id(tx: &Transaction<'_>, bucket: &Bucket, key: &str, version: &str) -> Result<Option<Version>, StoreError> {
    one(tx, &format!("SELECT {COLUMNS} {BY_ID}"), params![bucket.id, key.as_bytes(), version])
}

fn newest(tx: &Transaction<'_>, bucket: &Bucket, key: &str) -> Result<Option<Version>, StoreError> {
    one(
        tx,
        &format!("SELECT {COLUMNS} FROM version WHERE bucket = ?1 AND key = ?2 ORDER BY id DESC LIMIT 1"),
        params![bucket.id, key.as_bytes()],
    )
}

fn one(tx: &Transaction<'_>, sql: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<Option<Version>, StoreError> {
    let mut select = tx.prepare_cached(sql)?;
    let mut rows = select.query(parameters)?;
    rows.next()?.map(Version::from_row).transpose()
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, StatementStatus};

    use super::{COLUMNS, Change, PROMOTE, STEP_BACK, delete, put};
    use crate::checksum::Checksums;
    use crate::store::object::{NewBytes, NewVersion, ObjectHeaders, Tags, WriteCondition};
    use crate::store::{buckets, schema};

    fn version() -> NewVersion {
        NewVersion {
            size_bytes: 0,
            etag: String::new(),
            parts: None,
            headers: ObjectHeaders::default(),
            checksums: Checksums::default(),
            tags: Tags::new(),
            modified_ms: 0,
            bytes: NewBytes::Shared(None),
        }
    }

    /// A key of so many versions: the steps that SQLite takes to put and to remove one more, by statement.
    fn steps(versions: u32) -> Vec<i32> {
        let mut connection = Connection::open_in_memory().expect("an index in memory");
        schema::prepare(&connection).expect("tables").expect("an empty index");
        let tx = connection.transaction().expect("a transaction");
        let mut change = Change { tx, staged: Vec::new(), freed: Vec::new(), committed: Vec::new() };
        buckets::create(&change, "data").expect("a bucket");
        buckets::set_versioning(&change, "data", true).expect("versioning");
        let bucket = buckets::find(&change.tx, "data").expect("the bucket");
        let one_more = |change: &mut Change<'_>| {
            put(change, &bucket, "a", version(), &WriteCondition::default()).expect("a version").version
        };
        for _ in 0..versions {
            one_more(&mut change);
        }
        let by_id = format!("SELECT {COLUMNS} {}", super::BY_ID);
        let statements = [STEP_BACK, PROMOTE, &by_id];
        for sql in statements {
            change.tx.prepare_cached(sql).expect("a statement").reset_status(StatementStatus::VmStep);
        }
        let newest = one_more(&mut change);
        delete(&mut change, &bucket, "a", Some(&newest)).expect("removed");
        let steps = |sql: &str| change.tx.prepare_cached(sql).expect("a statement").get_status(StatementStatus::VmStep);
        statements.into_iter().map(steps).collect()
    }

    #[test]
    fn a_write_costs_the_same_however_many_versions_its_key_has() {
        let few = steps(2);
        assert!(few.iter().all(|steps| *steps > 0), "{few:?}");
        assert_eq!(few, steps(2_000));
    }
}
