//! Listing objects, or all their versions, in byte order: one index seek for each common prefix, and no scan of
//! what it stands for.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::StoreError;
use super::buckets::Bucket;
use super::object::{COLUMNS, Version};

/// The column of the row's id, behind [`COLUMNS`].
const ID: usize = 12;

/// What to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) scope: Scope,
    pub(crate) prefix: String,
    /// Empty: none.
    pub(crate) delimiter: String,
    pub(crate) after: Position,
    /// Objects and common prefixes together.
    pub(crate) limit: usize,
}

/// Which versions to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The object that each key has now.
    #[default]
    Current,
    /// Every version and delete marker, on each key the newest first.
    AllVersions,
}

impl Scope {
    fn select(self) -> String {
        let condition = match self {
            Self::Current => "AND latest = 1 AND delete_marker = 0",
            Self::AllVersions => "",
        };
        format!(
            "SELECT {COLUMNS}, id FROM version WHERE bucket = ?1 {condition} AND key >= ?2
             ORDER BY key, id DESC"
        )
    }
}

/// Where a listing goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Position {
    #[default]
    Start,
    /// Behind this key; keys that begin with it are still to come.
    Key(String),
    /// Behind every key that begins with this common prefix.
    Prefix(String),
    /// Behind this version of this key; older ones of the key are still to come.
    Version(String, String),
}

/// One page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// Where the next page begins; `None` at the end.
    pub(crate) next: Option<Position>,
}

/// One line of a listing.
#[derive(Debug)]
pub(crate) enum Entry {
    Object(Box<Version>),
    CommonPrefix(String),
}

/// Lists a bucket.
pub(crate) fn page(tx: &Transaction<'_>, bucket: &Bucket, query: &Query) -> Result<Page, StoreError> {
    let mut page = Page::default();
    if query.limit == 0 {
        return Ok(page);
    }
    let Some(mut from) = start(query) else {
        return Ok(page);
    };
    let end = successor(query.prefix.as_bytes());
    let passed = passed(tx, bucket, &query.after)?;
    let mut select = tx.prepare_cached(&query.scope.select())?;
    let mut last = None;
    loop {
        let mut rows = select.query(params![bucket.id, from])?;
        from = loop {
            let Some(row) = rows.next()? else {
                return Ok(page);
            };
            let key = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            if end.as_deref().is_some_and(|end| key >= end) {
                return Ok(page);
            }
            if let Some((passed_key, passed_id)) = &passed
                && passed_key.as_bytes() == key
                && row.get::<_, i64>(ID)? >= *passed_id
            {
                continue;
            }
            if page.entries.len() == query.limit {
                page.next = last;
                return Ok(page);
            }
            if let Some(length) = common_prefix(key, query) {
                let prefix = super::object::key(row, 0)?.get(..length).map(str::to_owned).unwrap_or_default();
                let skip_to = successor(prefix.as_bytes());
                page.entries.push(Entry::CommonPrefix(prefix.clone()));
                last = Some(Position::Prefix(prefix));
                match skip_to {
                    Some(skip_to) => break skip_to,
                    None => return Ok(page),
                }
            }
            let object = Version::from_row(row)?;
            last = Some(match query.scope {
                Scope::Current => Position::Key(object.key.clone()),
                Scope::AllVersions => Position::Version(object.key.clone(), object.version.clone()),
            });
            page.entries.push(Entry::Object(Box::new(object)));
        };
    }
}

/// The key and the row id of the version that a listing goes on behind. One that is gone since is
/// `None`: its key is listed again from its newest version, rather than anything left out.
fn passed(tx: &Transaction<'_>, bucket: &Bucket, after: &Position) -> Result<Option<(String, i64)>, StoreError> {
    let Position::Version(key, version) = after else {
        return Ok(None);
    };
    let id: Option<i64> = tx
        .prepare_cached("SELECT id FROM version WHERE bucket = ?1 AND key = ?2 AND version = ?3")?
        .query_row(params![bucket.id, key.as_bytes(), version], |row| row.get(0))
        .optional()?;
    Ok(id.map(|id| (key.clone(), id)))
}

/// The first key that may be listed, or `None` when nothing can follow.
fn start(query: &Query) -> Option<Vec<u8>> {
    let prefix = query.prefix.as_bytes();
    let after = match &query.after {
        Position::Start => return Some(prefix.to_vec()),
        Position::Key(key) => {
            let key = key.as_bytes();
            // A marker inside a common prefix that it is the whole of stands for that prefix.
            match common_prefix(key, query) {
                Some(length) if length == key.len() => successor(key)?,
                // The smallest key above: the same bytes and a zero.
                _ => [key, &[0]].concat(),
            }
        }
        Position::Prefix(skipped) => successor(skipped.as_bytes())?,
        Position::Version(key, _) => key.as_bytes().to_vec(),
    };
    Some(after.max(prefix.to_vec()))
}

/// The length of the common prefix that `key` is listed under, if it is.
fn common_prefix(key: &[u8], query: &Query) -> Option<usize> {
    let delimiter = query.delimiter.as_bytes();
    if delimiter.is_empty() {
        return None;
    }
    let rest = key.strip_prefix(query.prefix.as_bytes())?;
    let found = rest.windows(delimiter.len()).position(|window| window == delimiter)?;
    Some(query.prefix.len() + found + delimiter.len())
}

/// The smallest byte string above every one that begins with `prefix`; `None` where there is none.
pub(super) fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = prefix.to_vec();
    while let Some(last) = bytes.pop() {
        if last < u8::MAX {
            bytes.push(last + 1);
            return Some(bytes);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, StatementStatus, params};

    use super::{Query, Scope, page, successor};
    use crate::store::{buckets, schema};

    #[test]
    fn the_successor_of_a_prefix_is_above_all_that_begin_with_it() {
        assert_eq!(successor(b"a/"), Some(b"a0".to_vec()));
        assert_eq!(successor(b"a\xff\xff"), Some(b"b".to_vec()));
        assert_eq!(successor(b"\xff"), None);
        assert_eq!(successor(b""), None);
    }

    /// Ten common prefixes of `keys` keys each: the steps that SQLite takes to list them folded.
    fn steps(scope: Scope, keys: u32) -> i32 {
        let mut connection = Connection::open_in_memory().expect("an index in memory");
        schema::prepare(&connection).expect("tables").expect("an empty index");
        let tx = connection.transaction().expect("a transaction");
        tx.execute("INSERT INTO bucket (id, name, created_ms) VALUES (1, 'data', 0)", []).expect("a bucket");
        for number in 0..keys * 10 {
            tx.execute(
                "INSERT INTO version (bucket, key, version, latest, delete_marker, modified_ms, size_bytes, etag,
                     headers, checksums, tags) VALUES (1, ?1, 'null', 1, 0, 0, 0, '', '{}', '{}', '{}')",
                params![format!("{}/{number}", number % 10).as_bytes()],
            )
            .expect("a version");
        }
        let bucket = buckets::find(&tx, "data").expect("the bucket");
        let query = Query { scope, delimiter: "/".to_owned(), limit: 1_000, ..Query::default() };
        assert_eq!(page(&tx, &bucket, &query).expect("a page").entries.len(), 10);
        let statement = tx.prepare_cached(&scope.select()).expect("the listing's own statement");
        assert_eq!(statement.get_status(StatementStatus::Sort), 0, "the index gives the order");
        assert_eq!(statement.get_status(StatementStatus::FullscanStep), 0, "nothing is scanned");
        statement.get_status(StatementStatus::VmStep)
    }

    #[test]
    fn a_common_prefix_costs_the_same_however_many_keys_it_stands_for() {
        for scope in [Scope::Current, Scope::AllVersions] {
            let few = steps(scope, 2);
            assert!(few > 0);
            assert_eq!(few, steps(scope, 2_000), "{scope:?}");
        }
    }
}
