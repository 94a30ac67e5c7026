//! Space set aside: a delete writes to the index before it gives anything back, and on a full disk it could not.

use std::fs;
use std::io;
use std::path::PathBuf;

/// What the index needs to note a delete of many keys. 2 MiB.
const RESERVE_BYTES: usize = 2 * 1024 * 1024;

/// A file that holds the space.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
}

impl Reserve {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Gives the space back to the disk.
    pub(super) fn give_up(&self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the space set aside could not be given up");
        }
    }

    /// Sets the space aside, where there is some: a disk that is full stays as it is, and is tried again later.
    pub(super) fn set_aside(&self) {
        if self.path.exists() {
            return;
        }
        // Not zeros: some disks keep those in no space at all.
        let mut bytes = vec![0; RESERVE_BYTES];
        let written = getrandom::fill(&mut bytes).map_err(io::Error::other).and_then(|()| fs::write(&self.path, bytes));
        if written.is_err() {
            self.give_up();
        }
    }
}
