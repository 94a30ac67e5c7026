//! Versions: each write its own, delete markers, and the `null` version of before and after.

use http::Method;

use crate::support::{Answer, Site, Wire};

async fn versioning(site: &Site, status: &str) {
    let body = format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    let wire = Wire::bucket(Method::PUT).query("versioning", "").body(body);
    site.send(wire.build()).await.expect(200);
}

async fn put(site: &Site, key: &str, body: &'static str) -> String {
    site.put(key, body).await.expect(200).header("x-amz-version-id").to_owned()
}

async fn read(site: &Site, key: &str, version: &str) -> Answer {
    site.send(Wire::new(Method::GET, key).query("versionId", version).build()).await
}

async fn delete(site: &Site, key: &str, version: &str) -> Answer {
    site.send(Wire::new(Method::DELETE, key).query("versionId", version).build()).await
}

async fn list(site: &Site, query: &[(&str, &str)]) -> Answer {
    let mut wire = Wire::bucket(Method::GET).query("versions", "");
    for (name, value) in query {
        wire = wire.query(name, value);
    }
    site.send(wire.build()).await.expect(200)
}

#[tokio::test]
async fn versioning_is_off_until_it_is_enabled() {
    let site = Site::new().await;
    let status = || site.send(Wire::bucket(Method::GET).query("versioning", "").build());
    assert_eq!(status().await.expect(200).element("Status"), None);
    assert!(!site.put("a", "x").await.expect(200).has("x-amz-version-id"));
    versioning(&site, "Enabled").await;
    assert_eq!(status().await.element("Status").unwrap(), "Enabled");
    versioning(&site, "Suspended").await;
    assert_eq!(status().await.element("Status").unwrap(), "Suspended");
}

#[tokio::test]
async fn each_write_makes_a_version_that_stays_readable() {
    let site = Site::new().await;
    site.with("a", "before").await;
    versioning(&site, "Enabled").await;
    let first = put(&site, "a", "first").await;
    let second = put(&site, "a", "second").await;
    assert_ne!(first, second);
    assert_eq!(site.get("a").await.header("x-amz-version-id"), second);
    assert_eq!(read(&site, "a", &first).await.expect(200).body, "first");
    assert_eq!(read(&site, "a", "null").await.expect(200).body, "before");
    read(&site, "a", "nonsense").await.refused(404, "NoSuchVersion");
    let listed = list(&site, &[]).await;
    assert_eq!(listed.elements("VersionId"), [second.as_str(), &first, "null"]);
    assert_eq!(listed.elements("IsLatest"), ["true", "false", "false"]);
}

#[tokio::test]
async fn a_delete_puts_a_marker_and_removing_the_marker_brings_the_object_back() {
    let site = Site::new().await;
    versioning(&site, "Enabled").await;
    let version = put(&site, "a", "x").await;
    let deleted = site.delete("a").await.expect(204);
    assert_eq!(deleted.header("x-amz-delete-marker"), "true");
    let marker = deleted.header("x-amz-version-id").to_owned();
    let missing = site.get("a").await.refused(404, "NoSuchKey");
    assert_eq!(missing.header("x-amz-delete-marker"), "true");
    assert_eq!(missing.header("x-amz-version-id"), marker);
    assert!(site.list(&[]).await.keys().is_empty());
    let on_marker = read(&site, "a", &marker).await.refused(405, "MethodNotAllowed");
    assert_eq!(on_marker.header("x-amz-delete-marker"), "true");
    assert_eq!(list(&site, &[]).await.elements("DeleteMarker").len(), 1);
    // If-None-Match looks at the object that is there now: none.
    let removed = delete(&site, "a", &marker).await.expect(204);
    assert_eq!(removed.header("x-amz-delete-marker"), "true");
    assert_eq!(site.get("a").await.expect(200).header("x-amz-version-id"), version);
}

#[tokio::test]
async fn deleting_the_newest_version_brings_the_one_before_it_back() {
    let site = Site::new().await;
    versioning(&site, "Enabled").await;
    let first = put(&site, "a", "first").await;
    let second = put(&site, "a", "second").await;
    delete(&site, "a", &second).await.expect(204);
    assert_eq!(site.get("a").await.expect(200).body, "first");
    delete(&site, "a", &first).await.expect(204);
    site.get("a").await.refused(404, "NoSuchKey");
    assert!(list(&site, &[]).await.elements("VersionId").is_empty());
}

#[tokio::test]
async fn suspended_writes_replace_the_null_version_and_no_other() {
    let site = Site::new().await;
    versioning(&site, "Enabled").await;
    let kept = put(&site, "a", "kept").await;
    versioning(&site, "Suspended").await;
    assert_eq!(put(&site, "a", "one").await, "null");
    assert_eq!(put(&site, "a", "two").await, "null");
    assert_eq!(list(&site, &[]).await.elements("VersionId"), ["null", &kept]);
    let deleted = site.delete("a").await.expect(204);
    assert_eq!(deleted.header("x-amz-version-id"), "null");
    let listed = list(&site, &[]).await;
    assert_eq!(listed.elements("DeleteMarker").len(), 1);
    assert_eq!(listed.elements("Version").len(), 1);
    assert_eq!(read(&site, "a", &kept).await.expect(200).body, "kept");
}

#[tokio::test]
async fn if_none_match_sees_no_object_behind_a_delete_marker() {
    let site = Site::new().await;
    versioning(&site, "Enabled").await;
    put(&site, "a", "x").await;
    let put = || site.send(Wire::new(Method::PUT, "a").header("if-none-match", "*").body("y").build());
    put().await.refused(412, "PreconditionFailed");
    site.delete("a").await.expect(204);
    put().await.expect(200);
}

#[tokio::test]
async fn versions_are_listed_by_page_and_by_prefix() {
    let site = Site::new().await;
    versioning(&site, "Enabled").await;
    for key in ["a", "b", "a", "p/1", "p/1", "p/2", "z"] {
        put(&site, key, "x").await;
    }
    site.delete("b").await.expect(204);
    let whole = list(&site, &[]).await;
    assert_eq!(whole.elements("VersionId").len(), 8);
    for size in ["1", "2", "3"] {
        let (mut found, mut key, mut version) = (Vec::new(), String::new(), String::new());
        loop {
            let query = [("max-keys", size), ("key-marker", &key), ("version-id-marker", &version)];
            let page = list(&site, &query).await;
            found.extend(page.elements("VersionId"));
            if page.element("IsTruncated").unwrap() == "false" {
                break;
            }
            key = page.element("NextKeyMarker").unwrap();
            version = page.element("NextVersionIdMarker").unwrap_or_default();
        }
        found.sort();
        let mut expected = whole.elements("VersionId");
        expected.sort();
        assert_eq!(found, expected, "pages of {size}");
    }
    let folded = list(&site, &[("delimiter", "/")]).await;
    assert_eq!(folded.prefixes(), ["p/"]);
    assert_eq!(folded.elements("VersionId").len(), 5);
    assert_eq!(list(&site, &[("prefix", "p/1")]).await.elements("VersionId").len(), 2);
    let wire = Wire::bucket(Method::GET).query("versions", "").query("version-id-marker", "x");
    site.send(wire.build()).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn a_copy_takes_the_version_it_names() {
    let site = Site::new().await;
    versioning(&site, "Enabled").await;
    let first = put(&site, "a", "first").await;
    put(&site, "a", "second").await;
    let source = format!("data/a?versionId={first}");
    let wire = Wire::new(Method::PUT, "b").header("x-amz-copy-source", &source).body("");
    let answer = site.send(wire.build()).await.expect(200);
    assert_eq!(answer.header("x-amz-copy-source-version-id"), first);
    assert_eq!(site.get("b").await.body, "first");
    // Copying an old version onto its own key restores it.
    let wire = Wire::new(Method::PUT, "a").header("x-amz-copy-source", &source).body("");
    site.send(wire.build()).await.expect(200);
    assert_eq!(site.get("a").await.body, "first");
}

#[tokio::test]
async fn versions_keep_their_bytes_until_each_is_deleted() {
    let site = Site::new().await;
    versioning(&site, "Enabled").await;
    let mut versions = Vec::new();
    for byte in 0..3_u8 {
        let answer = site.put("a", vec![byte; 100_000]).await.expect(200);
        versions.push(answer.header("x-amz-version-id").to_owned());
    }
    assert_eq!(site.byte_files().len(), 3);
    for (gone, version) in versions.iter().enumerate() {
        delete(&site, "a", version).await.expect(204);
        assert_eq!(site.byte_files().len(), 2 - gone);
    }
}

#[tokio::test]
async fn a_bucket_with_old_versions_is_not_empty() {
    let site = Site::new().await;
    versioning(&site, "Enabled").await;
    let version = put(&site, "a", "x").await;
    let marker = site.delete("a").await.header("x-amz-version-id").to_owned();
    let remove = || site.send(Wire::bucket(Method::DELETE).build());
    remove().await.refused(409, "BucketNotEmpty");
    delete(&site, "a", &version).await.expect(204);
    delete(&site, "a", &marker).await.expect(204);
    remove().await.expect(204);
    site.list(&[]).await.refused(404, "NoSuchBucket");
}
