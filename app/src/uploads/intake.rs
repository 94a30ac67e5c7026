//! What a person drops, picks or pastes, found file by file: whole folder trees, and empty folders too.

use std::collections::VecDeque;

use domain::units::{ByteSize, whole};
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    ClipboardEvent, DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};

/// So many files of a dropped folder are asked for at a time.
const ASKED_TOGETHER: usize = 100;

/// One file, or one empty folder, with its place below the target.
pub(super) struct Found {
    /// `2026/report.pdf`; ends with `/` for an empty folder.
    pub(super) relative_key: String,
    /// `None` for an empty folder.
    pub(super) file: Option<File>,
}

/// What a person gave, not yet looked into.
pub(crate) struct Source {
    roots: Vec<Root>,
}

enum Root {
    /// From a drop: a file or a folder.
    Entry(FileSystemEntry),
    /// From a dialogue: a file that knows its own place.
    File(File),
}

impl Source {
    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Goes through it, in the order given, folders in depth.
    pub(super) fn walk(self) -> Walk {
        let mut open = self.roots;
        open.reverse();
        Walk { open, found: VecDeque::new() }
    }
}

/// Whether a drag carries files, which alone can be told before the drop.
pub(crate) fn holds_files(data: &DataTransfer) -> bool {
    data.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files"))
}

/// Takes what is dropped. It must be taken while the event is handled: afterwards the browser shows it no more.
pub(crate) fn dropped(data: &DataTransfer) -> Source {
    let items = data.items();
    let roots = (0..items.length()).filter_map(|at| items.get(at)).filter(|item| item.kind() == "file");
    let roots = roots.filter_map(|item| match item.webkit_get_as_entry() {
        Ok(Some(entry)) => Some(Root::Entry(entry)),
        // Pasted pictures are files without a place in any file system.
        _ => item.get_as_file().ok().flatten().map(Root::File),
    });
    Source { roots: roots.collect() }
}

/// Takes the files that are pasted, if there are any.
pub(crate) fn pasted(event: &ClipboardEvent) -> Option<Source> {
    event.clipboard_data().map(|data| dropped(&data)).filter(|source| !source.is_empty())
}

/// Takes what was picked in a dialogue.
pub(crate) fn picked(list: &FileList) -> Source {
    Source { roots: (0..list.length()).filter_map(|at| list.get(at)).map(Root::File).collect() }
}

/// A way through everything given; what lies next is at the end.
pub(super) struct Walk {
    open: Vec<Root>,
    found: VecDeque<Result<Found, String>>,
}

impl Walk {
    /// The next file or empty folder, or the name of one that cannot be read.
    pub(super) async fn next(&mut self) -> Option<Result<Found, String>> {
        loop {
            if let Some(found) = self.found.pop_front() {
                return Some(found);
            }
            match self.open.pop()? {
                Root::File(file) => return Some(Ok(Found { relative_key: relative_key_of(&file), file: Some(file) })),
                Root::Entry(entry) if entry.is_file() => self.open_files(entry).await,
                Root::Entry(folder) => self.open_folder(&folder).await,
            }
        }
    }

    /// Asks for a file and those that follow it: each answer comes from another process, so they are asked together.
    async fn open_files(&mut self, first: FileSystemEntry) {
        let mut entries = vec![first];
        while entries.len() < ASKED_TOGETHER {
            match self.open.pop_if(|next| matches!(next, Root::Entry(next) if next.is_file())) {
                Some(Root::Entry(next)) => entries.push(next),
                _ => break,
            }
        }
        let asked: Vec<_> = entries.iter().map(|entry| JsFuture::from(file_of(entry.unchecked_ref()))).collect();
        for (entry, file) in entries.iter().zip(asked) {
            let relative_key = relative_key_in_drop(entry);
            self.found.push_back(match file.await {
                Ok(file) => Ok(Found { relative_key, file: Some(file.unchecked_into()) }),
                Err(_) => Err(relative_key),
            });
        }
    }

    async fn open_folder(&mut self, folder: &FileSystemEntry) {
        let relative_key = relative_key_in_drop(folder);
        match read_whole(folder.unchecked_ref()).await {
            Ok(below) if below.is_empty() => {
                self.found.push_back(Ok(Found { relative_key: relative_key + "/", file: None }));
            }
            Ok(below) => self.open.extend(below.into_iter().rev().map(Root::Entry)),
            Err(_) => self.found.push_back(Err(relative_key)),
        }
    }
}

fn relative_key_in_drop(entry: &FileSystemEntry) -> String {
    entry.full_path().trim_start_matches('/').to_owned()
}

/// Where a picked file lies below the picked folder; its name where no folder was picked.
fn relative_key_of(file: &File) -> String {
    let below_folder = Reflect::get(file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
    below_folder.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name())
}

fn file_of(entry: &FileSystemFileEntry) -> Promise {
    promised(|resolve, reject| {
        entry.file_with_callback_and_callback(resolve, reject);
        Ok(())
    })
}

/// All entries of a folder. The browser hands them out by the hundred, and ends with none.
async fn read_whole(folder: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader: FileSystemDirectoryReader = folder.create_reader();
    let mut all = Vec::new();
    loop {
        let batch = promised(|resolve, reject| reader.read_entries_with_callback_and_callback(resolve, reject));
        let batch: Array = JsFuture::from(batch).await?.unchecked_into();
        if batch.length() == 0 {
            return Ok(all);
        }
        all.extend(batch.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

fn promised(call: impl Fn(&Function, &Function) -> Result<(), JsValue>) -> Promise {
    Promise::new(&mut |resolve, reject| {
        if let Err(refused) = call(&resolve, &reject) {
            // The promise's own function: it cannot refuse.
            let _ = reject.call1(&JsValue::UNDEFINED, &refused);
        }
    })
}

/// The exact size of a file.
pub(super) fn size_of(file: &File) -> ByteSize {
    ByteSize(whole(file.size()))
}
