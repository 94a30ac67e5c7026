//! Listings: byte order, paging, delimiters, tokens, and the spelling of what is listed.

use http::Method;

use crate::support::{Site, Wire};

async fn site(keys: &[&str]) -> Site {
    let site = Site::new().await;
    for key in keys {
        site.with(key, "x").await;
    }
    site
}

#[tokio::test]
async fn keys_are_listed_in_the_order_of_their_bytes() {
    let keys = ["b", "a", "a/", "a-b", "A", "\u{e9}", "z", "\u{1f600}", "\u{ff5e}", "a b", "10", "9"];
    let site = site(&keys).await;
    let mut expected = keys;
    expected.sort_by(|one, two| one.as_bytes().cmp(two.as_bytes()));
    assert_eq!(site.list(&[]).await.expect(200).keys(), expected);
}

#[tokio::test]
async fn each_object_is_listed_with_its_size_etag_date_and_class() {
    let site = site(&["a"]).await;
    let listed = site.list(&[("fetch-owner", "true")]).await.expect(200);
    assert_eq!(listed.element("Size").unwrap(), "1");
    assert_eq!(listed.element("ETag").unwrap(), "\"9dd4e461268c8034f5c8564e155c67a6\"");
    assert_eq!(listed.element("StorageClass").unwrap(), "STANDARD");
    assert!(listed.element("LastModified").unwrap().ends_with('Z'));
    assert!(listed.element("Owner").is_some());
    assert_eq!(listed.element("KeyCount").unwrap(), "1");
    assert_eq!(listed.element("MaxKeys").unwrap(), "1000");
    assert!(site.list(&[]).await.element("Owner").is_none());
}

#[tokio::test]
async fn a_delimiter_folds_what_follows_it() {
    let site = site(&["a/1", "a/2", "a/b/3", "ab", "b/4", "c", "c/"]).await;
    let listed = site.list(&[("delimiter", "/")]).await.expect(200);
    assert_eq!(listed.keys(), ["ab", "c"]);
    assert_eq!(listed.prefixes(), ["a/", "b/", "c/"]);
    assert_eq!(listed.element("KeyCount").unwrap(), "5");
    let listed = site.list(&[("delimiter", "/"), ("prefix", "a/")]).await.expect(200);
    assert_eq!(listed.keys(), ["a/1", "a/2"]);
    assert_eq!(listed.prefixes(), ["a/b/"]);
    let listed = site.list(&[("delimiter", "/"), ("prefix", "a")]).await.expect(200);
    assert_eq!(listed.keys(), ["ab"]);
    assert_eq!(listed.prefixes(), ["a/"]);
}

#[tokio::test]
async fn a_delimiter_may_have_many_characters() {
    let site = site(&["a::b", "a::c", "a:d", "\u{e9}::x", "::y"]).await;
    let listed = site.list(&[("delimiter", "::")]).await.expect(200);
    assert_eq!(listed.keys(), ["a:d"]);
    assert_eq!(listed.prefixes(), ["::", "a::", "\u{e9}::"]);
}

#[tokio::test]
async fn pages_join_to_the_whole_without_gap_or_repeat() {
    let keys: Vec<String> = (0..23).map(|n| format!("{}/{n:02}", if n % 2 == 0 { "even" } else { "odd" })).collect();
    let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    keys.extend(["top1", "top2", "zz/1", "zz/2"]);
    let site = site(&keys).await;
    for delimiter in ["", "/"] {
        let whole = site.list(&[("delimiter", delimiter)]).await.expect(200);
        for size in ["1", "2", "3", "7", "26", "27"] {
            let (mut found, mut prefixes, mut token) = (Vec::new(), Vec::new(), String::new());
            loop {
                let mut query = vec![("max-keys", size), ("delimiter", delimiter)];
                if !token.is_empty() {
                    query.push(("continuation-token", &token));
                }
                let page = site.list(&query).await.expect(200);
                assert!(page.keys().len() + page.prefixes().len() <= size.parse().unwrap());
                found.extend(page.keys());
                prefixes.extend(page.prefixes());
                let truncated = page.element("IsTruncated").unwrap() == "true";
                assert_eq!(truncated, page.element("NextContinuationToken").is_some());
                match page.element("NextContinuationToken") {
                    Some(next) => token = next,
                    None => break,
                }
            }
            assert_eq!((found, prefixes), (whole.keys(), whole.prefixes()), "pages of {size}");
        }
    }
}

#[tokio::test]
async fn a_page_that_ends_with_the_bucket_is_the_last() {
    let site = site(&["a", "b/1", "b/2"]).await;
    let listed = site.list(&[("max-keys", "2"), ("delimiter", "/")]).await.expect(200);
    assert_eq!(listed.element("IsTruncated").unwrap(), "false");
    let listed = site.list(&[("max-keys", "3")]).await.expect(200);
    assert_eq!(listed.element("IsTruncated").unwrap(), "false");
}

#[tokio::test]
async fn a_page_has_as_many_as_asked_up_to_a_thousand() {
    let site = site(&["a", "b"]).await;
    let listed = site.list(&[("max-keys", "0")]).await.expect(200);
    assert_eq!((listed.keys().len(), listed.element("IsTruncated").unwrap().as_str()), (0, "false"));
    let listed = site.list(&[("max-keys", "5000")]).await.expect(200);
    assert_eq!(listed.element("MaxKeys").unwrap(), "1000");
    site.list(&[("max-keys", "-1")]).await.refused(400, "InvalidArgument");
    site.list(&[("max-keys", "many")]).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn start_after_begins_behind_a_key_that_need_not_exist() {
    let site = site(&["a", "b", "c"]).await;
    assert_eq!(site.list(&[("start-after", "a")]).await.keys(), ["b", "c"]);
    assert_eq!(site.list(&[("start-after", "aa")]).await.keys(), ["b", "c"]);
    assert_eq!(site.list(&[("start-after", "c")]).await.keys(), [""; 0]);
    assert_eq!(site.list(&[("start-after", "0"), ("prefix", "b")]).await.keys(), ["b"]);
}

#[tokio::test]
async fn a_broken_token_is_refused() {
    let site = site(&["a", "b"]).await;
    let token = site.list(&[("max-keys", "1")]).await.element("NextContinuationToken").unwrap();
    let mut broken = token.clone();
    broken.replace_range(0..1, if token.starts_with('A') { "B" } else { "A" });
    for broken in ["nonsense", "a", broken.as_str()] {
        site.list(&[("continuation-token", broken)]).await.refused(400, "InvalidArgument");
    }
    site.list(&[("continuation-token", &token)]).await.expect(200);
}

#[tokio::test]
async fn encoding_type_url_spells_keys_like_a_form() {
    let site = site(&["a b+c&\u{e9}/\u{1}~*", "p q/x"]).await;
    let query = [("encoding-type", "url"), ("delimiter", "x"), ("start-after", " ")];
    let listed = site.list(&query).await.expect(200);
    assert_eq!(listed.keys(), ["a+b%2Bc%26%C3%A9/%01%7E*"]);
    assert_eq!(listed.prefixes(), ["p+q/x"]);
    assert_eq!(listed.element("StartAfter").unwrap(), "+");
    assert_eq!(listed.element("EncodingType").unwrap(), "url");
    site.list(&[("encoding-type", "base64")]).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn version_one_pages_by_marker() {
    let site = site(&["a/1", "a/2", "b", "c/1", "d"]).await;
    let list = |marker: &str, delimiter: &str| {
        let wire =
            Wire::bucket(Method::GET).query("max-keys", "2").query("marker", marker).query("delimiter", delimiter);
        site.send(wire.build())
    };
    let page = list("", "/").await.expect(200);
    assert_eq!((page.prefixes(), page.keys()), (vec!["a/".to_owned()], vec!["b".to_owned()]));
    assert_eq!(page.element("NextMarker").unwrap(), "b");
    let page = list("a/", "/").await.expect(200);
    assert_eq!((page.prefixes(), page.keys()), (vec!["c/".to_owned()], vec!["b".to_owned()]));
    assert_eq!(page.element("NextMarker").unwrap(), "c/");
    let page = list("c/", "/").await.expect(200);
    assert_eq!(page.keys(), ["d"]);
    let page = list("", "").await.expect(200);
    assert_eq!(page.keys(), ["a/1", "a/2"]);
    assert!(page.element("NextMarker").is_none(), "the last key says it");
    assert_eq!(list("a/2", "").await.keys(), ["b", "c/1"]);
}

#[tokio::test]
async fn a_listing_of_a_missing_bucket_is_refused() {
    let site = Site::new().await;
    let wire = Wire { path: "/no-such-bucket".to_owned(), ..Wire::bucket(Method::GET) };
    site.send(wire.build()).await.refused(404, "NoSuchBucket");
}
