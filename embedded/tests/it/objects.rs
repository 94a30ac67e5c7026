//! Objects: put, read, described, digested, deleted, copied.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderValue, Method};

use crate::support::{BUCKET, Site, Wire};

/// MD5 of "hello".
const HELLO_MD5: &str = "5d41402abc4b2a76b9719d911017c592";
/// CRC64NVME of "hello", base64. Source: worked out with two independent programs.
const HELLO_CRC64: &str = "M3eFcAZSQlc=";

#[tokio::test]
async fn a_put_answers_its_etag_and_checksum() {
    let site = Site::new().await;
    let answer = site.put("a", "hello").await.expect(200);
    assert_eq!(answer.header("etag"), format!("\"{HELLO_MD5}\""));
    assert_eq!(answer.header("x-amz-checksum-crc64nvme"), HELLO_CRC64);
    assert_eq!(answer.header("x-amz-checksum-type"), "FULL_OBJECT");
    assert!(answer.has("x-amz-request-id"));
}

#[tokio::test]
async fn what_was_stored_with_an_object_comes_back() {
    let site = Site::new().await;
    let stored = [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-disposition", "attachment; filename*=UTF-8''caf%C3%A9.txt"),
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("cache-control", "no-store"),
        ("expires", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("x-amz-meta-origin", "a test"),
        ("x-amz-storage-class", "STANDARD_IA"),
    ];
    let mut wire = Wire::new(Method::PUT, "a").body("hello");
    for (name, value) in stored {
        wire = wire.header(name, value);
    }
    site.send(wire.build()).await.expect(200);
    for answer in [site.get("a").await.expect(200), site.head("a").await.expect(200)] {
        for (name, value) in stored {
            assert_eq!(answer.header(name), value);
        }
        assert_eq!(answer.header("content-length"), "5");
        assert_eq!(answer.header("accept-ranges"), "bytes");
        assert_eq!(answer.header("etag"), format!("\"{HELLO_MD5}\""));
        assert!(answer.has("last-modified"));
        assert!(!answer.has("x-amz-checksum-crc64nvme"), "only on request");
    }
}

#[tokio::test]
async fn an_object_without_a_type_is_an_octet_stream() {
    let site = Site::new().await;
    site.with("a", "x").await;
    assert_eq!(site.head("a").await.header("content-type"), "binary/octet-stream");
}

#[tokio::test]
async fn a_checksum_is_answered_on_request() {
    let site = Site::new().await;
    site.with("a", "hello").await;
    for method in [Method::GET, Method::HEAD] {
        let wire = Wire::new(method, "a").header("x-amz-checksum-mode", "ENABLED");
        let answer = site.send(wire.build()).await.expect(200);
        assert_eq!(answer.header("x-amz-checksum-crc64nvme"), HELLO_CRC64);
    }
}

#[tokio::test]
async fn an_empty_object_is_an_object() {
    let site = Site::new().await;
    site.with("empty", "").await;
    let answer = site.get("empty").await.expect(200);
    assert_eq!(answer.header("content-length"), "0");
    assert!(answer.body.is_empty() && !answer.cut);
    site.send(Wire::new(Method::GET, "empty").header("range", "bytes=0-0").build()).await.refused(416, "InvalidRange");
}

#[tokio::test]
async fn ranges_are_cut_as_asked() {
    let site = Site::new().await;
    site.with("a", "0123456789").await;
    let cases = [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=7-99", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=-99", "0123456789", "bytes 0-9/10"),
    ];
    for (range, body, content_range) in cases {
        let wire = Wire::new(Method::GET, "a").header("range", range);
        let answer = site.send(wire.build()).await.expect(206);
        assert_eq!(answer.text(), body);
        assert_eq!(answer.header("content-range"), content_range);
        assert_eq!(answer.header("content-length"), body.len().to_string());
        let wire = Wire::new(Method::HEAD, "a").header("range", range);
        assert_eq!(site.send(wire.build()).await.expect(206).header("content-range"), content_range);
    }
    for range in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
        let wire = Wire::new(Method::GET, "a").header("range", range);
        site.send(wire.build()).await.refused(416, "InvalidRange");
    }
}

#[tokio::test]
async fn a_range_that_is_none_is_ignored() {
    let site = Site::new().await;
    site.with("a", "0123456789").await;
    for range in ["bytes=5-2", "bytes=x", "lines=1-2", "bytes=0-1,3-4"] {
        let wire = Wire::new(Method::GET, "a")
            .header("range", range)
            .sign_with(|signing| signing.unsigned.push("range".to_owned()));
        assert_eq!(site.send(wire.build()).await.expect(200).text(), "0123456789", "{range}");
    }
}

#[tokio::test]
async fn headers_are_overridden_for_one_answer() {
    let site = Site::new().await;
    site.with("a", "hello").await;
    let overrides = [
        ("response-content-type", "content-type", "text/html"),
        ("response-content-disposition", "content-disposition", "attachment; filename=\"x\""),
        ("response-content-language", "content-language", "fr"),
        ("response-content-encoding", "content-encoding", "identity"),
        ("response-cache-control", "cache-control", "no-cache"),
        ("response-expires", "expires", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ];
    for method in [Method::GET, Method::HEAD] {
        let mut wire = Wire::by_host(method, "a").presigned();
        for (parameter, _, value) in overrides {
            wire = wire.query(parameter, value);
        }
        let answer = site.send(wire.build()).await.expect(200);
        for (_, header, value) in overrides {
            assert_eq!(answer.header(header), value);
            assert_eq!(answer.headers.get_all(header).iter().count(), 1);
        }
    }
}

#[tokio::test]
async fn a_body_without_a_length_is_refused() {
    let site = Site::new().await;
    let stream =
        futures_util::stream::iter([Ok::<_, std::io::Error>(http_body::Frame::data(bytes::Bytes::from_static(b"x")))]);
    let body = embedded::Body::http_body(http_body_util::StreamBody::new(stream));
    let wire = Wire::new(Method::PUT, "a").sign_with(|signing| signing.payload = Some("UNSIGNED-PAYLOAD".to_owned()));
    site.send(wire.build_with(body)).await.refused(411, "MissingContentLength");
}

#[tokio::test]
async fn declared_digests_are_checked() {
    let site = Site::new().await;
    let md5 =
        BASE64.encode([0x5d, 0x41, 0x40, 0x2a, 0xbc, 0x4b, 0x2a, 0x76, 0xb9, 0x71, 0x9d, 0x91, 0x10, 0x17, 0xc5, 0x92]);
    let good = [
        ("content-md5", md5.as_str()),
        ("x-amz-checksum-crc64nvme", HELLO_CRC64),
        ("x-amz-checksum-crc32", "NhCmhg=="),
        ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
        ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        ("x-amz-checksum-crc32c", "mnG7TA=="),
    ];
    for (name, value) in good {
        let wire = Wire::new(Method::PUT, "a").header(name, value);
        let answer = site.send(wire.clone().body("hello").build()).await.expect(200);
        if name != "content-md5" {
            assert_eq!(answer.header(name), value);
        }
        site.send(wire.body("hellO").build()).await.refused(400, "BadDigest");
    }
    assert_eq!(site.get("a").await.body, "hello", "a refused body leaves the object as it was");
    let wire = Wire::new(Method::PUT, "a").header("content-md5", "nonsense");
    site.send(wire.body("hello").build()).await.refused(400, "InvalidDigest");
    let wire = Wire::new(Method::PUT, "a").header("x-amz-checksum-crc32", "nonsense");
    site.send(wire.body("hello").build()).await.refused(400, "InvalidRequest");
    let wire = Wire::new(Method::PUT, "a")
        .header("x-amz-checksum-crc32", "NhCmhg==")
        .header("x-amz-checksum-crc32c", "mnG7TA==");
    site.send(wire.body("hello").build()).await.refused(400, "InvalidRequest");
}

#[tokio::test]
async fn a_body_in_signed_pieces_is_taken_with_its_trailing_checksum() {
    let site = Site::new().await;
    let send = |checksum: &str| {
        let body = format!("5\r\nhello\r\n0\r\nx-amz-checksum-crc64nvme:{checksum}\r\n\r\n");
        let wire = Wire::new(Method::PUT, "a")
            .header("content-encoding", "aws-chunked")
            .header("x-amz-decoded-content-length", "5")
            .header("x-amz-trailer", "x-amz-checksum-crc64nvme")
            .sign_with(|signing| {
                signing.payload = Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned());
            });
        site.send(wire.body(body).build())
    };
    send("AAAAAAAAAAA=").await.refused(400, "BadDigest");
    site.get("a").await.refused(404, "NoSuchKey");
    send(HELLO_CRC64).await.expect(200);
    let answer = site.get("a").await.expect(200);
    assert_eq!(answer.body, "hello");
    assert!(!answer.has("content-encoding"), "aws-chunked is how it travelled");
}

#[tokio::test]
async fn a_large_object_comes_back_from_its_file() {
    let site = Site::new().await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
    site.with("large", body.clone()).await;
    assert_eq!(site.byte_files().len(), 1);
    assert!(site.get("large").await.expect(200).body == body);
    let wire = Wire::new(Method::GET, "large").header("range", "bytes=262140-1000000");
    assert!(site.send(wire.build()).await.expect(206).body == body[262_140..=1_000_000]);
    site.delete("large").await.expect(204);
    assert!(site.byte_files().is_empty(), "its bytes go with it");
}

#[tokio::test]
async fn an_object_being_read_survives_its_deletion() {
    let site = Site::new().await;
    let body = vec![7_u8; 2_000_000];
    site.with("large", body.clone()).await;
    let response = site.s3.call(Wire::new(Method::GET, "large").build()).await;
    site.delete("large").await.expect(204);
    assert_eq!(site.byte_files().len(), 1, "kept for the reader");
    let answer = crate::support::Answer::read(response).await;
    assert!(answer.body == body && !answer.cut);
    assert!(site.byte_files().is_empty(), "gone with the last reader");
}

#[tokio::test]
async fn a_missing_key_and_a_missing_bucket_are_told_apart() {
    let site = Site::new().await;
    site.get("nothing").await.refused(404, "NoSuchKey");
    let head = site.head("nothing").await.expect(404);
    assert!(head.body.is_empty());
    let wire = Wire { path: "/no-such-bucket/x".to_owned(), ..Wire::new(Method::GET, "") };
    site.send(wire.build()).await.refused(404, "NoSuchBucket");
    let wire = Wire { path: "/no-such-bucket/x".to_owned(), ..Wire::new(Method::PUT, "") };
    site.send(wire.body("x").build()).await.refused(404, "NoSuchBucket");
    let wire = Wire { path: "/No_Bucket/x".to_owned(), ..Wire::new(Method::GET, "") };
    site.send(wire.build()).await.refused(400, "InvalidBucketName");
}

#[tokio::test]
async fn deleting_what_is_not_there_is_no_error() {
    let site = Site::new().await;
    site.delete("nothing").await.expect(204);
}

#[tokio::test]
async fn many_keys_are_deleted_at_once() {
    let site = Site::new().await;
    site.with("a", "1").await.with("b&<", "2").await.with("c", "3").await;
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;&lt;</Key></Object>\
                <Object><Key>missing</Key></Object></Delete>";
    let answer = delete_objects(&site, body).await.expect(200);
    assert_eq!(answer.keys(), ["a", "b&amp;&lt;", "missing"]);
    assert_eq!(site.list(&[]).await.keys(), ["c"]);
    let body = "<Delete><Quiet>true</Quiet><Object><Key>c</Key></Object></Delete>";
    assert!(delete_objects(&site, body).await.expect(200).keys().is_empty());
    assert!(site.list(&[]).await.keys().is_empty());
}

async fn delete_objects(site: &Site, body: &'static str) -> crate::support::Answer {
    let wire = Wire::bucket(Method::POST).query("delete", "").body(body);
    site.send(wire.build()).await
}

#[tokio::test]
async fn a_copy_keeps_or_replaces_what_was_stored() {
    let site = Site::new().await;
    let wire = Wire::new(Method::PUT, "a").header("content-type", "text/plain");
    site.send(wire.header("x-amz-meta-x", "1").body("hello").build()).await.expect(200);
    let copy = |key: &str| Wire::new(Method::PUT, key).header("x-amz-copy-source", &format!("/{BUCKET}/a"));
    let answer = site.send(copy("b").body("").build()).await.expect(200);
    assert_eq!(answer.element("ETag").unwrap(), format!("\"{HELLO_MD5}\""));
    let head = site.head("b").await.expect(200);
    assert_eq!((head.header("content-type"), head.header("x-amz-meta-x")), ("text/plain", "1"));
    let replace = copy("c").header("x-amz-metadata-directive", "REPLACE").header("content-type", "text/html");
    site.send(replace.body("").build()).await.expect(200);
    let head = site.head("c").await.expect(200);
    assert_eq!(head.header("content-type"), "text/html");
    assert!(!head.has("x-amz-meta-x"));
    site.send(copy("a").body("").build()).await.refused(400, "InvalidRequest");
    site.delete("a").await.expect(204);
    assert_eq!(site.get("b").await.expect(200).body, "hello");
}

#[tokio::test]
async fn a_copy_shares_bytes_that_stay_until_the_last_is_gone() {
    let site = Site::new().await;
    let body = vec![9_u8; 100_000];
    site.with("a", body.clone()).await;
    let wire = Wire::new(Method::PUT, "b").header("x-amz-copy-source", &format!("{BUCKET}/a"));
    site.send(wire.body("").build()).await.expect(200);
    assert_eq!(site.byte_files().len(), 1);
    site.delete("a").await.expect(204);
    assert!(site.get("b").await.expect(200).body == body);
    site.put("b", "small").await.expect(200);
    assert!(site.byte_files().is_empty());
}

#[tokio::test]
async fn an_acl_that_would_open_an_object_is_refused() {
    let site = Site::new().await;
    let wire = Wire::new(Method::PUT, "a").header("x-amz-acl", "public-read");
    site.send(wire.body("x").build()).await.refused(400, "AccessControlListNotSupported");
}

#[tokio::test]
async fn too_much_metadata_is_refused() {
    let site = Site::new().await;
    let wire = Wire::new(Method::PUT, "a").header("x-amz-meta-long", &"m".repeat(2_049));
    site.send(wire.body("x").build()).await.refused(400, "MetadataTooLarge");
}

#[tokio::test]
async fn a_request_on_a_key_outside_every_operation_is_refused() {
    let site = Site::new().await;
    let wire = Wire::new(Method::GET, "a").query("torrent", "");
    let answer = site.send(wire.build()).await;
    assert_eq!(answer.status, 501, "{}", answer.text());
    let mut request = Wire::new(Method::PATCH, "a").build();
    request.headers_mut().insert("content-length", HeaderValue::from_static("0"));
    let answer = site.send(request).await;
    assert!(answer.status.is_client_error() || answer.status == 501, "{}", answer.text());
}

#[tokio::test]
async fn the_encryption_asked_for_is_answered() {
    let site = Site::new().await;
    assert_eq!(site.put("a", "x").await.header("x-amz-server-side-encryption"), "AES256");
    let wire = Wire::new(Method::PUT, "b")
        .header("x-amz-server-side-encryption", "aws:kms")
        .header("x-amz-server-side-encryption-aws-kms-key-id", "alias/a")
        .body("x");
    site.send(wire.build()).await.expect(200);
    let head = site.head("b").await.expect(200);
    assert_eq!(head.header("x-amz-server-side-encryption"), "aws:kms");
    assert_eq!(head.header("x-amz-server-side-encryption-aws-kms-key-id"), "alias/a");
    let wire = Wire::new(Method::PUT, "c").header("x-amz-server-side-encryption-customer-algorithm", "AES256");
    site.send(wire.body("x").build()).await.refused(501, "NotImplemented");
}

#[test]
fn a_refusal_reaches_the_one_who_is_still_sending() {
    use crate::support::process::{Process, send};
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path(), &[]);
    let refused = [
        process.wire(Method::PUT, "a").sign_with(|signing| signing.secret_key = "wrong".to_owned()),
        process.wire(Method::PUT, "a").query("partNumber", "1").query("uploadId", "none"),
    ];
    for (wire, status) in refused.into_iter().zip([403, 404]) {
        let mut connection = std::net::TcpStream::connect(&process.address).unwrap();
        assert_eq!(send(&mut connection, wire.body(vec![0; 20_000_000])).unwrap(), status);
    }
}
