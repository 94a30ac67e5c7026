//! Names for an object whose name is taken: `report (2).pdf`.

use domain::key::{KeyError, NewObjectKey, ObjectKey};

/// How many names are tried before the person is asked for one.
pub(super) const MAX_TRIES: u32 = 50;

/// The `n`th object of that name, `n` from 2: the number stands before the extension.
///
/// # Errors
/// [`KeyError::TooLong`] where the key has no room for the number.
pub(super) fn numbered(key: &ObjectKey, n: u32) -> Result<NewObjectKey, KeyError> {
    let (parent, name) = key.as_str().split_at(key.as_str().len() - key.name().len());
    let (stem, rest) = name.split_at(stem_bytes(name));
    NewObjectKey::parse(&format!("{parent}{stem} ({n}){rest}"))
}

/// Where the extension (or the closing slash) begins. A leading dot begins none; `.tar.gz` is one.
fn stem_bytes(name: &str) -> usize {
    let body = name.strip_suffix('/').unwrap_or(name);
    if body.len() < name.len() {
        return body.len();
    }
    let Some(last) = body.rfind('.').filter(|at| *at > 0) else { return body.len() };
    let stem = &body[..last];
    stem.strip_suffix(".tar").filter(|stem| !stem.is_empty()).map_or(last, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_stands_before_the_extension() {
        for (key, expected) in [
            ("report.pdf", "report (2).pdf"),
            ("a.b/report", "a.b/report (2)"),
            ("a/.bashrc", "a/.bashrc (2)"),
            ("a/x.tar.gz", "a/x (2).tar.gz"),
            ("a/.tar.gz", "a/.tar (2).gz"),
            ("a/v1.2 notes.txt", "a/v1.2 notes (2).txt"),
            ("a/b.c/", "a/b.c (2)/"),
            ("写真.jpg", "写真 (2).jpg"),
        ] {
            let found = numbered(&ObjectKey::parse(key).expect("a key"), 2).expect("a new key");
            assert_eq!(found.key().as_str(), expected);
        }
    }

    #[test]
    fn a_key_without_room_for_the_number_is_refused() {
        let key = ObjectKey::parse("x".repeat(1022)).expect("a key");
        assert_eq!(numbered(&key, 2), Err(KeyError::TooLong { bytes: 1026 }));
    }
}
