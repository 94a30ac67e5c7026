//! What a presigned request says, and that its signature holds in somebody else's computation.

use domain::access::Read;
use domain::limits::MAX_KEY_BYTES;
use domain::listing::ETag;
use domain::presign::{Disposition, PresignedRequest};
use domain::store::{ObjectStore as _, Overwrite};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use super::signer::{Setup, Signer, leave, parameter, verify};
use crate::support::odd_keys;
use crate::support::wire::Sent;

/// The names of a URL's query parameters, in order of the alphabet.
fn parameters(url: &str) -> Vec<&str> {
    let (_, query) = url.split_once('?').unwrap();
    let mut names: Vec<_> = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    names.sort_unstable();
    names
}

const OF_EVERY_SIGNATURE: [&str; 6] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature", "X-Amz-SignedHeaders"];

/// A checksum among them would be of an empty body, which no upload could match.
#[tokio::test]
async fn a_url_carries_these_parameters_and_no_others() {
    let signer = Signer::new(Setup::default());
    let cases = [
        (
            signer.get("a", 300).await,
            vec!["response-cache-control", "response-content-disposition", "response-content-type", "x-user"],
        ),
        (signer.put("a", 7, Overwrite::Never).await, vec!["x-user"]),
        (signer.parts("a", "id", &[5]).await.remove(0), vec!["partNumber", "uploadId", "x-user"]),
    ];
    for (signed, own) in cases {
        let mut expected = [OF_EVERY_SIGNATURE.to_vec(), own].concat();
        expected.sort_unstable();
        assert_eq!(parameters(signed.url.expose()), expected);
    }
}

#[tokio::test]
async fn what_a_browser_must_send_is_told_and_what_it_sets_itself_is_not() {
    let signer = Signer::new(Setup::default());
    let names = |headers: Vec<(String, String)>| {
        let mut headers: Vec<String> = headers.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        headers.sort_unstable();
        headers
    };
    let signed = |request: &PresignedRequest| parameter(request, "X-Amz-SignedHeaders").unwrap().replace("%3B", ";");
    let put = signer.put("a", 7, Overwrite::Never).await;
    assert_eq!(signed(&put), "content-length;content-type;host;if-none-match");
    assert_eq!(names(put.headers), ["content-type: text/plain", "if-none-match: *"]);
    let put = signer.put("a", 7, Overwrite::IfMatch(ETag("\"e\"".to_owned()))).await;
    assert_eq!(signed(&put), "content-length;content-type;host;if-match");
    assert_eq!(names(put.headers), ["content-type: text/plain", "if-match: \"e\""]);
    let part = signer.parts("a", "id", &[5]).await.remove(0);
    assert_eq!(signed(&part), "content-length;host");
    assert!(part.headers.is_empty());
    let get = signer.get("a", 300).await;
    assert_eq!((signed(&get).as_str(), get.headers.is_empty()), ("host", true));
}

#[tokio::test]
async fn every_url_carries_the_files_host_and_is_signed_for_it() {
    let signer = Signer::new(Setup::default());
    for (signed, size) in signer.one_of_each("a/b c.txt").await {
        assert!(signed.url.expose().starts_with("https://files.corp.example/a/b%20c.txt?"), "{}", signed.url.expose());
        assert_eq!(verify(&signed, size, "files.corp.example"), Ok(()));
        assert!(verify(&signed, size, "portal.corp.example").is_err());
    }
}

#[tokio::test]
async fn where_the_load_balancer_rewrites_the_host_the_signature_is_for_the_rewritten_one() {
    let signer = Signer::new(Setup {
        public_origin: "https://files.corp.example:8443".to_owned(),
        signing_host: "data.s3.eu-central-1.amazonaws.com".to_owned(),
        ..Setup::default()
    });
    for (signed, size) in signer.one_of_each("a//b?.txt").await {
        let url = signed.url.expose();
        assert!(url.starts_with("https://files.corp.example:8443/a//b%3F.txt?"), "{url}");
        assert!(!url.contains("amazonaws"), "{url}");
        assert_eq!(verify(&signed, size, "data.s3.eu-central-1.amazonaws.com"), Ok(()));
        assert!(verify(&signed, size, "files.corp.example:8443").is_err());
    }
}

#[tokio::test]
async fn the_signature_names_the_person() {
    let signer = Signer::new(Setup::default());
    for (signed, size) in signer.one_of_each("a").await {
        assert_eq!(parameter(&signed, "x-user"), Some("ada%20lovelace%2B1%40corp.example"));
        let other = signed.url.expose().replace("x-user=ada", "x-user=eve");
        let other = PresignedRequest { url: domain::presign::SignedUrl::new(other), ..signed };
        assert!(verify(&other, size, "files.corp.example").is_err());
    }
}

#[tokio::test]
async fn a_version_is_part_of_the_signature() {
    let signer = Signer::new(Setup::default());
    let signed =
        signer.store.presign_get(&leave::<Read>("a"), Some("v/1+ ="), Disposition::Attachment, 60).await.unwrap();
    assert_eq!(parameter(&signed, "versionId"), Some("v%2F1%2B%20%3D"));
    assert_eq!(verify(&signed, 0, "files.corp.example"), Ok(()));
}

#[tokio::test]
async fn every_odd_key_is_signed_as_it_travels() {
    let signer = Signer::new(Setup::default());
    let dots = ["a/../b", "./a", "a/.", ".."].map(str::to_owned);
    for key in odd_keys::below("k/").into_iter().chain(odd_keys::with_control_characters("")).chain(dots) {
        for (signed, size) in signer.one_of_each(&key).await {
            assert_eq!(verify(&signed, size, "files.corp.example"), Ok(()), "{key:?}");
            assert_eq!(key_of(&Sent::of(&signed, b"")), key);
        }
    }
}

/// What stands in the path, unescaped.
fn key_of(sent: &Sent) -> String {
    let (path, _) = sent.target.split_once('?').unwrap();
    percent_decode_str(&path[1..]).decode_utf8().unwrap().into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_key_at_all_is_signed_as_it_travels(key in proptest::collection::vec(any::<char>(), 1..200)) {
        let key: String = key.into_iter().collect();
        prop_assume!(key.len() <= MAX_KEY_BYTES && !key.starts_with(".causeway/"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        for (signed, size) in runtime.block_on(Signer::new(Setup::default()).one_of_each(&key)) {
            prop_assert_eq!(verify(&signed, size, "files.corp.example"), Ok(()));
            prop_assert_eq!(key_of(&Sent::of(&signed, b"")), key.clone());
        }
    }
}
