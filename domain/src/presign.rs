//! Presigned requests: what a browser may do with S3 for a stated time, without credentials of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::units::UnixMillis;

/// A URL that carries a signature. Whoever holds it may use it, so it never shows itself in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignedUrl(String);

impl SignedUrl {
    /// Wraps a URL as the signer made it.
    pub fn new(url: String) -> Self {
        Self(url)
    }

    /// The URL itself: for the answer to the person it was signed for, nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedUrl(redacted)")
    }
}

/// A request that S3 accepts until `expires_at`, exactly as stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresignedRequest {
    /// `GET`, `HEAD` or `PUT`.
    pub method: String,
    /// On the files host.
    pub url: SignedUrl,
    /// Headers that were signed and so have to be sent as they are; `content-length` and `host`, which a
    /// browser sets by itself, are left out.
    pub headers: Vec<(String, String)>,
    /// The earlier of what was asked for and the end of the credentials that signed.
    pub expires_at: UnixMillis,
}

/// How a downloaded object presents itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Disposition {
    /// Saved under the key's last segment.
    Attachment,
    /// Shown by the browser, with the type forced.
    Inline {
        /// A type from the list of those that are safe to show.
        content_type: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_url_never_shows_itself_in_a_log() {
        let request = PresignedRequest {
            method: "GET".to_owned(),
            url: SignedUrl::new("http://files.localhost/x?X-Amz-Signature=abc".to_owned()),
            headers: vec![],
            expires_at: UnixMillis(0),
        };
        assert!(!format!("{request:?}").contains("abc"));
    }
}
