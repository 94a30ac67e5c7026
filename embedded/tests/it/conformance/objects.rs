//! Objects: put, read, described, deleted.

use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::Answer;

/// MD5 of "hello".
const HELLO_MD5: &str = "5d41402abc4b2a76b9719d911017c592";

checks! {
    a_put_answers_the_md5_as_etag: "ETag: the quoted MD5 of the bytes",
    every_answer_has_a_request_id: "x-amz-request-id, on errors too",
    an_object_comes_back: "200 and the bytes that were put",
    a_put_replaces_the_object: "the last write wins, headers and all",
    content_headers_come_back: "Content-Type, -Disposition, -Encoding, -Language, Cache-Control, Expires as stored",
    user_metadata_comes_back: "x-amz-meta-* as stored, names in lower case",
    a_storage_class_comes_back: "x-amz-storage-class, left out for STANDARD",
    an_object_without_a_type_is_an_octet_stream: "Content-Type: binary/octet-stream",
    an_object_tells_its_date_and_that_ranges_work: "Last-Modified as an HTTP date, Accept-Ranges: bytes",
    an_object_is_encrypted_by_default: "x-amz-server-side-encryption: AES256, since January 2023",
    a_head_has_no_body: "the headers of GET and no body",
    an_empty_object_is_an_object: "200 with Content-Length: 0",
    a_missing_key_is_not_found: "404 NoSuchKey",
    a_missing_key_has_no_head: "404 without a body",
    a_missing_bucket_is_not_found: "404 NoSuchBucket for GET",
    nothing_is_put_into_a_missing_bucket: "404 NoSuchBucket for PUT",
    a_name_that_no_bucket_can_have_is_refused: "400 InvalidBucketName",
    a_deleted_object_is_gone: "204, and 404 NoSuchKey afterwards",
    deleting_what_is_not_there_is_no_error: "204",
    many_keys_are_deleted_at_once: "200; each key is named, also one that was not there",
    a_quiet_delete_names_errors_alone: "200 with an empty DeleteResult",
    a_thousand_keys_are_deleted_at_once: "up to 1,000 keys a request",
    a_thousand_and_one_keys_are_too_many: "400 MalformedXML",
    a_delete_of_many_needs_a_digest: "400 InvalidRequest: Content-MD5 or a checksum is required",
    a_delete_of_many_must_be_xml: "400 MalformedXML",
    too_much_metadata_is_refused: "400 MetadataTooLarge above 2 KB",
    metadata_of_two_kib_is_taken: "2 KB of user metadata, names and values",
    an_acl_that_would_open_an_object_is_refused: "400 AccessControlListNotSupported: new buckets have ACLs disabled",
    a_grant_is_refused: "400 AccessControlListNotSupported: new buckets have ACLs disabled",
    a_lock_on_a_bucket_without_locks_is_refused: "400 InvalidRequest: the bucket has no object lock configuration",
    a_body_without_a_length_is_refused: "411 MissingContentLength",
    a_put_above_5_gib_is_refused: "400 EntityTooLarge",
    attributes_are_answered_as_asked: "GetObjectAttributes: ETag without quotes, size, class, and nothing that was not asked for",
    attributes_must_be_named: "400: x-amz-object-attributes is required",
    a_missing_key_has_no_attributes: "404 NoSuchKey",
    a_storage_class_must_be_one: "400 InvalidStorageClass",
    an_encryption_must_be_one: "400 InvalidEncryptionAlgorithmError",
    a_put_begins_at_the_first_byte: "501 NotImplemented for x-amz-write-offset-bytes outside of directory buckets",
}

fn a_put_answers_the_md5_as_etag(s3: &S3) {
    assert_eq!(s3.put("a", "hello").expect(200).header("etag"), format!("\"{HELLO_MD5}\""));
}

fn every_answer_has_a_request_id(s3: &S3) {
    let (one, two) = (s3.put("a", "x").expect(200), s3.get("missing").expect(404));
    assert!(!one.header("x-amz-request-id").is_empty());
    assert_ne!(one.header("x-amz-request-id"), two.header("x-amz-request-id"));
}

fn an_object_comes_back(s3: &S3) {
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
    s3.with("large", body.clone()).with("small", "hello");
    assert!(s3.get("large").expect(200).body == body);
    assert_eq!(s3.get("small").expect(200).body, "hello");
}

fn a_put_replaces_the_object(s3: &S3) {
    s3.send(s3.object(Method::PUT, "a").header("x-amz-meta-old", "1").body("old")).expect(200);
    s3.with("a", "new");
    let answer = s3.get("a").expect(200);
    assert_eq!(answer.body, "new");
    assert!(!answer.has("x-amz-meta-old"));
}

fn come_back(s3: &S3, stored: &[(&str, &str)]) {
    s3.send(s3.object(Method::PUT, "a").headers(stored).body("hello")).expect(200);
    for answer in [s3.get("a").expect(200), s3.head("a").expect(200)] {
        for (name, value) in stored {
            assert_eq!(answer.header(name), *value, "{name}");
        }
    }
}

fn content_headers_come_back(s3: &S3) {
    come_back(
        s3,
        &[
            ("content-type", "text/plain; charset=utf-8"),
            ("content-disposition", "attachment; filename*=UTF-8''caf%C3%A9.txt"),
            ("content-encoding", "gzip"),
            ("content-language", "de"),
            ("cache-control", "no-store"),
            ("expires", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ],
    );
}

fn user_metadata_comes_back(s3: &S3) {
    come_back(s3, &[("x-amz-meta-Origin", "a test"), ("x-amz-meta-empty", ""), ("x-amz-meta-x-y_z", "1, 2")]);
}

fn a_storage_class_comes_back(s3: &S3) {
    come_back(s3, &[("x-amz-storage-class", "STANDARD_IA")]);
    s3.with("standard", "x");
    assert!(!s3.head("standard").has("x-amz-storage-class"));
}

fn an_object_without_a_type_is_an_octet_stream(s3: &S3) {
    s3.with("a", "x");
    assert_eq!(s3.head("a").header("content-type"), "binary/octet-stream");
}

fn an_object_tells_its_date_and_that_ranges_work(s3: &S3) {
    s3.with("a", "x");
    let answer = s3.get("a").expect(200);
    let date = answer.header("last-modified");
    assert!(date.len() == 29 && date.ends_with(" GMT"), "{date}");
    assert_eq!(answer.header("accept-ranges"), "bytes");
}

fn an_object_is_encrypted_by_default(s3: &S3) {
    assert_eq!(s3.put("a", "x").expect(200).header("x-amz-server-side-encryption"), "AES256");
    assert_eq!(s3.head("a").expect(200).header("x-amz-server-side-encryption"), "AES256");
}

fn a_head_has_no_body(s3: &S3) {
    s3.with("a", "hello");
    let answer = s3.head("a").expect(200);
    assert_eq!((answer.header("content-length"), answer.body.len()), ("5", 0));
    assert_eq!(answer.header("etag"), format!("\"{HELLO_MD5}\""));
}

fn an_empty_object_is_an_object(s3: &S3) {
    assert_eq!(s3.put("empty", "").expect(200).header("etag"), "\"d41d8cd98f00b204e9800998ecf8427e\"");
    let answer = s3.get("empty").expect(200);
    assert_eq!(answer.header("content-length"), "0");
    assert!(answer.body.is_empty() && !answer.cut);
}

fn a_missing_key_is_not_found(s3: &S3) {
    let answer = s3.get("no<thing").refused(404, "NoSuchKey");
    assert_eq!(answer.header("content-type"), "application/xml");
}

fn a_missing_key_has_no_head(s3: &S3) {
    assert!(s3.head("nothing").expect(404).body.is_empty());
}

fn a_missing_bucket_is_not_found(s3: &S3) {
    s3.nowhere().get("x").refused(404, "NoSuchBucket");
}

fn nothing_is_put_into_a_missing_bucket(s3: &S3) {
    s3.nowhere().put("x", "x").refused(404, "NoSuchBucket");
}

fn a_name_that_no_bucket_can_have_is_refused(s3: &S3) {
    let mut wire = s3.object(Method::PUT, "");
    wire.path = "/No_Bucket".to_owned();
    s3.send(wire.body("")).refused(400, "InvalidBucketName");
}

fn a_deleted_object_is_gone(s3: &S3) {
    s3.with("a", "x");
    assert!(s3.delete("a").expect(204).body.is_empty());
    s3.get("a").refused(404, "NoSuchKey");
}

fn deleting_what_is_not_there_is_no_error(s3: &S3) {
    s3.delete("nothing").expect(204);
}

fn delete_many(s3: &S3, body: &str) -> Answer {
    s3.send(s3.bucket(Method::POST).query("delete", "").body(body.to_owned()).with_md5())
}

fn many_keys_are_deleted_at_once(s3: &S3) {
    s3.with("a", "1").with("b&<", "2").with("c", "3");
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;&lt;</Key></Object>\
                <Object><Key>missing</Key></Object></Delete>";
    let mut named = delete_many(s3, body).expect(200).keys();
    named.sort_unstable();
    assert_eq!(named, ["a", "b&<", "missing"]);
    assert_eq!(s3.list(&[]).keys(), ["c"]);
}

fn a_quiet_delete_names_errors_alone(s3: &S3) {
    s3.with("c", "3");
    let body = "<Delete><Quiet>true</Quiet><Object><Key>c</Key></Object></Delete>";
    let answer = delete_many(s3, body).expect(200);
    assert!(answer.text().contains("DeleteResult") && answer.keys().is_empty(), "{}", answer.text());
    s3.get("c").refused(404, "NoSuchKey");
}

fn delete_of(count: usize) -> String {
    let objects: String = (0..count).map(|n| format!("<Object><Key>{n}</Key></Object>")).collect();
    format!("<Delete>{objects}</Delete>")
}

fn a_thousand_keys_are_deleted_at_once(s3: &S3) {
    s3.with("0", "x").with("999", "x").with("1000", "x");
    assert_eq!(delete_many(s3, &delete_of(1_000)).expect(200).keys().len(), 1_000);
    assert_eq!(s3.list(&[]).keys(), ["1000"]);
}

fn a_thousand_and_one_keys_are_too_many(s3: &S3) {
    s3.with("0", "x");
    delete_many(s3, &delete_of(1_001)).refused(400, "MalformedXML");
    s3.get("0").expect(200);
}

fn a_delete_of_many_needs_a_digest(s3: &S3) {
    s3.with("0", "x");
    s3.send(s3.bucket(Method::POST).query("delete", "").body(delete_of(1))).refused(400, "InvalidRequest");
    s3.get("0").expect(200);
}

fn a_delete_of_many_must_be_xml(s3: &S3) {
    delete_many(s3, "<Delete><Object><Key>a</Object></Delete>").refused(400, "MalformedXML");
}

fn put_metadata(s3: &S3, bytes: usize) -> Answer {
    let value = "m".repeat(bytes - "long".len());
    s3.send(s3.object(Method::PUT, "a").header("x-amz-meta-long", &value).body("x"))
}

fn too_much_metadata_is_refused(s3: &S3) {
    put_metadata(s3, 2_049).refused(400, "MetadataTooLarge");
}

fn metadata_of_two_kib_is_taken(s3: &S3) {
    put_metadata(s3, 2_048).expect(200);
    assert_eq!(s3.head("a").expect(200).header("x-amz-meta-long").len(), 2_044);
}

fn an_acl_that_would_open_an_object_is_refused(s3: &S3) {
    let wire = s3.object(Method::PUT, "a").header("x-amz-acl", "public-read");
    s3.send(wire.body("x")).refused(400, "AccessControlListNotSupported");
}

fn a_grant_is_refused(s3: &S3) {
    let all = "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"";
    let wire = s3.object(Method::PUT, "a").header("x-amz-grant-read", all);
    s3.send(wire.body("x")).refused(400, "AccessControlListNotSupported");
}

fn a_lock_on_a_bucket_without_locks_is_refused(s3: &S3) {
    let wire = s3.object(Method::PUT, "a").header("x-amz-object-lock-legal-hold", "ON");
    s3.send(wire.body("x").with_md5()).refused(400, "InvalidRequest");
}

fn a_body_without_a_length_is_refused(s3: &S3) {
    let wire = s3.object(Method::PUT, "a").sign_with(|signing| signing.payload = Some("UNSIGNED-PAYLOAD".to_owned()));
    let head = wire.header("transfer-encoding", "chunked").signed();
    s3.send_as_is(&head, b"1\r\nx\r\n0\r\n\r\n").refused(411, "MissingContentLength");
}

fn a_put_above_5_gib_is_refused(s3: &S3) {
    let mut wire = s3.object(Method::PUT, "a").unsigned_body("");
    wire.headers.retain(|(name, _)| name != "content-length");
    let head = wire.header("content-length", "5368709121").header("expect", "100-continue").signed();
    s3.send_as_is(&head, b"").refused(400, "EntityTooLarge");
}

fn attributes(s3: &S3, key: &str, named: &[(&str, &str)]) -> Answer {
    s3.send(s3.object(Method::GET, key).query("attributes", "").headers(named))
}

fn attributes_are_answered_as_asked(s3: &S3) {
    s3.with("a b", "hello");
    let answer = attributes(s3, "a b", &[("x-amz-object-attributes", "ETag,ObjectSize,StorageClass")]).expect(200);
    assert_eq!(answer.element("ETag").as_deref(), Some(HELLO_MD5));
    assert_eq!(answer.element("ObjectSize").as_deref(), Some("5"));
    assert_eq!(answer.element("StorageClass").as_deref(), Some("STANDARD"));
    assert_eq!((answer.element("Checksum"), answer.element("ObjectParts")), (None, None));
    let answer = attributes(s3, "a b", &[("x-amz-object-attributes", "Checksum")]).expect(200);
    assert_eq!(answer.element("ChecksumCRC64NVME").as_deref(), Some("M3eFcAZSQlc="));
    assert_eq!(answer.element("ETag"), None);
}

fn attributes_must_be_named(s3: &S3) {
    s3.with("a", "hello");
    let answer = attributes(s3, "a", &[]).expect(400);
    assert!(["InvalidRequest", "InvalidArgument"].contains(&answer.element("Code").unwrap().as_str()));
}

fn a_missing_key_has_no_attributes(s3: &S3) {
    attributes(s3, "missing", &[("x-amz-object-attributes", "ETag")]).refused(404, "NoSuchKey");
}

fn is_not_put(s3: &S3, header: (&str, &str), status: u16, code: &str) {
    let wire = s3.object(Method::PUT, "a").header(header.0, header.1);
    s3.send(wire.body("x")).refused(status, code);
    s3.get("a").refused(404, "NoSuchKey");
}

fn a_storage_class_must_be_one(s3: &S3) {
    is_not_put(s3, ("x-amz-storage-class", "BEST"), 400, "InvalidStorageClass");
}

fn an_encryption_must_be_one(s3: &S3) {
    is_not_put(s3, ("x-amz-server-side-encryption", "ROT13"), 400, "InvalidEncryptionAlgorithmError");
}

fn a_put_begins_at_the_first_byte(s3: &S3) {
    is_not_put(s3, ("x-amz-write-offset-bytes", "5"), 501, "NotImplemented");
}
