//! What the store port promises, one list of promises for every S3 there is: the embedded one in the process, and an
//! independent server where the tests were given one.

mod backends;
mod conditions;
mod listings;
mod objects;
mod uploads;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use self::backends::Backend;

type Promise = fn(Arc<Backend>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

macro_rules! promises {
    ($($module:ident :: $name:ident),* $(,)?) => {
        &[$((stringify!($name), (|backend| Box::pin($module::$name(backend))) as Promise)),*]
    };
}

/// The whole contract.
#[expect(clippy::as_conversions, reason = "a closure without captures becomes a function pointer only by `as`")]
const PROMISES: &[(&str, Promise)] = promises![
    objects::an_object_put_by_its_url_is_headed_and_read_back,
    objects::an_empty_object_and_an_empty_folder_are_stored,
    objects::every_odd_key_is_stored_under_its_own_name,
    objects::a_key_of_white_space_alone_is_headed_and_read_back,
    objects::a_download_has_the_signed_name_and_type,
    objects::a_download_goes_on_where_it_stopped,
    objects::a_missing_object_is_not_found,
    objects::a_missing_bucket_is_not_found,
    objects::a_bucket_that_is_there_answers,
    objects::wrong_credentials_are_denied,
    listings::a_listing_is_in_byte_order_and_loses_nothing_between_pages,
    listings::a_listing_shows_one_level_and_tells_prefixes_from_objects,
    listings::a_listing_shows_odd_keys_byte_for_byte,
    listings::typing_narrows_a_listing,
    listings::a_filter_that_reaches_below_its_grant_is_refused,
    listings::a_listing_of_nothing_is_empty,
    listings::a_broken_continuation_token_is_invalid,
    conditions::a_put_that_may_not_overwrite_is_refused,
    conditions::a_put_replaces_only_what_it_was_signed_for,
    conditions::an_upload_that_may_not_overwrite_is_refused_at_its_end,
    conditions::an_upload_replaces_only_what_it_was_begun_for,
    uploads::an_object_is_made_of_its_parts_in_order,
    uploads::a_part_sent_again_replaces_the_first,
    uploads::more_than_a_thousand_parts_are_listed,
    uploads::a_wrong_part_is_not_made_into_an_object,
    uploads::a_part_that_is_too_small_is_not_made_into_an_object,
    uploads::an_aborted_upload_is_gone,
    uploads::an_upload_that_is_gone_is_not_completed,
];

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_s3_keeps_the_contract() {
    keeps_the_contract(backends::embedded().await, &[]).await;
}

/// What radosgw 16 does otherwise than S3, by promise. An entry that is kept after all fails the test too.
const RADOSGW_DEVIATES: &[&str] = &[
    // It takes any text for a key to go on from.
    "a_broken_continuation_token_is_invalid",
    // It compares the ETag of If-Match with its quotes against one without, so that no PUT replaces anything.
    "a_put_replaces_only_what_it_was_signed_for",
    // It ignores the conditions of CompleteMultipartUpload.
    "an_upload_that_may_not_overwrite_is_refused_at_its_end",
    "an_upload_replaces_only_what_it_was_begun_for",
    // It answers 500: "completion is already in progress".
    "an_upload_that_is_gone_is_not_completed",
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an independent S3 server in CAUSEWAY_TEST_PEER, as `make test` starts it"]
async fn an_independent_s3_keeps_the_contract() {
    keeps_the_contract(backends::peer().await, RADOSGW_DEVIATES).await;
}

/// Tries every promise; names all that are broken and were not expected to be, and those that were and are kept.
async fn keeps_the_contract(backend: Backend, deviations: &[&str]) {
    for deviation in deviations {
        assert!(PROMISES.iter().any(|(name, _)| name == deviation), "there is no promise {deviation}");
    }
    let backend = Arc::new(backend);
    let (mut broken, mut kept) = (Vec::new(), Vec::new());
    for (name, promise) in PROMISES {
        let is_kept = tokio::spawn(promise(Arc::clone(&backend))).await.is_ok();
        match (is_kept, deviations.contains(name)) {
            (false, false) => broken.push(*name),
            (true, true) => kept.push(*name),
            (true, false) | (false, true) => {}
        }
    }
    assert!(broken.is_empty(), "broken promises (their panics are above): {broken:#?}");
    assert!(kept.is_empty(), "no longer deviations: {kept:#?}");
}
