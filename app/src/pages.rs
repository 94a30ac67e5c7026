//! One page for each kind of address.

mod buckets;
mod listing;
mod not_found;
mod redirects;

pub(crate) use buckets::BucketsPage;
pub(crate) use listing::ListingPage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use redirects::{DownloadPage, SharePage};
