//! The files that hold objects' bytes, each named by a random id: no key ever becomes a path.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::id;

/// Folders below `bytes`: one for each two hexadecimal digits.
const SHARDS: usize = 256;

/// The folder of the byte files: up to 256 folders by the first two digits of the id, each made with its first file.
#[derive(Debug, Clone)]
pub(crate) struct ByteFiles {
    root: PathBuf,
    /// Whose own entry this process has brought to the disk. One that is merely there may be as new as another
    /// thread's last step, or as the last step of a process that was killed.
    durable: Arc<Mutex<[bool; SHARDS]>>,
}

impl ByteFiles {
    /// Opens the folder, or makes it.
    pub(super) fn open(root: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&root)?;
        Ok(Self { root, durable: Arc::new(Mutex::new([false; SHARDS])) })
    }

    /// Whether there is any file of bytes.
    pub(super) fn any(&self) -> io::Result<bool> {
        for shard in fs::read_dir(&self.root)? {
            let shard = shard?;
            if shard.file_type()?.is_dir() && fs::read_dir(shard.path())?.next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn path(&self, id: &str) -> PathBuf {
        // Ids are our own hexadecimal digits, read back from our own index.
        self.root.join(id.get(..2).unwrap_or("00")).join(id)
    }

    /// A new file, which removes itself unless it is kept.
    pub(crate) fn stage(&self) -> io::Result<StagedFile> {
        let id = id::random();
        let path = self.path(&id);
        self.make_shard(&id)?;
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(StagedFile { id, path, file, kept: false })
    }

    /// Makes the folder that a file of this id lies in, and brings the folder's own entry to the disk: once in a
    /// process, whoever made it.
    fn make_shard(&self, id: &str) -> io::Result<()> {
        let digits = id.get(..2).and_then(|digits| usize::from_str_radix(digits, 16).ok()).unwrap_or_default();
        // Held while the disk is at work: nobody goes on with a folder that could still be lost.
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(done) = durable.get_mut(digits).filter(|done| !**done) else {
            return Ok(());
        };
        if let Some(shard) = self.path(id).parent() {
            fs::create_dir_all(shard)?;
        }
        sync_folder(&self.root)?;
        *done = true;
        Ok(())
    }

    /// Up to `limit` bytes of a file from `start`, shorter at its end.
    pub(crate) fn read(&self, id: &str, start: u64, limit: usize) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.path(id))?;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = vec![0; limit];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Removes files that nothing names any more. One that will not go is swept at the next start.
    pub(super) fn remove<'a>(&self, ids: impl IntoIterator<Item = &'a str>) {
        for id in ids {
            if let Err(error) = fs::remove_file(self.path(id)) {
                tracing::warn!(id, %error, "a file of bytes could not be removed");
            }
        }
    }

    /// Removes every file that is not in `named`: what an interrupted write left. Returns how many.
    pub(super) fn sweep(&self, named: &HashSet<String>) -> io::Result<usize> {
        let mut swept = 0;
        for shard in fs::read_dir(&self.root)? {
            let shard = shard?;
            if !shard.file_type()?.is_dir() {
                continue;
            }
            for entry in fs::read_dir(shard.path())? {
                let entry = entry?;
                let known = entry.file_name().to_str().is_some_and(|name| named.contains(name));
                if !known {
                    fs::remove_file(entry.path())?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}

/// A file being written: gone when dropped, unless a committed transaction names it.
#[derive(Debug)]
pub(crate) struct StagedFile {
    id: String,
    path: PathBuf,
    file: File,
    kept: bool,
}

impl StagedFile {
    /// The file's id, which the index will name.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Brings the bytes and the folder entry to the disk. Only then may a transaction name the file.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.sync_all()?;
        self.path.parent().map_or(Ok(()), sync_folder)
    }

    /// The transaction that names the file is committed: it stays.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(id = self.id, %error, "an unfinished file could not be removed");
        }
    }
}

/// Brings a folder's entries to the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes a folder and those above it that are missing, each brought to the disk in the one that holds it.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    if let Some(above) = above {
        make_folder(above)?;
    }
    match fs::create_dir(path) {
        // Somebody else was quicker.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_folder(above.unwrap_or(Path::new(".")))
}
