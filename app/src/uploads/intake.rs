//! What a person drops, picks or pastes, found file by file: whole folder trees, and empty folders too.

use domain::units::ByteSize;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    ClipboardEvent, DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};

/// 2⁵³: up to here every whole number has a JavaScript number of its own.
const EXACT_UP_TO: f64 = 9_007_199_254_740_992.0;

/// One file, or one empty folder, with its place below the target.
pub(super) struct Found {
    /// `2026/report.pdf`; ends with `/` for an empty folder.
    pub(super) path: String,
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
        Walk { open }
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
}

impl Walk {
    /// The next file or empty folder, or the name of one that cannot be read.
    pub(super) async fn next(&mut self) -> Option<Result<Found, String>> {
        loop {
            match self.open.pop()? {
                Root::File(file) => return Some(Ok(Found { path: path_of(&file), file: Some(file) })),
                Root::Entry(entry) => {
                    let path = entry.full_path().trim_start_matches('/').to_owned();
                    if entry.is_file() {
                        let file = file_of(entry.unchecked_ref()).await;
                        return Some(file.map(|file| Found { path: path.clone(), file: Some(file) }).map_err(|_| path));
                    }
                    let Ok(below) = read_whole(entry.unchecked_ref()).await else { return Some(Err(path)) };
                    if below.is_empty() {
                        return Some(Ok(Found { path: path + "/", file: None }));
                    }
                    self.open.extend(below.into_iter().rev().map(Root::Entry));
                }
            }
        }
    }
}

/// Where a picked file lies below the picked folder; its name where no folder was picked.
fn path_of(file: &File) -> String {
    let below_folder = Reflect::get(file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
    below_folder.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name())
}

async fn file_of(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let file = promised(|resolve, reject| {
        entry.file_with_callback_and_callback(resolve, reject);
        Ok(())
    });
    Ok(JsFuture::from(file).await?.unchecked_into())
}

/// All entries of a folder. The browser hands them out by the hundred, and ends with none.
async fn read_whole(folder: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader: FileSystemDirectoryReader = folder.create_reader();
    let mut all = Vec::new();
    loop {
        let batch =
            promised(|resolve, reject| reader.read_entries_with_callback_and_callback(resolve, reject));
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

/// A whole number from JavaScript; 0 for what is none.
pub(super) fn whole(number: f64) -> u64 {
    if !(0.0..=EXACT_UP_TO).contains(&number) {
        return 0;
    }
    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above; only a fraction is cut off"
    )]
    let number = number as u64;
    number
}
