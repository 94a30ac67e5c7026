//! The lifecycle's rule for unfinished uploads, at the time that a test says it is.

use http::Method;

use crate::support::{Answer, Site, Time, Wire};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn begin(site: &Site, key: &str) -> String {
    let wire = Wire::new(Method::POST, key).query("uploads", "");
    site.send(wire.build()).await.expect(200).element("UploadId").unwrap()
}

async fn put_part(site: &Site, key: &str, upload: &str, body: Vec<u8>) -> Answer {
    let wire = Wire::new(Method::PUT, key).query("partNumber", "1").query("uploadId", upload);
    site.send(wire.body(body).build()).await.expect(200)
}

async fn complete(site: &Site, key: &str, upload: &str, etag: &str) -> Answer {
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    site.send(Wire::new(Method::POST, key).query("uploadId", upload).body(body).build()).await
}

fn now_ms() -> i64 {
    i64::try_from(Time::now().seconds).unwrap() * 1000
}

async fn parts(site: &Site, key: &str, upload: &str) -> Answer {
    site.send(Wire::new(Method::GET, key).query("uploadId", upload).build()).await
}

async fn rule(site: &Site, status: &str) {
    let body = format!(
        "<LifecycleConfiguration><Rule><Status>{status}</Status><Filter><Prefix>tmp/</Prefix></Filter>\
         <AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation>\
         </AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>"
    );
    let wire = Wire::bucket(Method::PUT).query("lifecycle", "").body(body).with_md5();
    site.send(wire.build()).await.expect(200);
}

#[tokio::test]
async fn the_lifecycle_aborts_uploads_in_their_time() {
    let site = Site::new().await;
    let (due, other) = (begin(&site, "tmp/a").await, begin(&site, "kept/a").await);
    put_part(&site, "tmp/a", &due, vec![1; 100_000]).await;
    let now = now_ms();
    rule(&site, "Disabled").await;
    assert_eq!(site.s3.run_lifecycle(now + 9 * DAY_MS).await.unwrap(), 0);
    rule(&site, "Enabled").await;
    assert_eq!(site.s3.run_lifecycle(now + DAY_MS).await.unwrap(), 0);
    parts(&site, "tmp/a", &due).await.expect(200);
    assert_eq!(site.s3.run_lifecycle(now + 4 * DAY_MS).await.unwrap(), 1);
    parts(&site, "tmp/a", &due).await.refused(404, "NoSuchUpload");
    assert!(site.byte_files().is_empty());
    parts(&site, "kept/a", &other).await.expect(200);
}

#[tokio::test]
async fn a_completions_answer_is_kept_for_a_day_however_old_its_upload() {
    let site = Site::new().await;
    let upload = begin(&site, "a").await;
    let etag = put_part(&site, "a", &upload, b"x".to_vec()).await.header("etag").to_owned();
    let folder = site.stop();
    let index = rusqlite::Connection::open(folder.path().join("index.sqlite")).unwrap();
    index.execute("UPDATE upload SET initiated_ms = initiated_ms - ?1", [9 * DAY_MS]).unwrap();
    drop(index);
    let site = Site::on(folder).await;
    complete(&site, "a", &upload, &etag).await.expect(200);
    site.s3.run_lifecycle(now_ms() + DAY_MS / 2).await.unwrap();
    complete(&site, "a", &upload, &etag).await.expect(200);
    site.s3.run_lifecycle(now_ms() + 2 * DAY_MS).await.unwrap();
    complete(&site, "a", &upload, &etag).await.refused(404, "NoSuchUpload");
}

#[tokio::test]
async fn a_folder_of_the_index_before_is_brought_up() {
    let site = Site::new().await;
    site.with("kept", "x").await;
    let upload = begin(&site, "a").await;
    let etag = put_part(&site, "a", &upload, b"x".to_vec()).await.header("etag").to_owned();
    complete(&site, "a", &upload, &etag).await.expect(200);
    let folder = site.stop();
    let index = rusqlite::Connection::open(folder.path().join("index.sqlite")).unwrap();
    let before = "DROP INDEX version_id; ALTER TABLE upload DROP COLUMN completed_ms; PRAGMA user_version = 1;";
    index.execute_batch(before).unwrap();
    drop(index);
    let site = Site::on(folder).await.restart().await;
    assert_eq!(site.get("kept").await.expect(200).body, "x");
    complete(&site, "a", &upload, &etag).await.expect(200);
    site.put("kept", "y").await.expect(200);
}
