//! Presigned requests sent over a socket to an S3 that checks signatures: what is signed is taken.

use domain::listing::UploadMark;
use domain::store::{ObjectStore as _, Overwrite};

use super::signer::{Listening, leave};
use crate::support::odd_keys;
use crate::support::wire::Sent;

#[tokio::test]
async fn what_is_signed_is_taken_under_every_odd_key() {
    let there = Listening::new().await;
    for key in odd_keys::below("k/").into_iter().chain(odd_keys::with_control_characters("k/")) {
        there.have(&key, &key).await;
        let signed = there.signer.get(&key, 60).await;
        let answer = Sent::of(&signed, b"").to(there.address).await;
        assert_eq!((answer.status, answer.text()), (200, key));
    }
}

#[tokio::test]
async fn a_batch_of_parts_is_taken_each_for_its_own_number() {
    let there = Listening::new().await;
    let grant = leave::<domain::access::Write>("parts");
    let id =
        there.signer.store.create_multipart_upload(&grant, "text/plain", &UploadMark("m".to_owned())).await.unwrap();
    let signed = there.signer.parts("parts", &id, &[1; 100]).await;
    assert_eq!(signed.len(), 100);
    for (request, number) in signed.iter().zip(1_u8..) {
        let answer = Sent::of(request, &[number]).to(there.address).await;
        assert_eq!(answer.status, 200, "{number}: {}", answer.text());
    }
    let stored = there.signer.store.list_parts(&grant, &id).await.unwrap();
    let numbers: Vec<_> = stored.iter().map(|part| part.number.get()).collect();
    assert_eq!(numbers, (1..=100).collect::<Vec<u16>>());
}

/// What the load balancer does where the bucket is not named like the host.
#[tokio::test]
async fn a_url_of_a_rewritten_host_is_taken_after_the_rewrite_and_not_before() {
    let there = Listening::with(|setup| setup.public_origin = "http://public.corp.example".to_owned()).await;
    let signed = there.signer.put("a", 4, Overwrite::Never).await;
    let mut sent = Sent::of(&signed, b"here");
    assert_eq!(sent.host, "public.corp.example");
    assert_eq!(sent.to(there.address).await.status, 403);
    sent.host = format!("files.localhost:{}", there.address.port());
    assert_eq!(sent.to(there.address).await.status, 200);
}
