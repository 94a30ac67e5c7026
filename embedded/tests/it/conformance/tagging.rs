//! Tags on objects and buckets.

use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::{Answer, Wire};

checks! {
    tags_come_with_a_put: "x-amz-tagging, spelled like a query",
    tags_are_counted: "x-amz-tagging-count on GET and HEAD, none without tags",
    tags_are_replaced: "PutObjectTagging replaces the whole set",
    tags_are_removed: "204, and an empty TagSet",
    an_object_has_ten_tags_at_most: "400 BadRequest",
    a_tag_key_has_128_characters_at_most: "400 InvalidTag",
    a_tag_value_has_256_characters_at_most: "400 InvalidTag",
    a_tag_is_of_letters_digits_spaces_and_few_signs: "400 InvalidTag, in a document or in x-amz-tagging",
    a_tag_key_stands_once: "400 InvalidTag",
    a_missing_object_has_no_tags: "404 NoSuchKey",
    a_copy_takes_the_tags_along: "tagging directive COPY is the default",
    a_copy_replaces_the_tags: "tagging directive REPLACE",
    an_upload_declares_tags_at_its_beginning: "x-amz-tagging of CreateMultipartUpload",
    a_bucket_has_tags_of_its_own: "404 NoSuchTagSet, PUT, GET, DELETE",
    a_bucket_has_fifty_tags_at_most: "400 BadRequest",
}

fn tag_set<K: AsRef<str>>(tags: &[(K, &str)]) -> String {
    let tags: String = tags
        .iter()
        .map(|(key, value)| format!("<Tag><Key>{}</Key><Value>{value}</Value></Tag>", key.as_ref()))
        .collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

fn replace<K: AsRef<str>>(s3: &S3, key: &str, tags: &[(K, &str)]) -> Answer {
    s3.send(s3.object(Method::PUT, key).query("tagging", "").body(tag_set(tags)).with_md5())
}

fn tags(s3: &S3, key: &str) -> Answer {
    s3.send(s3.object(Method::GET, key).query("tagging", ""))
}

fn tagged(s3: &S3) {
    s3.send(s3.object(Method::PUT, "a").header("x-amz-tagging", "kind=a%20b&empty=").body("x")).expect(200);
}

fn tags_come_with_a_put(s3: &S3) {
    tagged(s3);
    let read = tags(s3, "a").expect(200);
    let mut pairs: Vec<_> = read.elements("Key").into_iter().zip(read.elements("Value")).collect();
    pairs.sort_unstable();
    assert_eq!(pairs, [("empty".to_owned(), String::new()), ("kind".to_owned(), "a b".to_owned())]);
}

fn tags_are_counted(s3: &S3) {
    tagged(s3);
    assert_eq!(s3.get("a").expect(200).header("x-amz-tagging-count"), "2");
    assert_eq!(s3.head("a").expect(200).header("x-amz-tagging-count"), "2");
    s3.with("b", "x");
    assert!(!s3.get("b").expect(200).has("x-amz-tagging-count"));
}

fn tags_are_replaced(s3: &S3) {
    tagged(s3);
    replace(s3, "a", &[("one", "1")]).expect(200);
    assert_eq!(tags(s3, "a").expect(200).elements("Key"), ["one"]);
}

fn tags_are_removed(s3: &S3) {
    tagged(s3);
    s3.send(s3.object(Method::DELETE, "a").query("tagging", "")).expect(204);
    assert!(tags(s3, "a").expect(200).elements("Key").is_empty());
    assert!(!s3.head("a").expect(200).has("x-amz-tagging-count"));
}

fn is_refused(s3: &S3, tags: &[(String, &str)], code: &str) {
    s3.with("a", "x");
    replace(s3, "a", tags).refused(400, code);
    assert!(self::tags(s3, "a").expect(200).elements("Key").is_empty());
}

fn an_object_has_ten_tags_at_most(s3: &S3) {
    let eleven: Vec<_> = (0..11).map(|n| (format!("k{n}"), "")).collect();
    is_refused(s3, &eleven, "BadRequest");
    replace(s3, "a", &eleven[..10]).expect(200);
}

fn a_tag_key_has_128_characters_at_most(s3: &S3) {
    is_refused(s3, &[("\u{fc}".repeat(129), "")], "InvalidTag");
    replace(s3, "a", &[("\u{fc}".repeat(128), "")]).expect(200);
}

fn a_tag_value_has_256_characters_at_most(s3: &S3) {
    is_refused(s3, &[("k".to_owned(), &"v".repeat(257))], "InvalidTag");
    replace(s3, "a", &[("k", &"v".repeat(256))]).expect(200);
}

fn a_tag_is_of_letters_digits_spaces_and_few_signs(s3: &S3) {
    is_refused(s3, &[("k".to_owned(), "a?")], "InvalidTag");
    is_refused(s3, &[("k#".to_owned(), "")], "InvalidTag");
    let put = s3.object(Method::PUT, "b").header("x-amz-tagging", "k=a%01b").body("x");
    s3.send(put).refused(400, "InvalidTag");
    replace(s3, "a", &[("Gr\u{f6}\u{df}e 1", "_.:/=+-@")]).expect(200);
}

fn a_tag_key_stands_once(s3: &S3) {
    is_refused(s3, &[("k".to_owned(), "1"), ("k".to_owned(), "2")], "InvalidTag");
}

fn a_missing_object_has_no_tags(s3: &S3) {
    tags(s3, "missing").refused(404, "NoSuchKey");
    replace(s3, "missing", &[("k", "1")]).refused(404, "NoSuchKey");
}

fn copy(s3: &S3) -> Wire {
    tagged(s3);
    s3.object(Method::PUT, "b").header("x-amz-copy-source", &format!("{}/a", s3.bucket)).body("")
}

fn a_copy_takes_the_tags_along(s3: &S3) {
    s3.send(copy(s3)).expect(200);
    assert_eq!(s3.head("b").expect(200).header("x-amz-tagging-count"), "2");
}

fn a_copy_replaces_the_tags(s3: &S3) {
    let wire = copy(s3).header("x-amz-tagging-directive", "REPLACE").header("x-amz-tagging", "k=2");
    s3.send(wire).expect(200);
    assert_eq!(tags(s3, "b").expect(200).elements("Value"), ["2"]);
}

fn an_upload_declares_tags_at_its_beginning(s3: &S3) {
    let upload = super::multipart::Upload::begin_with(s3, "a", &[("x-amz-tagging", "k=3")]);
    let etag = upload.etag(1, b"x".to_vec());
    upload.complete(&[(1, &etag)]).expect(200);
    assert_eq!(tags(s3, "a").expect(200).elements("Value"), ["3"]);
}

fn a_bucket_has_tags_of_its_own(s3: &S3) {
    let call = |method: Method| s3.bucket(method).query("tagging", "");
    s3.send(call(Method::GET)).refused(404, "NoSuchTagSet");
    let put = s3.send(call(Method::PUT).body(tag_set(&[("team", "a")])).with_md5());
    assert!(put.status.is_success(), "{}", put.text());
    assert_eq!(s3.send(call(Method::GET)).expect(200).elements("Key"), ["team"]);
    s3.send(call(Method::DELETE)).expect(204);
    s3.send(call(Method::GET)).refused(404, "NoSuchTagSet");
}

fn a_bucket_has_fifty_tags_at_most(s3: &S3) {
    let many: Vec<_> = (0..51).map(|n| (format!("k{n}"), "")).collect();
    let put =
        |tags: &[(String, &str)]| s3.send(s3.bucket(Method::PUT).query("tagging", "").body(tag_set(tags)).with_md5());
    put(&many).refused(400, "BadRequest");
    let put = put(&many[..50]);
    assert!(put.status.is_success(), "{}", put.text());
}
