//! The secrets that seal share links and upload tickets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::seal::{Keyring, SealKey};

use super::reader::{Expected, Reader};
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

pub(super) fn read(read: &mut Reader<'_>, storage: &Storage) -> LinkKeys {
    match read.optional(&var::LINK_KEYS, parse) {
        Some(keyring) => LinkKeys::Given(keyring),
        None => {
            if !storage.is_embedded() && !read.is_set(&var::LINK_KEYS) {
                read.wrong(&var::LINK_KEYS, "id:base64 of at least 32 random bytes, the same on every server");
            }
            LinkKeys::KeptWithStorage
        }
    }
}

fn parse(text: &str) -> Result<Keyring, Expected> {
    let mut keys = Vec::new();
    for (at, entry) in text.split(',').enumerate() {
        let key = parse_key(entry.trim()).map_err(|why| {
            format!("id:base64 of at least 32 random bytes, separated by commas; number {} is not: {why}", at + 1)
        })?;
        keys.push(key);
    }
    let ids: Vec<&str> = text.split(',').filter_map(|entry| entry.trim().split(':').next()).collect();
    if (1..ids.len()).any(|at| ids[..at].contains(&ids[at])) {
        return Err("a different id for each key".to_owned());
    }
    // `split` answers at least one piece, and every piece became a key.
    let current = keys.remove(0);
    Ok(Keyring::new(current, keys))
}

fn parse_key(entry: &str) -> Result<SealKey, String> {
    let (id, secret) = entry.split_once(':').ok_or("it has no colon")?;
    let secret = STANDARD.decode(secret).map_err(|_| "what follows the colon is no base64")?;
    SealKey::new(id, secret).map_err(|error| error.to_string())
}
