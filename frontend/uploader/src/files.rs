//! The files that a person gave, as the browser's references to them: never their bytes, but for a look at both ends.

use std::collections::HashMap;

use domain::units::{ByteSize, float, whole};
use domain::upload::fingerprint::{Fingerprint, ends};
use domain::upload::io::{EntryId, NewEntry, TransferFailure};
use domain::upload::plan::ByteRange;
use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use crate::clock::within_ms;

/// A file that a transfer waits for is away when it has not been read for so long, 10 s: a read of a network drive that is
/// gone may never end. Below the shortest patience with a silent transfer, 15 s, else S3 would be blamed for it.
pub(crate) const READ_WITHIN_MS: u64 = 10_000;

/// The last look waits for a minute: nothing waits behind it, and a slow drive must not pass for an unchanged file.
pub(crate) const LAST_LOOK_WITHIN_MS: u64 = 60_000;

/// One reference for each upload that may still need it.
#[derive(Default)]
pub(crate) struct Files {
    by_entry: HashMap<EntryId, Kept>,
}

struct Kept {
    file: File,
    /// Of the moment when its first part was sent; `None` before, and for what travels in one request.
    fingerprint: Option<Fingerprint>,
    /// Something failed or was held since it was last looked at: time in which it may have changed.
    is_in_doubt: bool,
}

impl Files {
    /// Keeps the files of new uploads: `files` in the order of `entries`, `null` for an empty folder.
    pub(crate) fn keep(&mut self, entries: &[NewEntry], files: &Array) {
        for (entry, file) in entries.iter().zip(files.iter()) {
            if let Ok(file) = file.dyn_into::<File>() {
                self.by_entry.insert(entry.id, Kept { file, fingerprint: None, is_in_doubt: false });
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
        let kept = self.by_entry.get(&entry).ok_or_else(|| JsValue::from_str("no such file"))?;
        slice(&kept.file, range)
    }

    /// Time passes without sending: the file is to be looked at before more of it is sent.
    pub(crate) fn doubt(&mut self, entry: EntryId) {
        if let Some(kept) = self.by_entry.get_mut(&entry) {
            kept.is_in_doubt = true;
        }
    }

    /// The file, where it is to be looked at before these bytes of it are sent: the first time and whenever in doubt. What
    /// travels in one request is not: whatever is sent again is sent from the beginning.
    pub(crate) fn to_look_at(&self, entry: EntryId, range: ByteRange) -> Option<File> {
        let kept = self.by_entry.get(&entry)?;
        let is_whole = range == ByteRange::whole(size_of(&kept.file));
        (!is_whole && (kept.is_in_doubt || kept.fingerprint.is_none())).then(|| kept.file.clone())
    }

    /// The file, where parts of it were sent: what travels in one request is of one moment.
    pub(crate) fn sent_in_parts(&self, entry: EntryId) -> Option<File> {
        self.by_entry.get(&entry).filter(|kept| kept.fingerprint.is_some()).map(|kept| kept.file.clone())
    }

    /// Whether the file is as it was when it was first looked at, which may be now.
    pub(crate) fn is_same(&mut self, entry: EntryId, seen: Fingerprint) -> bool {
        let Some(kept) = self.by_entry.get_mut(&entry) else { return false };
        let is_same = *kept.fingerprint.get_or_insert(seen) == seen;
        kept.is_in_doubt = !is_same;
        is_same
    }
}

/// Looks at both ends of a file as it is now.
///
/// # Errors
/// Where it cannot be read in time, or is shorter than it was.
pub(crate) async fn look_at(file: &File, limit_ms: u64) -> Result<Fingerprint, TransferFailure> {
    within_ms(limit_ms, read_ends(file)).await.unwrap_or(Err(TransferFailure::SourceAway))
}

async fn read_ends(file: &File) -> Result<Fingerprint, TransferFailure> {
    let mut seen = Vec::new();
    for range in ends(size_of(file)).into_iter().filter(|range| range.len_bytes() > 0) {
        let slice = slice(file, range).map_err(|_| TransferFailure::SourceAway)?;
        let bytes = bytes_of(&slice).await.ok_or(TransferFailure::SourceAway)?;
        if u64::from(bytes.length()) != range.len_bytes() {
            return Err(TransferFailure::FileChanged);
        }
        seen.extend(bytes.to_vec());
    }
    Ok(Fingerprint::of(seen))
}

/// Whether the bytes of a slice can be read now. No browser does where the file is away; Chrome does not once the file has
/// changed either, and Firefox then reads what is there by now.
pub(crate) async fn can_be_read(slice: &Blob) -> bool {
    if slice.size() == 0.0 {
        return true;
    }
    let Ok(first_byte) = slice.slice_with_f64_and_f64(0.0, 1.0) else { return false };
    within_ms(READ_WITHIN_MS, bytes_of(&first_byte)).await.flatten().is_some()
}

async fn bytes_of(slice: &Blob) -> Option<Uint8Array> {
    let bytes: Promise = slice.array_buffer().unchecked_into();
    let bytes: ArrayBuffer = JsFuture::from(bytes).await.ok()?.unchecked_into();
    Some(Uint8Array::new(&bytes))
}

fn slice(file: &File, range: ByteRange) -> Result<Blob, JsValue> {
    file.slice_with_f64_and_f64(float(range.start), float(range.end))
}

fn size_of(file: &File) -> ByteSize {
    ByteSize(whole(file.size()))
}
