//! Keys are opaque: whatever UTF-8 a key is made of comes back byte for byte, in its own bucket.

use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::encode;

checks! {
    dots_are_no_directions: "a key may hold . and .. segments; nothing is resolved",
    empty_segments_count: "a//b, //two and /leading are keys of their own",
    a_trailing_slash_is_part_of_a_key: "f/ is an object, with or without bytes, and not f",
    a_key_may_begin_with_another: "w and w/v are two objects",
    upper_and_lower_case_differ: "keys are case-sensitive",
    spaces_pluses_and_percents_stay: "a path is percent-decoded once; + is a plus",
    reserved_characters_stay: "any character may be in a key, percent-encoded on the wire",
    markup_stays: "any character may be in a key, escaped in XML",
    control_characters_stay: "characters 0-31 and 127 are allowed, percent-encoded on the wire",
    composed_and_decomposed_letters_differ: "keys are UTF-8 bytes; nothing is normalised",
    characters_above_the_first_plane_stay: "keys are UTF-8 of any characters",
    invisible_and_turning_characters_stay: "keys are UTF-8 of any characters",
    private_characters_stay: "keys are UTF-8 of any characters",
    a_segment_may_have_256_bytes: "only the whole key has a limit",
    a_key_of_1024_bytes_is_taken: "a key has up to 1,024 bytes of UTF-8",
    a_key_of_1024_bytes_in_512_letters_is_taken: "a key has up to 1,024 bytes of UTF-8",
    a_key_of_1025_bytes_is_too_long: "400 KeyTooLongError",
    the_limit_counts_bytes_and_not_letters: "400 KeyTooLongError",
    a_key_that_is_not_utf8_is_refused: "400 InvalidURI: keys are UTF-8",
    a_key_never_reaches_another_bucket: "the bucket is what the path or the Host names, whatever the key",
    control_characters_are_references_in_a_listing: "XML without a raw control character",
    a_copy_finds_an_odd_source: "x-amz-copy-source is a URL-encoded path",
    a_copy_source_may_look_like_a_version: "an encoded ? belongs to the key",
}

/// Puts every key by a presigned URL, reads each back, finds them all listed in byte order, and deletes them.
fn come_back(s3: &S3, keys: &[&str]) {
    for (number, key) in keys.iter().enumerate() {
        let answer = s3.send(s3.by_host(Method::PUT, key).presigned().body(format!("body {number}")));
        assert_eq!(answer.status, 200, "{key:?}: {}", answer.text());
    }
    for (number, key) in keys.iter().enumerate() {
        let answer = s3.send(s3.by_host(Method::GET, key).presigned());
        assert_eq!(answer.text(), format!("body {number}"), "{key:?}");
        s3.head(key).expect(200);
    }
    let mut expected = keys.to_vec();
    expected.sort_unstable();
    let listed = s3.list(&[("encoding-type", "url")]).expect(200).keys();
    let decoded: Vec<String> = listed
        .iter()
        .map(|key| {
            let spaced = key.replace('+', " ");
            percent_encoding::percent_decode_str(&spaced).decode_utf8().unwrap().into_owned()
        })
        .collect();
    assert_eq!(decoded, expected);
    for key in keys {
        s3.delete(key).expect(204);
        s3.get(key).refused(404, "NoSuchKey");
    }
    assert!(s3.list(&[]).expect(200).keys().is_empty());
}

fn dots_are_no_directions(s3: &S3) {
    come_back(s3, &["../x", "../../etc/passwd", "./z", ".", "..", "a/./b", "a/../b"]);
}

fn empty_segments_count(s3: &S3) {
    come_back(s3, &["a//b", "a/b", "/leading", "//two", "/", "//"]);
}

fn a_trailing_slash_is_part_of_a_key(s3: &S3) {
    come_back(s3, &["f/", "f", "empty/"]);
}

fn a_key_may_begin_with_another(s3: &S3) {
    come_back(s3, &["w", "w/v", "w/v/u"]);
}

fn upper_and_lower_case_differ(s3: &S3) {
    come_back(s3, &["name", "Name", "NAME"]);
}

fn spaces_pluses_and_percents_stay(s3: &S3) {
    come_back(s3, &["a b", "a+b", "a%20b", "a%b", "a%2Fb", " ", "a "]);
}

fn reserved_characters_stay(s3: &S3) {
    come_back(s3, &["a#b", "a?b", "a&b=c", "[x]", "~tilde", "*", "!'()*", ";,:@$", "back\\slash", "^|{}"]);
}

fn markup_stays(s3: &S3) {
    come_back(s3, &["quo\"te'", "`<x>&amp;", "]]>", "<!--"]);
}

fn control_characters_stay(s3: &S3) {
    come_back(s3, &["tab\tx", "line\nfeed", "carriage\rreturn", "ctl\u{1}\u{1f}x", "del\u{7f}"]);
}

fn composed_and_decomposed_letters_differ(s3: &S3) {
    come_back(s3, &["caf\u{e9}", "cafe\u{301}"]);
}

fn characters_above_the_first_plane_stay(s3: &S3) {
    come_back(s3, &["\u{1f600}.png", "\u{20000}"]);
}

fn invisible_and_turning_characters_stay(s3: &S3) {
    come_back(s3, &["\u{5e9}\u{5dc}\u{5d5}\u{5dd}", "\u{202e}rtl", "zero\u{200b}width", "\u{feff}mark"]);
}

fn private_characters_stay(s3: &S3) {
    come_back(s3, &["\u{e000}", "\u{f0001}private\u{f0021}"]);
}

fn a_segment_may_have_256_bytes(s3: &S3) {
    come_back(s3, &[&"s".repeat(256), &format!("{}/{}", "p".repeat(255), "q".repeat(300))]);
}

fn a_key_of_1024_bytes_is_taken(s3: &S3) {
    come_back(s3, &[&"k".repeat(1_024)]);
}

fn a_key_of_1024_bytes_in_512_letters_is_taken(s3: &S3) {
    come_back(s3, &[&"\u{fc}".repeat(512)]);
}

fn a_key_of_1025_bytes_is_too_long(s3: &S3) {
    s3.put(&"k".repeat(1_025), "x").refused(400, "KeyTooLongError");
}

fn the_limit_counts_bytes_and_not_letters(s3: &S3) {
    s3.put(&"\u{fc}".repeat(513), "x").refused(400, "KeyTooLongError");
}

fn a_key_that_is_not_utf8_is_refused(s3: &S3) {
    let mut head = s3.object(Method::PUT, "a").body("x").signed();
    *head.uri_mut() = format!("/{}/%ff", s3.bucket).parse().unwrap();
    s3.send_as_is(&head, b"x").refused(400, "InvalidURI");
}

fn a_key_never_reaches_another_bucket(s3: &S3) {
    let other = s3.beside();
    other.with("x", "secret");
    let key = format!("../{}/x", other.bucket);
    for key in [key.as_str(), &key.replace('/', "%2F"), &key.replace('/', "\\")] {
        s3.get(key).refused(404, "NoSuchKey");
        s3.put(key, "mine").expect(200);
    }
    assert_eq!(other.get("x").expect(200).body, "secret");
}

fn control_characters_are_references_in_a_listing(s3: &S3) {
    s3.with("a\u{1}b\rc", "x").with("p\u{2}/x", "x");
    let listed = s3.list(&[("delimiter", "/")]).expect(200);
    assert_eq!(listed.keys(), ["a\u{1}b\rc"]);
    assert_eq!(listed.prefixes(), ["p\u{2}/"]);
    assert!(!listed.body.iter().any(|byte| [1, 2, b'\r'].contains(byte)), "a raw control character");
}

fn copied(s3: &S3, key: &str) {
    s3.with(key, "copied");
    let source = format!("{}/{}", s3.bucket, encode(key, true));
    let answer = s3.send(s3.object(Method::PUT, "copy").header("x-amz-copy-source", &source).body(""));
    assert_eq!(answer.status, 200, "{key:?}: {}", answer.text());
    assert_eq!(s3.get("copy").body, "copied");
}

fn a_copy_finds_an_odd_source(s3: &S3) {
    for key in ["a b+c%.txt", "../x", "\u{1f600}", "a//b"] {
        copied(s3, key);
    }
}

fn a_copy_source_may_look_like_a_version(s3: &S3) {
    copied(s3, "q?versionId=1");
}
