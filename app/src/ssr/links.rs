//! Share links: sealed when made, and checked against S3 and the policy each time they are opened.

use domain::access::{BucketName, Grant, Identity, Read, Share};
use domain::key::ObjectKey;
use domain::listing::ObjectMeta;
use domain::presign::SignedUrl;
use domain::seal::Purpose;
use domain::share::{Pin, ShareLink};
use domain::store::StoreError;

use super::downloads::{DOWNLOAD_EXPIRES_IN_S, url_for_the_asker, within_reach};
use super::{Portal, report};
use crate::api::links::CreatedLink;
use crate::error::ApiError;
use crate::{urls, words};

/// S3's name for the one version of an object in a bucket that keeps no versions any more: it can be overwritten.
const NULL_VERSION: &str = "null";

/// Life of a signed GET that names no version, in seconds: 5 min. What takes the object's place in that time is given
/// away under the link, and no browser can send the condition that would prevent it.
const UNPINNED_EXPIRES_IN_S: u64 = 300;

/// Makes a link to what the object holds now.
pub(crate) async fn create(
    portal: &Portal,
    identity: &Identity,
    bucket: &BucketName,
    key: ObjectKey,
    expires_in_s: u64,
) -> Result<CreatedLink, ApiError> {
    let share = portal.authorize::<Share>(identity, bucket, key.clone())?;
    let read = portal.authorize::<Read>(identity, bucket, key.clone())?;
    if expires_in_s == 0 {
        return Err(ApiError(words::link_without_life()));
    }
    if !key.travels_by_url() {
        return Err(ApiError(words::no_browser_sends(&key)));
    }
    let meta = portal.store.head_object(&read, None).await.map_err(|error| report("HeadObject", &error))?;
    within_reach(&meta)?;
    let expires_at = portal.now().plus_s(expires_in_s.min(portal.max_link_s));
    let link =
        ShareLink { bucket: bucket.clone(), key, pin: pin_to(meta), expires_at, issuer: share.user().to_owned() };
    let token = portal.keyring.seal(Purpose::ShareLink, &link);
    Ok(CreatedLink { url: urls::share_link(&portal.portal_origin, &token), expires_at })
}

/// A URL for the shared content that never outlives the link.
///
/// The person who made the link must still be allowed to read the object. Of them the link knows the name alone, so a
/// permission that hangs on a group does not open links.
pub(crate) async fn open(portal: &Portal, token: &str) -> Result<SignedUrl, ApiError> {
    let link: ShareLink =
        portal.keyring.open(Purpose::ShareLink, token).map_err(|_| ApiError(words::link_unknown()))?;
    let expires_in_s = link.remaining_s(portal.now()).min(longest_s(&link.pin));
    if expires_in_s == 0 {
        return Err(ApiError(words::link_expired(link.expires_at)));
    }
    let issuer = Identity { user: link.issuer, groups: Vec::new() };
    let grant = portal.authorize::<Read>(&issuer, &link.bucket, link.key);
    let grant = grant.map_err(|_| ApiError(words::link_withdrawn()))?;
    let version_id = pinned_version(portal, &grant, &link.pin).await?;
    url_for_the_asker(portal, &grant, version_id, expires_in_s).await
}

fn longest_s(pin: &Pin) -> u64 {
    match pin {
        Pin::Version(_) => DOWNLOAD_EXPIRES_IN_S,
        Pin::ETag(_) => UNPINNED_EXPIRES_IN_S,
    }
}

fn pin_to(meta: ObjectMeta) -> Pin {
    match meta.version_id {
        Some(version_id) if version_id != NULL_VERSION => Pin::Version(version_id),
        _ => Pin::ETag(meta.etag),
    }
}

/// Which version to ask for so that the answer is what was shared: none where the bucket keeps no versions.
///
/// A deleted object ends the link even where S3 still holds the version. A replaced one does not, as long as the
/// version is there: the link was for that content.
async fn pinned_version<'a>(portal: &Portal, grant: &Grant<Read>, pin: &'a Pin) -> Result<Option<&'a str>, ApiError> {
    let now =
        portal.store.head_object(grant, None).await.map_err(|error| gone(&error, words::shared_object_deleted))?;
    match pin {
        Pin::ETag(etag) if now.etag == *etag => within_reach(&now).map(|()| None),
        Pin::ETag(_) => Err(ApiError(words::shared_object_replaced())),
        Pin::Version(version_id) => {
            let shared = if now.version_id.as_deref() == Some(version_id) {
                now
            } else {
                let shared = portal.store.head_object(grant, Some(version_id)).await;
                shared.map_err(|error| gone(&error, words::shared_object_replaced))?
            };
            within_reach(&shared).map(|()| Some(version_id.as_str()))
        }
    }
}

/// S3's "not found" in the words of the one who opens a link.
fn gone(error: &StoreError, problem: fn() -> domain::problem::Problem) -> ApiError {
    if matches!(error, StoreError::NotFound(_)) { ApiError(problem()) } else { report("HeadObject", error) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where a value is missing")]

    use domain::listing::ETag;
    use domain::units::{ByteSize, UnixMillis};

    use super::*;

    fn meta(version_id: Option<&str>) -> ObjectMeta {
        ObjectMeta {
            key: ObjectKey::parse("a").unwrap(),
            size_bytes: ByteSize(1),
            last_modified: UnixMillis(0),
            etag: ETag("\"e\"".to_owned()),
            version_id: version_id.map(str::to_owned),
            storage_class: None,
            archived: false,
            content_type: None,
            mark: None,
        }
    }

    #[test]
    fn a_link_is_pinned_to_the_version_where_there_are_versions() {
        assert_eq!(pin_to(meta(Some("v1"))), Pin::Version("v1".to_owned()));
    }

    #[test]
    fn a_url_that_names_no_version_lives_five_minutes() {
        assert_eq!(longest_s(&pin_to(meta(Some("v1")))), DOWNLOAD_EXPIRES_IN_S);
        assert_eq!(longest_s(&pin_to(meta(None))), 300);
    }

    #[test]
    fn a_version_that_can_be_overwritten_is_no_pin() {
        assert_eq!(pin_to(meta(None)), Pin::ETag(ETag("\"e\"".to_owned())));
        assert_eq!(pin_to(meta(Some("null"))), Pin::ETag(ETag("\"e\"".to_owned())));
    }
}
