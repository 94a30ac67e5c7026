//! The end of an upload: made of what S3 holds, never of what a client says, and only when nothing is missing.

use std::collections::HashMap;

use domain::listing::{ETag, ObjectMeta};
use domain::problem::{Problem, ProblemKind};
use domain::store::{Overwrite, StoreError, StoredPart};
use domain::units::{ByteSize, PartNumber, UnixMillis};
use domain::upload::plan::PartLayout;
use domain::upload::wire::CompleteOutcome;
use md5::{Digest as _, Md5};

use super::super::caller::{Caller, Look};
use super::super::refusal::Refusal;
use super::ticket::Upload;

/// How far the portal's and S3's clocks may differ, in milliseconds: 15 minutes. Source: the skew at which S3 refuses
/// a signature.
const MAX_SKEW_MS: u64 = 15 * 60 * 1000;

/// Completes an upload, however often it is asked for: a client whose answer was lost asks again.
pub(super) async fn complete(caller: &Caller, upload: &Upload, replace: bool) -> Result<CompleteOutcome, Refusal> {
    let stored = match caller.portal.store.list_parts(&upload.grant, &upload.ticket.upload_id).await {
        Ok(stored) => stored,
        Err(error @ StoreError::UploadNotFound(_)) => return completed_before(caller, upload, &error).await,
        Err(error) => return Err(caller.report("ListParts", &error)),
    };
    let (parts, missing) = sorted_out(&upload.layout, stored);
    if !missing.is_empty() {
        return Ok(CompleteOutcome::Missing(missing));
    }
    let overwrite = if replace { replacing(caller, upload).await? } else { upload.ticket.overwrite.clone() };
    make(caller, upload, &parts, &overwrite).await
}

/// The parts to make the object of, in order, and the numbers of those that are absent or have another size. Only the
/// object's true last part may be short: exempting the last *stored* one would let an object end too early.
fn sorted_out(layout: &PartLayout, stored: Vec<StoredPart>) -> (Vec<StoredPart>, Vec<PartNumber>) {
    let mut by_number: HashMap<PartNumber, StoredPart> = stored.into_iter().map(|part| (part.number, part)).collect();
    let (mut parts, mut missing) = (Vec::new(), Vec::new());
    for number in layout.numbers() {
        let planned = layout.range(number).map(|range| ByteSize(range.len_bytes()));
        match by_number.remove(&number).filter(|part| Some(part.size_bytes) == planned) {
            Some(part) => parts.push(part),
            None => missing.push(number),
        }
    }
    (parts, missing)
}

/// What the person decided to replace: what is there now.
async fn replacing(caller: &Caller, upload: &Upload) -> Result<Overwrite, Refusal> {
    Ok(match caller.look(&upload.ticket.bucket, &upload.ticket.key).await? {
        Look::There(meta) => Overwrite::IfMatch(meta.etag),
        Look::Free => Overwrite::Never,
        Look::Hidden => Overwrite::Always,
    })
}

async fn make(
    caller: &Caller,
    upload: &Upload,
    parts: &[StoredPart],
    overwrite: &Overwrite,
) -> Result<CompleteOutcome, Refusal> {
    let id = &upload.ticket.upload_id;
    let store = &caller.portal.store;
    let mut made = store.complete_multipart_upload(&upload.grant, id, parts, overwrite).await;
    if matches!((&made, overwrite), (Err(StoreError::NotFound(_)), Overwrite::IfMatch(_))) {
        // What was to be replaced is gone: there is nothing left to lose.
        made = store.complete_multipart_upload(&upload.grant, id, parts, &Overwrite::Never).await;
    }
    match made {
        Ok(object) => Ok(CompleteOutcome::Stored { etag: object.etag, version_id: object.version_id }),
        Err(error @ StoreError::PreconditionFailed(_)) => taken(caller, upload, parts, &error).await,
        Err(error @ StoreError::UploadNotFound(_)) => completed_before(caller, upload, &error).await,
        Err(error) => Err(caller.report("CompleteMultipartUpload", &error)),
    }
}

/// Somebody has the name; or it is this very upload, whose first completion was still under way.
async fn taken(
    caller: &Caller,
    upload: &Upload,
    parts: &[StoredPart],
    error: &StoreError,
) -> Result<CompleteOutcome, Refusal> {
    match caller.look(&upload.ticket.bucket, &upload.ticket.key).await? {
        Look::There(meta) if Some(&meta.etag) == etag_of_parts(parts).as_ref() => Ok(stored(meta)),
        Look::There(meta) => Ok(CompleteOutcome::Exists(meta)),
        // Two writers met and neither has won yet; the parts are kept.
        Look::Free => {
            caller.report("CompleteMultipartUpload", error);
            Err(Problem::new(
                ProblemKind::Busy,
                "Somebody else is writing",
                "Something else is being stored under this name right now.",
                "Try again in a few seconds.",
            )
            .into())
        }
        Look::Hidden => Err(caller.report("CompleteMultipartUpload", error)),
    }
}

/// The upload is gone. Where its object is there, an earlier completion succeeded and its answer was lost.
///
/// The parts are gone too, so that the content cannot be compared: size, number of parts and time have to agree.
async fn completed_before(caller: &Caller, upload: &Upload, error: &StoreError) -> Result<CompleteOutcome, Refusal> {
    let began_at = upload.ticket.expires_at.0.saturating_sub(caller.limits.ticket_ttl_s.saturating_mul(1000));
    match caller.look(&upload.ticket.bucket, &upload.ticket.key).await? {
        Look::There(meta) if is_likely_made_of(&upload.layout, &meta, UnixMillis(began_at)) => Ok(stored(meta)),
        _ => Err(caller.report("ListParts", error)),
    }
}

fn is_likely_made_of(layout: &PartLayout, meta: &ObjectMeta, began_at: UnixMillis) -> bool {
    let parts = meta.etag.0.trim_matches('"').rsplit_once('-').and_then(|(_, count)| count.parse::<u16>().ok());
    meta.size_bytes == layout.size()
        && parts == Some(layout.count())
        && meta.last_modified.plus_ms(MAX_SKEW_MS) >= began_at
}

fn stored(meta: ObjectMeta) -> CompleteOutcome {
    CompleteOutcome::Stored { etag: meta.etag, version_id: meta.version_id }
}

/// The ETag that S3 gives to an object made of parts: the MD5 of the parts' MD5s, and their number. `None` where a
/// part's ETag is no MD5, as under encryption with a KMS key.
fn etag_of_parts(parts: &[StoredPart]) -> Option<ETag> {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(md5_of(part.etag.0.trim_matches('"'))?);
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(ETag(format!("\"{hex}-{}\"", parts.len())))
}

fn md5_of(hex: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if hex.len() != 32 || !hex.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn layout() -> PartLayout {
        PartLayout::new(ByteSize::mib(20), ByteSize::mib(8)).expect("a layout of 8, 8 and 4 MiB")
    }

    fn part(number: u16, bytes: u64) -> StoredPart {
        StoredPart {
            number: PartNumber::new(number).expect("a number"),
            size_bytes: ByteSize(bytes),
            etag: ETag(format!("\"{number:032x}\"")),
        }
    }

    fn missing(stored: Vec<StoredPart>) -> Vec<u16> {
        sorted_out(&layout(), stored).1.into_iter().map(PartNumber::get).collect()
    }

    #[test]
    fn parts_are_taken_in_order_whatever_order_they_come_in() {
        let (parts, missing) = sorted_out(&layout(), vec![part(3, 4 * MIB), part(1, 8 * MIB), part(2, 8 * MIB)]);
        assert_eq!(parts.iter().map(|part| part.number.get()).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(missing.is_empty());
    }

    #[test]
    fn only_the_objects_true_last_part_may_be_short() {
        assert_eq!(missing(vec![part(1, 8 * MIB), part(2, 4 * MIB)]), [2, 3]);
        assert_eq!(missing(vec![part(1, 8 * MIB), part(2, 8 * MIB)]), [3]);
        assert_eq!(missing(vec![part(1, 8 * MIB), part(2, 8 * MIB), part(3, 4 * MIB - 1)]), [3]);
        assert_eq!(missing(vec![part(1, 8 * MIB + 1), part(2, 8 * MIB), part(3, 4 * MIB)]), [1]);
        assert_eq!(missing(vec![]), [1, 2, 3]);
    }

    #[test]
    fn a_part_behind_the_last_is_left_out() {
        let stored = vec![part(1, 8 * MIB), part(2, 8 * MIB), part(3, 4 * MIB), part(4, 8 * MIB)];
        let (parts, missing) = sorted_out(&layout(), stored);
        assert_eq!((parts.len(), missing.len()), (3, 0));
    }

    #[test]
    fn the_etag_of_an_object_is_computed_from_its_parts() {
        let etag = |hex: &str| StoredPart { etag: ETag(format!("\"{hex}\"")), ..part(1, 1) };
        // MD5 of "hello" and of "world"; the expected value is what `md5sum` says of the two digests in a row.
        let parts = [etag("5d41402abc4b2a76b9719d911017c592"), etag("7d793037a0760186574b0282f2f435e7")];
        assert_eq!(etag_of_parts(&parts), Some(ETag("\"065947336a2f2a95ba8899f3675c3be6-2\"".to_owned())));
        assert_eq!(etag_of_parts(&[etag("not an md5")]), None);
    }

    #[test]
    fn an_object_of_another_size_number_of_parts_or_time_is_not_taken_for_the_upload() {
        let meta = |bytes, etag: &str, at| ObjectMeta {
            key: domain::key::ObjectKey::parse("k").expect("a key"),
            size_bytes: ByteSize(bytes),
            last_modified: UnixMillis(at),
            etag: ETag(etag.to_owned()),
            version_id: None,
            storage_class: None,
            content_type: None,
        };
        let began_at = UnixMillis(100_000_000);
        let is = |meta: ObjectMeta| is_likely_made_of(&layout(), &meta, began_at);
        assert!(is(meta(20 * MIB, "\"abc-3\"", 100_000_000)));
        assert!(!is(meta(20 * MIB + 1, "\"abc-3\"", 100_000_000)));
        assert!(!is(meta(20 * MIB, "\"abc-4\"", 100_000_000)));
        assert!(!is(meta(20 * MIB, "\"abc\"", 100_000_000)));
        assert!(!is(meta(20 * MIB, "\"abc-3\"", 1_000_000)));
    }
}
