//! The index's tables: what is kept, and the indexes that make each read a seek.

use rusqlite::Connection;

/// Raised with every change of the tables; an index of another number is refused, never guessed at.
pub(super) const SCHEMA_VERSION: i64 = 2;

/// Segment ids are `content * SEGMENTS_PER_CONTENT + ordinal`, so that the segments of one
/// content lie side by side in the table's own tree. More than the 10,000 parts of an upload.
pub(super) const SEGMENTS_PER_CONTENT: i64 = 16_384;

const TABLES: &str = "
CREATE TABLE bucket (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL,
    versioning TEXT CHECK (versioning IN ('Enabled', 'Suspended'))
) STRICT;

-- CORS, lifecycle, encryption, policy, tags: one JSON document for each kind.
CREATE TABLE bucket_setting (
    bucket   INTEGER NOT NULL REFERENCES bucket (id) ON DELETE CASCADE,
    kind     TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (bucket, kind)
) STRICT, WITHOUT ROWID;

-- Every version of every object, delete markers too. The newest of a key has the largest id.
CREATE TABLE version (
    id            INTEGER PRIMARY KEY,
    bucket        INTEGER NOT NULL REFERENCES bucket (id),
    key           BLOB NOT NULL,
    version       TEXT NOT NULL,
    latest        INTEGER NOT NULL,
    delete_marker INTEGER NOT NULL,
    modified_ms   INTEGER NOT NULL,
    size_bytes    INTEGER NOT NULL,
    etag          TEXT NOT NULL,
    parts         INTEGER,
    headers       TEXT NOT NULL,
    checksums     TEXT NOT NULL,
    tags          TEXT NOT NULL,
    content       INTEGER
) STRICT;
-- A BLOB compares byte by byte: the order of this index is the order of a listing.
CREATE UNIQUE INDEX version_current ON version (bucket, key) WHERE latest = 1 AND delete_marker = 0;
CREATE INDEX version_order ON version (bucket, key, id DESC);
CREATE INDEX version_id ON version (bucket, key, version);
CREATE INDEX version_content ON version (content) WHERE content IS NOT NULL;

-- Where a content's bytes lie: in a file named by its id, or right here when they are few.
CREATE TABLE segment (
    id          INTEGER PRIMARY KEY,
    start_bytes INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    file        TEXT,
    bytes       BLOB,
    checksums   TEXT NOT NULL,
    CHECK ((file IS NULL) <> (bytes IS NULL))
) STRICT;
CREATE INDEX segment_file ON segment (file) WHERE file IS NOT NULL;

CREATE TABLE upload (
    id           TEXT PRIMARY KEY,
    bucket       INTEGER NOT NULL REFERENCES bucket (id),
    key          BLOB NOT NULL,
    initiated_ms INTEGER NOT NULL,
    headers      TEXT NOT NULL,
    tags         TEXT NOT NULL,
    algorithm    TEXT,
    full_object  INTEGER NOT NULL,
    -- Set by Complete, so that a repeat of the same request gets the same answer.
    completed    TEXT,
    completed_ms INTEGER
) STRICT;
CREATE INDEX upload_order ON upload (bucket, key, initiated_ms, id);

CREATE TABLE part (
    upload      TEXT NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    etag        TEXT NOT NULL,
    modified_ms INTEGER NOT NULL,
    checksums   TEXT NOT NULL,
    file        TEXT,
    bytes       BLOB,
    PRIMARY KEY (upload, number)
) STRICT;
CREATE INDEX part_file ON part (file) WHERE file IS NOT NULL;
";

/// What an index of number 1 lacks: a key's version by its id, and when an upload was completed. Those that are
/// completed already are kept as if they were just now.
const FROM_1: &str = "
CREATE INDEX version_id ON version (bucket, key, version);
ALTER TABLE upload ADD COLUMN completed_ms INTEGER;
UPDATE upload SET completed_ms = CAST(strftime('%s', 'now') AS INTEGER) * 1000 WHERE completed IS NOT NULL;
";

/// Whether nothing was ever kept in this index.
pub(super) fn is_fresh(connection: &Connection) -> Result<bool, rusqlite::Error> {
    Ok(version(connection)? == 0)
}

/// Creates the tables in an empty index, brings those of a lower number up to this one, and leaves the others alone.
///
/// # Errors
/// The index's own, and the number found where it is another one.
pub(super) fn prepare(connection: &Connection) -> Result<Result<(), i64>, rusqlite::Error> {
    let found = version(connection)?;
    let steps = match found {
        SCHEMA_VERSION => return Ok(Ok(())),
        0 => TABLES,
        1 => FROM_1,
        other => return Ok(Err(other)),
    };
    connection.execute_batch(&format!("BEGIN; {steps} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"))?;
    Ok(Ok(()))
}

fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}
