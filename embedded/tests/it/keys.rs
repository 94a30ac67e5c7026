//! Keys are opaque: whatever UTF-8 a key is made of comes back byte for byte, in its own bucket.

use http::Method;

use crate::support::{BUCKET, OTHER_BUCKET, Site, Wire, encode};

fn odd_keys() -> Vec<String> {
    let mut keys: Vec<String> = [
        "../x",
        "../../etc/passwd",
        "../other/x",
        "./z",
        ".",
        "..",
        "a//b",
        "a/b",
        "/leading",
        "//two",
        "/",
        "//",
        "trailing/",
        "f/",
        "w",
        "w/v",
        "a b",
        "a+b",
        "a%20b",
        "a%b",
        "a#b",
        "a?b",
        "a&b=c",
        "[x]",
        "~tilde",
        "back\\slash",
        "quo\"te'",
        "`<x>&amp;",
        "tab\tx",
        "line\nfeed",
        "carriage\rreturn",
        "ctl\u{1}\u{1f}x",
        "del\u{7f}",
        "caf\u{e9}",
        "cafe\u{301}",
        "\u{1f600}.png",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
        "\u{202e}rtl",
        "zero\u{200b}width",
        "\u{f0001}private\u{f0021}",
        "CON",
        "api/x",
        "*",
        "!'()*",
        ";,:@$",
    ]
    .map(str::to_owned)
    .into();
    keys.push("s".repeat(256));
    keys.push(format!("{}/{}", "p".repeat(255), "q".repeat(300)));
    keys.push("k".repeat(1_024));
    keys.push("\u{fc}".repeat(512));
    keys
}

#[tokio::test]
async fn every_odd_key_comes_back_byte_for_byte() {
    let site = Site::new().await;
    let keys = odd_keys();
    for (number, key) in keys.iter().enumerate() {
        let body = format!("body {number}");
        let wire = Wire::by_host(Method::PUT, key).presigned().body(body);
        let answer = site.send(wire.build()).await;
        assert_eq!(answer.status, 200, "{key:?}: {}", answer.text());
    }
    for (number, key) in keys.iter().enumerate() {
        let answer = site.send(Wire::by_host(Method::GET, key).presigned().build()).await;
        assert_eq!(answer.text(), format!("body {number}"), "{key:?}");
        site.head(key).await.expect(200);
    }
    // Listed in byte order, and spelled so that each can be read back.
    let listed = site.list(&[("encoding-type", "url")]).await.expect(200).keys();
    let mut expected = keys.clone();
    expected.sort();
    let decoded: Vec<String> = listed
        .iter()
        .map(|key| {
            let spaced = key.replace('+', " ");
            percent_encoding::percent_decode_str(&spaced).decode_utf8().unwrap().into_owned()
        })
        .collect();
    assert_eq!(decoded, expected);
    for key in &keys {
        site.delete(key).await.expect(204);
        site.get(key).await.refused(404, "NoSuchKey");
    }
    assert!(site.list(&[]).await.expect(200).keys().is_empty());
}

#[tokio::test]
async fn a_key_of_dots_never_reaches_another_bucket_or_the_disk() {
    let site = Site::new().await;
    let other = Wire { path: format!("/{OTHER_BUCKET}/x"), ..Wire::new(Method::PUT, "") };
    site.send(other.body("secret").build()).await.expect(200);
    // The folder above is shared with everybody's temporary files: a name that nobody else uses.
    let escaped = "causeway-key-that-escaped";
    for key in ["../other/x", &format!("../../{escaped}"), "..%2Fother/x", "..\\other\\x"] {
        site.get(key).await.refused(404, "NoSuchKey");
        site.put(key, "mine").await.expect(200);
    }
    let other = Wire { path: format!("/{OTHER_BUCKET}/x"), ..Wire::new(Method::GET, "") };
    assert_eq!(site.send(other.build()).await.expect(200).body, "secret");
    let outside = site.folder().parent().unwrap();
    assert!(!outside.join(escaped).exists() && !outside.join("other/x").exists());
}

#[tokio::test]
async fn a_key_of_1025_bytes_is_too_long() {
    let site = Site::new().await;
    site.put(&"k".repeat(1_025), "x").await.refused(400, "KeyTooLongError");
    site.put(&"\u{fc}".repeat(513), "x").await.refused(400, "KeyTooLongError");
}

#[tokio::test]
async fn a_key_that_is_not_utf8_is_refused() {
    let site = Site::new().await;
    let request = http::Request::put(format!("/{BUCKET}/%ff"))
        .header("host", "127.0.0.1")
        .header("content-length", "0")
        .body(embedded::Body::empty())
        .unwrap();
    site.send(request).await.refused(400, "InvalidURI");
}

#[tokio::test]
async fn control_characters_are_references_in_a_listing() {
    let site = Site::new().await;
    site.with("a\u{1}b\rc", "x").await.with("p\u{2}/x", "x").await;
    let listed = site.list(&[("delimiter", "/")]).await.expect(200);
    assert_eq!(listed.keys(), ["a&#x1;b&#xD;c"]);
    assert_eq!(listed.prefixes(), ["p&#x2;/"]);
    assert!(!listed.body.contains(&1), "no raw control character");
}

#[tokio::test]
async fn a_copy_finds_an_odd_source() {
    let site = Site::new().await;
    for key in ["a b+c%.txt", "../x", "\u{1f600}", "q?versionId=1"] {
        site.with(key, "copied").await;
        let source = format!("{BUCKET}/{}", encode(key, true));
        let wire = Wire::new(Method::PUT, "copy").header("x-amz-copy-source", &source);
        let answer = site.send(wire.body("").build()).await;
        assert_eq!(answer.status, 200, "{key:?}: {}", answer.text());
        assert_eq!(site.get("copy").await.body, "copied");
        site.delete("copy").await;
    }
}
