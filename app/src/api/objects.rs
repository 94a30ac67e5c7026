//! Buckets, listings and downloads.

use std::future::Future;
use std::pin::Pin;

use domain::access::BucketName;
use domain::key::{ObjectKey, Prefix};
use domain::listing::{ContinuationToken, ListingPage};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use leptos::wasm_split::wasm_split;
use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::urls::ListingAddress;

/// What a person needs to find their way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Who is signed in.
    pub user: String,
    /// The buckets that the person may list, in the order they are shown.
    pub buckets: Vec<BucketEntry>,
    /// Longest life of a share link, in seconds.
    pub max_link_s: u64,
}

/// A bucket in the list of buckets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketEntry {
    /// S3's name.
    pub name: BucketName,
    /// What people read.
    pub label: String,
}

/// One page of a bucket's listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// What people call the bucket.
    pub label: String,
    /// What the bucket holds there.
    pub page: ListingPage,
}

/// Who is signed in and which buckets there are.
///
/// # Errors
/// Nobody is signed in.
#[server(prefix = "/api", endpoint = "portal_overview", input = GetUrl)]
pub async fn portal_overview() -> Result<Overview, ApiError> {
    crate::ssr::overview()
}

/// A page of what lies below a prefix.
///
/// # Errors
/// The bucket is not ours, the person may not list there, the token is not S3's, S3 does not answer.
#[server(prefix = "/api", endpoint = "list_objects", input = GetUrl)]
pub async fn list_objects(
    /// Which bucket.
    bucket: BucketName,
    /// The level; the whole bucket where absent.
    #[server(default)]
    prefix: Prefix,
    /// Only names that begin so; all where absent.
    #[server(default)]
    starts_with: String,
    /// Where the page begins; the start where absent.
    from: Option<ContinuationToken>,
) -> Result<Listing, ApiError> {
    use crate::ssr::{answered, identity, objects, portal};
    let filter = domain::listing::ListingFilter { prefix, starts_with };
    answered(async { objects::list(&portal()?, &identity()?, &bucket, filter, from.as_ref()).await }).await
}

/// The page of a listing at `address`, asked for by code that comes when somebody is about to go on: the first page brings
/// its answer along.
///
/// # Errors
/// As [`list_objects`]; the code could not be loaded.
#[wasm_split(
    asking,
    wasm_split_path = leptos::wasm_split,
    preload(prepare_to_ask),
    fallible,
    return_wrapper(let asked = _; { asked.await } -> Result<Listing, ApiError>)
)]
pub(crate) fn listing_at(address: ListingAddress) -> Pin<Box<dyn Future<Output = Result<Listing, ApiError>> + Send>> {
    let ListingAddress { bucket, prefix, starts_with, from } = address;
    Box::pin(list_objects(bucket, prefix, starts_with, from))
}

/// Answers a redirect to a freshly signed GET; the signed URL stands in the `Location` header and nowhere else.
///
/// # Errors
/// There is no such object, the person may not read it, no browser can ask for it, S3 does not answer.
#[server(prefix = "/api", endpoint = "open_download", input = GetUrl)]
pub async fn open_download(
    /// Where.
    bucket: BucketName,
    /// Which object.
    key: ObjectKey,
) -> Result<(), ApiError> {
    use crate::ssr::{answered, downloads, identity, portal, redirect_to};
    let url = answered(async { downloads::open(&portal()?, &identity()?, &bucket, key).await }).await?;
    redirect_to(&url);
    Ok(())
}

/// A command line that downloads an object whose key no browser sends as it is.
///
/// # Errors
/// There is no such object, the person may not read it, S3 does not answer.
#[server(prefix = "/api", endpoint = "curl_command", input = GetUrl)]
pub async fn curl_command(
    /// Where.
    bucket: BucketName,
    /// Which object.
    key: ObjectKey,
) -> Result<String, ApiError> {
    use crate::ssr::{answered, downloads, identity, portal};
    answered(async { downloads::curl_command(&portal()?, &identity()?, &bucket, key).await }).await
}
