//! CopyObject.

use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::{Answer, Wire, encode};

const PAST: &str = "Wed, 21 Oct 2015 07:28:00 GMT";

checks! {
    a_copy_has_the_bytes_and_answers_its_etag: "200 CopyObjectResult with ETag and LastModified",
    a_copy_keeps_what_was_stored: "metadata directive COPY is the default",
    a_copy_replaces_what_was_stored: "metadata directive REPLACE",
    an_unknown_directive_is_refused: "400 InvalidArgument",
    a_copy_onto_itself_must_change_something: "400 InvalidRequest",
    a_copy_onto_itself_may_replace_metadata: "200",
    a_copy_goes_to_another_bucket: "the source names its own bucket",
    a_copy_outlives_its_source: "an object of its own",
    a_copy_of_nothing_is_refused: "404 NoSuchKey",
    a_copy_from_nowhere_is_refused: "404 NoSuchBucket",
    a_copy_source_may_begin_with_a_slash: "200",
    a_copy_source_must_name_a_key: "400 InvalidArgument",
    a_copy_keeps_to_its_if_match: "412 PreconditionFailed",
    a_copy_goes_on_with_its_if_match: "200",
    a_copy_keeps_to_its_if_none_match: "412 PreconditionFailed",
    a_copy_keeps_to_its_if_modified_since: "412 PreconditionFailed",
    a_copy_keeps_to_its_if_unmodified_since: "412 PreconditionFailed",
    a_copy_may_not_overwrite_where_told_so: "412 PreconditionFailed for If-None-Match: *",
}

fn copy(s3: &S3, key: &str) -> Wire {
    s3.object(Method::PUT, key).header("x-amz-copy-source", &format!("{}/a", s3.bucket)).body("")
}

fn text(s3: &S3) {
    let wire = s3.object(Method::PUT, "a").header("content-type", "text/plain").header("x-amz-meta-x", "1");
    s3.send(wire.body("hello")).expect(200);
}

fn a_copy_has_the_bytes_and_answers_its_etag(s3: &S3) {
    text(s3);
    let answer = s3.send(copy(s3, "b")).expect(200);
    assert_eq!(answer.element("ETag").unwrap(), s3.etag("a"));
    assert!(answer.element("LastModified").unwrap().ends_with('Z'));
    assert_eq!(s3.get("b").expect(200).body, "hello");
}

fn a_copy_keeps_what_was_stored(s3: &S3) {
    text(s3);
    s3.send(copy(s3, "b").header("content-type", "text/html")).expect(200);
    let head = s3.head("b").expect(200);
    assert_eq!((head.header("content-type"), head.header("x-amz-meta-x")), ("text/plain", "1"));
}

fn a_copy_replaces_what_was_stored(s3: &S3) {
    text(s3);
    let wire = copy(s3, "b").header("x-amz-metadata-directive", "REPLACE").header("content-type", "text/html");
    s3.send(wire).expect(200);
    let head = s3.head("b").expect(200);
    assert_eq!(head.header("content-type"), "text/html");
    assert!(!head.has("x-amz-meta-x"));
}

fn an_unknown_directive_is_refused(s3: &S3) {
    text(s3);
    s3.send(copy(s3, "b").header("x-amz-metadata-directive", "MERGE")).refused(400, "InvalidArgument");
}

fn a_copy_onto_itself_must_change_something(s3: &S3) {
    text(s3);
    s3.send(copy(s3, "a")).refused(400, "InvalidRequest");
}

fn a_copy_onto_itself_may_replace_metadata(s3: &S3) {
    text(s3);
    let wire = copy(s3, "a").header("x-amz-metadata-directive", "REPLACE").header("x-amz-meta-y", "2");
    s3.send(wire).expect(200);
    let head = s3.get("a").expect(200);
    assert_eq!((head.header("x-amz-meta-y"), &head.body[..]), ("2", &b"hello"[..]));
    assert!(!head.has("x-amz-meta-x"));
}

fn a_copy_goes_to_another_bucket(s3: &S3) {
    text(s3);
    let other = s3.beside();
    let source = format!("{}/a", s3.bucket);
    other.send(other.object(Method::PUT, "b").header("x-amz-copy-source", &source).body("")).expect(200);
    assert_eq!(other.get("b").expect(200).body, "hello");
    s3.get("b").refused(404, "NoSuchKey");
}

fn a_copy_outlives_its_source(s3: &S3) {
    let body = vec![9_u8; 100_000];
    s3.with("a", body.clone());
    s3.send(copy(s3, "b")).expect(200);
    s3.delete("a").expect(204);
    assert!(s3.get("b").expect(200).body == body);
}

fn a_copy_of_nothing_is_refused(s3: &S3) {
    s3.send(copy(s3, "b")).refused(404, "NoSuchKey");
}

fn a_copy_from_nowhere_is_refused(s3: &S3) {
    let source = format!("{}/a", s3.nowhere().bucket);
    s3.send(s3.object(Method::PUT, "b").header("x-amz-copy-source", &source).body("")).refused(404, "NoSuchBucket");
}

fn from(s3: &S3, source: &str) -> Answer {
    s3.send(s3.object(Method::PUT, "b").header("x-amz-copy-source", source).body(""))
}

fn a_copy_source_may_begin_with_a_slash(s3: &S3) {
    text(s3);
    from(s3, &format!("/{}/a", s3.bucket)).expect(200);
    assert_eq!(s3.get("b").expect(200).body, "hello");
    s3.delete("b").expect(204);
    from(s3, &encode(&format!("{}/a", s3.bucket), false)).expect(200);
    assert_eq!(s3.get("b").expect(200).body, "hello");
}

fn a_copy_source_must_name_a_key(s3: &S3) {
    from(s3, &s3.bucket).refused(400, "InvalidArgument");
    from(s3, "/").refused(400, "InvalidArgument");
}

fn keeps_to(s3: &S3, name: &str, value: &str) {
    text(s3);
    s3.send(copy(s3, "b").header(name, value)).refused(412, "PreconditionFailed");
    s3.get("b").refused(404, "NoSuchKey");
}

fn a_copy_keeps_to_its_if_match(s3: &S3) {
    keeps_to(s3, "x-amz-copy-source-if-match", "\"0\"");
}

fn a_copy_goes_on_with_its_if_match(s3: &S3) {
    text(s3);
    s3.send(copy(s3, "b").header("x-amz-copy-source-if-match", &s3.etag("a"))).expect(200);
    s3.send(copy(s3, "c").header("x-amz-copy-source-if-none-match", "\"0\"")).expect(200);
}

fn a_copy_keeps_to_its_if_none_match(s3: &S3) {
    text(s3);
    let etag = s3.etag("a");
    keeps_to(s3, "x-amz-copy-source-if-none-match", &etag);
}

fn a_copy_keeps_to_its_if_modified_since(s3: &S3) {
    text(s3);
    let date = s3.head("a").expect(200).header("last-modified").to_owned();
    s3.send(copy(s3, "b").header("x-amz-copy-source-if-modified-since", &date)).refused(412, "PreconditionFailed");
}

fn a_copy_keeps_to_its_if_unmodified_since(s3: &S3) {
    keeps_to(s3, "x-amz-copy-source-if-unmodified-since", PAST);
}

fn a_copy_may_not_overwrite_where_told_so(s3: &S3) {
    text(s3);
    s3.with("b", "there");
    s3.send(copy(s3, "b").header("if-none-match", "*")).refused(412, "PreconditionFailed");
    assert_eq!(s3.get("b").expect(200).body, "there");
}
