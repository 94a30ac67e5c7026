//! A download is a redirect to the files host, signed at that moment.

use aws_sdk_s3::types::StorageClass;
use axum::body::Body;
use axum::http::{Method, header};

use crate::support::{TestSite, of_url, script};

#[tokio::test]
async fn a_download_is_signed_for_the_files_host_and_brings_its_name_and_type() {
    let site = TestSite::new().await.with_object("reports/\u{fc}ber 2026.txt", 3).await;
    let answer = site.get("/b/files/download?key=reports%2F%C3%BCber%202026.txt").await;
    let location = answer.location().to_owned();
    assert!(location.starts_with("http://files.localhost:3000/reports/%C3%BCber%202026.txt?"), "{location}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.body().contains("X-Amz-"), "a signature stands in the header and nowhere else");

    let object = site.follow(&location).await;
    assert_eq!((object.status(), object.body().as_str()), (200, "xxx"));
    let disposition = object.header("content-disposition");
    assert!(disposition.starts_with("attachment;"), "{disposition}");
    assert!(disposition.contains("filename*=UTF-8''%C3%BCber%202026.txt"), "{disposition}");
    assert_eq!(
        object.header("content-type"),
        "application/octet-stream",
        "what is saved is not shown, whatever it says it is"
    );
}

#[tokio::test]
async fn curl_is_redirected_like_a_browser() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let answer = site.send(script(Method::GET, "/b/files/download?key=a.txt").body(Body::empty()).unwrap()).await;
    assert_eq!(site.follow(answer.location()).await.body(), "xxx");
}

#[tokio::test]
async fn who_only_asks_what_there_is_gets_an_answer_and_no_refusal_of_s3() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let answer = site.head_and_follow("/b/files/download?key=a.txt").await;
    assert_eq!((answer.status(), answer.header("content-length")), (200, "3"));
    assert!(
        answer.header("content-disposition").starts_with("attachment;"),
        "{}",
        answer.header("content-disposition")
    );
    // A signature for one method is none for the other.
    let asked = site.send(script(Method::HEAD, "/b/files/download?key=a.txt").body(Body::empty()).unwrap()).await;
    assert_eq!(site.follow(asked.location()).await.status(), 403);
    let gone = site.send(script(Method::HEAD, "/b/files/download?key=gone.txt").body(Body::empty()).unwrap()).await;
    assert_eq!(gone.status(), 404);
}

#[tokio::test]
async fn an_archived_object_is_told_in_words_and_no_url_is_given_that_s3_would_refuse() {
    let site = TestSite::new().await;
    site.put_as(StorageClass::DeepArchive, "old.txt", "xxx").await;
    site.put_as(StorageClass::GlacierIr, "cold.txt", "xxx").await;
    let answer = site.get("/b/files/download?key=old.txt").await;
    assert_eq!(answer.header("location"), "");
    insta::assert_snapshot!(answer.page(), @r"
    409 Conflict
    [Skip to content](#main)
    [Causeway](/)
    The file is archived
    It lies in an archive of the storage, which gives nothing out until it has been restored.
    Ask the administrator of the bucket to restore it; that can take a day or two.
    [Open its folder](/b/files)
    Incident (id)
    ");
    for address in ["/api/get_url?key=old.txt", "/api/curl_command?bucket=files&key=old.txt"] {
        let answer = site.get(address).await;
        assert_eq!(answer.status(), 409, "{address}");
        assert!(answer.problem().contains("The file is archived"), "{address}: {}", answer.body());
    }
    let at_once = site.get("/b/files/download?key=cold.txt").await.location().to_owned();
    assert_eq!(site.follow(&at_once).await.status(), 200, "not every cold class is an archive");
}

#[tokio::test]
async fn a_range_is_answered_so_that_a_download_can_go_on() {
    let site = TestSite::new().await;
    site.put("a.txt", "0123456789").await;
    let location = site.get("/b/files/download?key=a.txt").await.location().to_owned();
    let rest = of_url(Method::GET, &location).header(header::RANGE, "bytes=4-").body(Body::empty()).unwrap();
    let answer = site.send(rest).await;
    assert_eq!((answer.status(), answer.body().as_str()), (206, "456789"));
}

#[tokio::test]
async fn what_is_not_there_gets_a_page_and_no_xml() {
    let site = TestSite::new().await;
    let answer = site.get("/b/files/download?key=gone.txt").await;
    assert_eq!(answer.status(), 404);
    insta::assert_snapshot!(answer.page(), @r"
    404 Not Found
    [Skip to content](#main)
    [Causeway](/)
    Not found
    S3 holds nothing under this name.
    It may have been moved or deleted.
    [Open its folder](/b/files)
    Incident (id)
    ");
    assert_eq!(site.get("/b/nothing/download?key=a").await.status(), 404);
    assert_eq!(site.get("/b/files/download?key=.causeway%2Fx").await.status(), 403);
}

#[tokio::test]
async fn a_signature_is_for_one_object_one_method_and_one_host() {
    let site = TestSite::new().await.with_object("a.txt", 3).await.with_object("b.txt", 4).await;
    let location = site.get("/b/files/download?key=a.txt").await.location().to_owned();
    assert_eq!(site.follow(&location).await.status(), 200);
    let tampered = [
        location.replace("/a.txt?", "/b.txt?"),
        location.replace("X-Amz-Expires=", "X-Amz-Expires=9"),
        location.replace("a.txt", "a.html"),
        format!("{location}&versionId=null"),
        location.rsplit_once('&').unwrap().0.to_owned(),
        location.replace("http://files.localhost:3000", "http://files.localhost:3001"),
    ];
    for url in tampered {
        assert_ne!(url, location);
        let answer = site.send(of_url(Method::GET, &url).body(Body::empty()).unwrap()).await;
        assert!(matches!(answer.status(), 400 | 403 | 421), "{}", answer.status());
    }
    let put = site.send(of_url(Method::PUT, &location).body(Body::from("evil")).unwrap()).await;
    assert_eq!(put.status(), 403);
}

#[tokio::test]
async fn what_only_says_why_there_is_no_download_loads_no_script() {
    let site = TestSite::new().await;
    for address in ["/b/files/download?key=gone.txt", "/s/broken"] {
        let body = site.get(address).await.body();
        assert!(!body.contains(".js\"") && !body.contains(".wasm\""), "{address}: {body}");
    }
    assert!(site.get("/b/files").await.body().contains(".js\""), "a listing does");
}
