//! Presigned requests that were changed on their way: each change is refused, and nothing is stored.

use domain::access::Read;
use domain::listing::UploadMark;
use domain::store::{ObjectStore as _, Overwrite, StoreError};

use super::signer::{Listening, leave};
use crate::support::wire::Sent;

/// A change that a thief or a mistake could make.
type Change = fn(&mut Sent);

const CHANGES_OF_A_GET: &[(&str, Change)] = &[
    ("another key", |sent| sent.target = sent.target.replacen("/a/secret", "/a/public", 1)),
    ("a key beside it", |sent| sent.target = sent.target.replacen("/a/secret", "/a/secret2", 1)),
    ("a dot in the path", |sent| sent.target = sent.target.replacen("/a/secret", "/a/./secret", 1)),
    ("another file name", |sent| sent.target = sent.target.replacen("attachment", "inline", 1)),
    ("another type", |sent| sent.target = sent.target.replacen("octet-stream", "xhtml%2Bxml", 1)),
    ("another person", |sent| sent.target = sent.target.replacen("x-user=ada", "x-user=eve", 1)),
    ("a longer life", |sent| sent.target = sent.target.replacen("X-Amz-Expires=60", "X-Amz-Expires=6000", 1)),
    ("another key pair", |sent| sent.target = sent.target.replacen("AKIDTEST", "AKIDTESU", 1)),
    ("another Region", |sent| sent.target = sent.target.replacen("eu-central-1", "eu-central-2", 1)),
    ("one more parameter", |sent| sent.target.push_str("&versionId=1")),
    ("one parameter less", |sent| sent.target = sent.target.replacen("response-cache-control=private&", "", 1)),
    ("no signature", |sent| sent.target = sent.target.replacen("X-Amz-Signature=", "X-Amz-Sagnature=", 1)),
    ("another signature", |sent| {
        let at = sent.target.find("X-Amz-Signature=").unwrap() + "X-Amz-Signature=".len();
        let digit = if sent.target[at..].starts_with('0') { "1" } else { "0" };
        sent.target.replace_range(at..=at, digit);
    }),
    ("another method", |sent| sent.method = "PUT".to_owned()),
    ("HEAD for GET", |sent| sent.method = "HEAD".to_owned()),
    ("DELETE for GET", |sent| sent.method = "DELETE".to_owned()),
    ("another bucket's host", |sent| sent.host = sent.host.replacen("files", "other", 1)),
    ("another port", |sent| sent.host = "files.localhost:1".to_owned()),
];

const CHANGES_OF_A_PUT: &[(&str, Change)] = &[
    ("one byte more", |sent| sent.body.push(b'!')),
    ("one byte less", |sent| sent.body.truncate(3)),
    ("nothing", |sent| sent.body.clear()),
    ("another type", |sent| header(sent, "content-type", Some("text/html"))),
    ("no type", |sent| header(sent, "content-type", None)),
    ("no condition", |sent| header(sent, "if-none-match", None)),
    ("another header of S3's", |sent| header(sent, "x-amz-acl", Some("public-read"))),
    ("another key", |sent| sent.target = sent.target.replacen("/a/new", "/a/secret", 1)),
    ("GET for PUT", |sent| sent.method = "GET".to_owned()),
];

fn header(sent: &mut Sent, name: &str, value: Option<&str>) {
    sent.headers.retain(|(found, _)| found != name);
    sent.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_changed_download_is_refused() {
    let there = Listening::new().await;
    for key in ["a/secret", "a/secret2", "a/public"] {
        there.have(key, "content").await;
    }
    let unchanged = Sent::of(&there.signer.get("a/secret", 60).await, b"");
    assert_eq!(unchanged.to(there.address).await.status, 200);
    for (name, change) in CHANGES_OF_A_GET {
        let mut sent = unchanged.clone();
        change(&mut sent);
        assert_ne!(format!("{sent:?}"), format!("{unchanged:?}"), "{name} changes nothing");
        let answer = sent.to(there.address).await;
        // A credential of another Region is found wrong before the signature is looked at.
        let expected = if *name == "another Region" { 400 } else { 403 };
        assert_eq!(answer.status, expected, "{name}: {}", answer.text());
        assert_ne!(answer.text(), "content", "{name}");
    }
}

#[tokio::test]
async fn a_changed_upload_is_refused_and_stores_nothing() {
    let there = Listening::new().await;
    there.have("a/secret", "content").await;
    let unchanged = Sent::of(&there.signer.put("a/new", 4, Overwrite::Never).await, b"here");
    for (name, change) in CHANGES_OF_A_PUT {
        let mut sent = unchanged.clone();
        change(&mut sent);
        assert_ne!(format!("{sent:?}"), format!("{unchanged:?}"), "{name} changes nothing");
        let answer = sent.to(there.address).await;
        assert_eq!(answer.status, 403, "{name}: {}", answer.text());
        let found = there.signer.store.head_object(&leave::<Read>("a/new"), None).await;
        assert!(matches!(found, Err(StoreError::NotFound(_))), "{name} stored something");
    }
    assert_eq!(unchanged.to(there.address).await.status, 200);
    assert_eq!(unchanged.to(there.address).await.status, 412);
}

#[tokio::test]
async fn a_parts_url_is_good_for_that_part_alone() {
    let there = Listening::new().await;
    let grant = leave::<domain::access::Write>("parts");
    let id =
        there.signer.store.create_multipart_upload(&grant, "text/plain", &UploadMark("m".to_owned())).await.unwrap();
    let other =
        there.signer.store.create_multipart_upload(&grant, "text/plain", &UploadMark("m".to_owned())).await.unwrap();
    let unchanged = Sent::of(&there.signer.parts("parts", &id, &[4]).await[0], b"here");
    let changes = [
        unchanged.target.replacen("partNumber=1", "partNumber=2", 1),
        unchanged.target.replacen(&id, &other, 1),
        unchanged.target.replacen("partNumber=1&", "", 1).replacen("&partNumber=1", "", 1),
    ];
    for target in changes {
        assert_ne!(target, unchanged.target);
        let sent = Sent { target, ..unchanged.clone() };
        assert_eq!(sent.to(there.address).await.status, 403);
    }
    assert_eq!(Sent { body: b"here!".to_vec(), ..unchanged.clone() }.to(there.address).await.status, 403);
    assert!(there.signer.store.list_parts(&grant, &id).await.unwrap().is_empty());
    assert_eq!(unchanged.to(there.address).await.status, 200);
}
