//! Whether what has the name now is what this very upload stored, its answer having been lost.

use super::state::Doubt;
use crate::listing::ObjectMeta;
use crate::units::ByteSize;

/// How much older than the question an object may seem: 2 s, since S3's times are whole seconds and two clocks
/// stand between.
const CLOCK_SLACK_MS: u64 = 2_000;

/// The object's size is that of the upload, it is not older than the upload (S3 dates a multipart object by the
/// beginning of its upload), and its ETag counts as many parts as were sent.
pub(super) fn is_ours(existing: &ObjectMeta, size: ByteSize, doubt: &Doubt) -> bool {
    let counted_parts = existing.etag.0.trim_matches('"').rsplit_once('-').and_then(|(_, count)| count.parse().ok());
    existing.size_bytes == size
        && existing.last_modified.plus_ms(CLOCK_SLACK_MS) >= doubt.since
        && counted_parts == doubt.parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::ObjectKey;
    use crate::listing::ETag;
    use crate::units::UnixMillis;

    #[test]
    fn only_an_object_of_the_same_size_time_and_parts_is_ours() {
        let existing = |size, at_s, etag: &str| ObjectMeta {
            key: ObjectKey::parse("a").expect("a key"),
            size_bytes: ByteSize(size),
            last_modified: UnixMillis(0).plus_s(at_s),
            etag: ETag(etag.to_owned()),
            version_id: None,
            storage_class: None,
            content_type: None,
        };
        let put = Doubt { since: UnixMillis(100_900), parts: None };
        assert!(is_ours(&existing(5, 100, "\"abc\""), ByteSize(5), &put));
        assert!(is_ours(&existing(5, 200, "abc"), ByteSize(5), &put));
        assert!(!is_ours(&existing(6, 100, "\"abc\""), ByteSize(5), &put));
        assert!(!is_ours(&existing(5, 90, "\"abc\""), ByteSize(5), &put));
        assert!(!is_ours(&existing(5, 100, "\"abc-2\""), ByteSize(5), &put));
        let parts = Doubt { parts: Some(3), ..put };
        assert!(is_ours(&existing(5, 100, "\"abc-3\""), ByteSize(5), &parts));
        assert!(!is_ours(&existing(5, 100, "\"abc-2\""), ByteSize(5), &parts));
        assert!(!is_ours(&existing(5, 100, "\"abc\""), ByteSize(5), &parts));
    }
}
