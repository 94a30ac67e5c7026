//! The end of an upload: made of what S3 holds, never of what a client says, and only when nothing is missing.

use std::collections::HashMap;

use domain::listing::{ETag, ObjectMeta};
use domain::problem::{Problem, ProblemKind};
use domain::store::{Overwrite, StoreError, StoredPart};
use domain::units::{ByteSize, PartNumber};
use domain::upload::plan::PartLayout;
use domain::upload::wire::CompleteOutcome;

use super::super::caller::{Caller, Look};
use super::super::refusal::Refusal;
use super::ticket::Upload;

/// As S3 names them.
const LIST: &str = "ListParts";
const COMPLETE: &str = "CompleteMultipartUpload";

/// Completes an upload, however often it is asked for: a client whose answer was lost asks again. `replace`: what the
/// person saw and decided to replace.
pub(super) async fn complete(
    caller: &Caller,
    upload: &Upload,
    replace: Option<ETag>,
) -> Result<CompleteOutcome, Refusal> {
    let stored = match caller.portal.store.list_parts(&upload.grant, &upload.ticket.upload_id).await {
        Ok(stored) => stored,
        Err(error @ StoreError::UploadNotFound(_)) => return completed_before(caller, upload, LIST, &error).await,
        Err(error) => return Err(caller.report(LIST, &error)),
    };
    let (parts, missing) = sorted_out(&upload.layout, stored);
    if !missing.is_empty() {
        return Ok(CompleteOutcome::Missing(missing));
    }
    let overwrite = replace.map_or_else(|| upload.ticket.overwrite.clone(), Overwrite::IfMatch);
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
        Err(error @ StoreError::PreconditionFailed(_)) => taken(caller, upload, &error).await,
        Err(error @ StoreError::UploadNotFound(_)) => completed_before(caller, upload, COMPLETE, &error).await,
        Err(error @ StoreError::PartsChanged(_)) => Err(parts_changed(caller, &error)),
        Err(error) => Err(caller.report(COMPLETE, &error)),
    }
}

/// What was asked is S3's own list of a moment ago: a part that had been given up arrived in between, and has another ETag.
/// The next list has it.
fn parts_changed(caller: &Caller, error: &StoreError) -> Refusal {
    let incident = caller.report(COMPLETE, error).into_problem().incident;
    let problem = Problem::new(
        ProblemKind::IncompleteUpload,
        "The parts changed",
        "S3 holds other parts than a moment ago, so they could not be put together.",
        "Try again; if it stays, tell your administrator and quote the incident.",
    );
    Problem { incident, ..problem }.into()
}

/// Somebody has the name; or it is this very upload, whose first completion was still under way.
async fn taken(caller: &Caller, upload: &Upload, error: &StoreError) -> Result<CompleteOutcome, Refusal> {
    match caller.look(&upload.ticket.bucket, &upload.ticket.key).await? {
        Look::There(meta) if is_made_by(upload, &meta) => Ok(stored(meta)),
        Look::There(meta) => Ok(CompleteOutcome::Exists(meta)),
        // Two writers met (409) and neither has won yet. S3 may have let go of the parts over it: asking again tells.
        Look::Free => {
            caller.report(COMPLETE, error);
            Err(Problem::new(
                ProblemKind::Busy,
                "Somebody else is writing",
                "Something else is being stored under this name right now.",
                "Try again in a few seconds.",
            )
            .into())
        }
        Look::Hidden => Err(caller.report(COMPLETE, error)),
    }
}

/// The upload is gone. Where its object is there, an earlier completion succeeded and its answer was lost.
/// `operation` is the one that found out.
async fn completed_before(
    caller: &Caller,
    upload: &Upload,
    operation: &'static str,
    error: &StoreError,
) -> Result<CompleteOutcome, Refusal> {
    stored_before(caller, upload).await?.map(stored).ok_or_else(|| caller.report(operation, error))
}

/// The object that this very upload stored, where it is there.
pub(super) async fn stored_before(caller: &Caller, upload: &Upload) -> Result<Option<ObjectMeta>, Refusal> {
    match caller.look(&upload.ticket.bucket, &upload.ticket.key).await? {
        Look::There(meta) if is_made_by(upload, &meta) => Ok(Some(meta)),
        _ => Ok(None),
    }
}

/// Whether an object carries the mark that this upload was begun with.
fn is_made_by(upload: &Upload, meta: &ObjectMeta) -> bool {
    meta.mark.as_ref() == Some(&upload.ticket.mark)
}

fn stored(meta: ObjectMeta) -> CompleteOutcome {
    CompleteOutcome::Stored { etag: meta.etag, version_id: meta.version_id }
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
}
