//! The secrets that seal share links and upload tickets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::seal::{Keyring, SealKey};

use super::reader::{Expected, Parsed, Reader};
use super::storage::Storage;
use super::variables as var;

/// The secrets that seal share links and upload tickets.
#[derive(Clone, Debug)]
pub enum LinkKeys {
    /// The operator's.
    Given(Keyring),
    /// One of our own, kept beside the embedded storage.
    KeptWithStorage,
}

/// `storage`: `None` where it is wrong, and so not known.
pub(super) fn read(read: &mut Reader<'_>, storage: Option<&Storage>) -> LinkKeys {
    if storage.is_some_and(|storage| !storage.is_embedded()) && !read.is_set(&var::LINK_KEYS) {
        read.wrong(&var::LINK_KEYS, "id:base64 of at least 32 random bytes, the same on every server");
    }
    read.several(&var::LINK_KEYS, parse).flatten().map_or(LinkKeys::KeptWithStorage, LinkKeys::Given)
}

fn parse(text: &str) -> Parsed<Option<Keyring>> {
    let entries: Vec<&str> = text.split(',').map(str::trim).collect();
    let (mut keys, mut wrong): (Vec<SealKey>, Vec<Expected>) = (Vec::new(), Vec::new());
    for (at, entry) in entries.iter().enumerate() {
        match parse_key(entry) {
            Ok(key) => keys.push(key),
            Err(why) => wrong.push(format!(
                "id:base64 of at least 32 random bytes, separated by commas; number {} is not: {why}",
                at + 1
            )),
        }
    }
    let ids: Vec<&str> = entries.iter().filter_map(|entry| entry.split_once(':')).map(|(id, _)| id).collect();
    if (1..ids.len()).any(|at| ids[..at].contains(&ids[at])) {
        wrong.push("a different id for each key".to_owned());
    }
    let mut keys = keys.into_iter();
    let value = keys.next().map(|current| Keyring::new(current, keys.collect()));
    Parsed { value, wrong }
}

fn parse_key(entry: &str) -> Result<SealKey, String> {
    let (id, secret) = entry.split_once(':').ok_or("it has no colon")?;
    let secret = STANDARD.decode(secret).map_err(|_| "what follows the colon is no base64")?;
    SealKey::new(id, secret).map_err(|error| error.to_string())
}
