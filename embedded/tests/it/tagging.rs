//! Tags on objects and buckets.

use http::Method;

use crate::support::{Answer, Site, Wire};

fn tag_set(tags: &[(&str, &str)]) -> String {
    let tags: String =
        tags.iter().map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>")).collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

async fn call(site: &Site, method: Method, key: &str, body: Option<String>) -> Answer {
    let mut wire = if key.is_empty() { Wire::bucket(method) } else { Wire::new(method, key) };
    wire = wire.query("tagging", "");
    if let Some(body) = body {
        wire = wire.body(body);
    }
    site.send(wire.build()).await
}

#[tokio::test]
async fn tags_come_with_a_put_and_are_replaced_and_removed() {
    let site = Site::new().await;
    let wire = Wire::new(Method::PUT, "a").header("x-amz-tagging", "kind=a%20b&empty=").body("x");
    site.send(wire.build()).await.expect(200);
    let read = call(&site, Method::GET, "a", None).await.expect(200);
    assert_eq!(read.elements("Key"), ["empty", "kind"]);
    assert_eq!(read.elements("Value"), ["", "a b"]);
    assert_eq!(site.head("a").await.header("x-amz-tagging-count"), "2");
    call(&site, Method::PUT, "a", Some(tag_set(&[("one", "1")]))).await.expect(200);
    assert_eq!(call(&site, Method::GET, "a", None).await.elements("Key"), ["one"]);
    call(&site, Method::DELETE, "a", None).await.expect(204);
    assert!(call(&site, Method::GET, "a", None).await.expect(200).elements("Key").is_empty());
    assert!(!site.head("a").await.has("x-amz-tagging-count"));
}

#[tokio::test]
async fn tags_out_of_bounds_are_refused() {
    let site = Site::new().await;
    site.with("a", "x").await;
    let put = |tags: Vec<(String, String)>| {
        let tags: Vec<(&str, &str)> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let body = tag_set(&tags);
        let site = &site;
        async move { call(site, Method::PUT, "a", Some(body)).await }
    };
    let eleven = (0..11).map(|n| (format!("k{n}"), String::new())).collect();
    put(eleven).await.refused(400, "BadRequest");
    put(vec![("k".repeat(129), String::new())]).await.refused(400, "InvalidTag");
    put(vec![("k".to_owned(), "v".repeat(257))]).await.refused(400, "InvalidTag");
    put(vec![("k".to_owned(), "1".to_owned()), ("k".to_owned(), "2".to_owned())]).await.refused(400, "InvalidTag");
    call(&site, Method::PUT, "missing", Some(tag_set(&[]))).await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn a_copy_takes_the_tags_along_or_replaces_them() {
    let site = Site::new().await;
    let wire = Wire::new(Method::PUT, "a").header("x-amz-tagging", "k=1").body("x");
    site.send(wire.build()).await.expect(200);
    let copy = Wire::new(Method::PUT, "b").header("x-amz-copy-source", "data/a");
    site.send(copy.clone().body("").build()).await.expect(200);
    assert_eq!(call(&site, Method::GET, "b", None).await.elements("Value"), ["1"]);
    let replace = copy.header("x-amz-tagging-directive", "REPLACE").header("x-amz-tagging", "k=2");
    site.send(replace.body("").build()).await.expect(200);
    assert_eq!(call(&site, Method::GET, "b", None).await.elements("Value"), ["2"]);
}

#[tokio::test]
async fn a_bucket_has_tags_of_its_own() {
    let site = Site::new().await;
    call(&site, Method::GET, "", None).await.refused(404, "NoSuchTagSet");
    let put = call(&site, Method::PUT, "", Some(tag_set(&[("team", "a")]))).await;
    assert!(put.status.is_success(), "{}", put.text());
    assert_eq!(call(&site, Method::GET, "", None).await.expect(200).elements("Key"), ["team"]);
    call(&site, Method::DELETE, "", None).await.expect(204);
    call(&site, Method::GET, "", None).await.refused(404, "NoSuchTagSet");
}
