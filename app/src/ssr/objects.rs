//! The overview of buckets and the pages of a listing.

use domain::access::{BucketName, Identity, List};
use domain::key::Prefix;
use domain::listing::{ContinuationToken, ListingFilter};
use domain::store::StoreError;

use super::{Portal, report};
use crate::api::objects::{BucketEntry, Listing, Overview};
use crate::error::ApiError;
use crate::words;

/// Entries on a page: enough to scan, and little enough that the first page arrives at once.
const PAGE_SIZE: u16 = 200;

/// Who is signed in, and the buckets that they may list.
pub(crate) fn overview(portal: &Portal, identity: &Identity) -> Overview {
    let listable = |name: &BucketName| portal.may::<List>(identity, name, Prefix::root());
    let shown = portal.buckets.iter().filter(|bucket| listable(&bucket.name));
    let buckets = shown.map(|bucket| BucketEntry { name: bucket.name.clone(), label: bucket.label.clone() }).collect();
    Overview { user: identity.user.clone(), buckets, max_link_s: portal.max_link_s }
}

/// One page of a listing; the store leaves out the portal's own records.
pub(crate) async fn list(
    portal: &Portal,
    identity: &Identity,
    bucket: &BucketName,
    filter: ListingFilter,
    from: Option<&ContinuationToken>,
) -> Result<Listing, ApiError> {
    let filter = at_its_level(filter)?;
    let label = portal.bucket(bucket)?.label.clone();
    let grant = portal.authorize::<List>(identity, bucket, filter.prefix.clone())?;
    let page = portal.store.list_objects_v2(&grant, &filter, from, PAGE_SIZE).await;
    let page = page.map_err(|error| {
        let ApiError(mut problem) = report("ListObjectsV2", &error);
        if let (StoreError::InvalidRequest(_), Some(_)) = (&error, from) {
            problem = words::broken_page(problem);
        }
        ApiError(problem)
    })?;
    Ok(Listing { label, page })
}

/// Moves what a filter names before a slash into its prefix: leave is asked for the level that is really listed.
fn at_its_level(filter: ListingFilter) -> Result<ListingFilter, ApiError> {
    let Some(at) = filter.starts_with.rfind('/') else { return Ok(filter) };
    let (below, rest) = filter.starts_with.split_at(at + 1);
    let prefix = Prefix::parse([filter.prefix.as_str(), below].concat()).map_err(|_| ApiError(words::no_prefix()))?;
    Ok(ListingFilter { prefix, starts_with: rest.to_owned() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where a value is missing")]

    use super::*;

    fn filter(prefix: &str, starts_with: &str) -> ListingFilter {
        ListingFilter { prefix: Prefix::parse(prefix).unwrap(), starts_with: starts_with.to_owned() }
    }

    #[test]
    fn a_filter_cannot_reach_below_the_level_that_is_authorized() {
        assert_eq!(at_its_level(filter("", ".causeway/links/a")), Ok(filter(".causeway/links/", "a")));
        assert_eq!(at_its_level(filter("team/", "/x")), Ok(filter("team//", "x")));
        assert_eq!(at_its_level(filter("team/", "x")), Ok(filter("team/", "x")));
    }

    #[test]
    fn a_filter_longer_than_any_key_is_refused() {
        assert!(at_its_level(filter("team/", &"x/".repeat(600))).is_err());
    }
}
