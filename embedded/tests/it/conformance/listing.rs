//! ListObjects, versions 1 and 2.

use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::Answer;

checks! {
    keys_are_listed_in_the_order_of_their_bytes: "UTF-8 binary order",
    an_object_is_listed_with_its_size_etag_date_and_class: "Contents: Key, Size, ETag, LastModified, StorageClass",
    a_listing_tells_its_own_parameters: "Name, Prefix, MaxKeys, KeyCount, IsTruncated",
    an_owner_is_listed_on_request: "Owner with fetch-owner=true, else none",
    a_prefix_ends_anywhere: "keys that begin with it, wherever it ends",
    a_delimiter_folds_what_follows_it: "CommonPrefixes up to the delimiter",
    a_delimiter_folds_behind_the_prefix: "the delimiter is looked for behind the prefix",
    a_delimiter_need_not_be_a_slash: "any character",
    a_delimiter_may_have_many_characters: "any string",
    common_prefixes_count_as_keys: "KeyCount and max-keys count CommonPrefixes",
    an_empty_listing_is_a_listing: "200 with KeyCount 0",
    pages_join_to_the_whole: "NextContinuationToken leads to the next page, without gap or repeat",
    pages_of_prefixes_join_to_the_whole: "a common prefix is on one page alone",
    a_page_that_ends_with_the_bucket_is_the_last: "IsTruncated false",
    a_page_of_nothing_is_empty: "max-keys=0: no keys, IsTruncated false",
    a_page_has_at_most_a_thousand: "MaxKeys 1000, whatever is asked for above it",
    a_negative_page_is_refused: "400 InvalidArgument",
    a_page_of_words_is_refused: "400 InvalidArgument",
    start_after_begins_behind_a_key: "keys behind it; it need not exist",
    a_token_outweighs_start_after: "start-after is ignored where a token is given",
    a_broken_token_is_refused: "400 InvalidArgument",
    encoding_type_url_spells_keys_like_a_form: "keys and prefixes URL-encoded, EncodingType url",
    another_encoding_type_is_refused: "400 InvalidArgument",
    a_deleted_object_is_not_listed: "strongly consistent",
    version_one_begins_behind_its_marker: "Marker; keys behind it",
    version_one_names_the_next_marker_with_a_delimiter_alone: "NextMarker only with a delimiter",
    version_one_skips_a_prefix_that_is_its_marker: "a common prefix as marker is behind us",
    version_one_lists_owners: "Owner always",
    a_listing_of_a_missing_bucket_is_refused: "404 NoSuchBucket",
}

fn keys(s3: &S3, keys: &[&str]) {
    for key in keys {
        s3.with(key, "x");
    }
}

fn keys_are_listed_in_the_order_of_their_bytes(s3: &S3) {
    let mut given = ["b", "a", "a/", "a-b", "A", "\u{e9}", "z", "\u{1f600}", "\u{ff5e}", "a b", "10", "9"];
    keys(s3, &given);
    given.sort_unstable();
    assert_eq!(s3.list(&[]).expect(200).keys(), given);
}

fn an_object_is_listed_with_its_size_etag_date_and_class(s3: &S3) {
    keys(s3, &["a"]);
    let listed = s3.list(&[]).expect(200);
    assert_eq!(listed.element("Size").unwrap(), "1");
    assert_eq!(listed.element("ETag").unwrap(), "\"9dd4e461268c8034f5c8564e155c67a6\"");
    assert_eq!(listed.element("StorageClass").unwrap(), "STANDARD");
    let date = listed.element("LastModified").unwrap();
    assert!(date.len() == "2026-01-02T03:04:05.678Z".len() && date.ends_with('Z'), "{date}");
}

fn a_listing_tells_its_own_parameters(s3: &S3) {
    keys(s3, &["p/1", "p/2", "p/3"]);
    let listed = s3.list(&[("prefix", "p/"), ("max-keys", "2")]).expect(200);
    let told = ["Name", "Prefix", "MaxKeys", "KeyCount", "IsTruncated"].map(|name| listed.element(name).unwrap());
    // The first Prefix is the listing's own.
    assert_eq!(told, [s3.bucket.as_str(), "p/", "2", "2", "true"]);
    let plain = s3.list(&[]).expect(200);
    assert_eq!(plain.element("MaxKeys").unwrap(), "1000");
    assert_eq!(plain.element("Delimiter"), None);
}

fn an_owner_is_listed_on_request(s3: &S3) {
    keys(s3, &["a"]);
    assert!(s3.list(&[("fetch-owner", "true")]).expect(200).element("Owner").is_some());
    assert!(s3.list(&[]).expect(200).element("Owner").is_none());
}

fn folded(s3: &S3, query: &[(&str, &str)], expected: (&[&str], &[&str])) -> Answer {
    let listed = s3.list(query).expect(200);
    assert_eq!(listed.keys(), expected.0);
    assert_eq!(listed.prefixes(), expected.1);
    listed
}

fn a_prefix_ends_anywhere(s3: &S3) {
    keys(s3, &["team", "team/1", "team2/1", "tea", "u"]);
    folded(s3, &[("prefix", "team")], (&["team", "team/1", "team2/1"], &[]));
    folded(s3, &[("prefix", "team/")], (&["team/1"], &[]));
}

fn a_delimiter_folds_what_follows_it(s3: &S3) {
    keys(s3, &["a/1", "a/2", "a/b/3", "ab", "b/4", "c", "c/"]);
    folded(s3, &[("delimiter", "/")], (&["ab", "c"], &["a/", "b/", "c/"]));
}

fn a_delimiter_folds_behind_the_prefix(s3: &S3) {
    keys(s3, &["a/1", "a/2", "a/b/3", "ab"]);
    folded(s3, &[("delimiter", "/"), ("prefix", "a/")], (&["a/1", "a/2"], &["a/b/"]));
    folded(s3, &[("delimiter", "/"), ("prefix", "a")], (&["ab"], &["a/"]));
}

fn a_delimiter_need_not_be_a_slash(s3: &S3) {
    keys(s3, &["2026-01", "2026-02", "2027-01", "x"]);
    folded(s3, &[("delimiter", "-")], (&["x"], &["2026-", "2027-"]));
    folded(s3, &[("delimiter", "6")], (&["2027-01", "x"], &["2026"]));
}

fn a_delimiter_may_have_many_characters(s3: &S3) {
    keys(s3, &["a::b", "a::c", "a:d", "\u{e9}::x", "::y"]);
    folded(s3, &[("delimiter", "::")], (&["a:d"], &["::", "a::", "\u{e9}::"]));
}

fn common_prefixes_count_as_keys(s3: &S3) {
    keys(s3, &["a/1", "a/2", "b", "c/1"]);
    let listed = folded(s3, &[("delimiter", "/"), ("max-keys", "2")], (&["b"], &["a/"]));
    assert_eq!(listed.element("KeyCount").unwrap(), "2");
    assert_eq!(listed.element("IsTruncated").unwrap(), "true");
}

fn an_empty_listing_is_a_listing(s3: &S3) {
    assert_eq!(folded(s3, &[("prefix", "none")], (&[], &[])).element("KeyCount").unwrap(), "0");
}

fn pages_join(s3: &S3, delimiter: &str) {
    let given: Vec<String> = (0..17).map(|n| format!("{}/{n:02}", if n % 2 == 0 { "even" } else { "odd" })).collect();
    let mut given: Vec<&str> = given.iter().map(String::as_str).collect();
    given.extend(["top1", "top2", "zz/1", "zz/2"]);
    keys(s3, &given);
    let whole = s3.list(&[("delimiter", delimiter)]).expect(200);
    for size in ["1", "2", "3", "7", "20", "21"] {
        let (mut found, mut prefixes, mut token) = (Vec::new(), Vec::new(), String::new());
        loop {
            let mut query = vec![("max-keys", size), ("delimiter", delimiter)];
            if !token.is_empty() {
                query.push(("continuation-token", &token));
            }
            let page = s3.list(&query).expect(200);
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

fn pages_join_to_the_whole(s3: &S3) {
    pages_join(s3, "");
}

fn pages_of_prefixes_join_to_the_whole(s3: &S3) {
    pages_join(s3, "/");
}

fn a_page_that_ends_with_the_bucket_is_the_last(s3: &S3) {
    keys(s3, &["a", "b/1", "b/2"]);
    for query in [&[("max-keys", "2"), ("delimiter", "/")][..], &[("max-keys", "3")]] {
        assert_eq!(s3.list(query).expect(200).element("IsTruncated").unwrap(), "false", "{query:?}");
    }
}

fn a_page_of_nothing_is_empty(s3: &S3) {
    keys(s3, &["a"]);
    let listed = folded(s3, &[("max-keys", "0")], (&[], &[]));
    assert_eq!(listed.element("IsTruncated").unwrap(), "false");
}

fn a_page_has_at_most_a_thousand(s3: &S3) {
    std::thread::scope(|scope| {
        for quarter in 0..4 {
            scope.spawn(move || {
                for number in (quarter..1_002).step_by(4) {
                    s3.with(&format!("{number:04}"), "");
                }
            });
        }
    });
    let listed = s3.list(&[("max-keys", "5000")]).expect(200);
    assert_eq!(listed.element("MaxKeys").unwrap(), "1000");
    assert_eq!(listed.keys().len(), 1_000);
    assert_eq!(listed.element("IsTruncated").unwrap(), "true");
    let token = listed.element("NextContinuationToken").unwrap();
    assert_eq!(s3.list(&[("continuation-token", &token)]).expect(200).keys(), ["1000", "1001"]);
}

fn a_negative_page_is_refused(s3: &S3) {
    s3.list(&[("max-keys", "-1")]).refused(400, "InvalidArgument");
}

fn a_page_of_words_is_refused(s3: &S3) {
    s3.list(&[("max-keys", "many")]).refused(400, "InvalidArgument");
}

fn start_after_begins_behind_a_key(s3: &S3) {
    keys(s3, &["a", "b", "c"]);
    assert_eq!(s3.list(&[("start-after", "a")]).expect(200).keys(), ["b", "c"]);
    assert_eq!(s3.list(&[("start-after", "aa")]).expect(200).keys(), ["b", "c"]);
    assert_eq!(s3.list(&[("start-after", "c")]).expect(200).keys(), [""; 0]);
    assert_eq!(s3.list(&[("start-after", "0"), ("prefix", "b")]).expect(200).keys(), ["b"]);
}

fn a_token_outweighs_start_after(s3: &S3) {
    keys(s3, &["a", "b", "c"]);
    let token = s3.list(&[("max-keys", "1")]).expect(200).element("NextContinuationToken").unwrap();
    assert_eq!(s3.list(&[("continuation-token", &token), ("start-after", "b")]).expect(200).keys(), ["b", "c"]);
}

fn a_broken_token_is_refused(s3: &S3) {
    keys(s3, &["a", "b"]);
    let token = s3.list(&[("max-keys", "1")]).expect(200).element("NextContinuationToken").unwrap();
    let mut broken = token.clone();
    broken.replace_range(0..1, if token.starts_with('A') { "B" } else { "A" });
    for broken in ["nonsense", "a", "", broken.as_str()] {
        s3.list(&[("continuation-token", broken)]).refused(400, "InvalidArgument");
    }
    s3.list(&[("continuation-token", &token)]).expect(200);
}

fn encoding_type_url_spells_keys_like_a_form(s3: &S3) {
    keys(s3, &["a b+c&\u{e9}/\u{1}*", "p q/x"]);
    let query = [("encoding-type", "url"), ("delimiter", "x"), ("start-after", " ")];
    let listed = s3.list(&query).expect(200);
    assert_eq!(listed.keys(), ["a+b%2Bc%26%C3%A9/%01*"]);
    assert_eq!(listed.prefixes(), ["p+q/x"]);
    assert_eq!(listed.element("EncodingType").unwrap(), "url");
}

fn another_encoding_type_is_refused(s3: &S3) {
    s3.list(&[("encoding-type", "base64")]).refused(400, "InvalidArgument");
}

fn a_deleted_object_is_not_listed(s3: &S3) {
    keys(s3, &["a", "b/1"]);
    s3.delete("a").expect(204);
    s3.delete("b/1").expect(204);
    folded(s3, &[("delimiter", "/")], (&[], &[]));
}

fn version_one(s3: &S3, query: &[(&str, &str)]) -> Answer {
    keys(s3, &["a/1", "a/2", "b", "c/1", "d"]);
    s3.send(s3.bucket(Method::GET).queries(query)).expect(200)
}

fn version_one_begins_behind_its_marker(s3: &S3) {
    let page = version_one(s3, &[("marker", "a/2"), ("max-keys", "2")]);
    assert_eq!(page.keys(), ["b", "c/1"]);
    assert_eq!((page.element("Marker").unwrap(), page.element("IsTruncated").unwrap()), ("a/2".into(), "true".into()));
}

fn version_one_names_the_next_marker_with_a_delimiter_alone(s3: &S3) {
    let page = version_one(s3, &[("max-keys", "2"), ("delimiter", "/")]);
    assert_eq!((page.prefixes(), page.keys()), (vec!["a/".to_owned()], vec!["b".to_owned()]));
    assert_eq!(page.element("NextMarker").unwrap(), "b");
    let page = version_one(s3, &[("max-keys", "2")]);
    assert_eq!((page.keys(), page.element("NextMarker")), (vec!["a/1".to_owned(), "a/2".to_owned()], None));
}

fn version_one_skips_a_prefix_that_is_its_marker(s3: &S3) {
    let page = version_one(s3, &[("marker", "a/"), ("max-keys", "2"), ("delimiter", "/")]);
    assert_eq!((page.prefixes(), page.keys()), (vec!["c/".to_owned()], vec!["b".to_owned()]));
    assert_eq!(page.element("NextMarker").unwrap(), "c/");
}

fn version_one_lists_owners(s3: &S3) {
    assert!(version_one(s3, &[]).element("Owner").is_some());
}

fn a_listing_of_a_missing_bucket_is_refused(s3: &S3) {
    s3.nowhere().list(&[]).refused(404, "NoSuchBucket");
}
