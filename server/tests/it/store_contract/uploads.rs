//! Promises about multipart uploads.

use std::sync::Arc;

use domain::access::{Grant, Read, Write};
use domain::limits::MIN_PART_SIZE;
use domain::listing::ETag;
use domain::presign::Disposition;
use domain::store::{ObjectStore as _, Overwrite, StoreError, StoredPart};
use domain::units::{ByteSize, PartNumber};
use futures_util::{StreamExt as _, stream};

use super::backends::{Backend, key, mark};

pub(super) async fn begin(backend: &Backend, grant: &Grant<Write>) -> String {
    backend.store.create_multipart_upload(grant, "application/pdf", &mark()).await.unwrap()
}

fn number(number: u16) -> PartNumber {
    PartNumber::new(number).unwrap()
}

fn size(body: &[u8]) -> ByteSize {
    ByteSize(body.len().try_into().unwrap())
}

/// Sends one part by a signed URL.
pub(super) async fn send_part(backend: &Backend, grant: &Grant<Write>, id: &str, part: u16, body: &[u8]) {
    let signed = backend.store.presign_parts(grant, id, &[(number(part), size(body))], 300).await.unwrap();
    let answer = backend.send(&signed[0], body).await;
    assert_eq!(answer.status, 200, "part {part}: {}", answer.text());
}

fn full_part(filling: u8) -> Vec<u8> {
    vec![filling; usize::try_from(MIN_PART_SIZE.0).unwrap()]
}

pub(super) async fn an_object_is_made_of_its_parts_in_order(backend: Arc<Backend>) {
    let grant = backend.leave::<Write>(key("uploads/three parts"));
    let id = begin(&backend, &grant).await;
    let bodies = [full_part(b'a'), full_part(b'b'), b"end".to_vec()];
    let numbered: Vec<_> = bodies.iter().zip(1..).map(|(body, part)| (number(part), size(body))).collect();
    let signed = backend.store.presign_parts(&grant, &id, &numbered, 300).await.unwrap();
    for at in [2, 0, 1] {
        assert_eq!(backend.send(&signed[at], &bodies[at]).await.status, 200);
    }
    let mut parts = backend.store.list_parts(&grant, &id).await.unwrap();
    assert_eq!(parts.iter().map(|part| (part.number, part.size_bytes)).collect::<Vec<_>>(), numbered);
    parts.reverse();
    let stored = backend.store.complete_multipart_upload(&grant, &id, &parts, &Overwrite::Always).await.unwrap();
    assert!(stored.etag.0.trim_matches('"').ends_with("-3"), "{stored:?}");
    let grant = backend.leave::<Read>(key("uploads/three parts"));
    let meta = backend.store.head_object(&grant, None).await.unwrap();
    assert_eq!((&meta.etag, meta.content_type.as_deref()), (&stored.etag, Some("application/pdf")));
    assert_eq!(meta.mark, Some(mark()), "an upload knows its object again");
    let signed = backend.store.presign_get(&grant, None, Disposition::Attachment, 300).await.unwrap();
    assert!(backend.send(&signed, b"").await.body == bodies.concat());
}

pub(super) async fn a_part_sent_again_replaces_the_first(backend: Arc<Backend>) {
    let grant = backend.leave::<Write>(key("uploads/again"));
    let id = begin(&backend, &grant).await;
    send_part(&backend, &grant, &id, 1, b"first").await;
    let before = backend.store.list_parts(&grant, &id).await.unwrap();
    send_part(&backend, &grant, &id, 1, b"second").await;
    let after = backend.store.list_parts(&grant, &id).await.unwrap();
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_eq!((before[0].size_bytes.0, after[0].size_bytes.0), (5, 6));
    assert_ne!(before[0].etag, after[0].etag);
}

pub(super) async fn more_than_a_thousand_parts_are_listed(backend: Arc<Backend>) {
    let grant = backend.leave::<Write>(key("uploads/many parts"));
    let id = begin(&backend, &grant).await;
    let numbered: Vec<_> = (1..=1003).map(|part| (number(part), ByteSize(1))).collect();
    let signed = backend.store.presign_parts(&grant, &id, &numbered, 300).await.unwrap();
    let sent = stream::iter(signed).map(|signed| {
        let backend = Arc::clone(&backend);
        async move { backend.send(&signed, b"x").await.status }
    });
    let statuses: Vec<u16> = sent.buffer_unordered(8).collect().await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let parts = backend.store.list_parts(&grant, &id).await.unwrap();
    assert_eq!(parts.iter().map(|part| (part.number, part.size_bytes)).collect::<Vec<_>>(), numbered);
    backend.store.abort_multipart_upload(&grant, &id).await.unwrap();
}

pub(super) async fn a_wrong_part_is_not_made_into_an_object(backend: Arc<Backend>) {
    let grant = backend.leave::<Write>(key("uploads/wrong part"));
    let id = begin(&backend, &grant).await;
    send_part(&backend, &grant, &id, 1, b"one").await;
    let true_part = backend.store.list_parts(&grant, &id).await.unwrap().remove(0);
    let other_etag = StoredPart { etag: ETag("\"00000000000000000000000000000000\"".to_owned()), ..true_part.clone() };
    let absent = StoredPart { number: number(2), ..true_part };
    for wrong in [other_etag, absent] {
        let made = backend.store.complete_multipart_upload(&grant, &id, &[wrong], &Overwrite::Always).await;
        assert!(matches!(made, Err(StoreError::PartsChanged(_))), "{made:?}");
    }
    let found = backend.store.head_object(&backend.leave::<Read>(key("uploads/wrong part")), None).await;
    assert!(matches!(found, Err(StoreError::NotFound(_))), "{found:?}");
}

pub(super) async fn a_part_that_is_too_small_is_not_made_into_an_object(backend: Arc<Backend>) {
    let grant = backend.leave::<Write>(key("uploads/too small"));
    let id = begin(&backend, &grant).await;
    send_part(&backend, &grant, &id, 1, b"too small").await;
    send_part(&backend, &grant, &id, 2, b"the last may be").await;
    let parts = backend.store.list_parts(&grant, &id).await.unwrap();
    let made = backend.store.complete_multipart_upload(&grant, &id, &parts, &Overwrite::Always).await;
    assert!(matches!(made, Err(StoreError::PartsChanged(_))), "{made:?}");
}

pub(super) async fn an_aborted_upload_is_gone(backend: Arc<Backend>) {
    let grant = backend.leave::<Write>(key("uploads/aborted"));
    let id = begin(&backend, &grant).await;
    send_part(&backend, &grant, &id, 1, b"one").await;
    let signed = backend.store.presign_parts(&grant, &id, &[(number(2), ByteSize(3))], 300).await.unwrap();
    backend.store.abort_multipart_upload(&grant, &id).await.unwrap();
    let parts = backend.store.list_parts(&grant, &id).await;
    assert!(matches!(parts, Err(StoreError::UploadNotFound(_))), "{parts:?}");
    assert_eq!(backend.send(&signed[0], b"two").await.status, 404);
    let again = backend.store.abort_multipart_upload(&grant, &id).await;
    assert!(matches!(again, Err(StoreError::UploadNotFound(_))), "{again:?}");
}

pub(super) async fn an_upload_that_is_gone_is_not_completed(backend: Arc<Backend>) {
    let grant = backend.leave::<Write>(key("uploads/gone"));
    let id = begin(&backend, &grant).await;
    backend.store.abort_multipart_upload(&grant, &id).await.unwrap();
    let part = StoredPart { number: number(1), size_bytes: ByteSize(1), etag: ETag("\"0\"".to_owned()) };
    let made = backend.store.complete_multipart_upload(&grant, &id, &[part], &Overwrite::Always).await;
    assert!(matches!(made, Err(StoreError::UploadNotFound(_))), "{made:?}");
}
