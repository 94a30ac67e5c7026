//! What the index keeps of one version of an object, and how a row becomes that value.

use std::collections::BTreeMap;

use rusqlite::Row;
use s3s::dto::{ETag, ETagCondition};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::segments::{Segment, Staged};
use crate::checksum::Checksums;

/// The version id of an object put while versioning was not enabled.
pub(crate) const NULL_VERSION: &str = "null";

/// What S3 has encrypted every object with by default since January 2023.
pub(crate) const DEFAULT_ENCRYPTION: &str = "AES256";

/// The headers stored with an object and given back with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ObjectHeaders {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) website_redirect_location: Option<String>,
    /// Absent: STANDARD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) storage_class: Option<String>,
    /// Absent: S3's default, AES256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encryption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kms_key_id: Option<String>,
    /// `x-amz-meta-*`, without that prefix.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) user: BTreeMap<String, String>,
}

/// S3's class for an object that was put without one.
const DEFAULT_CLASS: &str = "STANDARD";

impl ObjectHeaders {
    /// `x-amz-storage-class`, where a listing names it for every object.
    pub(crate) fn storage_class(&self) -> String {
        self.storage_class.clone().unwrap_or_else(|| DEFAULT_CLASS.to_owned())
    }

    /// `x-amz-server-side-encryption`. The bytes on this disk are as they came: what is kept is what
    /// was asked for.
    pub(crate) fn encryption(&self) -> String {
        self.encryption.clone().unwrap_or_else(|| DEFAULT_ENCRYPTION.to_owned())
    }
}

/// An object's tags by name.
pub(crate) type Tags = BTreeMap<String, String>;

/// One version of an object, or a delete marker.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) key: String,
    pub(crate) version: String,
    pub(crate) latest: bool,
    pub(crate) delete_marker: bool,
    pub(crate) modified_ms: i64,
    pub(crate) size_bytes: u64,
    /// Without its quotes; empty for a delete marker.
    pub(crate) etag: String,
    /// How many parts a multipart object has; `None` for an object put at once.
    pub(crate) parts: Option<u16>,
    pub(crate) headers: ObjectHeaders,
    pub(crate) checksums: Checksums,
    pub(crate) tags: Tags,
    pub(super) content: Option<i64>,
}

/// The columns that [`Version::from_row`] reads, in its order.
pub(super) const COLUMNS: &str = "key, version, latest, delete_marker, modified_ms, size_bytes, \
     etag, parts, headers, checksums, tags, content";

impl Version {
    pub(super) fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            key: key(row, 0)?,
            version: row.get(1)?,
            latest: row.get(2)?,
            delete_marker: row.get(3)?,
            modified_ms: row.get(4)?,
            size_bytes: row.get(5)?,
            etag: row.get(6)?,
            parts: row.get(7)?,
            headers: serde_json::from_str(row.get_ref(8)?.as_str().map_err(rusqlite::Error::from)?)?,
            checksums: Checksums::from_json(row.get_ref(9)?.as_str().map_err(rusqlite::Error::from)?)?,
            tags: serde_json::from_str(row.get_ref(10)?.as_str().map_err(rusqlite::Error::from)?)?,
            content: row.get(11)?,
        })
    }
}

/// A key as stored: bytes, which were UTF-8 when they came in.
pub(super) fn key(row: &Row<'_>, column: usize) -> Result<String, rusqlite::Error> {
    let bytes: Vec<u8> = row.get(column)?;
    String::from_utf8(bytes).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, Box::new(error))
    })
}

/// An object about to be put.
#[derive(Debug)]
pub(crate) struct NewVersion {
    pub(crate) size_bytes: u64,
    pub(crate) etag: String,
    pub(crate) parts: Option<u16>,
    pub(crate) headers: ObjectHeaders,
    pub(crate) checksums: Checksums,
    pub(crate) tags: Tags,
    /// `Last-Modified`, in milliseconds since 1970.
    pub(crate) modified_ms: i64,
    pub(crate) bytes: NewBytes,
}

/// Where a new version's bytes come from.
#[derive(Debug)]
pub(crate) enum NewBytes {
    /// Received just now.
    Staged(Staged),
    /// Parts that are in the index already.
    Segments(Vec<Segment>),
    /// Those of another version.
    Shared(Option<i64>),
}

/// `If-Match` and `If-None-Match` on a write.
#[derive(Debug, Clone, Default)]
pub(crate) struct WriteCondition {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

impl WriteCondition {
    /// Whether the write may go on, given the object that the key has now.
    ///
    /// # Errors
    /// `NoSuchKey` for `If-Match` on a key without an object, else `PreconditionFailed`.
    pub(crate) fn check(&self, current: Option<&Version>) -> Result<(), StoreError> {
        match (&self.if_match, current) {
            (None, _) | (Some(ETagCondition::Any), Some(_)) => {}
            (Some(_), None) => return Err(StoreError::NoSuchKey { delete_marker: None }),
            (Some(ETagCondition::ETag(etag)), Some(version)) if etag.value() == version.etag => {}
            (Some(_), Some(_)) => return Err(StoreError::PreconditionFailed),
        }
        match (&self.if_none_match, current) {
            (None, _) | (Some(_), None) => Ok(()),
            (Some(ETagCondition::Any), Some(_)) => Err(StoreError::PreconditionFailed),
            (Some(ETagCondition::ETag(etag)), Some(version)) => {
                if same(etag, &version.etag) {
                    Err(StoreError::PreconditionFailed)
                } else {
                    Ok(())
                }
            }
        }
    }
}

fn same(etag: &ETag, stored: &str) -> bool {
    etag.value() == stored
}
