//! Object keys and prefixes: permissive when reading, strict when creating.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::limits::MAX_KEY_BYTES;

/// The prefix under which Causeway keeps its own records. It can be neither listed, read nor written by people.
pub const RESERVED_PREFIX: &str = ".causeway/";

/// Any key that S3 can hold, byte for byte: 1 to 1,024 bytes of UTF-8, never normalised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

/// Why a text is no key, or no key that we are willing to create.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum KeyError {
    /// No characters at all.
    #[error("the name is empty")]
    Empty,
    /// Nothing but white space, which looks like no name and which S3's own client libraries take for none.
    #[error("the name consists of spaces alone")]
    Blank,
    /// More than 1,024 bytes of UTF-8.
    #[error("the name is {bytes} bytes long; S3 holds at most {MAX_KEY_BYTES}")]
    TooLong {
        /// Length found, in bytes of UTF-8.
        bytes: usize,
    },
    /// A character from U+0000 to U+001F or U+007F to U+009F.
    #[error("the name contains a control character (U+{code:04X})")]
    ControlCharacter {
        /// The code point.
        code: u32,
    },
    /// Two slashes in a row, or one at the beginning.
    #[error("the name contains an empty part (two slashes in a row, or one at the beginning)")]
    EmptySegment,
    /// A segment `.` or `..`, which browsers resolve before they send a URL.
    #[error("the name contains a part that is only \u{201c}{segment}\u{201d}, which no browser can address")]
    DotSegment {
        /// `.` or `..`.
        segment: String,
    },
    /// Below [`RESERVED_PREFIX`].
    #[error("names below \u{201c}{RESERVED_PREFIX}\u{201d} are kept for the portal itself")]
    Reserved,
    /// A prefix that neither is empty nor ends in `/`.
    #[error("a prefix is empty or ends with a slash")]
    NotAPrefix,
}

impl ObjectKey {
    /// Takes any text that S3 can hold as a key.
    ///
    /// # Errors
    /// [`KeyError::Empty`] or [`KeyError::TooLong`].
    pub fn parse(text: impl Into<String>) -> Result<Self, KeyError> {
        let text = text.into();
        match text.len() {
            0 => Err(KeyError::Empty),
            bytes if bytes > MAX_KEY_BYTES => Err(KeyError::TooLong { bytes }),
            _ => Ok(Self(text)),
        }
    }

    /// The key itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the last `/` that is not the key's end: `c` of `a/b/c`, `b/` of `a/b/`.
    pub fn name(&self) -> &str {
        last_segment(&self.0)
    }

    /// Everything up to [`Self::name`].
    pub fn parent(&self) -> Prefix {
        Prefix(self.0[..self.0.len() - self.name().len()].to_owned())
    }

    /// Whether a browser can ask for this key: it rewrites `.` and `..` segments before it sends a URL.
    pub fn travels_by_url(&self) -> bool {
        !self.0.split('/').any(is_dot_segment)
    }

    /// Whether the key lies below [`RESERVED_PREFIX`].
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with(RESERVED_PREFIX)
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = KeyError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

/// A key that we are willing to create: not blank, no control character, no empty segment except one trailing `/`
/// (an empty folder), no `.` or `..` segment, NFC, outside the reserved prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewObjectKey {
    key: ObjectKey,
}

impl NewObjectKey {
    /// Normalises to NFC, then checks.
    ///
    /// # Errors
    /// The first [`KeyError`] found.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text: String = if is_nfc(text) { text.to_owned() } else { text.nfc().collect() };
        let key = ObjectKey::parse(text)?;
        if let Some(c) = key.as_str().chars().find(|c| c.is_control()) {
            return Err(KeyError::ControlCharacter { code: u32::from(c) });
        }
        if key.as_str().trim().is_empty() {
            return Err(KeyError::Blank);
        }
        let body = key.as_str().strip_suffix('/').unwrap_or(key.as_str());
        for segment in body.split('/') {
            if segment.is_empty() {
                return Err(KeyError::EmptySegment);
            }
            if is_dot_segment(segment) {
                return Err(KeyError::DotSegment { segment: segment.to_owned() });
            }
        }
        if key.is_reserved() {
            return Err(KeyError::Reserved);
        }
        Ok(Self { key })
    }

    /// The key to create.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }
}

/// `""` or a text that ends with `/`. Permissions compare prefixes, so that `a/team` never covers `a/team2/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefix(String);

impl Prefix {
    /// The whole bucket.
    pub fn root() -> Self {
        Self::default()
    }

    /// # Errors
    /// [`KeyError::NotAPrefix`] where the text neither is empty nor ends with `/`; [`KeyError::TooLong`].
    pub fn parse(text: impl Into<String>) -> Result<Self, KeyError> {
        let text = text.into();
        if text.len() > MAX_KEY_BYTES {
            return Err(KeyError::TooLong { bytes: text.len() });
        }
        if !text.is_empty() && !text.ends_with('/') {
            return Err(KeyError::NotAPrefix);
        }
        Ok(Self(text))
    }

    /// The prefix itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the whole bucket.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The last segment with its slash: `b/` of `a/b/`; empty for the root.
    pub fn name(&self) -> &str {
        last_segment(&self.0)
    }

    /// The prefix one level up; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        (!self.is_root()).then(|| Self(self.0[..self.0.len() - self.name().len()].to_owned()))
    }

    /// From the first level down to this prefix, itself included: `a/`, `a/b/` for `a/b/`.
    pub fn ancestors(&self) -> Vec<Self> {
        self.0.match_indices('/').map(|(at, _)| Self(self.0[..=at].to_owned())).collect()
    }

    /// Whether this prefix is, or lies below, [`RESERVED_PREFIX`].
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with(RESERVED_PREFIX)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Prefix {
    type Error = KeyError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<Prefix> for String {
    fn from(prefix: Prefix) -> Self {
        prefix.0
    }
}

fn is_dot_segment(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

fn last_segment(text: &str) -> &str {
    let body = text.strip_suffix('/').unwrap_or(text);
    body.rfind('/').map_or(text, |at| &text[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_byte_for_byte() {
        for text in
            ["a//b", "/a", "../x", ".", "a/../b", "e\u{301}", "\u{e9}", "a\u{1}b", "a b+c%2F#?&[]~\\\"'", "😀/عربي/"]
        {
            assert_eq!(ObjectKey::parse(text).map(String::from), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_key_of_1024_bytes_is_the_longest() {
        assert!(ObjectKey::parse("é".repeat(512)).is_ok());
        assert_eq!(ObjectKey::parse("é".repeat(512) + "x"), Err(KeyError::TooLong { bytes: 1025 }));
        assert_eq!(ObjectKey::parse(""), Err(KeyError::Empty));
    }

    #[test]
    fn what_we_would_not_create_is_refused_with_the_reason() {
        let dot = |segment: &str| KeyError::DotSegment { segment: segment.to_owned() };
        for (text, reason) in [
            ("", KeyError::Empty),
            (" ", KeyError::Blank),
            ("\u{3000}", KeyError::Blank),
            ("a//b", KeyError::EmptySegment),
            ("/a", KeyError::EmptySegment),
            ("/", KeyError::EmptySegment),
            ("a//", KeyError::EmptySegment),
            ("a/../b", dot("..")),
            ("..", dot("..")),
            ("./a", dot(".")),
            ("a/./", dot(".")),
            ("a\nb", KeyError::ControlCharacter { code: 10 }),
            ("a\u{85}b", KeyError::ControlCharacter { code: 0x85 }),
            (".causeway/links/x", KeyError::Reserved),
        ] {
            assert_eq!(NewObjectKey::parse(text).err(), Some(reason), "{text:?}");
        }
    }

    #[test]
    fn what_people_name_their_documents_is_created() {
        for text in ["a", "a/", "a/b.txt", "..a", "a..", "...", ".causeway", "a b+c%2F#?&[]~\\\"'", "😀", "ملف.pdf"]
        {
            let key = NewObjectKey::parse(text).expect(text);
            assert_eq!(key.key().as_str(), text);
        }
    }

    #[test]
    fn a_decomposed_name_becomes_nfc() {
        let key = NewObjectKey::parse("e\u{301}.txt").expect("a plain name");
        assert_eq!(key.key().as_str(), "\u{e9}.txt");
    }

    #[test]
    fn a_long_name_is_measured_after_normalising() {
        let decomposed = "e\u{301}".repeat(400);
        assert!(decomposed.len() > MAX_KEY_BYTES);
        assert!(NewObjectKey::parse(&decomposed).is_ok());
    }

    #[test]
    fn the_name_is_the_last_segment_and_the_parent_the_rest() {
        for (text, parent, name) in [
            ("a/b/c", "a/b/", "c"),
            ("a/b/", "a/", "b/"),
            ("a", "", "a"),
            ("/", "", "/"),
            ("a//", "a/", "/"),
            ("//b", "//", "b"),
        ] {
            let key = ObjectKey::parse(text).expect("a key");
            assert_eq!((key.parent().as_str(), key.name()), (parent, name), "{text:?}");
        }
    }

    #[test]
    fn a_prefix_ends_on_a_slash_so_that_team_never_covers_team2() {
        assert_eq!(Prefix::parse("a/team"), Err(KeyError::NotAPrefix));
        assert!(Prefix::parse("a/team/").is_ok());
    }

    #[test]
    fn ancestors_lead_from_the_top_to_the_prefix_itself() {
        let prefix = Prefix::parse("a//b/").expect("a prefix");
        let levels: Vec<_> = prefix.ancestors().into_iter().map(String::from).collect();
        assert_eq!(levels, ["a/", "a//", "a//b/"]);
        assert_eq!(prefix.parent().map(String::from).as_deref(), Some("a//"));
        assert_eq!(Prefix::root().parent(), None);
    }

    #[test]
    fn only_dot_segments_cannot_travel_by_url() {
        for (text, travels) in [("a/../b", false), (".", false), ("a/.", false), ("a/..b/.c", true), ("a//b", true)] {
            assert_eq!(ObjectKey::parse(text).expect("a key").travels_by_url(), travels, "{text:?}");
        }
    }
}
