//! CompleteMultipartUpload: what it asks of the parts that it names, and when it is refused.

use super::checks;
use super::endpoint::S3;
use super::multipart::{HELLO_SHA256, MIB, Upload, WRONG, two_parts};

checks! {
    complete_needs_parts: "400 MalformedXML",
    complete_wants_parts_in_order: "400 InvalidPartOrder",
    complete_wants_each_part_once: "400 InvalidPartOrder",
    complete_refuses_another_etag: "400 InvalidPart",
    complete_refuses_a_part_that_was_not_sent: "400 InvalidPart",
    complete_refuses_a_small_part_before_the_last: "400 EntityTooSmall below 5 MiB",
    complete_takes_a_small_last_part: "200",
    complete_takes_etags_with_and_without_quotes: "200",
    complete_checks_the_declared_size: "400 InvalidRequest for another x-amz-mp-object-size",
    complete_checks_the_declared_checksum: "400 BadDigest",
    complete_checks_the_checksum_type: "400 BadDigest for another x-amz-checksum-type than the upload's",
    complete_takes_no_checksum_of_another_algorithm: "400 InvalidRequest for the whole, InvalidPart for a part",
    complete_of_a_composite_upload_names_parts_from_1_on: "400 InvalidPartOrder for a gap",
    a_refused_complete_leaves_the_upload_open: "the same upload can be completed afterwards",
    complete_may_not_overwrite_where_told_so: "412 PreconditionFailed for If-None-Match: *",
    complete_replaces_what_if_match_names: "412 PreconditionFailed for another, 200 for the same",
    complete_repeated_answers_the_same: "200 again, with the same ETag",
    complete_of_a_composite_upload_names_each_checksum: "400 InvalidRequest: it was missing for a part",
}

fn complete_needs_parts(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    upload.etag(1, b"x".to_vec());
    upload.complete(&[]).refused(400, "MalformedXML");
}

fn complete_wants_parts_in_order(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let (one, two) = (upload.etag(1, vec![1; 5 * MIB]), upload.etag(2, vec![2; 5 * MIB]));
    upload.complete(&[(2, &two), (1, &one)]).refused(400, "InvalidPartOrder");
}

fn complete_wants_each_part_once(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let one = upload.etag(1, vec![1; 5 * MIB]);
    upload.complete(&[(1, &one), (1, &one)]).refused(400, "InvalidPartOrder");
}

fn complete_refuses_another_etag(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    upload.etag(1, b"x".to_vec());
    upload.complete(&[(1, WRONG)]).refused(400, "InvalidPart");
}

fn complete_refuses_a_part_that_was_not_sent(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let one = upload.etag(1, vec![1; 5 * MIB]);
    upload.complete(&[(1, &one), (2, &one)]).refused(400, "InvalidPart");
}

fn complete_refuses_a_small_part_before_the_last(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let (small, last) = (upload.etag(1, vec![1; 5 * MIB - 1]), upload.etag(2, b"x".to_vec()));
    upload.complete(&[(1, &small), (2, &last)]).refused(400, "EntityTooSmall");
}

fn complete_takes_a_small_last_part(s3: &S3) {
    two_parts(s3);
    assert_eq!(s3.head("a").expect(200).header("content-length"), "5242883");
}

fn complete_takes_etags_with_and_without_quotes(s3: &S3) {
    for quoted in [true, false] {
        let upload = Upload::begin(s3, "a");
        let etag = upload.etag(1, b"x".to_vec());
        upload.complete(&[(1, if quoted { &etag } else { etag.trim_matches('"') })]).expect(200);
    }
}

fn complete_checks_the_declared_size(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"hello".to_vec());
    upload.complete_with(&[(1, &etag)], &[("x-amz-mp-object-size", "6")]).refused(400, "InvalidRequest");
    upload.complete_with(&[(1, &etag)], &[("x-amz-mp-object-size", "5")]).expect(200);
}

fn complete_checks_the_declared_checksum(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"hello".to_vec());
    let name = "x-amz-checksum-crc64nvme";
    upload.complete_with(&[(1, &etag)], &[(name, "AAAAAAAAAAA=")]).refused(400, "BadDigest");
    upload.complete_with(&[(1, &etag)], &[(name, "M3eFcAZSQlc=")]).expect(200);
}

fn a_refused_complete_leaves_the_upload_open(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"x".to_vec());
    upload.complete(&[(1, WRONG)]).refused(400, "InvalidPart");
    s3.get("a").refused(404, "NoSuchKey");
    assert_eq!(upload.parts(&[]).expect(200).elements("PartNumber"), ["1"]);
    upload.complete(&[(1, &etag)]).expect(200);
}

fn complete_may_not_overwrite_where_told_so(s3: &S3) {
    s3.with("a", "there");
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"new".to_vec());
    upload.complete_with(&[(1, &etag)], &[("if-none-match", "*")]).refused(412, "PreconditionFailed");
    assert_eq!(s3.get("a").expect(200).body, "there");
}

fn complete_replaces_what_if_match_names(s3: &S3) {
    let current = s3.with("a", "there").etag("a");
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"new".to_vec());
    upload.complete_with(&[(1, &etag)], &[("if-match", WRONG)]).refused(412, "PreconditionFailed");
    upload.complete_with(&[(1, &etag)], &[("if-match", &current)]).expect(200);
    assert_eq!(s3.get("a").expect(200).body, "new");
}

fn complete_repeated_answers_the_same(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"x".to_vec());
    let first = upload.complete(&[(1, &etag)]).expect(200);
    let again = upload.complete(&[(1, &etag)]).expect(200);
    assert_eq!(first.element("ETag").unwrap(), again.element("ETag").unwrap());
}

fn complete_of_a_composite_upload_names_each_checksum(s3: &S3) {
    let upload = Upload::begin_with(s3, "a", &[("x-amz-checksum-algorithm", "SHA256")]);
    let part = upload.part_with(1, b"hello".to_vec(), &[HELLO_SHA256]).expect(200);
    upload.complete(&[(1, part.header("etag"))]).refused(400, "InvalidRequest");
    upload.complete_of(&[(1, &part)]).expect(200);
}

fn complete_checks_the_checksum_type(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"hello".to_vec());
    let typed = |kind: &str| upload.complete_with(&[(1, &etag)], &[("x-amz-checksum-type", kind)]);
    typed("COMPOSITE").refused(400, "BadDigest");
    typed("FULL_OBJECT").expect(200);
}

fn complete_takes_no_checksum_of_another_algorithm(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    let etag = upload.etag(1, b"hello".to_vec());
    upload.complete_with(&[(1, &etag)], &[HELLO_SHA256]).refused(400, "InvalidRequest");
    let part =
        format!("<PartNumber>1</PartNumber><ETag>{etag}</ETag><ChecksumSHA256>{}</ChecksumSHA256>", HELLO_SHA256.1);
    upload.complete_as([part].into_iter(), &[]).refused(400, "InvalidPart");
    upload.complete(&[(1, &etag)]).expect(200);
}

fn complete_of_a_composite_upload_names_parts_from_1_on(s3: &S3) {
    let upload = Upload::begin_with(s3, "a", &[("x-amz-checksum-algorithm", "SHA256")]);
    let part = |number| upload.part_with(number, b"hello".to_vec(), &[HELLO_SHA256]).expect(200);
    let (one, two) = (part(1), part(2));
    upload.complete_of(&[(2, &two)]).refused(400, "InvalidPartOrder");
    upload.complete_of(&[(1, &one)]).expect(200);
}
