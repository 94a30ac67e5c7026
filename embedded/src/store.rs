//! The storage behind the protocol: an SQLite index and files of bytes, one transaction per change.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub(crate) mod buckets;
pub(crate) mod bytes;
pub(crate) mod error;
mod leases;
pub(crate) mod listing;
pub(crate) mod multipart;
pub(crate) mod object;
mod off_thread;
mod reserve;
mod schema;
pub(crate) mod segments;
pub(crate) mod versions;

use self::bytes::{ByteFiles, StagedFile};
pub(crate) use self::error::StoreError;
pub(crate) use self::leases::Lease;
use self::leases::Leases;
pub(crate) use self::off_thread::OffThread;
use self::reserve::Reserve;
use crate::OpenError;

/// Prepared statements kept by each connection: more than the store has.
const STATEMENT_CACHE: usize = 96;

/// The index's page cache of one connection, in KiB (SQLite takes KiB as negative pages).
const CACHE_KIB: i64 = 4_096;

/// Idle reading connections kept for the next reader.
const IDLE_READERS: usize = 4;

/// One bucket store on a local disk. Every method blocks: see [`Store::read`] and [`Store::write`].
#[derive(Debug)]
pub(crate) struct Store {
    index: std::path::PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    files: ByteFiles,
    leases: Arc<Leases>,
    reserve: Reserve,
    /// Two processes on one folder would sweep each other's files. Last, so that it is let go of last.
    _lock: File,
}

/// One change: its transaction, the files that its commit names, and those it leaves unnamed.
pub(crate) struct Change<'c> {
    /// Everything of the change goes through here.
    pub(crate) tx: Transaction<'c>,
    staged: Vec<StagedFile>,
    freed: Vec<String>,
    committed: Vec<Box<dyn FnOnce() + Send>>,
}

impl Change<'_> {
    /// Takes over a staged file that a row of this change names: it stays if the change is
    /// committed and goes if it is not, whatever becomes of the request.
    fn keep(&mut self, file: StagedFile) {
        self.staged.push(file);
    }

    /// Runs this once the change is committed and before the next one begins: what is in memory follows the index,
    /// change by change.
    pub(crate) fn once_committed(&mut self, then: impl FnOnce() + Send + 'static) {
        self.committed.push(Box::new(then));
    }

    /// Notes a file that no row names once this change is committed.
    fn free(&mut self, file: String) {
        self.freed.push(file);
    }
}

impl Store {
    /// Opens the store in `folder`, makes it where it is missing, and sweeps what an interrupted
    /// write left behind.
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        let io = |source| OpenError::Folder { folder: folder.to_owned(), source };
        bytes::make_folder(folder).map_err(io)?;
        let lock = File::create(folder.join("lock")).map_err(io)?;
        lock.try_lock().map_err(|_| OpenError::InUse(folder.to_owned()))?;
        let reserve = Reserve::new(folder.join("reserve"));
        let files = ByteFiles::open(folder.join("bytes")).map_err(io)?;
        let index = folder.join("index.sqlite");
        let orphaned = files.any().map_err(io)?;
        // Opening takes some space too, which a full disk has only here.
        let writer = open_index(&index, orphaned).or_else(|error| match error {
            OpenError::Index(_) => {
                reserve.give_up();
                open_index(&index, orphaned)
            }
            other => Err(other),
        })?;
        bytes::sync_folder(folder).map_err(io)?;
        let named = segments::named_files(&writer)?;
        let swept = files.sweep(&named).map_err(io)?;
        if swept > 0 {
            tracing::info!(swept, "removed what interrupted writes had left");
        }
        reserve.set_aside();
        Ok(Self {
            index,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            leases: Leases::new(files.clone()),
            files,
            reserve,
            _lock: lock,
        })
    }

    /// The files of bytes, for staging and reading.
    pub(crate) fn files(&self) -> &ByteFiles {
        &self.files
    }

    /// Runs one change off the async threads. It is durable when this returns `Ok`; on `Err`
    /// nothing of it remains.
    pub(crate) async fn write<T, F>(self: &Arc<Self>, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Change<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let store = Arc::clone(self);
        blocking(move || store.write_now(change)).await
    }

    /// As [`Store::write`], for a change that gives space back: on a full disk it gets what is set aside for it.
    pub(crate) async fn shrink<T, F>(self: &Arc<Self>, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Change<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let store = Arc::clone(self);
        blocking(move || {
            let first = store.write_now(&change);
            let Err(StoreError::Full) = first else {
                return first;
            };
            store.reserve.give_up();
            let again = store.write_now(&change);
            store.tidy_index();
            store.reserve.set_aside();
            again
        })
        .await
    }

    /// Moves what was committed from the log to the tables, and gives the log's space back: on a full disk it is
    /// what there is to set aside for the next delete.
    fn tidy_index(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
            tracing::debug!(%error, "the index's log stays as it is");
        }
    }

    /// [`Store::write`] on the calling thread.
    pub(crate) fn write_now<T>(
        &self,
        change: impl FnOnce(&mut Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (answer, freed) = {
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            // Dropping the transaction without a commit rolls it back.
            let mut running = Change {
                tx: writer.transaction_with_behavior(TransactionBehavior::Immediate)?,
                staged: Vec::new(),
                freed: Vec::new(),
                committed: Vec::new(),
            };
            let answer = change(&mut running)?;
            let Change { tx, staged, freed, committed: then } = running;
            let committed = tx.commit();
            // Full is refused before anything of the commit counts. After any other error it may yet be found in
            // the log: what it would name stays for the next start to look at.
            let undone = committed.as_ref().is_err_and(is_full);
            if !undone {
                for file in staged {
                    file.keep();
                }
            }
            committed?;
            for then in then {
                then();
            }
            (answer, freed)
        };
        self.leases.release(freed);
        Ok(answer)
    }

    /// Runs a look-up off the async threads, on one snapshot of the index.
    pub(crate) async fn read<T, F>(self: &Arc<Self>, look_up: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let store = Arc::clone(self);
        blocking(move || store.read_now(look_up)).await
    }

    /// As [`Store::read`], and keeps the files that the look-up names while the lease lives.
    pub(crate) async fn read_leased<T, F>(self: &Arc<Self>, look_up: F) -> Result<(T, Lease), StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<(T, Vec<String>), StoreError> + Send + 'static,
    {
        let store = Arc::clone(self);
        blocking(move || store.leases.read(|| store.read_now(look_up))).await
    }

    fn read_now<T>(&self, look_up: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => connect(&self.index)?,
        };
        let tx = reader.transaction()?;
        let answer = look_up(&tx);
        tx.finish()?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(reader);
        }
        answer
    }
}

/// Runs blocking work on the runtime's threads for it.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, StoreError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(StoreError::Stopped),
    }
}

fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
}

/// Now, in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}

/// Opens the index for writing, and makes its tables where they are missing: only where there are no bytes either,
/// since all that an index does not name is swept.
fn open_index(index: &Path, bytes: bool) -> Result<Connection, OpenError> {
    let writer = connect(index)?;
    if bytes && schema::is_fresh(&writer)? {
        return Err(OpenError::NoIndex(index.to_owned()));
    }
    // WAL: readers go on while one writes. It stays with the file, so that only the first connection sets it: to
    // switch takes the file alone, and does not wait for others.
    writer.pragma_update(None, "journal_mode", "WAL")?;
    match schema::prepare(&writer)? {
        Ok(()) => Ok(writer),
        Err(found) => Err(OpenError::Version { found, expected: schema::SCHEMA_VERSION }),
    }
}

fn connect(index: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(index, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    // FULL: a commit is on the disk before it is answered.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::{Store, StoreError};

    #[test]
    fn what_a_change_does_in_memory_is_done_before_the_next_one_begins() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open(folder.path()).expect("a store"));
        let (tell, told) = mpsc::channel();
        let inside = Arc::clone(&store);
        let changed = store.write_now(|change| {
            change.once_committed(move || {
                let next_one_waits = inside.writer.try_lock().is_err();
                tell.send(next_one_waits).expect("somebody listens");
            });
            Ok(())
        });
        changed.expect("a change");
        assert_eq!(told.recv(), Ok(true));
        let failed: Result<(), _> = store.write_now(|change| {
            change.once_committed(|| unreachable!("nothing was committed"));
            Err(StoreError::NoSuchBucket)
        });
        assert!(failed.is_err());
    }

    #[test]
    fn a_commit_that_fails_leaves_its_files_for_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let file = store.files().stage().expect("a file");
        let failed = store.write_now(|change| {
            change.keep(file);
            // Found out by the commit and no sooner: a setting of a bucket that is not there.
            change.tx.execute_batch(
                "PRAGMA defer_foreign_keys = ON;
                 INSERT INTO bucket_setting (bucket, kind, document) VALUES (99, 'cors', '')",
            )?;
            Ok(())
        });
        assert!(matches!(failed, Err(StoreError::Index(_))), "{failed:?}");
        assert!(store.files().any().expect("a folder of files"), "the commit may yet be found in the log");
        drop(store);
        let store = Store::open(folder.path()).expect("the store again");
        assert!(!store.files().any().expect("a folder of files"), "it was not: the file is swept");
    }
}
