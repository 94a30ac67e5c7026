//! The portal's own records below `.causeway/`: nobody sees, reads or writes them through the portal.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::json;

use crate::support::{TestSite, script};

const RECORD: &str = ".causeway/links/1";
const CONTENT: &str = "a record of the portal";

async fn with_a_record() -> TestSite {
    let site = TestSite::new().await.with_object("beside.txt", 3).await;
    site.put_behind_the_portal(RECORD, CONTENT).await;
    site.put_behind_the_portal(".causeway.txt", "not a record").await;
    site
}

#[tokio::test]
async fn a_listing_shows_what_lies_beside_the_records_and_not_them() {
    let site = with_a_record().await;
    for address in [
        "/b/files",
        "/b/files?starts_with=.cause",
        "/api/list_objects?bucket=files",
        "/api/list_objects?bucket=files&starts_with=.causeway",
    ] {
        let body = site.get(address).await.body();
        assert!(body.contains(".causeway.txt"), "{address}: {body}");
        assert!(!body.contains(".causeway/") && !body.contains(".causeway%2F"), "{address}: {body}");
    }
}

/// Ways to write the records' prefix that a careless server takes for another one.
const DISGUISES: &[&str] = &[
    ".causeway%2Flinks%2F1",
    "%2Ecauseway/links/1",
    "%2e%63auseway%2flinks%2f1",
    ".causeway/",
    ".causeway/./links/1",
    ".causeway//links/1",
    ".causeway/../.causeway/links/1",
];

#[tokio::test]
async fn no_disguise_reads_a_record() {
    let site = with_a_record().await;
    for key in DISGUISES {
        for address in [
            format!("/b/files/download?key={key}"),
            format!("/api/open_download?bucket=files&key={key}"),
            format!("/api/curl_command?bucket=files&key={key}"),
            format!("/api/get_url?key={key}"),
        ] {
            let answer = site.get(&address).await;
            assert!((400..500).contains(&answer.status()), "{address}: {}", answer.status());
            let said = [answer.header("location"), &answer.body()].concat();
            assert!(!said.contains("X-Amz-") && !said.contains(CONTENT), "{address}: {said}");
        }
    }
    for key in ["x/../.causeway/links/1", "./.causeway/links/1", "/.causeway/links/1", "%252Ecauseway/links/1"] {
        // Other keys to S3, and there is nothing under them.
        let answer = site.get(&format!("/api/get_url?key={key}")).await;
        assert_eq!(answer.status(), 404, "{key}: {}", answer.body());
    }
}

#[tokio::test]
async fn no_disguise_lists_records() {
    let site = with_a_record().await;
    for query in [
        "prefix=.causeway/",
        "prefix=.causeway%2F",
        "prefix=%2Ecauseway%2Flinks%2F",
        "prefix=.causeway//",
        "starts_with=.causeway/",
        "starts_with=.causeway/links/1",
        "starts_with=%2Ecauseway%2Flinks%2F",
    ] {
        for address in [format!("/b/files?{query}"), format!("/api/list_objects?bucket=files&{query}")] {
            let answer = site.get(&address).await;
            assert_eq!(answer.status(), 403, "{address}: {}", answer.body());
            assert!(!answer.body().contains("links/1\""), "{address}: {}", answer.body());
        }
    }
}

#[tokio::test]
async fn no_disguise_writes_a_record() {
    let site = with_a_record().await;
    for key in DISGUISES {
        let answer = site.get(&format!("/api/put_url?key={key}&size_bytes=1&overwrite=true")).await;
        assert!(matches!(answer.status(), 400 | 403), "{key}: {}", answer.status());
        assert!(!answer.body().contains("X-Amz-"), "{key}");
        let plain = percent_encoding::percent_decode_str(key).decode_utf8().unwrap();
        for on_conflict in [json!("refuse"), json!({ "replace": { "seen": null } }), json!("keep_both")] {
            let upload = json!({
                "key": plain, "size_bytes": 1, "content_type": "text/plain", "on_conflict": on_conflict,
            });
            let request = script(Method::POST, "/api/uploads/create")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(json!({ "bucket": "files", "uploads": [upload] }).to_string()));
            let answer = site.send(request.unwrap()).await;
            assert!(answer.body().contains("refused") && !answer.body().contains("X-Amz-"), "{key}: {}", answer.body());
        }
    }
}
