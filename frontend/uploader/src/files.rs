//! The files that a person gave, as the browser's references to them: never their bytes.

use std::collections::HashMap;

use domain::units::float;
use domain::upload::io::{EntryId, NewEntry};
use domain::upload::plan::ByteRange;
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

/// One reference for each upload that may still need it.
#[derive(Default)]
pub(crate) struct Files {
    by_entry: HashMap<EntryId, File>,
}

impl Files {
    /// Keeps the files of new uploads: `files` in the order of `entries`, `null` for an empty folder.
    pub(crate) fn keep(&mut self, entries: &[NewEntry], files: &Array) {
        for (entry, file) in entries.iter().zip(files.iter()) {
            if let Ok(file) = file.dyn_into::<File>() {
                self.by_entry.insert(entry.id, file);
            }
        }
    }

    /// Lets go of a file.
    pub(crate) fn release(&mut self, entry: EntryId) {
        self.by_entry.remove(&entry);
    }

    /// A reference to some bytes of a file.
    ///
    /// # Errors
    /// Where the file is not known or the browser refuses.
    pub(crate) fn slice(&self, entry: EntryId, range: ByteRange) -> Result<Blob, JsValue> {
        if range.len_bytes() == 0 {
            return Blob::new();
        }
        let file = self.by_entry.get(&entry).ok_or_else(|| JsValue::from_str("no such file"))?;
        file.slice_with_f64_and_f64(float(range.start), float(range.end))
    }
}

/// Whether the bytes of a slice can be read now. No browser does where the file is away; Chrome does not once the file has
/// changed either, and Firefox then reads what is there by now.
pub(crate) async fn can_be_read(slice: &Blob) -> bool {
    if slice.size() == 0.0 {
        return true;
    }
    let Ok(first_byte) = slice.slice_with_f64_and_f64(0.0, 1.0) else { return false };
    let bytes: Promise = first_byte.array_buffer().unchecked_into();
    JsFuture::from(bytes).await.is_ok()
}
