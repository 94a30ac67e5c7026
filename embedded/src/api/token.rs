//! Continuation tokens: where a listing goes on, sealed so that a broken one is told from a good one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use s3s::crypto::{Checksum as _, Sha256};

use crate::store::listing::Position;

/// Bytes of the seal at a token's end.
const SEAL_BYTES: usize = 8;

/// A token for this position, good for this bucket alone.
pub(super) fn encode(bucket: &str, position: &Position) -> String {
    let (kind, text) = match position {
        Position::Start => (b's', ""),
        Position::Key(key) => (b'k', key.as_str()),
        Position::Prefix(prefix) => (b'p', prefix.as_str()),
        // Version listings page by two markers in the open, not by a token.
        Position::Version(key, _) => (b'k', key.as_str()),
    };
    let mut token = vec![kind];
    token.extend_from_slice(text.as_bytes());
    token.extend_from_slice(&seal(bucket, &token));
    BASE64.encode(token)
}

/// The position that a token stands for; `None` for what is no token of this bucket.
pub(super) fn decode(bucket: &str, token: &str) -> Option<Position> {
    let token = BASE64.decode(token).ok()?;
    let (position, sealed) = token.split_at_checked(token.len().checked_sub(SEAL_BYTES)?)?;
    if sealed != seal(bucket, position) {
        return None;
    }
    let (kind, text) = position.split_first()?;
    let text = String::from_utf8(text.to_vec()).ok()?;
    match kind {
        b's' => Some(Position::Start),
        b'k' => Some(Position::Key(text)),
        b'p' => Some(Position::Prefix(text)),
        _ => None,
    }
}

fn seal(bucket: &str, position: &[u8]) -> [u8; SEAL_BYTES] {
    let mut digest = Sha256::new();
    digest.update(bucket.as_bytes());
    digest.update(b"\0");
    digest.update(position);
    let digest = digest.finalize();
    let mut seal = [0; SEAL_BYTES];
    seal.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    seal
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use crate::store::listing::Position;

    #[test]
    fn a_token_is_read_back_for_its_own_bucket_alone() {
        let position = Position::Prefix("a/\u{1}ü/".to_owned());
        let token = encode("one", &position);
        assert_eq!(decode("one", &token), Some(position));
        assert_eq!(decode("two", &token), None);
        assert_eq!(decode("one", &token[1..]), None);
        assert_eq!(decode("one", "%%%"), None);
        assert_eq!(decode("one", ""), None);
    }
}
