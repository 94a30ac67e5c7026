//! Tickets: sealed at the beginning of an upload, opened and checked at every later call.

use domain::access::{Grant, Write};
use domain::problem::{Problem, ProblemKind};
use domain::seal::Purpose;
use domain::upload::plan::PartLayout;
use domain::upload::wire::{Ticket, UploadTicket};

use super::super::caller::Caller;
use super::super::refusal::Refusal;

/// An upload whose ticket holds: everything that may be signed or completed under it.
pub(super) struct Upload {
    pub(super) ticket: UploadTicket,
    pub(super) layout: PartLayout,
    pub(super) grant: Grant<Write>,
}

pub(super) fn seal(caller: &Caller, ticket: &UploadTicket) -> Ticket {
    Ticket(caller.portal.keyring.seal(Purpose::UploadTicket, ticket))
}

/// Opens a ticket: ours, unchanged, this person's, not ended; and asks again whether the person may write there.
pub(super) fn open(caller: &Caller, ticket: &Ticket) -> Result<Upload, Refusal> {
    let ticket: UploadTicket = caller.portal.keyring.open(Purpose::UploadTicket, &ticket.0).map_err(|_| not_valid())?;
    if ticket.user != caller.identity.user {
        return Err(of_another_person());
    }
    if caller.portal.now() >= ticket.expires_at {
        return Err(ended());
    }
    let grant = caller.authorize::<Write>(&ticket.bucket, ticket.key.clone())?;
    let layout = PartLayout::new(ticket.size_bytes, ticket.part_size_bytes).map_err(|_| not_valid())?;
    Ok(Upload { ticket, layout, grant })
}

fn not_valid() -> Refusal {
    Refusal::invalid(
        "The upload is not known",
        "The ticket of this upload is not one of the portal's, or was changed.",
        "Upload the file again.",
    )
}

fn of_another_person() -> Refusal {
    Problem::new(
        ProblemKind::Forbidden,
        "Not your upload",
        "This upload was begun by somebody else.",
        "Sign in as the person who began it, or upload the file again.",
    )
    .into()
}

fn ended() -> Refusal {
    Problem::new(
        ProblemKind::Expired,
        "The upload has ended",
        "Unfinished uploads are not kept for longer.",
        "Upload the file again.",
    )
    .into()
}
