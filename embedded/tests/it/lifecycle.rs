//! The lifecycle's rule for unfinished uploads, at the time that a test says it is.

use http::Method;

use crate::support::{Answer, Site, Time, Wire};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn begin(site: &Site, key: &str) -> String {
    let wire = Wire::new(Method::POST, key).query("uploads", "");
    site.send(wire.build()).await.expect(200).element("UploadId").unwrap()
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
    let part = Wire::new(Method::PUT, "tmp/a").query("partNumber", "1").query("uploadId", &due);
    site.send(part.body(vec![1; 100_000]).build()).await.expect(200);
    let now = i64::try_from(Time::now().seconds).unwrap() * 1000;
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
