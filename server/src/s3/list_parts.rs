//! The parts of an upload, all pages of them.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::Part;
use domain::access::{Grant, Write};
use domain::limits::{MAX_LIST_ENTRIES, MAX_PARTS};
use domain::listing::ETag;
use domain::store::{StoreError, StoredPart};
use domain::units::PartNumber;

use super::convert::size;
use super::error::{unexpected, upload_error};

/// By number, whatever order the pages have.
pub(crate) async fn all(client: &Client, grant: &Grant<Write>, upload_id: &str) -> Result<Vec<StoredPart>, StoreError> {
    let mut parts = Vec::new();
    let mut marker: Option<u16> = None;
    loop {
        let page = client
            .list_parts()
            .bucket(&grant.bucket().0)
            .key(grant.resource().as_str())
            .upload_id(upload_id)
            .max_parts(i32::from(MAX_LIST_ENTRIES))
            .set_part_number_marker(marker.map(|marker| marker.to_string()))
            .send()
            .await
            .map_err(upload_error)?;
        for part in page.parts.unwrap_or_default() {
            parts.push(stored(part)?);
        }
        if !page.is_truncated.unwrap_or_default() {
            break;
        }
        let next = page.next_part_number_marker.and_then(|next| next.parse::<u16>().ok());
        // A marker that does not move would ask for the same page for ever.
        marker = Some(
            next.filter(|next| *next <= MAX_PARTS && marker.is_none_or(|marker| *next > marker))
                .ok_or_else(|| unexpected("the next page of parts does not follow the last"))?,
        );
    }
    parts.sort_unstable_by_key(|part| part.number);
    parts.dedup_by_key(|part| part.number);
    Ok(parts)
}

fn stored(part: Part) -> Result<StoredPart, StoreError> {
    let number = part.part_number.and_then(|number| u16::try_from(number).ok()).and_then(PartNumber::new);
    Ok(StoredPart {
        number: number.ok_or_else(|| unexpected("a part has no number between 1 and 10,000"))?,
        size_bytes: size(part.size)?,
        etag: ETag(part.e_tag.filter(|etag| !etag.is_empty()).ok_or_else(|| unexpected("a part has no ETag"))?),
    })
}
