//! Uploads while they are open: their parts and themselves, listed.

use http::Method;

use super::checks;
use super::endpoint::S3;
use super::multipart::Upload;
use crate::support::Answer;

checks! {
    parts_are_listed_in_order: "by number: PartNumber, ETag, Size, LastModified",
    parts_are_listed_by_page: "max-parts, part-number-marker, NextPartNumberMarker, IsTruncated",
    a_list_of_parts_tells_its_upload: "Bucket, Key, UploadId, StorageClass",
    open_uploads_are_listed_by_key: "UTF-8 binary order of the keys; Initiated",
    uploads_of_one_key_are_listed_by_age: "the one that was begun first comes first",
    open_uploads_are_listed_by_prefix: "keys that begin with it",
    open_uploads_are_folded_by_a_delimiter: "CommonPrefixes",
    open_uploads_are_listed_by_page: "NextKeyMarker and NextUploadIdMarker lead on without gap or repeat",
    a_key_marker_alone_passes_all_of_its_key: "uploads of keys behind it",
    open_uploads_are_spelled_for_urls: "encoding-type=url",
    ended_uploads_are_not_listed: "neither completed nor aborted ones",
    a_bucket_with_no_uploads_lists_none: "200 and IsTruncated false",
}

fn parts_are_listed_in_order(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    for number in [10, 9, 1, 10_000, 2] {
        upload.etag(number, b"hello".to_vec());
    }
    let listed = upload.parts(&[]).expect(200);
    assert_eq!(listed.elements("PartNumber"), ["1", "2", "9", "10", "10000"]);
    assert_eq!(listed.elements("Size"), ["5"; 5]);
    assert_eq!(listed.elements("ETag"), ["\"5d41402abc4b2a76b9719d911017c592\""; 5]);
    assert_eq!(listed.elements("LastModified").len(), 5);
    assert_eq!(listed.element("IsTruncated").unwrap(), "false");
}

fn parts_are_listed_by_page(s3: &S3) {
    let upload = Upload::begin(s3, "a");
    for number in [1, 2, 9, 10] {
        upload.etag(number, b"x".to_vec());
    }
    let page = upload.parts(&[("max-parts", "2"), ("part-number-marker", "1")]).expect(200);
    assert_eq!(page.elements("PartNumber"), ["2", "9"]);
    assert_eq!(page.element("IsTruncated").unwrap(), "true");
    assert_eq!(page.element("NextPartNumberMarker").unwrap(), "9");
    let page = upload.parts(&[("part-number-marker", "9")]).expect(200);
    assert_eq!(
        (page.elements("PartNumber"), page.element("IsTruncated").unwrap()),
        (vec!["10".into()], "false".into())
    );
}

fn a_list_of_parts_tells_its_upload(s3: &S3) {
    let upload = Upload::begin(s3, "a b");
    let listed = upload.parts(&[]).expect(200);
    let told = ["Bucket", "Key", "UploadId", "StorageClass"].map(|name| listed.element(name).unwrap());
    assert_eq!(told, [s3.bucket.as_str(), "a b", &upload.id, "STANDARD"]);
}

fn several(s3: &S3) {
    for key in ["b", "a/1", "a/2", "b", "c"] {
        Upload::begin(s3, key);
    }
}

fn list(s3: &S3, query: &[(&str, &str)]) -> Answer {
    s3.send(s3.bucket(Method::GET).query("uploads", "").queries(query)).expect(200)
}

fn open_uploads_are_listed_by_key(s3: &S3) {
    several(s3);
    let listed = list(s3, &[]);
    assert_eq!(listed.keys(), ["a/1", "a/2", "b", "b", "c"]);
    assert_eq!(listed.elements("Initiated").len(), 5);
}

fn uploads_of_one_key_are_listed_by_age(s3: &S3) {
    // So many that another order is not this one by chance.
    let ids: Vec<String> = (0..8).map(|_| Upload::begin(s3, "a").id).collect();
    assert_eq!(list(s3, &[]).elements("UploadId"), ids);
}

fn open_uploads_are_listed_by_prefix(s3: &S3) {
    several(s3);
    assert_eq!(list(s3, &[("prefix", "a/")]).keys(), ["a/1", "a/2"]);
}

fn open_uploads_are_folded_by_a_delimiter(s3: &S3) {
    several(s3);
    let folded = list(s3, &[("delimiter", "/")]);
    assert_eq!((folded.keys(), folded.prefixes()), (vec!["b".into(), "b".into(), "c".into()], vec!["a/".into()]));
}

fn open_uploads_are_listed_by_page(s3: &S3) {
    several(s3);
    let whole = list(s3, &[]).elements("UploadId");
    for size in ["1", "2", "4"] {
        let mut found = Vec::new();
        let (mut key, mut upload) = (String::new(), String::new());
        loop {
            let page = list(s3, &[("max-uploads", size), ("key-marker", &key), ("upload-id-marker", &upload)]);
            found.extend(page.elements("UploadId").into_iter().filter(|id| !id.is_empty()));
            if page.element("IsTruncated").unwrap() == "false" {
                break;
            }
            key = page.element("NextKeyMarker").unwrap();
            upload = page.element("NextUploadIdMarker").unwrap();
        }
        assert_eq!(found, whole, "pages of {size}");
    }
}

fn a_key_marker_alone_passes_all_of_its_key(s3: &S3) {
    several(s3);
    assert_eq!(list(s3, &[("key-marker", "b")]).keys(), ["c"]);
}

fn open_uploads_are_spelled_for_urls(s3: &S3) {
    Upload::begin(s3, "a b+\u{1}");
    assert_eq!(list(s3, &[("encoding-type", "url")]).keys(), ["a+b%2B%01"]);
}

fn ended_uploads_are_not_listed(s3: &S3) {
    let completed = Upload::begin(s3, "a");
    let etag = completed.etag(1, b"x".to_vec());
    completed.complete(&[(1, &etag)]).expect(200);
    Upload::begin(s3, "b").abort().expect(204);
    assert!(list(s3, &[]).keys().is_empty());
}

fn a_bucket_with_no_uploads_lists_none(s3: &S3) {
    let listed = list(s3, &[]);
    assert!(listed.keys().is_empty());
    assert_eq!(listed.element("IsTruncated").unwrap(), "false");
}
