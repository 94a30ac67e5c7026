//! A link works until it says it does, for whoever holds it, and for nothing else.

use aws_sdk_s3::types::StorageClass;
use axum::body::Body;
use axum::http::{Method, header};
use domain::seal::{Keyring, Purpose, SealKey};
use domain::share::ShareLink;
use domain::units::UnixMillis;

use crate::support::{BEHIND_PROXY, TestSite, script};

/// Makes a link as the page does, and answers its path on the portal.
async fn share(site: &TestSite, key: &str, expires_in_s: u64) -> String {
    let request = script(Method::POST, "/api/create_share_link")
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("x-forwarded-user", "ada")
        .header("x-causeway-secret", crate::support::PROXY_SECRET)
        .body(Body::from(format!("bucket=files&key={key}&expires_in_s={expires_in_s}")))
        .unwrap();
    let answer = site.send(request).await;
    assert_eq!(answer.status(), 200, "{}", answer.body());
    let created: serde_json::Value = serde_json::from_str(&answer.body()).unwrap();
    let url = created["url"].as_str().unwrap();
    url.strip_prefix("http://localhost:3000").expect("an address of the portal").to_owned()
}

fn opened(site: &TestSite, address: &str) -> ShareLink {
    site.portal.keyring.open(Purpose::ShareLink, address.strip_prefix("/s/").unwrap()).unwrap()
}

fn sealed(site: &TestSite, link: &ShareLink) -> String {
    format!("/s/{}", site.portal.keyring.seal(Purpose::ShareLink, link))
}

#[tokio::test]
async fn a_link_leads_to_the_object_in_a_private_window_and_with_curl() {
    let site = TestSite::with(BEHIND_PROXY).await.with_object("a.txt", 3).await;
    let address = share(&site, "a.txt", 3600).await;
    for request in [script(Method::GET, &address), script(Method::GET, &address).header(header::ACCEPT, "text/html")] {
        let answer = site.send(request.body(Body::empty()).unwrap()).await;
        let location = answer.location().to_owned();
        assert!(location.starts_with("http://files.localhost:3000/a.txt?"));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(site.follow(&location).await.body(), "xxx");
    }
}

#[tokio::test]
async fn the_url_behind_a_link_never_outlives_it() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let address = share(&site, "a.txt", 60).await;
    let location = site.get(&address).await.location().to_owned();
    let lives_s: u64 = location
        .split(['?', '&'])
        .find_map(|pair| pair.strip_prefix("X-Amz-Expires="))
        .and_then(|seconds| seconds.parse().ok())
        .unwrap();
    assert!((1..=60).contains(&lives_s), "{lives_s}");
}

#[tokio::test]
async fn a_url_for_a_content_that_can_be_overwritten_lives_five_minutes() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let location = site.get(&share(&site, "a.txt", 7 * 24 * 3600).await).await.location().to_owned();
    assert!(location.contains("X-Amz-Expires=300&"), "the bucket keeps no versions");
}

#[tokio::test]
async fn who_only_asks_what_is_behind_a_link_gets_an_answer_and_no_refusal_of_s3() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let answer = site.head_and_follow(&share(&site, "a.txt", 60).await).await;
    assert_eq!((answer.status(), answer.header("content-length")), (200, "3"));
}

#[tokio::test]
async fn no_link_is_made_to_an_archived_object_and_one_that_was_archived_later_says_so() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let address = share(&site, "a.txt", 60).await;
    // The same content, so that the link still is for it.
    site.put_as(StorageClass::Glacier, "a.txt", "xxx").await;
    let opened = site.get(&address).await;
    assert_eq!((opened.status(), opened.header("location")), (409, ""));
    assert!(opened.page().contains("The file is archived"), "{}", opened.page());
    let request = script(Method::POST, "/api/create_share_link")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("bucket=files&key=a.txt&expires_in_s=60"));
    let refused = site.send(request.unwrap()).await;
    assert_eq!(refused.status(), 409, "{}", refused.body());
    assert!(!refused.body().contains("/s/"), "{}", refused.body());
}

#[tokio::test]
async fn the_configured_maximum_shortens_a_link() {
    let site = TestSite::with(&[("CAUSEWAY_MAX_LINK_S", "3600")]).await.with_object("a.txt", 3).await;
    let address = share(&site, "a.txt", 7 * 24 * 3600).await;
    let left_s = opened(&site, &address).remaining_s(site.portal.now());
    assert!((3500..=3600).contains(&left_s), "{left_s}");
}

#[tokio::test]
async fn a_link_that_has_ended_says_when() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let link = opened(&site, &share(&site, "a.txt", 60).await);
    let ended = ShareLink { expires_at: UnixMillis(1_767_225_600_000), ..link };
    let answer = site.get(&sealed(&site, &ended)).await;
    assert_eq!((answer.status(), answer.header("location")), (410, ""));
    insta::assert_snapshot!(answer.page(), @r"
    410 Gone
    [Skip to content](#main)
    [Causeway](/)
    This link has ended
    It worked until 2026-01-01 00:00 UTC.
    Ask the person who sent it for a new one.
    Incident (id)
    ");
}

#[tokio::test]
async fn a_link_that_is_not_ours_opens_nothing() {
    let site = TestSite::new().await.with_object("a.txt", 3).await.with_object("b.txt", 3).await;
    let address = share(&site, "a.txt", 3600).await;
    let link = opened(&site, &address);
    let strange = Keyring::new(SealKey::new("local", vec![7; 32]).unwrap(), vec![]);
    let ticket = site.portal.keyring.seal(Purpose::UploadTicket, &link);
    let (front, tag) = address.rsplit_once('.').unwrap();
    let forged = [
        format!("{front}.{}", tag.chars().rev().collect::<String>()),
        format!("{front}."),
        front.to_owned(),
        format!("{address}.x"),
        format!("{address}x"),
        format!("/s/{}", strange.seal(Purpose::ShareLink, &link)),
        format!("/s/{ticket}"),
        "/s/x".to_owned(),
        "/s/%00".to_owned(),
        format!("/s/{}", "A".repeat(8000)),
    ];
    for address in &forged {
        let answer = site.get(address).await;
        assert_eq!((answer.status(), answer.header("location")), (404, ""), "{address}");
    }
    insta::assert_snapshot!(site.get(&forged[0]).await.page(), @r"
    404 Not Found
    [Skip to content](#main)
    [Causeway](/)
    This link is not valid
    The portal did not make it as it stands. A part may be missing, or it was changed.
    Copy the whole link once more, or ask the person who sent it for a new one.
    Incident (id)
    ");
}

#[tokio::test]
async fn a_link_does_not_give_away_what_took_the_object_s_place() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let address = share(&site, "a.txt", 3600).await;
    site.put("a.txt", "something else").await;
    let answer = site.get(&address).await;
    assert_eq!(answer.header("location"), "");
    insta::assert_snapshot!(answer.page(), @r"
    404 Not Found
    [Skip to content](#main)
    [Causeway](/)
    The file was replaced
    Another content was stored under its name after the link was made, and the link is not for that one.
    Ask the person who sent it for a new link.
    Incident (id)
    ");
}

#[tokio::test]
async fn a_link_to_a_deleted_object_says_so() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let link = opened(&site, &share(&site, "a.txt", 3600).await);
    let gone = ShareLink { key: domain::key::ObjectKey::parse("gone.txt").unwrap(), ..link };
    let answer = site.get(&sealed(&site, &gone)).await;
    assert_eq!(answer.header("location"), "");
    insta::assert_snapshot!(answer.page(), @r"
    404 Not Found
    [Skip to content](#main)
    [Causeway](/)
    The file is no longer there
    It was deleted or moved after the link was made.
    Ask the person who sent the link where it is now.
    Incident (id)
    ");
}

#[tokio::test]
async fn a_link_opens_nothing_below_the_reserved_prefix() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    let link = opened(&site, &share(&site, "a.txt", 3600).await);
    let inside = ShareLink { key: domain::key::ObjectKey::parse(".causeway/x").unwrap(), ..link };
    let answer = site.get(&sealed(&site, &inside)).await;
    assert_eq!((answer.status() >= 400, answer.header("location")), (true, ""));
}

#[tokio::test]
async fn only_what_is_there_can_be_shared() {
    let site = TestSite::new().await;
    for (form, status) in [
        ("bucket=files&key=gone.txt&expires_in_s=60", 404),
        ("bucket=nothing&key=a&expires_in_s=60", 404),
        ("bucket=files&key=.causeway%2Fx&expires_in_s=60", 403),
        ("bucket=files&key=&expires_in_s=60", 400),
        ("bucket=files&key=a&expires_in_s=0", 400),
        ("bucket=files&key=a&expires_in_s=-1", 400),
        ("bucket=files", 400),
    ] {
        let request = script(Method::POST, "/api/create_share_link")
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        assert_eq!(site.send(request).await.status(), status, "{form}");
    }
}
