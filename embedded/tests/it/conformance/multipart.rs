//! Multipart uploads: their parts, and what becomes of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;
use sha2::{Digest as _, Sha256};

use super::checks;
use super::endpoint::S3;
use crate::support::Answer;

pub(super) const MIB: usize = 1024 * 1024;
/// SHA-256 of "hello", declared.
pub(super) const HELLO_SHA256: (&str, &str) = ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
pub(super) const WRONG: &str = "\"00000000000000000000000000000000\"";

checks! {
    parts_become_one_object: "the named parts in order; ETag is the MD5 of their MD5s and their number",
    nothing_is_there_before_complete: "404 NoSuchKey",
    what_create_declared_comes_back: "headers, metadata and class of CreateMultipartUpload",
    a_part_answers_its_md5: "ETag: the quoted MD5 of the part",
    a_part_sent_again_replaces_the_first: "the last one counts",
    a_range_goes_over_the_seam_of_parts: "206 with bytes of both",
    a_part_is_read_by_its_number: "206 with x-amz-mp-parts-count and the part's Content-Range",
    a_part_is_described_by_its_number: "HEAD with partNumber: 206",
    a_part_behind_the_last_is_refused: "416 InvalidPartNumber",
    part_number_10000_is_the_last: "200",
    part_number_10001_is_refused: "400 InvalidArgument",
    part_number_0_is_refused: "400 InvalidArgument",
    a_part_without_its_digest_is_refused: "400 BadDigest, and no part",
    a_completed_upload_is_gone: "404 NoSuchUpload for its parts",
    an_aborted_upload_is_gone: "204, then 404 NoSuchUpload",
    an_upload_that_never_was_is_not_found: "404 NoSuchUpload for every operation",
    an_upload_belongs_to_its_key: "404 NoSuchUpload under another key",
    an_upload_belongs_to_its_bucket: "404 NoSuchUpload in another bucket",
    the_whole_has_a_checksum_of_all_bytes: "CRC64NVME, FULL_OBJECT, the same as of one PUT",
    a_declared_algorithm_gives_a_composite_checksum: "SHA256: COMPOSITE, with the number of parts",
    a_part_with_another_algorithm_is_refused: "400 InvalidRequest",
    a_part_of_a_composite_upload_needs_its_checksum: "400 InvalidRequest: actual checksum Type: null",
    an_object_is_as_old_as_its_upload: "Last-Modified is the date of CreateMultipartUpload",
    an_object_of_one_empty_part_is_an_object: "200 with Content-Length: 0; it has a part 1",
    a_copy_of_a_multipart_object_is_put_at_once: "ETag is the MD5 of the bytes",
    a_part_is_copied_from_a_range: "CopyPartResult; just these bytes",
    a_part_is_copied_from_a_whole: "CopyPartResult; all bytes",
    a_range_to_copy_must_lie_in_the_source: "400 InvalidArgument",
    a_range_to_copy_names_both_ends: "400 InvalidArgument",
    a_part_is_copied_on_a_condition: "412 PreconditionFailed",
    a_part_of_a_composite_object_says_so: "x-amz-checksum-type: COMPOSITE beside the part's own checksum",
    attributes_leave_the_number_of_parts_out_of_a_checksum: "ChecksumSHA256 without -1",
    attributes_name_the_parts: "GetObjectAttributes: ObjectParts with PartsCount and each part's size and checksum",
}

pub(super) struct Upload<'s> {
    pub(super) s3: &'s S3,
    pub(super) key: String,
    pub(super) id: String,
}

impl<'s> Upload<'s> {
    pub(super) fn begin(s3: &'s S3, key: &str) -> Self {
        Self::begin_with(s3, key, &[])
    }

    pub(super) fn begin_with(s3: &'s S3, key: &str, headers: &[(&str, &str)]) -> Self {
        let answer = s3.send(s3.object(Method::POST, key).query("uploads", "").headers(headers)).expect(200);
        Self { s3, key: key.to_owned(), id: answer.element("UploadId").unwrap() }
    }

    /// The same id under another key or in another bucket.
    pub(super) fn elsewhere<'o>(&self, s3: &'o S3, key: &str) -> Upload<'o> {
        Upload { s3, key: key.to_owned(), id: self.id.clone() }
    }

    pub(super) fn part(&self, number: u32, body: Vec<u8>) -> Answer {
        self.part_with(number, body, &[])
    }

    pub(super) fn part_with(&self, number: u32, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
        let wire = self.s3.object(Method::PUT, &self.key).queries(&[("partNumber", &number.to_string())]);
        self.s3.send(wire.query("uploadId", &self.id).headers(headers).unsigned_body(body))
    }

    pub(super) fn etag(&self, number: u32, body: Vec<u8>) -> String {
        self.part(number, body).expect(200).header("etag").to_owned()
    }

    pub(super) fn copy(&self, number: u32, headers: &[(&str, &str)]) -> Answer {
        let source = format!("{}/source", self.s3.bucket);
        let wire = self.s3.object(Method::PUT, &self.key).queries(&[("partNumber", &number.to_string())]);
        let wire = wire.query("uploadId", &self.id).header("x-amz-copy-source", &source);
        self.s3.send(wire.headers(headers).body(""))
    }

    pub(super) fn parts(&self, query: &[(&str, &str)]) -> Answer {
        self.s3.send(self.s3.object(Method::GET, &self.key).query("uploadId", &self.id).queries(query))
    }

    pub(super) fn complete(&self, parts: &[(u32, &str)]) -> Answer {
        self.complete_with(parts, &[])
    }

    /// Completes with the SHA-256 that each part was answered with.
    pub(super) fn complete_of(&self, parts: &[(u32, &Answer)]) -> Answer {
        let parts = parts.iter().map(|(number, part)| {
            let (etag, sum) = (part.header("etag"), part.header(HELLO_SHA256.0));
            format!("<PartNumber>{number}</PartNumber><ETag>{etag}</ETag><ChecksumSHA256>{sum}</ChecksumSHA256>")
        });
        self.complete_as(parts, &[])
    }

    pub(super) fn complete_with(&self, parts: &[(u32, &str)], headers: &[(&str, &str)]) -> Answer {
        let parts = parts.iter().map(|(number, etag)| format!("<PartNumber>{number}</PartNumber><ETag>{etag}</ETag>"));
        self.complete_as(parts, headers)
    }

    pub(super) fn complete_as(&self, parts: impl Iterator<Item = String>, headers: &[(&str, &str)]) -> Answer {
        let parts: String = parts.map(|part| format!("<Part>{part}</Part>")).collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        let wire = self.s3.object(Method::POST, &self.key).query("uploadId", &self.id);
        self.s3.send(wire.headers(headers).body(body))
    }

    pub(super) fn abort(&self) -> Answer {
        self.s3.send(self.s3.object(Method::DELETE, &self.key).query("uploadId", &self.id))
    }
}

/// An object of a large and a small part.
pub(super) fn two_parts(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let (one, two) = (upload.etag(1, vec![1; 5 * MIB]), upload.etag(4, vec![2; 3]));
    upload.complete(&[(1, &one), (4, &two)]).expect(200);
}

fn parts_become_one_object(s3: &S3) {
    let upload = Upload::begin(s3, "a b/v.mp4");
    // Out of order, and with gaps in the numbers.
    let last = upload.etag(9, b"the end".to_vec());
    let first = upload.etag(2, vec![1; 5 * MIB]);
    let middle = upload.etag(5, vec![2; 6 * MIB]);
    upload.etag(7, vec![3; 100_000]);
    let answer = upload.complete(&[(2, &first), (5, &middle), (9, &last)]).expect(200);
    // MD5 of the three MD5s. Source: worked out with another program.
    assert_eq!(answer.element("ETag").unwrap(), "\"ffca6eba47ad4a08ea5336148a9aa3d0-3\"");
    assert_eq!(answer.element("Key").unwrap(), "a b/v.mp4");
    let body = [vec![1; 5 * MIB], vec![2; 6 * MIB], b"the end".to_vec()].concat();
    assert!(s3.get("a b/v.mp4").expect(200).body == body);
}

fn nothing_is_there_before_complete(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    upload.etag(1, b"x".to_vec());
    s3.get("a").refused(404, "NoSuchKey");
    assert!(s3.list(&[]).expect(200).keys().is_empty());
}

fn what_create_declared_comes_back(s3: &S3) {
    let declared = [("content-type", "video/mp4"), ("x-amz-meta-a", "1"), ("content-disposition", "inline")];
    let upload = Upload::begin_with(s3, "a", &declared);
    let etag = upload.etag(1, b"x".to_vec());
    upload.complete(&[(1, &etag)]).expect(200);
    let head = s3.head("a").expect(200);
    for (name, value) in declared {
        assert_eq!(head.header(name), value);
    }
}

fn a_part_answers_its_md5(s3: &S3) {
    assert_eq!(Upload::begin(s3, "a").etag(1, b"hello".to_vec()), "\"5d41402abc4b2a76b9719d911017c592\"");
}

fn a_part_sent_again_replaces_the_first(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let (old, new) = (upload.etag(1, b"old".to_vec()), upload.etag(1, b"new".to_vec()));
    upload.complete(&[(1, &old)]).refused(400, "InvalidPart");
    upload.complete(&[(1, &new)]).expect(200);
    assert_eq!(s3.get("a").expect(200).body, "new");
}

fn a_range_goes_over_the_seam_of_parts(s3: &S3) {
    two_parts(s3);
    let answer = s3.send(s3.object(Method::GET, "a").header("range", "bytes=5242879-5242880")).expect(206);
    assert_eq!(answer.body, [1_u8, 2].as_slice());
}

fn numbered(s3: &S3, method: Method, number: &str) -> Answer {
    two_parts(s3);
    s3.send(s3.object(method, "a").query("partNumber", number))
}

fn a_part_is_read_by_its_number(s3: &S3) {
    let answer = numbered(s3, Method::GET, "2").expect(206);
    assert_eq!(answer.body, [2_u8; 3].as_slice());
    assert_eq!(answer.header("x-amz-mp-parts-count"), "2");
    assert_eq!(answer.header("content-range"), "bytes 5242880-5242882/5242883");
}

fn a_part_is_described_by_its_number(s3: &S3) {
    let answer = numbered(s3, Method::HEAD, "1").expect(206);
    assert_eq!((answer.header("content-length"), answer.header("x-amz-mp-parts-count")), ("5242880", "2"));
}

fn a_part_behind_the_last_is_refused(s3: &S3) {
    numbered(s3, Method::GET, "3").refused(416, "InvalidPartNumber");
}

fn part_number_10000_is_the_last(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(10_000, b"x".to_vec());
    upload.complete(&[(10_000, &etag)]).expect(200);
}

fn part_number_10001_is_refused(s3: &S3) {
    Upload::begin(s3, "a").part(10_001, b"x".to_vec()).refused(400, "InvalidArgument");
}

fn part_number_0_is_refused(s3: &S3) {
    Upload::begin(s3, "a").part(0, b"x".to_vec()).refused(400, "InvalidArgument");
}

fn a_part_without_its_digest_is_refused(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let md5 = ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==");
    upload.part_with(1, b"hellO".to_vec(), &[md5]).refused(400, "BadDigest");
    assert!(upload.parts(&[]).expect(200).elements("PartNumber").is_empty());
    upload.part_with(1, b"hello".to_vec(), &[md5]).expect(200);
}

fn is_gone(upload: &Upload<'_>, etag: &str) {
    upload.part(1, b"x".to_vec()).refused(404, "NoSuchUpload");
    upload.parts(&[]).refused(404, "NoSuchUpload");
    upload.complete(&[(1, etag)]).refused(404, "NoSuchUpload");
    upload.abort().refused(404, "NoSuchUpload");
}

fn a_completed_upload_is_gone(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"x".to_vec());
    upload.complete(&[(1, &etag)]).expect(200);
    upload.parts(&[]).refused(404, "NoSuchUpload");
    upload.part(2, b"x".to_vec()).refused(404, "NoSuchUpload");
}

fn an_aborted_upload_is_gone(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"x".to_vec());
    upload.abort().expect(204);
    is_gone(&upload, &etag);
    s3.get("a").refused(404, "NoSuchKey");
}

fn an_upload_that_never_was_is_not_found(s3: &S3) {
    is_gone(&Upload { s3, key: "a".to_owned(), id: "nonsense".to_owned() }, WRONG);
}

fn an_upload_belongs_to_its_key(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"x".to_vec());
    is_gone(&upload.elsewhere(s3, "b"), &etag);
    assert_eq!(upload.parts(&[]).expect(200).elements("PartNumber"), ["1"]);
}

fn an_upload_belongs_to_its_bucket(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"x".to_vec());
    is_gone(&upload.elsewhere(&s3.beside(), "a"), &etag);
    assert_eq!(upload.parts(&[]).expect(200).elements("PartNumber"), ["1"]);
}

fn the_whole_has_a_checksum_of_all_bytes(s3: &S3) {
    two_parts(s3);
    let answer = s3.send(s3.object(Method::HEAD, "a").header("x-amz-checksum-mode", "ENABLED")).expect(200);
    assert_eq!(answer.header("x-amz-checksum-type"), "FULL_OBJECT");
    let whole = s3.put("whole", [vec![1; 5 * MIB], vec![2; 3]].concat()).expect(200);
    assert_eq!(whole.header("x-amz-checksum-crc64nvme"), answer.header("x-amz-checksum-crc64nvme"));
}

fn a_declared_algorithm_gives_a_composite_checksum(s3: &S3) {
    let upload = Upload::begin_with(s3, "a", &[("x-amz-checksum-algorithm", "SHA256")]);
    let part = upload.part_with(1, b"hello".to_vec(), &[HELLO_SHA256]).expect(200);
    assert_eq!(part.header(HELLO_SHA256.0), HELLO_SHA256.1);
    let answer = upload.complete_of(&[(1, &part)]).expect(200);
    assert_eq!(answer.element("ChecksumType").unwrap(), "COMPOSITE");
    // SHA-256 of SHA-256 of "hello".
    assert_eq!(answer.element("ChecksumSHA256").unwrap(), "lZXJ35AHUUjrBoYDZd8zWEt1v/eCpRDGzUiDpBmDPVA=-1");
}

fn a_part_with_another_algorithm_is_refused(s3: &S3) {
    let upload = Upload::begin_with(s3, "a", &[("x-amz-checksum-algorithm", "CRC32")]);
    let other = ("x-amz-checksum-crc64nvme", "M3eFcAZSQlc=");
    upload.part_with(1, b"hello".to_vec(), &[other]).refused(400, "InvalidRequest");
}

fn a_part_of_a_composite_upload_needs_its_checksum(s3: &S3) {
    let upload = Upload::begin_with(s3, "a", &[("x-amz-checksum-algorithm", "SHA256")]);
    upload.part(1, b"hello".to_vec()).refused(400, "InvalidRequest");
}

fn an_object_is_as_old_as_its_upload(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let listed = s3.send(s3.bucket(Method::GET).query("uploads", "")).expect(200);
    let etag = upload.etag(1, vec![1; 5 * MIB]);
    upload.complete(&[(1, &etag)]).expect(200);
    assert_eq!(s3.list(&[]).expect(200).element("LastModified"), Some(listed.element("Initiated").unwrap()));
}

fn an_object_of_one_empty_part_is_an_object(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, Vec::new());
    upload.complete(&[(1, &etag)]).expect(200);
    assert_eq!(s3.get("a").expect(200).header("content-length"), "0");
    let part = s3.send(s3.object(Method::HEAD, "a").query("partNumber", "1"));
    assert!(part.status.is_success() && part.header("x-amz-mp-parts-count") == "1", "{}", part.status);
}

fn a_copy_of_a_multipart_object_is_put_at_once(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"hello".to_vec());
    upload.complete(&[(1, &etag)]).expect(200);
    assert_ne!(s3.etag("a"), etag);
    let source = format!("{}/a", s3.bucket);
    s3.send(s3.object(Method::PUT, "b").header("x-amz-copy-source", &source).body("")).expect(200);
    assert_eq!(s3.etag("b"), etag);
}

fn a_part_is_copied_from_a_range(s3: &S3) {
    let source: Vec<u8> = (0..6 * MIB).map(|at| at.to_le_bytes()[0]).collect();
    s3.with("source", source.clone());
    let upload = Upload::begin(s3, "a");
    let one = upload.copy(1, &[("x-amz-copy-source-range", "bytes=1-5242880")]).expect(200).element("ETag").unwrap();
    let two = upload.copy(2, &[("x-amz-copy-source-range", "bytes=10-14")]).expect(200).element("ETag").unwrap();
    upload.complete(&[(1, &one), (2, &two)]).expect(200);
    assert!(s3.get("a").expect(200).body == [&source[1..=5_242_880], &source[10..15]].concat());
}

fn a_part_is_copied_from_a_whole(s3: &S3) {
    s3.with("source", "hello");
    let upload = Upload::begin(s3, "a");
    let answer = upload.copy(1, &[]).expect(200);
    assert!(answer.element("LastModified").is_some());
    upload.complete(&[(1, &answer.element("ETag").unwrap())]).expect(200);
    assert_eq!(s3.get("a").expect(200).body, "hello");
}

fn a_range_to_copy_must_lie_in_the_source(s3: &S3) {
    s3.with("source", vec![7; 6 * MIB]);
    let range = ("x-amz-copy-source-range", "bytes=0-99999999");
    Upload::begin(s3, "a").copy(1, &[range]).refused(400, "InvalidArgument");
}

fn a_range_to_copy_names_both_ends(s3: &S3) {
    s3.with("source", vec![7; 6 * MIB]);
    let upload = Upload::begin(s3, "a");
    for range in ["bytes=-5", "bytes=5-", "0-5"] {
        upload.copy(1, &[("x-amz-copy-source-range", range)]).refused(400, "InvalidArgument");
    }
}

fn a_part_is_copied_on_a_condition(s3: &S3) {
    let etag = s3.with("source", "hello").etag("source");
    let upload = Upload::begin(s3, "a");
    upload.copy(1, &[("x-amz-copy-source-if-match", WRONG)]).refused(412, "PreconditionFailed");
    upload.copy(1, &[("x-amz-copy-source-if-match", &etag)]).expect(200);
}

fn composite(s3: &S3) {
    let upload = Upload::begin_with(s3, "a", &[("x-amz-checksum-algorithm", "SHA256")]);
    let part = upload.part_with(1, b"hello".to_vec(), &[HELLO_SHA256]).expect(200);
    upload.complete_of(&[(1, &part)]).expect(200);
}

fn a_part_of_a_composite_object_says_so(s3: &S3) {
    composite(s3);
    let wire = s3.object(Method::GET, "a").query("partNumber", "1").header("x-amz-checksum-mode", "ENABLED");
    let answer = s3.send(wire).expect(206);
    assert_eq!(answer.header(HELLO_SHA256.0), HELLO_SHA256.1);
    assert_eq!(answer.header("x-amz-checksum-type"), "COMPOSITE");
}

fn attributes_leave_the_number_of_parts_out_of_a_checksum(s3: &S3) {
    composite(s3);
    let wire = s3.object(Method::GET, "a").query("attributes", "").header("x-amz-object-attributes", "Checksum");
    let answer = s3.send(wire).expect(200);
    // SHA-256 of SHA-256 of "hello".
    assert_eq!(answer.element("ChecksumSHA256").unwrap(), "lZXJ35AHUUjrBoYDZd8zWEt1v/eCpRDGzUiDpBmDPVA=");
    assert_eq!(answer.element("ChecksumType").unwrap(), "COMPOSITE");
}

fn attributes_name_the_parts(s3: &S3) {
    let upload = Upload::begin_with(s3, "a", &[("x-amz-checksum-algorithm", "SHA256")]);
    let large = vec![1; 5 * MIB];
    let sum = BASE64.encode(Sha256::digest(&large));
    let one = upload.part_with(1, large, &[(HELLO_SHA256.0, &sum)]).expect(200);
    let two = upload.part_with(2, b"hello".to_vec(), &[HELLO_SHA256]).expect(200);
    upload.complete_of(&[(1, &one), (2, &two)]).expect(200);
    let wire = s3.object(Method::GET, "a").query("attributes", "").header("x-amz-object-attributes", "ObjectParts");
    let answer = s3.send(wire.clone()).expect(200);
    assert_eq!(answer.element("PartsCount").as_deref(), Some("2"));
    assert_eq!(answer.elements("Size"), ["5242880", "5"]);
    assert_eq!(answer.elements("ChecksumSHA256")[1], two.header("x-amz-checksum-sha256"));
    let page = s3.send(wire.header("x-amz-max-parts", "1").header("x-amz-part-number-marker", "1")).expect(200);
    assert_eq!((page.elements("PartNumber"), page.element("IsTruncated").unwrap()), (vec!["2".into()], "false".into()));
}
