//! Buckets and the settings that each keeps: CORS rules, lifecycle, encryption, policy.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Change, StoreError, now_ms};

/// A bucket's row.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) created_ms: i64,
    pub(crate) versioning: Versioning,
}

/// What happens to the old version when a key is written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versioning {
    /// Never enabled: a key has one version, `null`.
    Off,
    /// Each write makes a version with an id of its own.
    Enabled,
    /// Writes replace the `null` version; versions with ids stay.
    Suspended,
}

impl Versioning {
    fn from_column(text: Option<&str>) -> Self {
        match text {
            Some("Enabled") => Self::Enabled,
            Some(_) => Self::Suspended,
            None => Self::Off,
        }
    }

    /// S3's word for it; `None` where it was never set.
    pub(crate) fn status(self) -> Option<&'static str> {
        match self {
            Self::Off => None,
            Self::Enabled => Some("Enabled"),
            Self::Suspended => Some("Suspended"),
        }
    }
}

/// The kinds of documents kept for a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Cors,
    Lifecycle,
    Encryption,
    Policy,
    Tagging,
    PublicAccessBlock,
}

impl Setting {
    fn column(self) -> &'static str {
        match self {
            Self::Cors => "cors",
            Self::Lifecycle => "lifecycle",
            Self::Encryption => "encryption",
            Self::Policy => "policy",
            Self::Tagging => "tagging",
            Self::PublicAccessBlock => "public-access-block",
        }
    }
}

/// The bucket of that name.
pub(crate) fn find(tx: &Transaction<'_>, name: &str) -> Result<Bucket, StoreError> {
    tx.prepare_cached("SELECT id, name, created_ms, versioning FROM bucket WHERE name = ?1")?
        .query_row([name], bucket)
        .optional()?
        .ok_or(StoreError::NoSuchBucket)
}

/// All buckets by name.
pub(crate) fn list(tx: &Transaction<'_>) -> Result<Vec<Bucket>, StoreError> {
    let mut select = tx.prepare_cached("SELECT id, name, created_ms, versioning FROM bucket ORDER BY name")?;
    let buckets = select.query_map([], bucket)?.collect::<Result<_, _>>()?;
    Ok(buckets)
}

/// Makes a bucket.
///
/// # Errors
/// `BucketExists`.
pub(crate) fn create(change: &Change<'_>, name: &str) -> Result<(), StoreError> {
    let made = change.tx.execute(
        "INSERT INTO bucket (name, created_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![name, now_ms()],
    )?;
    if made == 0 { Err(StoreError::BucketExists) } else { Ok(()) }
}

/// Removes an empty bucket.
///
/// # Errors
/// `BucketNotEmpty` while it has versions or unfinished uploads.
pub(crate) fn delete(change: &Change<'_>, name: &str) -> Result<(), StoreError> {
    let bucket = find(&change.tx, name)?;
    let filled: bool = change.tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM version WHERE bucket = ?1)
             OR EXISTS (SELECT 1 FROM upload WHERE bucket = ?1 AND completed IS NULL)",
        [bucket.id],
        |row| row.get(0),
    )?;
    if filled {
        return Err(StoreError::BucketNotEmpty);
    }
    change.tx.execute("DELETE FROM upload WHERE bucket = ?1", [bucket.id])?;
    change.tx.execute("DELETE FROM bucket WHERE id = ?1", [bucket.id])?;
    Ok(())
}

/// Enables or suspends versioning.
pub(crate) fn set_versioning(change: &Change<'_>, name: &str, enabled: bool) -> Result<(), StoreError> {
    let status = if enabled { "Enabled" } else { "Suspended" };
    let changed = change.tx.execute("UPDATE bucket SET versioning = ?2 WHERE name = ?1", params![name, status])?;
    if changed == 0 { Err(StoreError::NoSuchBucket) } else { Ok(()) }
}

/// A setting's document.
pub(crate) fn setting(tx: &Transaction<'_>, name: &str, kind: Setting) -> Result<Option<String>, StoreError> {
    let bucket = find(tx, name)?;
    let document = tx
        .prepare_cached("SELECT document FROM bucket_setting WHERE bucket = ?1 AND kind = ?2")?
        .query_row(params![bucket.id, kind.column()], |row| row.get(0))
        .optional()?;
    Ok(document)
}

/// Stores a setting's document, or removes it.
pub(crate) fn set_setting(
    change: &Change<'_>,
    name: &str,
    kind: Setting,
    document: Option<&str>,
) -> Result<(), StoreError> {
    let bucket = find(&change.tx, name)?;
    match document {
        Some(document) => change.tx.execute(
            "INSERT INTO bucket_setting (bucket, kind, document) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET document = excluded.document",
            params![bucket.id, kind.column(), document],
        )?,
        None => change
            .tx
            .execute("DELETE FROM bucket_setting WHERE bucket = ?1 AND kind = ?2", params![bucket.id, kind.column()])?,
    };
    Ok(())
}

/// Every bucket's document of one kind.
pub(crate) fn settings(tx: &Transaction<'_>, kind: Setting) -> Result<Vec<(String, String)>, StoreError> {
    let mut select = tx.prepare_cached(
        "SELECT name, document FROM bucket_setting JOIN bucket ON bucket.id = bucket_setting.bucket
         WHERE kind = ?1",
    )?;
    let rows = select.query_map([kind.column()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

fn bucket(row: &rusqlite::Row<'_>) -> Result<Bucket, rusqlite::Error> {
    let versioning: Option<String> = row.get(3)?;
    Ok(Bucket {
        id: row.get(0)?,
        name: row.get(1)?,
        created_ms: row.get(2)?,
        versioning: Versioning::from_column(versioning.as_deref()),
    })
}
