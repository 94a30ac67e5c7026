//! Keeps a byte file on the disk while an answer still reads it, although its object is gone.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::bytes::ByteFiles;
use super::off_thread;

/// Who reads which file, and which files go when the last reader has finished.
#[derive(Debug)]
pub(super) struct Leases {
    files: ByteFiles,
    /// Held for reading from the look-up in the index until the lease is taken, for writing while
    /// deciding what to remove: a file cannot vanish between the two steps of a reader.
    gate: RwLock<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    readers: HashMap<String, usize>,
    doomed: HashSet<String>,
}

/// While it lives, the files it names stay.
#[derive(Debug)]
pub(crate) struct Lease {
    leases: Arc<Leases>,
    ids: Vec<String>,
}

impl Leases {
    pub(super) fn new(files: ByteFiles) -> Arc<Self> {
        Arc::new(Self { files, gate: RwLock::new(()), state: Mutex::default() })
    }

    /// Runs a look-up and takes the lease on the files it names.
    pub(super) fn read<T, E>(
        self: &Arc<Self>,
        look_up: impl FnOnce() -> Result<(T, Vec<String>), E>,
    ) -> Result<(T, Lease), E> {
        let _open = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let (found, ids) = look_up()?;
        let mut state = self.state();
        for id in &ids {
            *state.readers.entry(id.clone()).or_default() += 1;
        }
        drop(state);
        let lease = Lease { leases: Arc::clone(self), ids };
        Ok((found, lease))
    }

    /// Removes files that no committed row names: at once, or with their last reader.
    pub(super) fn release(&self, freed: Vec<String>) {
        if freed.is_empty() {
            return;
        }
        let _closed = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        let (read, unread): (Vec<_>, Vec<_>) = freed.into_iter().partition(|id| state.readers.contains_key(id));
        state.doomed.extend(read);
        drop(state);
        self.files.remove(unread.iter().map(String::as_str));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.leases.state();
        let mut finished = Vec::new();
        for id in self.ids.drain(..) {
            let Some(readers) = state.readers.get_mut(&id) else {
                continue;
            };
            *readers -= 1;
            if *readers == 0 {
                state.readers.remove(&id);
                if state.doomed.remove(&id) {
                    finished.push(id);
                }
            }
        }
        drop(state);
        if !finished.is_empty() {
            let files = self.leases.files.clone();
            off_thread::run(move || files.remove(finished.iter().map(String::as_str)));
        }
    }
}
