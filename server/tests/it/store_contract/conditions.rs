//! Promises about changes that race: each is conditional, and the loser is told.

use std::sync::Arc;

use domain::access::{Read, Write};
use domain::key::ObjectKey;
use domain::listing::ETag;
use domain::store::{ObjectStore as _, Overwrite, StoreError, StoredObject};

use super::backends::{Backend, key};
use super::uploads::{begin, send_part};

async fn etag(backend: &Backend, key: &ObjectKey) -> ETag {
    backend.store.head_object(&backend.leave::<Read>(key.clone()), None).await.unwrap().etag
}

/// Uploads `body` in one part to `key` and completes it under a condition.
async fn upload(
    backend: &Backend,
    key: &ObjectKey,
    body: &[u8],
    overwrite: &Overwrite,
) -> Result<StoredObject, StoreError> {
    let grant = backend.leave::<Write>(key.clone());
    let id = begin(backend, &grant).await;
    send_part(backend, &grant, &id, 1, body).await;
    let parts = backend.store.list_parts(&grant, &id).await.unwrap();
    let made = backend.store.complete_multipart_upload(&grant, &id, &parts, overwrite).await;
    if made.is_err() {
        // What was refused is kept: it can be completed again.
        assert_eq!(backend.store.list_parts(&grant, &id).await.unwrap(), parts);
        backend.store.abort_multipart_upload(&grant, &id).await.unwrap();
    }
    made
}

pub(super) async fn a_put_that_may_not_overwrite_is_refused(backend: Arc<Backend>) {
    let key = key("conditions/once");
    assert_eq!(backend.put(&key, b"first", Overwrite::Never).await.status, 200);
    let first = etag(&backend, &key).await;
    assert_eq!(backend.put(&key, b"second", Overwrite::Never).await.status, 412);
    assert_eq!(etag(&backend, &key).await, first);
}

pub(super) async fn a_put_replaces_only_what_it_was_signed_for(backend: Arc<Backend>) {
    let key = backend.have("conditions/replaced", b"first").await;
    let first = Overwrite::IfMatch(etag(&backend, &key).await);
    assert_eq!(backend.put(&key, b"second", first.clone()).await.status, 200);
    let second = etag(&backend, &key).await;
    assert_eq!(backend.put(&key, b"third", first).await.status, 412);
    assert_eq!(etag(&backend, &key).await, second);
}

pub(super) async fn an_upload_that_may_not_overwrite_is_refused_at_its_end(backend: Arc<Backend>) {
    let key = key("conditions/upload once");
    upload(&backend, &key, b"first", &Overwrite::Never).await.unwrap();
    let first = etag(&backend, &key).await;
    let second = upload(&backend, &key, b"second", &Overwrite::Never).await;
    assert!(matches!(second, Err(StoreError::PreconditionFailed(_))), "{second:?}");
    assert_eq!(etag(&backend, &key).await, first);
}

pub(super) async fn an_upload_replaces_only_what_it_was_begun_for(backend: Arc<Backend>) {
    let key = backend.have("conditions/upload replaced", b"first").await;
    let first = Overwrite::IfMatch(etag(&backend, &key).await);
    let second = upload(&backend, &key, b"second", &first).await.unwrap();
    assert_eq!(etag(&backend, &key).await, second.etag);
    let third = upload(&backend, &key, b"third", &first).await;
    assert!(matches!(third, Err(StoreError::PreconditionFailed(_))), "{third:?}");
    assert_eq!(etag(&backend, &key).await, second.etag);
}
