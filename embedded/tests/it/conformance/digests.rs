//! Digests that a request declares are checked, and S3's own are answered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::{Answer, signed_pieces};

/// CRC64NVME of "hello". This and the others: worked out with two independent programs.
const CRC64: &str = "M3eFcAZSQlc=";
/// MD5 of "hello".
const MD5: &str = "XUFAKrxLKna5cZ2REBfFkg==";

checks! {
    a_checksum_is_added_where_none_is_declared: "x-amz-checksum-crc64nvme of type FULL_OBJECT on every PUT",
    a_checksum_is_answered_on_request_alone: "x-amz-checksum-* only with x-amz-checksum-mode: ENABLED",
    a_part_of_the_bytes_has_no_checksum: "no checksum of the whole on a 206",
    content_md5_is_checked: "200 where it fits, 400 BadDigest where it does not",
    content_md5_must_be_one: "400 InvalidDigest",
    crc64nvme_is_checked: "200 and the header back; 400 BadDigest",
    crc32_is_checked: "200 and the header back; 400 BadDigest",
    crc32c_is_checked: "200 and the header back; 400 BadDigest",
    sha1_is_checked: "200 and the header back; 400 BadDigest",
    sha256_is_checked: "200 and the header back; 400 BadDigest",
    a_checksum_must_be_one: "400 InvalidRequest for what is no base64 of its length",
    one_checksum_is_enough: "400 InvalidRequest for two checksum headers",
    the_declared_checksum_is_kept: "the algorithm of the PUT is the one that GET and attributes answer",
    the_signed_digest_is_checked: "400 XAmzContentSHA256Mismatch",
    a_refused_body_changes_nothing: "the object before it stays",
    a_body_in_pieces_is_put_together: "aws-chunked is taken off; Content-Encoding does not keep it",
    a_trailing_checksum_is_checked: "400 BadDigest for a trailer that does not fit",
    a_promised_trailer_must_come: "400 MalformedTrailerError for none, for another one, and for a body that is whole",
    a_trailer_is_a_checksum: "400 InvalidRequest for another name in x-amz-trailer",
    a_named_algorithm_has_its_checksum: "400 InvalidRequest for x-amz-sdk-checksum-algorithm alone",
    a_body_in_signed_pieces_is_taken: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD: each piece is signed",
    a_changed_piece_is_refused: "403 SignatureDoesNotMatch",
    a_delete_with_another_digest_is_refused: "400 BadDigest, nothing deleted",
    a_promised_digest_is_none: "400 MalformedTrailerError for a trailer that does not come, nothing deleted",
    a_delete_needs_its_digest_however_it_is_spelled: "400 InvalidRequest for ?%64elete as for ?delete",
}

fn a_checksum_is_added_where_none_is_declared(s3: &S3) {
    let answer = s3.put("a", "hello").expect(200);
    assert_eq!(answer.header("x-amz-checksum-crc64nvme"), CRC64);
    assert_eq!(answer.header("x-amz-checksum-type"), "FULL_OBJECT");
}

fn with_mode(s3: &S3, method: Method) -> Answer {
    s3.send(s3.object(method, "a").header("x-amz-checksum-mode", "ENABLED"))
}

fn a_checksum_is_answered_on_request_alone(s3: &S3) {
    s3.with("a", "hello");
    assert_eq!(with_mode(s3, Method::GET).expect(200).header("x-amz-checksum-crc64nvme"), CRC64);
    assert_eq!(with_mode(s3, Method::HEAD).expect(200).header("x-amz-checksum-crc64nvme"), CRC64);
    assert!(!s3.get("a").expect(200).has("x-amz-checksum-crc64nvme"));
}

fn a_part_of_the_bytes_has_no_checksum(s3: &S3) {
    s3.put("a", "hello").expect(200).header("x-amz-checksum-crc64nvme");
    let wire = s3.object(Method::GET, "a").header("x-amz-checksum-mode", "ENABLED").header("range", "bytes=1-2");
    assert!(!s3.send(wire).expect(206).has("x-amz-checksum-crc64nvme"));
}

fn content_md5_is_checked(s3: &S3) {
    let wire = s3.object(Method::PUT, "a").header("content-md5", MD5);
    s3.send(wire.clone().body("hello")).expect(200);
    s3.send(wire.body("hellO")).refused(400, "BadDigest");
}

fn content_md5_must_be_one(s3: &S3) {
    let wire = s3.object(Method::PUT, "a").header("content-md5", "nonsense");
    s3.send(wire.body("hello")).refused(400, "InvalidDigest");
}

fn is_checked(s3: &S3, name: &str, value: &str) {
    let wire = s3.object(Method::PUT, "a").header(name, value);
    assert_eq!(s3.send(wire.clone().body("hello")).expect(200).header(name), value);
    assert_eq!(with_mode(s3, Method::GET).expect(200).header(name), value);
    s3.send(wire.body("hellO")).refused(400, "BadDigest");
}

fn crc64nvme_is_checked(s3: &S3) {
    is_checked(s3, "x-amz-checksum-crc64nvme", CRC64);
}

fn crc32_is_checked(s3: &S3) {
    is_checked(s3, "x-amz-checksum-crc32", "NhCmhg==");
}

fn crc32c_is_checked(s3: &S3) {
    is_checked(s3, "x-amz-checksum-crc32c", "mnG7TA==");
}

fn sha1_is_checked(s3: &S3) {
    is_checked(s3, "x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=");
}

fn sha256_is_checked(s3: &S3) {
    is_checked(s3, "x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
}

fn a_checksum_must_be_one(s3: &S3) {
    for value in ["nonsense", "NhCm"] {
        let wire = s3.object(Method::PUT, "a").header("x-amz-checksum-crc32", value);
        s3.send(wire.body("hello")).refused(400, "InvalidRequest");
    }
}

fn one_checksum_is_enough(s3: &S3) {
    let wire = s3
        .object(Method::PUT, "a")
        .header("x-amz-checksum-crc32", "NhCmhg==")
        .header("x-amz-checksum-crc32c", "mnG7TA==");
    s3.send(wire.body("hello")).refused(400, "InvalidRequest");
}

fn the_declared_checksum_is_kept(s3: &S3) {
    s3.send(s3.object(Method::PUT, "a").header("x-amz-checksum-crc32", "NhCmhg==").body("hello")).expect(200);
    let answer = with_mode(s3, Method::GET).expect(200);
    assert_eq!(answer.header("x-amz-checksum-crc32"), "NhCmhg==");
    assert!(!answer.has("x-amz-checksum-crc64nvme"));
    let wire = s3.object(Method::GET, "a").query("attributes", "").header("x-amz-object-attributes", "Checksum");
    assert_eq!(s3.send(wire).expect(200).element("ChecksumCRC32").as_deref(), Some("NhCmhg=="));
}

fn the_signed_digest_is_checked(s3: &S3) {
    let head = s3.object(Method::PUT, "a").body("12345").signed();
    s3.send_as_is(&head, b"54321").refused(400, "XAmzContentSHA256Mismatch");
    s3.get("a").refused(404, "NoSuchKey");
}

fn a_refused_body_changes_nothing(s3: &S3) {
    s3.with("a", "before");
    let wire = s3.object(Method::PUT, "a").header("content-md5", MD5);
    s3.send(wire.body("hellO")).refused(400, "BadDigest");
    assert_eq!(s3.get("a").expect(200).body, "before");
}

/// `hello` in two pieces, with this promised and that behind them.
fn with_trailer(s3: &S3, promised: &str, trailer: &str) -> Answer {
    let body = format!("3\r\nhel\r\n2\r\nlo\r\n0\r\n{trailer}\r\n");
    let wire = s3
        .object(Method::PUT, "a")
        .header("content-encoding", "gzip,aws-chunked")
        .header("x-amz-decoded-content-length", "5")
        .header("x-amz-trailer", promised)
        .sign_with(|signing| signing.payload = Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned()));
    s3.send(wire.body(body))
}

fn in_pieces(s3: &S3, checksum: &str) -> Answer {
    with_trailer(s3, "x-amz-checksum-crc32", &format!("x-amz-checksum-crc32:{checksum}\r\n"))
}

fn a_body_in_pieces_is_put_together(s3: &S3) {
    in_pieces(s3, "NhCmhg==").expect(200);
    let answer = s3.get("a").expect(200);
    assert_eq!(answer.body, "hello");
    assert_eq!(answer.header("content-encoding"), "gzip");
}

fn a_trailing_checksum_is_checked(s3: &S3) {
    in_pieces(s3, "AAAAAA==").refused(400, "BadDigest");
    s3.get("a").refused(404, "NoSuchKey");
}

fn a_promised_trailer_must_come(s3: &S3) {
    with_trailer(s3, "x-amz-checksum-crc32", "").refused(400, "MalformedTrailerError");
    let other = format!("x-amz-checksum-crc64nvme:{CRC64}\r\n");
    with_trailer(s3, "x-amz-checksum-crc32", &other).refused(400, "MalformedTrailerError");
    let wire = s3.object(Method::PUT, "a").header("x-amz-trailer", "x-amz-checksum-crc32");
    s3.send(wire.body("hello")).refused(400, "MalformedTrailerError");
    s3.get("a").refused(404, "NoSuchKey");
    in_pieces(s3, "NhCmhg==").expect(200);
}

fn a_trailer_is_a_checksum(s3: &S3) {
    with_trailer(s3, "x-amz-meta-a", "x-amz-meta-a:1\r\n").refused(400, "InvalidRequest");
    s3.get("a").refused(404, "NoSuchKey");
}

fn a_named_algorithm_has_its_checksum(s3: &S3) {
    let wire = s3.object(Method::PUT, "a").header("x-amz-sdk-checksum-algorithm", "CRC32");
    s3.send(wire.clone().body("hello")).refused(400, "InvalidRequest");
    let other = wire.clone().header("x-amz-checksum-crc64nvme", CRC64);
    s3.send(other.body("hello")).refused(400, "InvalidRequest");
    s3.send(wire.header("x-amz-checksum-crc32", "NhCmhg==").body("hello")).expect(200);
}

fn a_body_in_signed_pieces_is_taken(s3: &S3) {
    let (head, body) = signed_pieces(s3.object(Method::PUT, "a"), &[b"hello, ", b"pieces"]);
    s3.send_as_is(&head, &body).expect(200);
    assert_eq!(s3.get("a").expect(200).body, "hello, pieces");
}

fn a_changed_piece_is_refused(s3: &S3) {
    let (head, mut body) = signed_pieces(s3.object(Method::PUT, "a"), &[b"hello, ", b"pieces"]);
    let at = body.windows(6).position(|window| window == b"pieces").unwrap();
    body[at] = b'P';
    s3.send_as_is(&head, &body).refused(403, "SignatureDoesNotMatch");
    s3.get("a").refused(404, "NoSuchKey");
}

fn a_delete_with_another_digest_is_refused(s3: &S3) {
    s3.with("a", "x");
    let wire = s3.bucket(Method::POST).query("delete", "").header("content-md5", &BASE64.encode([0; 16]));
    s3.send(wire.body("<Delete><Object><Key>a</Key></Object></Delete>")).refused(400, "BadDigest");
    s3.get("a").expect(200);
}

const DELETE: &str = "<Delete><Object><Key>a</Key></Object></Delete>";

fn a_promised_digest_is_none(s3: &S3) {
    s3.with("a", "x");
    let wire = s3.bucket(Method::POST).query("delete", "").header("x-amz-trailer", "x-amz-checksum-sha256");
    s3.send(wire.body(DELETE)).refused(400, "MalformedTrailerError");
    s3.get("a").expect(200);
}

fn a_delete_needs_its_digest_however_it_is_spelled(s3: &S3) {
    s3.with("a", "x");
    // A name is signed as it is, whatever it looks like on the way.
    let mut head = s3.bucket(Method::POST).query("delete", "").body(DELETE).signed();
    *head.uri_mut() = head.uri().to_string().replace("?delete=", "?%64elete=").parse().unwrap();
    s3.send_as_is(&head, DELETE.as_bytes()).refused(400, "InvalidRequest");
    s3.get("a").expect(200);
}
