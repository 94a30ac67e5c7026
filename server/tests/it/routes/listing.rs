//! What a person sees of a bucket, without scripts: every key byte for byte, and every link right.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, header};
use embedded::{Action, Fault};

use crate::support::{TestSite, browser, script};

/// Keys that break what is careless: S3 holds them all.
const ODD_KEYS: &[&str] = &[
    "a b.txt",
    "a+b.txt",
    "a%20b.txt",
    "50% off.txt",
    "#1.txt",
    "what?.txt",
    "a&b=c.txt",
    "[x]~{y}.txt",
    "back\\slash.txt",
    "quote\"s'.txt",
    "<b>bold<b>.txt",
    "semi;colon:at@dollar$.txt",
    "caf\u{e9}.txt",
    "cafe\u{301}.txt",
    "\u{1f680}.txt",
    "\u{202e}txt.exe",
    "trailing.dot.",
    " leading space",
    "control\u{1}character",
];

#[tokio::test]
async fn a_new_bucket_says_that_it_is_empty() {
    let site = TestSite::new().await;
    insta::assert_snapshot!(site.get("/b/files").await.page(), @r"
    200 OK
    [Skip to content](#main)
    [Causeway](/)local
    Files
    (field)Names that start with
    This bucket is empty
    Drop files here to put the first ones in.
    ");
}

#[tokio::test]
async fn prefixes_come_first_then_objects_with_their_sizes() {
    let site = TestSite::new().await;
    for (key, size) in [("b.txt", 3), ("a/b.txt", 1), ("a/c/d.txt", 1), ("Z.bin", 5 * 1024)] {
        site.put(key, &"x".repeat(size)).await;
    }
    insta::assert_snapshot!(without_times(&site.get("/b/files").await.page()), @r"
    200 OK
    [Skip to content](#main)
    [Causeway](/)local
    Files
    (field)Names that start with
    Folders and files in Files
    Name | Size | Modified | Actions
    [a](/b/files?prefix=a/) |  |
    [Z.bin](/b/files/download?key=Z.bin)
    5.1 kB
    (time) | [Download Z.bin](/b/files/download?key=Z.bin)<Copy link Z.bin>
    [b.txt](/b/files/download?key=b.txt)
    3 B
    (time) | [Download b.txt](/b/files/download?key=b.txt)<Copy link b.txt>
    1 folder, 2 files
    ");
    insta::assert_snapshot!(without_times(&site.get("/b/files?prefix=a%2F").await.page()), @r"
    200 OK
    [Skip to content](#main)
    [Causeway](/)local
    Folders above
    [Files](/b/files)
    a
    (field)Names that start with
    Folders and files in a
    Name | Size | Modified | Actions
    [c](/b/files?prefix=a/c/) |  |
    [b.txt](/b/files/download?key=a/b.txt)
    1 B
    (time) | [Download b.txt](/b/files/download?key=a/b.txt)<Copy link b.txt>
    1 folder, 1 file
    ");
}

#[tokio::test]
async fn every_page_has_a_title_and_markup_in_it_is_text() {
    let site = TestSite::new().await;
    site.put("R&amp;D </title><script>/a.txt", "a").await;
    for (address, title) in [
        ("/b/files", "Files \u{b7} Causeway"),
        ("/b/files?prefix=R%26amp;D+%3C/title%3E%3Cscript%3E/", "title>&lt;script> \u{b7} Causeway"),
        ("/b/files?prefix=R%26amp;D+%3C/", "R&amp;amp;D &lt; \u{b7} Causeway"),
        ("/b/none", "No such bucket \u{b7} Causeway"),
        ("/none", "No such page \u{b7} Causeway"),
        ("/s/none", "This link is not valid \u{b7} Causeway"),
        ("/b/files/download?key=none", "Not found \u{b7} Causeway"),
    ] {
        let html = site.get(address).await.body();
        let titles: Vec<_> = html.split("<title>").skip(1).map(|rest| rest.split_once("</title>").unwrap().0).collect();
        assert_eq!(titles, [title], "{address}");
    }
}

#[tokio::test]
async fn the_only_bucket_is_opened_at_once() {
    let site = TestSite::new().await;
    assert_eq!(site.get("/").await.location(), "/b/files");
}

#[tokio::test]
async fn every_odd_key_is_listed_and_its_link_downloads_it() {
    let site = TestSite::new().await;
    for key in ODD_KEYS {
        site.put(&format!("odd/{key}"), &format!("content of {key}")).await;
    }
    let page = site.get("/b/files?prefix=odd%2F").await.page();
    let links: Vec<&str> = page
        .split("](")
        .filter_map(|rest| rest.split_once(')').map(|(href, _)| href))
        .filter(|href| href.starts_with("/b/files/download?"))
        .collect();
    let mut contents = Vec::new();
    for href in links {
        let location = site.get(href).await.location().to_owned();
        let answer = site.follow(&location).await;
        assert_eq!(answer.status(), 200, "{href}");
        contents.push(answer.body());
    }
    contents.sort();
    contents.dedup();
    let mut expected: Vec<_> = ODD_KEYS.iter().map(|key| format!("content of {key}")).collect();
    expected.sort();
    assert_eq!(contents, expected);
}

#[tokio::test]
async fn keys_with_empty_segments_are_reached_level_by_level() {
    let site = TestSite::new().await.with_object("/a", 1).await.with_object("x//y", 1).await;
    let root = site.get("/b/files").await.page();
    assert!(root.contains("](/b/files?prefix=/)") && root.contains("](/b/files?prefix=x/)"), "{root}");
    assert!(site.get("/b/files?prefix=%2F").await.page().contains("/b/files/download?key=/a)"));
    assert!(site.get("/b/files?prefix=x%2F").await.page().contains("](/b/files?prefix=x//)"));
    assert!(site.get("/b/files?prefix=x%2F%2F").await.page().contains("/b/files/download?key=x//y)"));
}

#[tokio::test]
async fn a_key_that_no_browser_sends_is_listed_and_explained() {
    let site = TestSite::new().await.with_object("a/../b.txt", 1).await;
    let level = site.get("/b/files?prefix=a%2F..%2F").await.page();
    assert!(level.contains("b.txt") && level.contains("No browser can ask for this name"), "{level}");
    assert!(!level.contains("/download?key=a/.."), "{level}");
    let refused = site.get("/b/files/download?key=a%2F..%2Fb.txt").await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn a_filter_with_a_slash_sent_by_a_form_shows_the_level_whose_rows_it_shows() {
    let site = TestSite::new().await.with_object("a/b/report.txt", 1).await.with_object("a/b/other.txt", 1).await;
    let page = site.get("/b/files?prefix=a%2F&starts_with=b%2Fre").await.page();
    assert!(page.contains("Folders above\n[Files](/b/files)\n[a](/b/files?prefix=a/)\nb\n"), "{page}");
    assert!(page.contains("Folders and files in b") && page.contains("report.txt"), "{page}");
    assert!(!page.contains("other.txt") && page.contains("[Show all names](/b/files?prefix=a/b/)"), "{page}");
}

#[tokio::test]
async fn markup_in_a_key_stays_text() {
    let site = TestSite::new().await.with_object("<img src=x onerror=alert(1)>", 1).await;
    let html = site.get("/b/files").await.body();
    assert!(!html.contains("<img src=x"), "the key became an element");
}

#[tokio::test]
async fn a_long_listing_goes_on_page_by_page_without_scripts() {
    let site = TestSite::new().await;
    for number in 0..403 {
        site.put(&format!("many/{number:04}"), "x").await;
    }
    let mut address = "/b/files?prefix=many%2F".to_owned();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let page = site.get(&address).await.page();
        seen.extend(page.split("](/b/files/download?key=many/").skip(1).map(|rest| rest[..4].to_owned()));
        match page.split_once("[Next page](") {
            Some((_, rest)) => address = rest.split_once(')').unwrap().0.to_owned(),
            None => break,
        }
    }
    seen.dedup();
    assert_eq!(seen, (0..403).map(|number| format!("{number:04}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_prefix_without_anything_a_missing_bucket_and_a_closed_one_have_their_own_words() {
    let site = TestSite::new().await;
    insta::assert_snapshot!(site.get("/b/files?prefix=none%2F").await.page(), @r"
    200 OK
    [Skip to content](#main)
    [Causeway](/)local
    Folders above
    [Files](/b/files)
    none
    (field)Names that start with
    Nothing is stored here
    S3 holds no names below this one. The files may have been moved or deleted, or the address may have a slip in it. A folder comes into being with its first file.
    [Go up one folder](/b/files)
    ");
    insta::assert_snapshot!(site.get("/b/nothing").await.page(), @r"
    404 Not Found
    [Skip to content](#main)
    [Causeway](/)local
    No such bucket
    The portal serves no bucket “nothing”.
    Choose one of the buckets on the first page.
    [Go to the start page](/)
    Incident (id)
    ");
    insta::assert_snapshot!(site.get("/b/files?prefix=.causeway%2F").await.page(), @r"
    403 Forbidden
    [Skip to content](#main)
    [Causeway](/)local
    Kept for the portal itself
    Names below “.causeway/” hold the portal’s own records.
    Choose another folder.
    [Go up one folder](/b/files)
    Incident (id)
    ");
}

#[tokio::test]
async fn a_broken_address_is_told_in_plain_words() {
    let site = TestSite::new().await.with_object("a", 1).await;
    for address in [
        "/b/files?from=nonsense",
        "/b/files?prefix=no-slash",
        "/b/files?prefix=%FF%2F",
        &format!("/b/files?prefix={}%2F", "x".repeat(1100)),
        "/b/files/download",
        "/b/files/download?key=",
        "/b/files/download?key=%FF",
        &format!("/b/files/download?key={}", "x".repeat(1025)),
    ] {
        let answer = site.get(address).await;
        assert_eq!(answer.status(), 400, "{address}");
        assert!(answer.page().lines().count() >= 4, "{address}: {}", answer.page());
    }
    insta::assert_snapshot!(site.get("/b/files?from=nonsense").await.page(), @r"
    400 Bad Request
    [Skip to content](#main)
    [Causeway](/)local
    This page of the list is no longer there
    S3 does not know where the page begins: the address was changed on its way, or S3 has forgotten it.
    Start again from the first page of the folder.
    [First page](/b/files)[Go to the start page](/)
    Incident (id)
    ");
    insta::assert_snapshot!(site.get("/b/files?prefix=no-slash").await.page(), @r"
    400 Bad Request
    [Skip to content](#main)
    [Causeway](/)local
    The address is not complete
    The address of a folder ends with a slash and has at most 1,024 bytes.
    Follow a link of the portal instead of typing the address.
    [Go to the start page](/)
    Incident (id)
    ");
}

#[tokio::test(start_paused = true)]
async fn an_address_that_only_the_pages_router_knows_has_its_rows_and_its_status_without_scripts() {
    let site = TestSite::new().await.with_object("a.txt", 3).await;
    // So that the page is begun before its rows are there.
    site.disturb(Fault::on("ListObjectsV2"), Action::Delay(Duration::from_secs(1)));
    for address in ["/b/files/", "/x/../b/files", "/b/./files", "/b/files/?starts_with=a"] {
        let answer = site.get(address).await;
        assert_eq!(answer.status(), 200, "{address}");
        assert!(answer.page().contains("[a.txt](/b/files/download?key=a.txt)"), "{address}: {}", answer.page());
    }
    for (address, status) in [("/b/nothing/", 404), ("/b/files/?prefix=.causeway%2F", 403), ("/b/files/?from=x", 400)] {
        let answer = site.get(address).await;
        assert_eq!(answer.status(), status, "{address}");
        assert!(answer.page().contains("[Go to") || answer.page().contains("[Go up"), "{address}: {}", answer.page());
    }
    let location = site.get("/b/files/download/?key=a.txt").await.location().to_owned();
    assert_eq!(site.follow(&location).await.body(), "xxx");
}

#[tokio::test]
async fn an_address_that_is_none_gets_a_page_that_says_so() {
    let site = TestSite::new().await;
    insta::assert_snapshot!(site.get("/no/such/page").await.page(), @r"
    404 Not Found
    [Skip to content](#main)
    [Causeway](/)
    No such page
    The portal has no page at this address.
    Check the address, or start from the first page.
    [Go to the start page](/)
    ");
    let api = site.send(script(Method::GET, "/api/none").body(Body::empty()).unwrap()).await;
    assert_eq!((api.status(), api.header("content-type")), (404, "application/json"));
}

#[tokio::test]
async fn the_listing_is_the_same_for_a_client_that_names_no_type() {
    let site = TestSite::new().await.with_object("a.txt", 1).await;
    let request = browser(Method::GET, "/b/files").header(header::ACCEPT, "*/*").body(Body::empty()).unwrap();
    assert!(site.send(request).await.page().contains("a.txt"));
}

/// The page without the times of the test's own run.
fn without_times(page: &str) -> String {
    let is_time = |line: &&str| !line.is_empty();
    page.lines().filter(is_time).map(cut_time).collect::<Vec<_>>().join("\n")
}

/// A column that begins with a year, which is when the test ran.
fn cut_time(line: &str) -> String {
    line.split(" | ")
        .map(|cell| if cell.trim_start().starts_with("20") && cell.contains('-') { "(time)" } else { cell })
        .collect::<Vec<_>>()
        .join(" | ")
}
