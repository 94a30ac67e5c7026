//! Promises about single objects.

use std::sync::Arc;

use domain::access::Read;
use domain::limits::MAX_PRESIGN_S;
use domain::presign::Disposition;
use domain::store::{ObjectStore as _, Overwrite, StoreError};
use domain::units::ByteSize;

use super::backends::{Backend, key, mark};
use crate::support::odd_keys;

async fn read(backend: &Backend, text: &str) -> crate::support::wire::Received {
    let grant = backend.leave::<Read>(key(text));
    let signed = backend.store.presign_get(&grant, None, Disposition::Attachment, 300).await.unwrap();
    backend.send(&signed, b"").await
}

pub(super) async fn an_object_put_by_its_url_is_headed_and_read_back(backend: Arc<Backend>) {
    let before = (server::state::wall_clock())();
    let key = backend.have("objects/one.txt", b"one").await;
    let meta = backend.store.head_object(&backend.leave::<Read>(key.clone()), None).await.unwrap();
    assert_eq!((meta.key, meta.size_bytes), (key, ByteSize(3)));
    assert_eq!(meta.content_type.as_deref(), Some("text/plain"));
    assert_eq!(meta.etag.0, "\"f97c5d29941bfb1b2fdab0874906ab82\"");
    assert_eq!((meta.version_id, meta.storage_class, meta.mark), (None, None, Some(mark())));
    assert!(meta.last_modified.plus_s(2) >= before && before.plus_s(600) > meta.last_modified);
    let answer = read(&backend, "objects/one.txt").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"one"[..]));
}

pub(super) async fn an_empty_object_and_an_empty_folder_are_stored(backend: Arc<Backend>) {
    for text in ["objects/empty", "objects/folder/"] {
        let key = backend.have(text, b"").await;
        let meta = backend.store.head_object(&backend.leave::<Read>(key), None).await.unwrap();
        assert_eq!(meta.size_bytes, ByteSize::ZERO);
        assert_eq!(read(&backend, text).await.status, 200);
    }
}

pub(super) async fn every_odd_key_is_stored_under_its_own_name(backend: Arc<Backend>) {
    let keys: Vec<_> = odd_keys::below("odd/").into_iter().chain(odd_keys::with_control_characters("odd/")).collect();
    for text in &keys {
        backend.have(text, text.as_bytes()).await;
    }
    for text in &keys {
        let meta = backend.store.head_object(&backend.leave::<Read>(key(text)), None).await;
        let meta = meta.unwrap_or_else(|error| panic!("{text:?}: {error:?}"));
        assert_eq!(meta.size_bytes.0, u64::try_from(text.len()).unwrap(), "{text:?}");
        let answer = read(&backend, text).await;
        assert_eq!((answer.status, &answer.body[..]), (200, text.as_bytes()), "{text:?}");
    }
}

pub(super) async fn a_key_of_white_space_alone_is_headed_and_read_back(backend: Arc<Backend>) {
    for text in [" ", "\t", "\u{3000} "] {
        let key = backend.have(text, text.as_bytes()).await;
        let meta = backend.store.head_object(&backend.leave::<Read>(key), None).await;
        let meta = meta.unwrap_or_else(|error| panic!("{text:?}: {error:?}"));
        assert_eq!(meta.size_bytes.0, u64::try_from(text.len()).unwrap(), "{text:?}");
        let answer = read(&backend, text).await;
        assert_eq!((answer.status, &answer.body[..]), (200, text.as_bytes()), "{text:?}");
    }
    let nothing = backend.store.head_object(&backend.leave::<Read>(key("   ")), None).await;
    assert!(matches!(nothing, Err(StoreError::NotFound(_))), "{nothing:?}");
}

pub(super) async fn a_download_has_the_signed_name_and_type(backend: Arc<Backend>) {
    let key = backend.have("objects/Grüße \"€\".html", b"<script>").await;
    let grant = backend.leave::<Read>(key);
    let asked = [
        (Disposition::Attachment, "attachment", "application/octet-stream"),
        (Disposition::Inline { content_type: "image/png".to_owned() }, "inline", "image/png"),
        (Disposition::Inline { content_type: "text/html".to_owned() }, "attachment", "application/octet-stream"),
    ];
    for (disposition, kind, content_type) in asked {
        let signed = backend.store.presign_get(&grant, None, disposition, 300).await.unwrap();
        let answer = backend.send(&signed, b"").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.header("cache-control"), "private");
        let name = "filename=\"Gr__e ___.html\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22%E2%82%AC%22.html";
        assert_eq!(answer.header("content-disposition"), format!("{kind}; {name}"));
    }
}

pub(super) async fn a_download_goes_on_where_it_stopped(backend: Arc<Backend>) {
    let key = backend.have("objects/range", b"0123456789").await;
    let grant = backend.leave::<Read>(key);
    let signed = backend.store.presign_get(&grant, None, Disposition::Attachment, 300).await.unwrap();
    let answer = backend.send_with(&signed, ("range", "bytes=4-")).await;
    assert_eq!((answer.status, &answer.body[..]), (206, &b"456789"[..]));
    assert_eq!(answer.header("content-range"), "bytes 4-9/10");
}

pub(super) async fn a_missing_object_is_not_found(backend: Arc<Backend>) {
    let grant = backend.leave::<Read>(key("objects/never there"));
    let found = backend.store.head_object(&grant, None).await;
    assert!(matches!(found, Err(StoreError::NotFound(_))), "{found:?}");
    assert_eq!(read(&backend, "objects/never there").await.status, 404);
}

pub(super) async fn a_missing_bucket_is_not_found(backend: Arc<Backend>) {
    let found = backend.store.head_bucket(&backend.absent).await;
    assert!(matches!(found, Err(StoreError::NotFound(_))), "{found:?}");
    let grant = backend.leave_in::<Read>(&backend.absent, key("a"));
    let found = backend.store.head_object(&grant, None).await;
    assert!(matches!(found, Err(StoreError::NotFound(_))), "{found:?}");
}

pub(super) async fn a_bucket_that_is_there_answers(backend: Arc<Backend>) {
    backend.store.head_bucket(&backend.bucket).await.unwrap();
}

pub(super) async fn wrong_credentials_are_denied(backend: Arc<Backend>) {
    let found = backend.stranger.head_bucket(&backend.bucket).await;
    assert!(matches!(found, Err(StoreError::AccessDenied(_))), "{found:?}");
    let grant = backend.leave::<domain::access::Write>(key("objects/by a stranger"));
    let begun = backend.stranger.create_multipart_upload(&grant, "text/plain", &mark()).await;
    assert!(matches!(begun, Err(StoreError::AccessDenied(_))), "{begun:?}");
    let object = domain::store::NewObject {
        size_bytes: ByteSize(1),
        content_type: "text/plain".to_owned(),
        overwrite: Overwrite::Always,
        mark: None,
    };
    let signed = backend.stranger.presign_put(&grant, &object, MAX_PRESIGN_S).await.unwrap();
    assert_eq!(backend.send(&signed, b"x").await.status, 403);
}
