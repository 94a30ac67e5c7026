//! Multipart uploads.

use http::Method;

use crate::support::{Answer, OTHER_BUCKET, Site, Wire};

const MIB: usize = 1024 * 1024;

struct Upload<'s> {
    site: &'s Site,
    key: String,
    id: String,
}

impl<'s> Upload<'s> {
    async fn begin(site: &'s Site, key: &str, headers: &[(&str, &str)]) -> Self {
        let mut wire = Wire::new(Method::POST, key).query("uploads", "");
        for (name, value) in headers {
            wire = wire.header(name, value);
        }
        let id = site.send(wire.build()).await.expect(200).element("UploadId").unwrap();
        Self { site, key: key.to_owned(), id }
    }

    async fn part(&self, number: u32, body: Vec<u8>) -> Answer {
        let wire = Wire::new(Method::PUT, &self.key)
            .query("partNumber", &number.to_string())
            .query("uploadId", &self.id)
            .sign_with(|signing| signing.payload = Some("UNSIGNED-PAYLOAD".to_owned()));
        self.site.send(wire.body(body).build()).await
    }

    async fn etag(&self, number: u32, body: Vec<u8>) -> String {
        self.part(number, body).await.expect(200).header("etag").to_owned()
    }

    async fn parts(&self, query: &[(&str, &str)]) -> Answer {
        let mut wire = Wire::new(Method::GET, &self.key).query("uploadId", &self.id);
        for (name, value) in query {
            wire = wire.query(name, value);
        }
        self.site.send(wire.build()).await
    }

    async fn complete(&self, parts: &[(u32, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut body = "<CompleteMultipartUpload>".to_owned();
        for (number, etag) in parts {
            body.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
        }
        body.push_str("</CompleteMultipartUpload>");
        let mut wire = Wire::new(Method::POST, &self.key).query("uploadId", &self.id);
        for (name, value) in headers {
            wire = wire.header(name, value);
        }
        self.site.send(wire.body(body).build()).await
    }

    async fn abort(&self) -> Answer {
        let wire = Wire::new(Method::DELETE, &self.key).query("uploadId", &self.id);
        self.site.send(wire.build()).await
    }
}

#[tokio::test]
async fn parts_become_one_object() {
    let site = Site::new().await;
    let headers = [("content-type", "video/mp4"), ("x-amz-meta-a", "1")];
    let upload = Upload::begin(&site, "a b/v.mp4", &headers).await;
    // Out of order, with gaps in the numbers, one of them sent twice.
    let last = upload.etag(9, b"the end".to_vec()).await;
    upload.etag(2, vec![0; 10]).await;
    let first = upload.etag(2, vec![1; 5 * MIB]).await;
    let middle = upload.etag(5, vec![2; 6 * MIB]).await;
    upload.etag(7, vec![3; 100_000]).await;
    site.get("a b/v.mp4").await.refused(404, "NoSuchKey");
    let parts = [(2, first.as_str()), (5, &middle), (9, &last)];
    let answer = upload.complete(&parts, &[]).await.expect(200);
    // MD5 of the three MD5s. Source: worked out with another program.
    assert_eq!(answer.element("ETag").unwrap(), "\"ffca6eba47ad4a08ea5336148a9aa3d0-3\"");
    let body = [vec![1; 5 * MIB], vec![2; 6 * MIB], b"the end".to_vec()].concat();
    let wire = Wire::new(Method::GET, "a b/v.mp4").header("x-amz-checksum-mode", "ENABLED");
    let answer = site.send(wire.build()).await.expect(200);
    assert!(answer.body == body);
    assert_eq!(answer.header("content-type"), "video/mp4");
    assert_eq!(answer.header("x-amz-checksum-type"), "FULL_OBJECT");
    let combined = answer.header("x-amz-checksum-crc64nvme").to_owned();
    let whole = site.put("whole", body.clone()).await.expect(200);
    assert_eq!(whole.header("x-amz-checksum-crc64nvme"), combined);
    // A range over the seam of two parts.
    let wire = Wire::new(Method::GET, "a b/v.mp4").header("range", "bytes=5242879-5242880");
    assert_eq!(site.send(wire.build()).await.expect(206).body, [1_u8, 2].as_slice());
    // Parts that were not named are gone with the upload; the whole has a file of its own.
    assert_eq!(site.byte_files().len(), 3);
    upload.parts(&[]).await.refused(404, "NoSuchUpload");
}

#[tokio::test]
async fn a_part_of_an_object_is_read_by_its_number() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[]).await;
    let one = upload.etag(1, vec![1; 5 * MIB]).await;
    let two = upload.etag(4, vec![2; 3]).await;
    upload.complete(&[(1, &one), (4, &two)], &[]).await.expect(200);
    let read = |number: &str| Wire::new(Method::GET, "a").query("partNumber", number).build();
    let answer = site.send(read("2")).await.expect(206);
    assert_eq!(answer.body, [2_u8; 3].as_slice());
    assert_eq!(answer.header("x-amz-mp-parts-count"), "2");
    assert_eq!(answer.header("content-range"), "bytes 5242880-5242882/5242883");
    site.send(read("3")).await.refused(416, "InvalidPartNumber");
    let wire = Wire::new(Method::HEAD, "a").query("partNumber", "1");
    assert_eq!(site.send(wire.build()).await.expect(206).header("content-length"), "5242880");
}

#[tokio::test]
async fn parts_are_listed_in_order_and_by_page() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[]).await;
    for number in [10, 9, 1, 10_000, 2] {
        upload.etag(number, vec![0; 3]).await;
    }
    let listed = upload.parts(&[]).await.expect(200);
    assert_eq!(listed.elements("PartNumber"), ["1", "2", "9", "10", "10000"]);
    assert_eq!(listed.elements("Size"), ["3"; 5]);
    assert_eq!(listed.element("IsTruncated").unwrap(), "false");
    let page = upload.parts(&[("max-parts", "2"), ("part-number-marker", "1")]).await.expect(200);
    assert_eq!(page.elements("PartNumber"), ["2", "9"]);
    assert_eq!(page.element("IsTruncated").unwrap(), "true");
    assert_eq!(page.element("NextPartNumberMarker").unwrap(), "9");
}

#[tokio::test]
async fn open_uploads_are_listed_by_key_and_by_page() {
    let site = Site::new().await;
    let mut ids = Vec::new();
    for key in ["b", "a/1", "a/2", "b", "c\u{1}"] {
        ids.push(Upload::begin(&site, key, &[]).await.id);
    }
    let list = |query: &[(&str, &str)]| {
        let mut wire = Wire::bucket(Method::GET).query("uploads", "");
        for (name, value) in query {
            wire = wire.query(name, value);
        }
        site.send(wire.build())
    };
    let listed = list(&[]).await.expect(200);
    assert_eq!(listed.keys(), ["a/1", "a/2", "b", "b", "c&#x1;"]);
    let folded = list(&[("delimiter", "/")]).await.expect(200);
    assert_eq!(folded.keys(), ["b", "b", "c&#x1;"]);
    assert!(folded.text().contains("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"));
    assert_eq!(list(&[("prefix", "a/")]).await.expect(200).keys(), ["a/1", "a/2"]);
    let mut found = Vec::new();
    let (mut key, mut upload) = (String::new(), String::new());
    loop {
        let query = [("max-uploads", "1"), ("key-marker", &key), ("upload-id-marker", &upload)];
        let page = list(&query).await.expect(200);
        found.extend(page.elements("UploadId"));
        if page.element("IsTruncated").unwrap() == "false" {
            break;
        }
        key = page.element("NextKeyMarker").unwrap().replace("&#x1;", "\u{1}");
        upload = page.element("NextUploadIdMarker").unwrap();
    }
    assert_eq!(found, listed.elements("UploadId"));
}

#[tokio::test]
async fn an_upload_belongs_to_its_bucket_and_key() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[]).await;
    let etag = upload.etag(1, b"x".to_vec()).await;
    let elsewhere = Upload { site: &site, key: "b".to_owned(), id: upload.id.clone() };
    elsewhere.part(1, b"x".to_vec()).await.refused(404, "NoSuchUpload");
    elsewhere.parts(&[]).await.refused(404, "NoSuchUpload");
    elsewhere.complete(&[(1, &etag)], &[]).await.refused(404, "NoSuchUpload");
    elsewhere.abort().await.refused(404, "NoSuchUpload");
    let mut wire = Wire::new(Method::GET, "a").query("uploadId", &upload.id);
    wire.path = format!("/{OTHER_BUCKET}/a");
    site.send(wire.build()).await.refused(404, "NoSuchUpload");
    upload.parts(&[]).await.expect(200);
}

#[tokio::test]
async fn an_aborted_upload_is_gone_with_its_bytes() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[]).await;
    let etag = upload.etag(1, vec![1; 100_000]).await;
    assert_eq!(site.byte_files().len(), 1);
    upload.abort().await.expect(204);
    assert!(site.byte_files().is_empty());
    upload.part(2, b"x".to_vec()).await.refused(404, "NoSuchUpload");
    upload.complete(&[(1, &etag)], &[]).await.refused(404, "NoSuchUpload");
    upload.abort().await.refused(404, "NoSuchUpload");
}

#[tokio::test]
async fn part_numbers_run_from_1_to_10000() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[]).await;
    upload.part(10_000, b"x".to_vec()).await.expect(200);
    upload.part(10_001, b"x".to_vec()).await.refused(400, "InvalidArgument");
    upload.part(0, b"x".to_vec()).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn complete_refuses_what_does_not_fit() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[]).await;
    let small = upload.etag(1, vec![1; 100]).await;
    let large = upload.etag(2, vec![2; 5 * MIB]).await;
    let last = upload.etag(3, vec![3; 1]).await;
    let wrong = "\"00000000000000000000000000000000\"";
    upload.complete(&[], &[]).await.refused(400, "MalformedXML");
    upload.complete(&[(3, &last), (2, &large)], &[]).await.refused(400, "InvalidPartOrder");
    upload.complete(&[(2, &large), (2, &large)], &[]).await.refused(400, "InvalidPartOrder");
    upload.complete(&[(2, wrong), (3, &last)], &[]).await.refused(400, "InvalidPart");
    upload.complete(&[(2, &large), (4, &last)], &[]).await.refused(400, "InvalidPart");
    upload.complete(&[(1, &small), (2, &large)], &[]).await.refused(400, "EntityTooSmall");
    let parts = [(2, large.as_str()), (3, last.as_str())];
    upload.complete(&parts, &[("x-amz-mp-object-size", "5")]).await.refused(400, "InvalidRequest");
    upload.complete(&parts, &[("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")]).await.refused(400, "BadDigest");
    site.get("a").await.refused(404, "NoSuchKey");
    upload.complete(&parts, &[("x-amz-mp-object-size", "5242881")]).await.expect(200);
}

#[tokio::test]
async fn complete_keeps_to_its_condition() {
    let site = Site::new().await;
    site.with("a", "there").await;
    let upload = Upload::begin(&site, "a", &[]).await;
    let etag = upload.etag(1, b"new".to_vec()).await;
    let parts = [(1, etag.as_str())];
    let free = [("if-none-match", "*")];
    upload.complete(&parts, &free).await.refused(412, "PreconditionFailed");
    assert_eq!(site.get("a").await.body, "there");
    upload.complete(&parts, &[("if-match", "\"0\"")]).await.refused(412, "PreconditionFailed");
    let current = site.head("a").await.header("etag").to_owned();
    upload.complete(&parts, &[("if-match", &current)]).await.expect(200);
    assert_eq!(site.get("a").await.body, "new");
}

#[tokio::test]
async fn complete_repeated_answers_the_same() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[]).await;
    let etag = upload.etag(1, b"x".to_vec()).await;
    let first = upload.complete(&[(1, &etag)], &[]).await.expect(200);
    let again = upload.complete(&[(1, &etag)], &[]).await.expect(200);
    assert_eq!(first.element("ETag"), again.element("ETag"));
    let other = "\"00000000000000000000000000000000\"";
    upload.complete(&[(1, other)], &[]).await.refused(404, "NoSuchUpload");
}

#[tokio::test]
async fn a_declared_algorithm_gives_a_composite_checksum() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[("x-amz-checksum-algorithm", "SHA256")]).await;
    let part = upload.part(1, b"hello".to_vec()).await.expect(200);
    assert!(part.has("x-amz-checksum-sha256"));
    let etag = part.header("etag").to_owned();
    let answer = upload.complete(&[(1, &etag)], &[]).await.expect(200);
    assert_eq!(answer.element("ChecksumType").unwrap(), "COMPOSITE");
    // SHA-256 of SHA-256 of "hello".
    assert_eq!(answer.element("ChecksumSHA256").unwrap(), "lZXJ35AHUUjrBoYDZd8zWEt1v/eCpRDGzUiDpBmDPVA=-1");
}

#[tokio::test]
async fn a_part_with_another_algorithm_than_the_uploads_is_refused() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[("x-amz-checksum-algorithm", "CRC32")]).await;
    let wire = Wire::new(Method::PUT, "a")
        .query("partNumber", "1")
        .query("uploadId", &upload.id)
        .header("x-amz-checksum-crc64nvme", "M3eFcAZSQlc=");
    site.send(wire.body("hello").build()).await.refused(400, "InvalidRequest");
}

#[tokio::test]
async fn a_part_with_a_wrong_digest_is_refused() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[]).await;
    let wire = Wire::new(Method::PUT, "a")
        .query("partNumber", "1")
        .query("uploadId", &upload.id)
        .header("x-amz-checksum-crc64nvme", "M3eFcAZSQlc=");
    site.send(wire.body("hellO").build()).await.refused(400, "BadDigest");
    assert!(upload.parts(&[]).await.elements("PartNumber").is_empty());
}

#[tokio::test]
async fn a_part_is_copied_from_a_range_of_an_object() {
    let site = Site::new().await;
    site.with("source", vec![7; 6 * MIB]).await;
    let upload = Upload::begin(&site, "a", &[]).await;
    let copy = |number: &str, range: &str| {
        let wire = Wire::new(Method::PUT, "a")
            .query("partNumber", number)
            .query("uploadId", &upload.id)
            .header("x-amz-copy-source", "data/source")
            .header("x-amz-copy-source-range", range);
        site.send(wire.body("").build())
    };
    let one = copy("1", "bytes=0-5242879").await.expect(200).element("ETag").unwrap();
    let two = copy("2", "bytes=10-14").await.expect(200).element("ETag").unwrap();
    copy("3", "bytes=0-99999999").await.refused(400, "InvalidArgument");
    copy("3", "bytes=-5").await.refused(400, "InvalidArgument");
    upload.complete(&[(1, &one), (2, &two)], &[]).await.expect(200);
    assert_eq!(site.head("a").await.header("content-length"), "5242885");
}

#[tokio::test]
async fn a_copy_of_a_multipart_object_has_the_etag_of_its_bytes() {
    let site = Site::new().await;
    let upload = Upload::begin(&site, "a", &[]).await;
    let etag = upload.etag(1, b"hello".to_vec()).await;
    upload.complete(&[(1, &etag)], &[]).await.expect(200);
    let wire = Wire::new(Method::PUT, "b").header("x-amz-copy-source", "data/a");
    site.send(wire.body("").build()).await.expect(200);
    assert_eq!(site.head("b").await.header("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    assert_eq!(site.get("b").await.body, "hello");
}

#[tokio::test]
async fn the_lifecycle_aborts_uploads_in_their_time() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let site = Site::new().await;
    let due = Upload::begin(&site, "tmp/a", &[]).await;
    due.etag(1, vec![1; 100_000]).await;
    let other = Upload::begin(&site, "kept/a", &[]).await;
    let rule = |status: &str| {
        let body = format!(
            "<LifecycleConfiguration><Rule><Status>{status}</Status><Filter><Prefix>tmp/</Prefix></Filter>\
             <AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation>\
             </AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>"
        );
        site.send(Wire::bucket(Method::PUT).query("lifecycle", "").body(body).build())
    };
    let now = i64::try_from(crate::support::Time::now().seconds).unwrap() * 1000;
    rule("Disabled").await.expect(200);
    assert_eq!(site.s3.run_lifecycle(now + 9 * DAY_MS).await.unwrap(), 0);
    rule("Enabled").await.expect(200);
    assert_eq!(site.s3.run_lifecycle(now + DAY_MS).await.unwrap(), 0);
    due.parts(&[]).await.expect(200);
    assert_eq!(site.s3.run_lifecycle(now + 4 * DAY_MS).await.unwrap(), 1);
    due.parts(&[]).await.refused(404, "NoSuchUpload");
    assert!(site.byte_files().is_empty());
    other.parts(&[]).await.expect(200);
}
