//! `POST /api/uploads/…`: the portal's side of an upload. It keeps no state: the ticket is the state.

use axum::Json;
use domain::presign::PresignedRequest;
use domain::store::StoreError;
use domain::units::{ByteSize, PartNumber};
use domain::upload::wire::{
    AbortOutcome, CompleteOutcome, CompleteUpload, CreateOutcome, CreateUploads, MAX_PRESIGNS, OfTicket, PartInfo,
    PresignParts,
};

use super::caller::Caller;
use super::input::Told;
use super::refusal::Refusal;

mod begin;
mod finish;
mod free_name;
mod ticket;

/// What an object is stored as where nobody says better.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Longest content type that is believed, in bytes. Source: RFC 6838, section 4.2, twice 127 and a slash.
const MAX_TYPE_BYTES: usize = 255;

pub(crate) async fn create(
    caller: Caller,
    Told(body): Told<CreateUploads>,
) -> Result<Json<Vec<CreateOutcome>>, Refusal> {
    begin::all(&caller, body).await.map(Json)
}

pub(crate) async fn presign(
    caller: Caller,
    Told(body): Told<PresignParts>,
) -> Result<Json<Vec<PresignedRequest>>, Refusal> {
    if body.parts.len() > MAX_PRESIGNS {
        return Err(Refusal::invalid(
            "Too many at once",
            format!("At most {MAX_PRESIGNS} parts are signed in one call."),
            "Ask for fewer.",
        ));
    }
    let upload = ticket::open(&caller, &body.ticket)?;
    let parts: Vec<(PartNumber, ByteSize)> = body
        .parts
        .into_iter()
        .map(|number| {
            let range = upload.layout.range(number).ok_or_else(|| {
                Refusal::invalid(
                    "No such part",
                    format!("The upload has {} parts; there is no part {number}.", upload.layout.count()),
                    "Upload the file again.",
                )
            })?;
            Ok((number, ByteSize(range.len_bytes())))
        })
        .collect::<Result<_, Refusal>>()?;
    let signed = caller
        .portal
        .store
        .presign_parts(&upload.grant, &upload.ticket.upload_id, &parts, caller.limits.part_url_ttl_s)
        .await;
    signed.map(Json).map_err(|error| caller.report("presign UploadPart", &error))
}

pub(crate) async fn parts(caller: Caller, Told(body): Told<OfTicket>) -> Result<Json<Vec<PartInfo>>, Refusal> {
    let upload = ticket::open(&caller, &body.ticket)?;
    let parts = caller.portal.store.list_parts(&upload.grant, &upload.ticket.upload_id).await;
    let parts = parts.map_err(|error| caller.report("ListParts", &error))?;
    Ok(Json(parts.into_iter().map(|part| PartInfo { number: part.number, size_bytes: part.size_bytes }).collect()))
}

pub(crate) async fn complete(
    caller: Caller,
    Told(body): Told<CompleteUpload>,
) -> Result<Json<CompleteOutcome>, Refusal> {
    let upload = ticket::open(&caller, &body.ticket)?;
    finish::complete(&caller, &upload, body.replace).await.map(Json)
}

/// Discards an upload. One that is gone already is what was asked for, unless it is gone since it was completed.
pub(crate) async fn abort(caller: Caller, Told(body): Told<OfTicket>) -> Result<Json<AbortOutcome>, Refusal> {
    let upload = ticket::open(&caller, &body.ticket)?;
    match caller.portal.store.abort_multipart_upload(&upload.grant, &upload.ticket.upload_id).await {
        Ok(()) => Ok(Json(AbortOutcome::Discarded)),
        Err(StoreError::UploadNotFound(_)) => {
            let stored = finish::stored_before(&caller, &upload).await?.is_some();
            Ok(Json(if stored { AbortOutcome::Stored } else { AbortOutcome::Discarded }))
        }
        Err(error) => Err(caller.report("AbortMultipartUpload", &error)),
    }
}

/// The type to store an object with: what the client says, where that can stand in a header.
pub(super) fn content_type(told: &str) -> String {
    let fit = told.contains('/') && told.len() <= MAX_TYPE_BYTES && told.bytes().all(|b| matches!(b, b' '..=b'~'));
    if fit { told.trim().to_owned() } else { UNKNOWN_TYPE.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_cannot_stand_in_a_header_is_not_believed() {
        assert_eq!(content_type("text/plain; charset=utf-8"), "text/plain; charset=utf-8");
        for bad in ["", "text", "text/plain\r\nx: y", "téxt/plain", &format!("a/{}", "b".repeat(300))] {
            assert_eq!(content_type(bad), UNKNOWN_TYPE, "{bad:?}");
        }
    }
}
