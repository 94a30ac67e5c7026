//! Every change that the portal makes or signs carries its condition: S3 can only keep what it is asked for.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Method, header};
use domain::access::{BucketName, Grant, List, Read, Write};
use domain::listing::{ContinuationToken, ETag, ListingFilter, ListingPage, ObjectMeta, UploadMark};
use domain::presign::{Disposition, PresignedRequest};
use domain::store::{NewObject, ObjectStore, Overwrite, StoreError, StoredObject, StoredPart};
use domain::units::{ByteSize, PartNumber};
use serde_json::{Value, json};

use crate::support::{TestSite, script};

const MIB: u64 = 1024 * 1024;

/// An S3 that remembers under which condition it was asked to write, and holds every part of every upload.
struct Asked {
    s3: Arc<dyn ObjectStore>,
    conditions: Arc<Mutex<Vec<(&'static str, Overwrite)>>>,
}

impl Asked {
    fn to(&self, call: &'static str, overwrite: &Overwrite) {
        self.conditions.lock().unwrap().push((call, overwrite.clone()));
    }
}

#[async_trait]
impl ObjectStore for Asked {
    async fn list_objects_v2(
        &self,
        grant: &Grant<List>,
        filter: &ListingFilter,
        from: Option<&ContinuationToken>,
        max_keys: u16,
    ) -> Result<ListingPage, StoreError> {
        self.s3.list_objects_v2(grant, filter, from, max_keys).await
    }

    async fn head_object(&self, grant: &Grant<Read>, version_id: Option<&str>) -> Result<ObjectMeta, StoreError> {
        self.s3.head_object(grant, version_id).await
    }

    async fn presign_get(
        &self,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        self.s3.presign_get(grant, version_id, disposition, expires_in_s).await
    }

    async fn presign_head(
        &self,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        self.s3.presign_head(grant, version_id, disposition, expires_in_s).await
    }

    async fn presign_put(
        &self,
        grant: &Grant<Write>,
        object: &NewObject,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        self.to("put", &object.overwrite);
        self.s3.presign_put(grant, object, expires_in_s).await
    }

    async fn presign_parts(
        &self,
        grant: &Grant<Write>,
        upload_id: &str,
        parts: &[(PartNumber, ByteSize)],
        expires_in_s: u64,
    ) -> Result<Vec<PresignedRequest>, StoreError> {
        self.s3.presign_parts(grant, upload_id, parts, expires_in_s).await
    }

    async fn create_multipart_upload(
        &self,
        grant: &Grant<Write>,
        content_type: &str,
        mark: &UploadMark,
    ) -> Result<String, StoreError> {
        self.s3.create_multipart_upload(grant, content_type, mark).await
    }

    async fn list_parts(&self, _: &Grant<Write>, _: &str) -> Result<Vec<StoredPart>, StoreError> {
        let part = |number, size| StoredPart {
            number: PartNumber::new(number).unwrap(),
            size_bytes: ByteSize(size),
            etag: ETag("\"part\"".to_owned()),
        };
        Ok(vec![part(1, 8 * MIB), part(2, 8 * MIB), part(3, MIB)])
    }

    async fn complete_multipart_upload(
        &self,
        _: &Grant<Write>,
        _: &str,
        _: &[StoredPart],
        overwrite: &Overwrite,
    ) -> Result<StoredObject, StoreError> {
        self.to("complete", overwrite);
        match overwrite {
            Overwrite::IfMatch(etag) if etag.0 == "\"gone\"" => Err(StoreError::NotFound("it is gone".into())),
            _ => Ok(StoredObject { etag: ETag("\"new\"".to_owned()), version_id: None }),
        }
    }

    async fn abort_multipart_upload(&self, grant: &Grant<Write>, upload_id: &str) -> Result<(), StoreError> {
        self.s3.abort_multipart_upload(grant, upload_id).await
    }

    async fn head_bucket(&self, bucket: &BucketName) -> Result<(), StoreError> {
        self.s3.head_bucket(bucket).await
    }
}

struct Trial {
    site: TestSite,
    conditions: Arc<Mutex<Vec<(&'static str, Overwrite)>>>,
    /// Of the object `taken`.
    etag: String,
}

impl Trial {
    async fn new() -> Self {
        let conditions = Arc::default();
        let heard = Arc::clone(&conditions);
        let site = TestSite::altered(&[], |site| {
            site.portal.store = Arc::new(Asked { s3: site.portal.store.clone(), conditions: heard });
        })
        .await;
        site.put_behind_the_portal("taken", "xxx").await;
        let head = site.get("/api/list_objects?bucket=files").await.body();
        let listing: Value = serde_json::from_str(&head).unwrap();
        let etag = listing["page"]["objects"][0]["etag"].as_str().unwrap().to_owned();
        Self { site, conditions, etag }
    }

    async fn post(&self, address: &str, body: &Value) -> Value {
        let request = script(Method::POST, address).header(header::CONTENT_TYPE, "application/json");
        let answer = self.site.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(answer.status(), 200, "{address}: {}", answer.body());
        serde_json::from_str(&answer.body()).unwrap()
    }

    /// Begins an upload.
    async fn create(&self, key: &str, size_bytes: u64, on_conflict: &Value) -> Value {
        let upload = json!({ "key": key, "size_bytes": size_bytes, "content_type": "", "on_conflict": on_conflict });
        self.post("/api/uploads/create", &json!({ "bucket": "files", "uploads": [upload] })).await[0].clone()
    }

    /// Begins an upload in parts and completes it.
    async fn complete(&self, key: &str, on_conflict: &Value, replace: Option<&str>) {
        let created = self.create(key, 17 * MIB, on_conflict).await;
        let ticket = &created["created"]["transfer"]["multipart"]["ticket"];
        assert!(ticket.is_string(), "{created}");
        self.post("/api/uploads/complete", &json!({ "ticket": ticket, "replace": replace })).await;
    }

    /// What S3 was asked for since the last question.
    fn asked(&self) -> Vec<(&'static str, Overwrite)> {
        std::mem::take(&mut self.conditions.lock().unwrap())
    }

    fn if_match(&self) -> Overwrite {
        Overwrite::IfMatch(ETag(self.etag.clone()))
    }
}

#[tokio::test]
async fn a_signed_put_may_replace_nothing_or_exactly_what_was_seen() {
    let trial = Trial::new().await;
    for (key, on_conflict, expected) in [
        ("free", json!("refuse"), Overwrite::Never),
        ("free", json!("keep_both"), Overwrite::Never),
        ("free", json!({ "replace": { "seen": null } }), Overwrite::Never),
        ("taken", json!("keep_both"), Overwrite::Never),
        ("taken", json!({ "replace": { "seen": null } }), trial.if_match()),
        ("taken", json!({ "replace": { "seen": trial.etag } }), trial.if_match()),
    ] {
        let created = trial.create(key, 3, &on_conflict).await;
        assert_eq!(trial.asked(), [("put", expected)], "{key} {on_conflict}: {created}");
    }
    for refused in [json!("refuse"), json!({ "replace": { "seen": "\"other\"" } })] {
        trial.create("taken", 3, &refused).await;
        assert_eq!(trial.asked(), [], "{refused}");
    }
}

#[tokio::test]
async fn put_url_signs_without_a_condition_only_where_it_was_told_to() {
    let trial = Trial::new().await;
    for (query, expected) in
        [("", Overwrite::Never), ("&overwrite=false", Overwrite::Never), ("&overwrite=true", Overwrite::Always)]
    {
        trial.site.get(&format!("/api/put_url?key=free&size_bytes=1{query}")).await;
        assert_eq!(trial.asked(), [("put", expected)], "{query}");
    }
}

#[tokio::test]
async fn a_completion_may_replace_nothing_or_exactly_what_was_seen() {
    let trial = Trial::new().await;
    trial.complete("free", &json!("refuse"), None).await;
    trial.complete("taken", &json!("keep_both"), None).await;
    assert_eq!(trial.asked(), [("complete", Overwrite::Never), ("complete", Overwrite::Never)]);
    trial.complete("taken", &json!({ "replace": { "seen": trial.etag } }), None).await;
    trial.complete("free", &json!("refuse"), Some(&trial.etag)).await;
    assert_eq!(trial.asked(), [("complete", trial.if_match()), ("complete", trial.if_match())]);
    // What was to be replaced is gone: what took its place meanwhile is not replaced either.
    trial.complete("free", &json!("refuse"), Some("\"gone\"")).await;
    let gone = Overwrite::IfMatch(ETag("\"gone\"".to_owned()));
    assert_eq!(trial.asked(), [("complete", gone), ("complete", Overwrite::Never)]);
}
