//! Sealed tokens: values that travel through browsers and links and come back unchanged, or not at all.
//!
//! A token is `<key id>.<base64url of the JSON>.<base64url of HMAC-SHA-256>`; the tag covers the purpose, so that a
//! token made for one use is never taken for another.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

/// Shortest secret that is accepted: the length of the hash, in bytes. Source: RFC 2104, section 3.
pub const MIN_SECRET_BYTES: usize = 32;

/// Bytes of the tag that travel: 16, half the hash. Source: RFC 2104, section 5.
const TAG_BYTES: usize = 16;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A link for a colleague.
    ShareLink,
    /// Leave to go on with one upload.
    UploadTicket,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::ShareLink => b"causeway share link v1",
            Self::UploadTicket => b"causeway upload ticket v1",
        }
    }
}

/// A secret and the id under which tokens name it.
#[derive(Clone)]
pub struct SealKey {
    id: String,
    secret: Vec<u8>,
}

/// Why a secret cannot seal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealKeyError {
    /// Fewer than [`MIN_SECRET_BYTES`].
    #[error("the secret has {bytes} bytes; at least {MIN_SECRET_BYTES} are needed")]
    TooShort {
        /// Length found.
        bytes: usize,
    },
    /// The id is empty or holds other characters than letters, digits, `-` and `_`.
    #[error("a key id consists of letters, digits, \u{201c}-\u{201d} and \u{201c}_\u{201d}")]
    BadId,
}

impl SealKey {
    /// # Errors
    /// [`SealKeyError`] where the secret is short or the id is not one.
    pub fn new(id: &str, secret: Vec<u8>) -> Result<Self, SealKeyError> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(SealKeyError::TooShort { bytes: secret.len() });
        }
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(SealKeyError::BadId);
        }
        Ok(Self { id: id.to_owned(), secret })
    }

    fn mac(&self, purpose: Purpose, body: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes a key of any length");
        mac.update(purpose.label());
        mac.update(&[0]);
        mac.update(body.as_bytes());
        mac
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({}, redacted)", self.id)
    }
}

/// The keys in use: the first seals, all open, so that keys can rotate without breaking what is out.
#[derive(Clone, Debug)]
pub struct Keyring {
    current: SealKey,
    older: Vec<SealKey>,
}

/// A token that is not ours, was changed, was made for something else, or whose key has been retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct InvalidToken;

impl Keyring {
    /// A ring whose first key seals.
    pub fn new(current: SealKey, older: Vec<SealKey>) -> Self {
        Self { current, older }
    }

    /// Seals a value. The value can be read by whoever holds the token, and not changed.
    pub fn seal<T: Serialize>(&self, purpose: Purpose, value: &T) -> String {
        let json = serde_json::to_vec(value).expect("sealed values are plain data with text keys");
        let body = URL_SAFE_NO_PAD.encode(json);
        let tag = self.current.mac(purpose, &body).finalize().into_bytes();
        format!("{}.{body}.{}", self.current.id, URL_SAFE_NO_PAD.encode(&tag[..TAG_BYTES]))
    }

    /// Opens a token, comparing in constant time before anything in it is believed.
    ///
    /// # Errors
    /// [`InvalidToken`], without telling why.
    pub fn open<T: DeserializeOwned>(&self, purpose: Purpose, token: &str) -> Result<T, InvalidToken> {
        let mut parts = token.split('.');
        let (Some(id), Some(body), Some(tag), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidToken);
        };
        let key = std::iter::once(&self.current).chain(&self.older).find(|key| key.id == id).ok_or(InvalidToken)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| InvalidToken)?;
        if tag.len() != TAG_BYTES {
            return Err(InvalidToken);
        }
        key.mac(purpose, body).verify_truncated_left(&tag).map_err(|_| InvalidToken)?;
        let json = URL_SAFE_NO_PAD.decode(body).map_err(|_| InvalidToken)?;
        serde_json::from_slice(&json).map_err(|_| InvalidToken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, byte: u8) -> SealKey {
        SealKey::new(id, vec![byte; MIN_SECRET_BYTES]).expect("a long enough secret")
    }

    fn ring() -> Keyring {
        Keyring::new(key("a", 1), vec![])
    }

    #[test]
    fn what_was_sealed_opens_unchanged() {
        let token = ring().seal(Purpose::ShareLink, &("x/ü", 7));
        assert_eq!(ring().open(Purpose::ShareLink, &token), Ok(("x/ü".to_owned(), 7)));
        assert!(
            token.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)),
            "{token} stands in a URL as it is"
        );
    }

    #[test]
    fn a_token_for_one_purpose_opens_for_no_other() {
        let token = ring().seal(Purpose::ShareLink, &1);
        assert_eq!(ring().open::<i32>(Purpose::UploadTicket, &token), Err(InvalidToken));
    }

    #[test]
    fn every_changed_character_closes_the_token() {
        let token = ring().seal(Purpose::ShareLink, &"report.pdf");
        for at in 0..token.len() {
            for other in ['A', 'B', '.'] {
                let mut changed = token.clone();
                changed.replace_range(at..=at, &other.to_string());
                if changed != token {
                    assert_eq!(ring().open::<String>(Purpose::ShareLink, &changed), Err(InvalidToken), "{changed}");
                }
            }
        }
    }

    #[test]
    fn a_shorter_tag_is_no_tag() {
        let token = ring().seal(Purpose::ShareLink, &1);
        let (rest, _) = token.rsplit_once('.').expect("three parts");
        for tag in ["", "AA", "AAAA"] {
            assert_eq!(ring().open::<i32>(Purpose::ShareLink, &format!("{rest}.{tag}")), Err(InvalidToken));
        }
    }

    #[test]
    fn a_rotated_key_still_opens_and_a_retired_one_does_not() {
        let token = ring().seal(Purpose::ShareLink, &1);
        let rotated = Keyring::new(key("b", 2), vec![key("a", 1)]);
        assert_eq!(rotated.open(Purpose::ShareLink, &token), Ok(1));
        let retired = Keyring::new(key("b", 2), vec![]);
        assert_eq!(retired.open::<i32>(Purpose::ShareLink, &token), Err(InvalidToken));
        let reused_id = Keyring::new(key("a", 9), vec![]);
        assert_eq!(reused_id.open::<i32>(Purpose::ShareLink, &token), Err(InvalidToken));
    }

    #[test]
    fn a_short_secret_or_an_odd_id_is_refused() {
        assert_eq!(SealKey::new("a", vec![0; 31]).err(), Some(SealKeyError::TooShort { bytes: 31 }));
        assert_eq!(SealKey::new("a.b", vec![0; 32]).err(), Some(SealKeyError::BadId));
        assert_eq!(SealKey::new("", vec![0; 32]).err(), Some(SealKeyError::BadId));
    }

    #[test]
    fn a_key_shows_no_secret() {
        assert_eq!(format!("{:?}", key("a", b'Z')), "SealKey(a, redacted)");
    }
}
