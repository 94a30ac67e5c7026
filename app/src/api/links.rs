//! Share links: made by a person, opened by whoever holds them.

use domain::access::BucketName;
use domain::key::ObjectKey;
use domain::units::UnixMillis;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, PostUrl};
use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// A link that has been made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedLink {
    /// The whole address.
    pub url: String,
    /// Its true end, which the portal's configured maximum may have brought forward.
    pub expires_at: UnixMillis,
}

/// Makes a link to the content that the object has now.
///
/// # Errors
/// There is no such object, the person may not share it, S3 does not answer.
#[server(prefix = "/api", endpoint = "create_share_link", input = PostUrl)]
pub async fn create_share_link(
    /// Where.
    bucket: BucketName,
    /// Which object.
    key: ObjectKey,
    /// Life, at least a second.
    expires_in_s: u64,
) -> Result<CreatedLink, ApiError> {
    use crate::ssr::{answered, identity, links, portal};
    answered(async { links::create(&portal()?, &identity()?, &bucket, key, expires_in_s).await }).await
}

/// Answers a redirect to the shared content, for anybody who holds the link, with the rights of the person who made it.
///
/// # Errors
/// The link is not ours or has ended; the object was deleted or replaced; its sharer may no longer read it.
#[server(prefix = "/api", endpoint = "open_share_link", input = GetUrl)]
pub async fn open_share_link(
    /// The sealed link.
    token: String,
) -> Result<(), ApiError> {
    use crate::ssr::{answered, links, portal, redirect_to};
    let url = answered(async { links::open(&portal()?, &token).await }).await?;
    redirect_to(&url);
    Ok(())
}
