//! Listing a bucket's open uploads.

use rusqlite::{Transaction, params};

use super::{UPLOAD_COLUMNS, Upload, find, upload};
use crate::store::StoreError;
use crate::store::buckets::Bucket;

/// Which open uploads to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) prefix: String,
    /// Empty: none.
    pub(crate) delimiter: String,
    /// Uploads behind this key, and behind the upload of that id on this very key.
    pub(crate) key_marker: String,
    pub(crate) upload_marker: String,
    pub(crate) limit: usize,
}

/// One page of open uploads.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) uploads: Vec<Upload>,
    pub(crate) common_prefixes: Vec<String>,
    /// The key and the upload id that the next page begins behind.
    pub(crate) next: Option<(String, String)>,
}

/// The bucket's open uploads by key, and on one key by age.
pub(crate) fn list(tx: &Transaction<'_>, bucket: &Bucket, query: &Query) -> Result<Page, StoreError> {
    let mut select = tx.prepare_cached(&format!(
        "SELECT {UPLOAD_COLUMNS} FROM upload
         WHERE bucket = ?1 AND completed IS NULL AND key >= ?2 ORDER BY key, initiated_ms, id"
    ))?;
    let from = query.prefix.as_bytes().max(query.key_marker.as_bytes());
    let mut rows = select.query(params![bucket.id, from])?;
    let mut page = Page::default();
    // On the marker's own key, everything up to the marker's upload is behind us already. One that has ended since
    // is no mark: its key is listed again from its first upload, rather than anything left out.
    let mut passed_marker = find(tx, bucket, &query.key_marker, &query.upload_marker).is_err();
    let mut last = None;
    while let Some(row) = rows.next()? {
        let found = upload(row)?;
        let Some(rest) = found.key.strip_prefix(&query.prefix) else {
            break;
        };
        if found.key == query.key_marker {
            let skipped = query.upload_marker.is_empty() || !passed_marker;
            passed_marker |= found.id == query.upload_marker;
            if skipped {
                continue;
            }
        }
        let common = (!query.delimiter.is_empty())
            .then(|| rest.find(&query.delimiter))
            .flatten()
            .and_then(|at| found.key.get(..query.prefix.len() + at + query.delimiter.len()));
        if let Some(common) = common
            && (page.common_prefixes.last().is_some_and(|last| last == common) || query.key_marker.starts_with(common))
        {
            continue;
        }
        if page.uploads.len() + page.common_prefixes.len() == query.limit {
            page.next = last;
            break;
        }
        match common {
            Some(common) => {
                last = Some((common.to_owned(), String::new()));
                page.common_prefixes.push(common.to_owned());
            }
            None => {
                last = Some((found.key.clone(), found.id.clone()));
                page.uploads.push(found);
            }
        }
    }
    Ok(page)
}
