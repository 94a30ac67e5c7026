//! Versions: each write its own, delete markers, and the `null` version of before and after.

use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::Answer;

checks! {
    versioning_is_off_until_it_is_enabled: "no Status at first; no version ids on answers",
    versioning_is_enabled_and_suspended: "Status Enabled, Suspended",
    versioning_has_two_states: "400 MalformedXML for another Status",
    each_write_makes_a_version: "x-amz-version-id, another for each PUT",
    every_version_stays_readable: "GET and HEAD with versionId",
    the_object_of_before_is_the_version_null: "versionId=null",
    an_unknown_version_is_not_found: "404 NoSuchVersion",
    a_version_id_must_be_one: "400 InvalidArgument for an empty or a malformed one; NoSuchVersion in a delete of many",
    versions_are_listed_newest_first: "ListObjectVersions: by key, newest first, one IsLatest a key",
    a_delete_puts_a_marker: "204 with x-amz-delete-marker: true and its version id",
    a_marker_hides_the_object: "404 NoSuchKey with x-amz-delete-marker: true",
    a_marker_itself_cannot_be_read: "405 MethodNotAllowed with x-amz-delete-marker: true",
    a_marker_is_listed: "DeleteMarker in ListObjectVersions; ListObjectsV2 is empty",
    removing_the_marker_brings_the_object_back: "204 with x-amz-delete-marker: true, then 200",
    deleting_the_newest_version_brings_the_one_before_it_back: "the next older version is current",
    suspended_writes_replace_the_null_version: "version id null, and versions with ids stay",
    a_suspended_delete_puts_a_null_marker: "a delete marker of version id null replaces the null version",
    if_none_match_sees_no_object_behind_a_marker: "200",
    versions_are_listed_by_page: "NextKeyMarker and NextVersionIdMarker lead on without gap or repeat",
    a_marker_of_any_text_is_given_back: "as it came, in listings of versions and of uploads",
    versions_are_listed_by_prefix_and_delimiter: "prefix and CommonPrefixes as in ListObjects",
    a_version_is_deleted_without_conditions: "501 NotImplemented for If-Match with versionId; the same in a delete of many",
    a_version_marker_needs_a_key_marker: "400 InvalidArgument",
    a_copy_takes_the_version_it_names: "x-amz-copy-source-version-id",
    copying_an_old_version_onto_its_key_restores_it: "200, although source and target are one key",
    many_versions_are_deleted_at_once: "DeleteObjects with VersionId; markers named where they are made",
    a_bucket_with_old_versions_is_not_empty: "409 BucketNotEmpty until every version and marker is gone",
}

fn set(s3: &S3, status: &str) -> Answer {
    let body = format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    s3.send(s3.bucket(Method::PUT).query("versioning", "").body(body).with_md5())
}

fn enabled(s3: &S3) {
    set(s3, "Enabled").expect(200);
}

fn put(s3: &S3, key: &str, body: &'static str) -> String {
    s3.put(key, body).expect(200).header("x-amz-version-id").to_owned()
}

fn read(s3: &S3, key: &str, version: &str) -> Answer {
    s3.send(s3.object(Method::GET, key).query("versionId", version))
}

fn delete(s3: &S3, key: &str, version: &str) -> Answer {
    s3.send(s3.object(Method::DELETE, key).query("versionId", version))
}

fn list(s3: &S3, query: &[(&str, &str)]) -> Answer {
    s3.send(s3.bucket(Method::GET).query("versions", "").queries(query)).expect(200)
}

fn status(s3: &S3) -> Option<String> {
    let answer = s3.send(s3.bucket(Method::GET).query("versioning", "")).expect(200);
    assert!(answer.text().contains("<VersioningConfiguration"), "{}", answer.text());
    answer.element("Status")
}

fn versioning_is_off_until_it_is_enabled(s3: &S3) {
    assert_eq!(status(s3), None);
    assert!(!s3.put("a", "x").expect(200).has("x-amz-version-id"));
    assert!(!s3.get("a").expect(200).has("x-amz-version-id"));
}

fn versioning_is_enabled_and_suspended(s3: &S3) {
    for wished in ["Enabled", "Suspended"] {
        set(s3, wished).expect(200);
        assert_eq!(status(s3).unwrap(), wished);
    }
}

fn versioning_has_two_states(s3: &S3) {
    set(s3, "Off").refused(400, "MalformedXML");
}

fn each_write_makes_a_version(s3: &S3) {
    enabled(s3);
    let (first, second) = (put(s3, "a", "first"), put(s3, "a", "second"));
    assert_ne!(first, second);
    let answer = s3.get("a").expect(200);
    assert_eq!((answer.header("x-amz-version-id"), answer.text().as_str()), (second.as_str(), "second"));
}

fn every_version_stays_readable(s3: &S3) {
    enabled(s3);
    let (first, _) = (put(s3, "a", "first"), put(s3, "a", "second"));
    let answer = read(s3, "a", &first).expect(200);
    assert_eq!((answer.header("x-amz-version-id"), answer.text().as_str()), (first.as_str(), "first"));
    let head = s3.send(s3.object(Method::HEAD, "a").query("versionId", &first)).expect(200);
    assert_eq!(head.header("content-length"), "5");
}

fn the_object_of_before_is_the_version_null(s3: &S3) {
    s3.with("a", "before");
    enabled(s3);
    put(s3, "a", "after");
    assert_eq!(read(s3, "a", "null").expect(200).body, "before");
}

fn an_unknown_version_is_not_found(s3: &S3) {
    enabled(s3);
    let mut version = put(s3, "a", "x");
    version.replace_range(0..4, if version.starts_with("0000") { "1111" } else { "0000" });
    read(s3, "a", &version).refused(404, "NoSuchVersion");
}

fn a_version_id_must_be_one(s3: &S3) {
    enabled(s3);
    let version = put(s3, "a", "x");
    for id in ["", "nonsense", "a\u{1}b"] {
        for method in [Method::GET, Method::DELETE] {
            s3.send(s3.object(method, "a").query("versionId", id)).refused(400, "InvalidArgument");
        }
    }
    let body = "<Delete><Object><Key>a</Key><VersionId>nonsense</VersionId></Object></Delete>";
    let answer = s3.send(s3.bucket(Method::POST).query("delete", "").body(body).with_md5()).expect(200);
    assert_eq!(answer.element("Code").as_deref(), Some("NoSuchVersion"));
    read(s3, "a", &version).expect(200);
}

fn versions_are_listed_newest_first(s3: &S3) {
    s3.with("a", "before");
    enabled(s3);
    let (first, second) = (put(s3, "a", "first"), put(s3, "a", "second"));
    let listed = list(s3, &[]);
    assert_eq!(listed.elements("VersionId"), [second.as_str(), &first, "null"]);
    assert_eq!(listed.elements("IsLatest"), ["true", "false", "false"]);
    assert_eq!(listed.elements("Size"), ["6", "5", "6"]);
}

/// An object behind a delete marker: its version, and the marker's.
fn hidden(s3: &S3) -> (String, String) {
    enabled(s3);
    let version = put(s3, "a", "x");
    let deleted = s3.delete("a").expect(204);
    assert_eq!(deleted.header("x-amz-delete-marker"), "true");
    (version, deleted.header("x-amz-version-id").to_owned())
}

fn a_delete_puts_a_marker(s3: &S3) {
    let (version, marker) = hidden(s3);
    assert_ne!(version, marker);
    assert_eq!(read(s3, "a", &version).expect(200).body, "x");
}

fn a_marker_hides_the_object(s3: &S3) {
    let (_, marker) = hidden(s3);
    let missing = s3.get("a").refused(404, "NoSuchKey");
    assert_eq!(missing.header("x-amz-delete-marker"), "true");
    assert_eq!(missing.header("x-amz-version-id"), marker);
}

fn a_marker_itself_cannot_be_read(s3: &S3) {
    let (_, marker) = hidden(s3);
    assert_eq!(read(s3, "a", &marker).refused(405, "MethodNotAllowed").header("x-amz-delete-marker"), "true");
}

fn a_marker_is_listed(s3: &S3) {
    let (version, marker) = hidden(s3);
    let listed = list(s3, &[]);
    assert_eq!(listed.elements("DeleteMarker").len(), 1);
    let mut ids = listed.elements("VersionId");
    ids.sort_unstable();
    let mut expected = [version, marker];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    assert!(s3.list(&[]).expect(200).keys().is_empty());
}

fn removing_the_marker_brings_the_object_back(s3: &S3) {
    let (version, marker) = hidden(s3);
    let removed = delete(s3, "a", &marker).expect(204);
    assert_eq!(removed.header("x-amz-delete-marker"), "true");
    assert_eq!(s3.get("a").expect(200).header("x-amz-version-id"), version);
}

fn deleting_the_newest_version_brings_the_one_before_it_back(s3: &S3) {
    enabled(s3);
    let (first, second) = (put(s3, "a", "first"), put(s3, "a", "second"));
    delete(s3, "a", &second).expect(204);
    assert_eq!(s3.get("a").expect(200).body, "first");
    delete(s3, "a", &first).expect(204);
    s3.get("a").refused(404, "NoSuchKey");
    assert!(list(s3, &[]).elements("VersionId").is_empty());
}

fn suspended_writes_replace_the_null_version(s3: &S3) {
    enabled(s3);
    let kept = put(s3, "a", "kept");
    set(s3, "Suspended").expect(200);
    assert_eq!(put(s3, "a", "one"), "null");
    assert_eq!(put(s3, "a", "two"), "null");
    assert_eq!(list(s3, &[]).elements("VersionId"), ["null", &kept]);
}

fn a_suspended_delete_puts_a_null_marker(s3: &S3) {
    enabled(s3);
    let kept = put(s3, "a", "kept");
    set(s3, "Suspended").expect(200);
    put(s3, "a", "replaced");
    let deleted = s3.delete("a").expect(204);
    assert_eq!((deleted.header("x-amz-delete-marker"), deleted.header("x-amz-version-id")), ("true", "null"));
    let listed = list(s3, &[]);
    assert_eq!((listed.elements("DeleteMarker").len(), listed.elements("Version").len()), (1, 1));
    assert_eq!(read(s3, "a", &kept).expect(200).body, "kept");
}

fn if_none_match_sees_no_object_behind_a_marker(s3: &S3) {
    hidden(s3);
    let put = || s3.send(s3.object(Method::PUT, "a").header("if-none-match", "*").body("y"));
    put().expect(200);
    put().refused(412, "PreconditionFailed");
}

fn several(s3: &S3) {
    enabled(s3);
    for key in ["a", "b", "a", "p/1", "p/1", "p/2", "z"] {
        put(s3, key, "x");
    }
    s3.delete("b").expect(204);
}

fn versions_are_listed_by_page(s3: &S3) {
    several(s3);
    let mut whole = list(s3, &[]).elements("VersionId");
    assert_eq!(whole.len(), 8);
    whole.sort_unstable();
    for size in ["1", "2", "3"] {
        let (mut found, mut key, mut version) = (Vec::new(), String::new(), String::new());
        loop {
            let mut query = vec![("max-keys", size)];
            if !key.is_empty() {
                query.push(("key-marker", &key));
            }
            if !version.is_empty() {
                query.push(("version-id-marker", &version));
            }
            let page = list(s3, &query);
            found.extend(page.elements("VersionId"));
            if page.element("IsTruncated").unwrap() == "false" {
                break;
            }
            key = page.element("NextKeyMarker").unwrap();
            version = page.element("NextVersionIdMarker").unwrap_or_default();
        }
        found.sort_unstable();
        assert_eq!(found, whole, "pages of {size}");
    }
}

fn a_marker_of_any_text_is_given_back(s3: &S3) {
    let listed = list(s3, &[("key-marker", "a"), ("version-id-marker", "b\u{1}c")]);
    assert_eq!(listed.element("VersionIdMarker").as_deref(), Some("b\u{1}c"));
    let marker = [("uploads", ""), ("key-marker", "a"), ("upload-id-marker", "b\u{1}c")];
    let listed = s3.send(s3.bucket(Method::GET).queries(&marker)).expect(200);
    assert_eq!(listed.element("UploadIdMarker").as_deref(), Some("b\u{1}c"));
}

fn versions_are_listed_by_prefix_and_delimiter(s3: &S3) {
    several(s3);
    let folded = list(s3, &[("delimiter", "/")]);
    assert_eq!(folded.prefixes(), ["p/"]);
    assert_eq!(folded.elements("VersionId").len(), 5);
    assert_eq!(list(s3, &[("prefix", "p/1")]).elements("VersionId").len(), 2);
}

fn a_version_is_deleted_without_conditions(s3: &S3) {
    enabled(s3);
    let version = put(s3, "a", "x");
    let etag = s3.etag("a");
    let wire = s3.object(Method::DELETE, "a").query("versionId", &version).header("if-match", &etag);
    s3.send(wire).refused(501, "NotImplemented");
    let body =
        format!("<Delete><Object><Key>a</Key><VersionId>{version}</VersionId><ETag>{etag}</ETag></Object></Delete>");
    let answer = s3.send(s3.bucket(Method::POST).query("delete", "").body(body).with_md5()).expect(200);
    assert_eq!(answer.element("Code").as_deref(), Some("NotImplemented"));
    read(s3, "a", &version).expect(200);
}

fn a_version_marker_needs_a_key_marker(s3: &S3) {
    let wire = s3.bucket(Method::GET).query("versions", "").query("version-id-marker", "x");
    s3.send(wire).refused(400, "InvalidArgument");
}

fn copy_of(s3: &S3, key: &str, version: &str) -> Answer {
    let source = format!("{}/a?versionId={version}", s3.bucket);
    s3.send(s3.object(Method::PUT, key).header("x-amz-copy-source", &source).body(""))
}

fn a_copy_takes_the_version_it_names(s3: &S3) {
    enabled(s3);
    let (first, _) = (put(s3, "a", "first"), put(s3, "a", "second"));
    assert_eq!(copy_of(s3, "b", &first).expect(200).header("x-amz-copy-source-version-id"), first);
    assert_eq!(s3.get("b").expect(200).body, "first");
}

fn copying_an_old_version_onto_its_key_restores_it(s3: &S3) {
    enabled(s3);
    let (first, _) = (put(s3, "a", "first"), put(s3, "a", "second"));
    copy_of(s3, "a", &first).expect(200);
    assert_eq!(s3.get("a").expect(200).body, "first");
    assert_eq!(list(s3, &[]).elements("VersionId").len(), 3);
}

fn many_versions_are_deleted_at_once(s3: &S3) {
    enabled(s3);
    let (first, second) = (put(s3, "a", "first"), put(s3, "b", "second"));
    let body = format!(
        "<Delete><Object><Key>a</Key><VersionId>{first}</VersionId></Object><Object><Key>b</Key></Object></Delete>"
    );
    let answer = s3.send(s3.bucket(Method::POST).query("delete", "").body(body).with_md5()).expect(200);
    assert_eq!(answer.elements("VersionId"), [first]);
    assert_eq!(answer.elements("DeleteMarker"), ["true"]);
    let marker = answer.element("DeleteMarkerVersionId").unwrap();
    assert_eq!(list(s3, &[("prefix", "b")]).elements("VersionId").len(), 2);
    assert!(marker != second && list(s3, &[("prefix", "a")]).elements("VersionId").is_empty());
}

fn a_bucket_with_old_versions_is_not_empty(s3: &S3) {
    let (version, marker) = hidden(s3);
    let remove = || s3.send(s3.bucket(Method::DELETE));
    remove().refused(409, "BucketNotEmpty");
    delete(s3, "a", &version).expect(204);
    remove().refused(409, "BucketNotEmpty");
    delete(s3, "a", &marker).expect(204);
    remove().expect(204);
    s3.list(&[]).refused(404, "NoSuchBucket");
}
