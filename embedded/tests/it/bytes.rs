//! What lies on the disk: a file of bytes goes with the last one that needs it, and no key becomes a path.

use http::Method;

use crate::support::{Answer, BUCKET, Site, Wire};

const MIB: usize = 1024 * 1024;

async fn begin(site: &Site, key: &str) -> String {
    let wire = Wire::new(Method::POST, key).query("uploads", "");
    site.send(wire.build()).await.expect(200).element("UploadId").unwrap()
}

async fn part(site: &Site, upload: &str, number: &str, body: Vec<u8>) -> String {
    let wire = Wire::new(Method::PUT, "a").query("partNumber", number).query("uploadId", upload);
    site.send(wire.unsigned_body(body).build()).await.expect(200).header("etag").to_owned()
}

#[tokio::test]
async fn a_key_of_dots_never_reaches_the_disk() {
    let site = Site::new().await;
    // The folder above is shared with everybody's temporary files: a name that nobody else uses.
    let escaped = "causeway-key-that-escaped";
    for key in [&format!("../{escaped}"), &format!("../../{escaped}"), &format!("/{escaped}")] {
        site.put(key, vec![1; 100_000]).await.expect(200);
    }
    let mut outside = site.folder().to_owned();
    for _ in 0..3 {
        assert!(!outside.join(escaped).exists(), "{}", outside.display());
        outside.pop();
    }
    assert_eq!(site.byte_files().len(), 3);
}

#[tokio::test]
async fn a_deleted_object_takes_its_bytes_along() {
    let site = Site::new().await;
    site.with("large", vec![1; 3_000_000]).await.with("small", "in the index").await;
    assert_eq!(site.byte_files().len(), 1);
    site.delete("large").await.expect(204);
    assert!(site.byte_files().is_empty());
}

#[tokio::test]
async fn a_replaced_object_leaves_no_bytes_behind() {
    let site = Site::new().await;
    for size in [100_000, 200_000, 300_000] {
        site.with("a", vec![1; size]).await;
        assert_eq!(site.byte_files().len(), 1);
    }
}

#[tokio::test]
async fn an_object_being_read_survives_its_deletion() {
    let site = Site::new().await;
    let body = vec![7_u8; 2_000_000];
    site.with("large", body.clone()).await;
    let response = site.s3.call(Wire::new(Method::GET, "large").build()).await;
    site.delete("large").await.expect(204);
    assert_eq!(site.byte_files().len(), 1, "kept for the reader");
    let answer = Answer::read(response).await;
    assert!(answer.body == body && !answer.cut);
    // Gone with the last reader, who does not wait for it.
    while !site.byte_files().is_empty() {
        tokio::task::yield_now().await;
    }
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
async fn a_copy_onto_itself_keeps_its_own_bytes_and_no_other() {
    for (size, suspended) in [(5, false), (100_000, false), (5, true), (100_000, true)] {
        let site = Site::new().await;
        if suspended {
            let body = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
            site.send(Wire::bucket(Method::PUT).query("versioning", "").body(body).build()).await.expect(200);
        }
        site.with("a", vec![1; size]).await;
        let copy = Wire::new(Method::PUT, "a").header("x-amz-copy-source", &format!("{BUCKET}/a"));
        let copy = copy.header("x-amz-metadata-directive", "REPLACE").header("x-amz-meta-mtime", "1");
        site.send(copy.body("").build()).await.expect(200);
        site.with("b", vec![2; size]).await;
        for (key, byte) in [("a", 1), ("b", 2)] {
            assert!(site.get(key).await.expect(200).body == vec![byte; size], "{key}, {size} bytes");
        }
        assert_eq!(site.byte_files().len(), if size > 32 * 1024 { 2 } else { 0 });
    }
}

#[tokio::test]
async fn versions_keep_their_bytes_until_each_is_deleted() {
    let site = Site::new().await;
    let body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    site.send(Wire::bucket(Method::PUT).query("versioning", "").body(body).build()).await.expect(200);
    let mut versions = Vec::new();
    for byte in 0..3_u8 {
        let answer = site.put("a", vec![byte; 100_000]).await.expect(200);
        versions.push(answer.header("x-amz-version-id").to_owned());
    }
    assert_eq!(site.byte_files().len(), 3);
    for (gone, version) in versions.iter().enumerate() {
        let delete = Wire::new(Method::DELETE, "a").query("versionId", version);
        site.send(delete.build()).await.expect(204);
        assert_eq!(site.byte_files().len(), 2 - gone);
    }
}

#[tokio::test]
async fn an_object_keeps_the_files_of_the_parts_it_is_made_of_and_no_other() {
    let site = Site::new().await;
    let upload = begin(&site, "a").await;
    part(&site, &upload, "2", vec![0; 100_000]).await;
    let first = part(&site, &upload, "2", vec![1; 5 * MIB]).await;
    let last = part(&site, &upload, "5", vec![2; 100_000]).await;
    part(&site, &upload, "7", vec![3; 100_000]).await;
    assert_eq!(site.byte_files().len(), 3, "the part sent again has left nothing");
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>2</PartNumber><ETag>{first}</ETag></Part>\
         <Part><PartNumber>5</PartNumber><ETag>{last}</ETag></Part></CompleteMultipartUpload>"
    );
    let complete = Wire::new(Method::POST, "a").query("uploadId", &upload).body(body);
    site.send(complete.build()).await.expect(200);
    assert_eq!(site.byte_files().len(), 2);
    site.delete("a").await.expect(204);
    assert!(site.byte_files().is_empty());
}

#[tokio::test]
async fn an_aborted_upload_is_gone_with_its_bytes() {
    let site = Site::new().await;
    let upload = begin(&site, "a").await;
    part(&site, &upload, "1", vec![1; 100_000]).await;
    assert_eq!(site.byte_files().len(), 1);
    let abort = Wire::new(Method::DELETE, "a").query("uploadId", &upload);
    site.send(abort.build()).await.expect(204);
    assert!(site.byte_files().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_writers_at_once_the_losers_leave_nothing() {
    let site = Site::new().await;
    let writers: Vec<_> = (0..32_u8)
        .map(|number| {
            let s3 = site.s3.clone();
            let request = Wire::new(Method::PUT, "raced").header("if-none-match", "*").body(vec![number; 100_000]);
            tokio::spawn(async move { s3.call(request.build()).await.status().as_u16() })
        })
        .collect();
    let mut winners = 0;
    for writer in writers {
        winners += usize::from(writer.await.unwrap() == 200);
    }
    assert_eq!((winners, site.byte_files().len()), (1, 1));
}
