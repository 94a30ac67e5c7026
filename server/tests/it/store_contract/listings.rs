//! Promises about listings.

use std::sync::Arc;

use domain::access::List;
use domain::listing::{ContinuationToken, ListingFilter, ListingPage};
use domain::store::{ObjectStore as _, StoreError};

use super::backends::{Backend, prefix};
use crate::support::odd_keys;

async fn page(
    backend: &Backend,
    filter: &ListingFilter,
    from: Option<&ContinuationToken>,
    max_keys: u16,
) -> Result<ListingPage, StoreError> {
    backend.store.list_objects_v2(&backend.leave::<List>(filter.prefix.clone()), filter, from, max_keys).await
}

fn below(text: &str) -> ListingFilter {
    ListingFilter { prefix: prefix(text), starts_with: String::new() }
}

/// All pages of `max_keys`, and how many there were.
async fn all(backend: &Backend, filter: &ListingFilter, max_keys: u16) -> (ListingPage, usize) {
    let (mut whole, mut pages) = (ListingPage::default(), 0);
    let mut from = None;
    loop {
        let next = page(backend, filter, from.as_ref(), max_keys).await.unwrap();
        assert!(next.objects.len() + next.common_prefixes.len() <= usize::from(max_keys));
        whole.objects.extend(next.objects);
        whole.common_prefixes.extend(next.common_prefixes);
        pages += 1;
        assert!(pages < 100, "a listing without an end");
        from = next.next;
        if from.is_none() {
            return (whole, pages);
        }
    }
}

fn keys(page: &ListingPage) -> Vec<&str> {
    page.objects.iter().map(|object| object.key.as_str()).collect()
}

fn prefixes(page: &ListingPage) -> Vec<&str> {
    page.common_prefixes.iter().map(|common| common.as_str()).collect()
}

pub(super) async fn a_listing_is_in_byte_order_and_loses_nothing_between_pages(backend: Arc<Backend>) {
    let names = ["B", "a", "ü", "Z", "~", "10", "9", "😀", "\u{ffee}", "a b", "a+b", "ab", "a.b", "_"];
    for name in names {
        backend.have(&format!("order/{name}"), b"x").await;
        backend.have(&format!("order/{name}/below"), b"x").await;
    }
    let mut expected: Vec<String> = names.iter().map(|name| format!("order/{name}")).collect();
    expected.sort_unstable();
    let mut expected_prefixes: Vec<String> = names.iter().map(|name| format!("order/{name}/")).collect();
    expected_prefixes.sort_unstable();
    for max_keys in [1000, 5, 3, 1] {
        let (whole, pages) = all(&backend, &below("order/"), max_keys).await;
        assert_eq!(keys(&whole), expected, "in pages of {max_keys}");
        assert_eq!(prefixes(&whole), expected_prefixes, "in pages of {max_keys}");
        assert!(pages >= (2 * names.len()).div_ceil(usize::from(max_keys)));
    }
}

pub(super) async fn a_listing_shows_one_level_and_tells_prefixes_from_objects(backend: Arc<Backend>) {
    for key in ["level/", "level/a", "level/team", "level/team/x", "level/team2/x", "level/team/deeper/y", "levels"] {
        backend.have(key, b"x").await;
    }
    let (found, _) = all(&backend, &below("level/"), 1000).await;
    assert_eq!(keys(&found), ["level/", "level/a", "level/team"]);
    assert_eq!(prefixes(&found), ["level/team/", "level/team2/"]);
    let (found, _) = all(&backend, &below("level/team/"), 1000).await;
    assert_eq!((keys(&found), prefixes(&found)), (vec!["level/team/x"], vec!["level/team/deeper/"]));
    let meta = &found.objects[0];
    assert_eq!((meta.size_bytes.0, meta.etag.0.as_str()), (1, "\"9dd4e461268c8034f5c8564e155c67a6\""));
    assert!(meta.last_modified.0 > 1_600_000_000_000 && meta.storage_class.is_none());
}

pub(super) async fn a_listing_shows_odd_keys_byte_for_byte(backend: Arc<Backend>) {
    let wanted: Vec<String> = odd_keys::below("listed/")
        .into_iter()
        .chain(odd_keys::with_control_characters("listed/"))
        .filter(|key| !key["listed/".len()..].contains('/'))
        .collect();
    for key in &wanted {
        backend.have(key, b"x").await;
    }
    let mut expected: Vec<&str> = wanted.iter().map(String::as_str).collect();
    expected.sort_unstable();
    let (found, _) = all(&backend, &below("listed/"), 7).await;
    assert_eq!(keys(&found), expected);
}

pub(super) async fn typing_narrows_a_listing(backend: Arc<Backend>) {
    for key in ["typed/report 1", "typed/report 2/x", "typed/rest", "typed/other"] {
        backend.have(key, b"x").await;
    }
    let filter = ListingFilter { prefix: prefix("typed/"), starts_with: "rep".to_owned() };
    let (found, _) = all(&backend, &filter, 1000).await;
    assert_eq!((keys(&found), prefixes(&found)), (vec!["typed/report 1"], vec!["typed/report 2/"]));
}

pub(super) async fn a_filter_that_reaches_below_its_grant_is_refused(backend: Arc<Backend>) {
    for (granted, filter_prefix, starts_with) in [
        ("typed/", "typed/", "deeper/x"),
        ("typed/", "typed/", "/"),
        ("typed/", "typed/deeper/", ""),
        ("typed/", "", "t"),
    ] {
        let grant = backend.leave::<List>(prefix(granted));
        let filter = ListingFilter { prefix: prefix(filter_prefix), starts_with: starts_with.to_owned() };
        let found = backend.store.list_objects_v2(&grant, &filter, None, 10).await;
        assert!(matches!(found, Err(StoreError::InvalidRequest(_))), "{filter:?}: {found:?}");
    }
}

pub(super) async fn a_listing_of_nothing_is_empty(backend: Arc<Backend>) {
    let found = page(&backend, &below("nothing/here/"), None, 1000).await.unwrap();
    assert!(found.is_empty() && found.next.is_none());
    let absent = backend.leave_in::<List>(&backend.absent, prefix(""));
    let found = backend.store.list_objects_v2(&absent, &below(""), None, 1000).await;
    assert!(matches!(found, Err(StoreError::NotFound(_))), "{found:?}");
}

pub(super) async fn a_broken_continuation_token_is_invalid(backend: Arc<Backend>) {
    let token = ContinuationToken("!!! not a token !!!".to_owned());
    let found = page(&backend, &below("order/"), Some(&token), 10).await;
    assert!(matches!(found, Err(StoreError::InvalidRequest(_))), "{found:?}");
}
