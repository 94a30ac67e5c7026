//! DeleteObject and DeleteObjects.

use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::Api;
use super::convert::check_version_id;
use crate::store::object::WriteCondition;
use crate::store::versions::Deleted;
use crate::store::{Change, StoreError, buckets, versions};
use crate::xml_text::protect;

/// Keys in one DeleteObjects. Source: S3 API reference, DeleteObjects.
const MAX_DELETED: usize = 1_000;

/// S3's longest key, in bytes of UTF-8.
const MAX_KEY_BYTES: usize = 1_024;

pub(super) async fn delete_object(
    api: &Api,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    let DeleteObjectInput { bucket, key, version_id, if_match, .. } = request.input;
    check_version_id(version_id.as_deref())?;
    if version_id.is_some() && if_match.is_some() {
        return Err(conditional_version());
    }
    let deleted =
        api.store.shrink(move |change| delete(change, &bucket, &key, version_id.as_deref(), if_match.clone())).await?;
    Ok(S3Response::new(DeleteObjectOutput {
        delete_marker: deleted.delete_marker.then_some(true),
        version_id: deleted.version,
        ..DeleteObjectOutput::default()
    }))
}

pub(super) async fn delete_objects(
    api: &Api,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    let DeleteObjectsInput { bucket, delete: Delete { objects, quiet }, .. } = request.input;
    if objects.is_empty() || objects.len() > MAX_DELETED {
        return Err(s3_error!(MalformedXML));
    }
    let name = bucket.clone();
    api.store.read(move |tx| buckets::find(tx, &name)).await?;
    let quiet = quiet.unwrap_or_default();
    // One transaction for all: each key's failure is its own, and leaves no trace of that key.
    let outcomes = api
        .store
        .shrink(move |change| {
            let outcomes = objects.iter().map(|object| Ok((object.clone(), delete_one(change, &bucket, object)?)));
            outcomes.collect::<Result<Vec<_>, StoreError>>()
        })
        .await?;
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (object, outcome) in outcomes {
        match outcome {
            Ok(_) if quiet => {}
            Ok(outcome) => deleted.push(deleted_object(&object, outcome)),
            Err(error) => errors.push(Error {
                code: Some(error.code().as_str().to_owned()),
                key: Some(protect(&object.key)),
                message: error.message().map(str::to_owned),
                version_id: object.version_id.as_deref().map(protect),
            }),
        }
    }
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(errors),
        ..DeleteObjectsOutput::default()
    }))
}

fn delete_one(
    change: &mut Change<'_>,
    bucket: &str,
    object: &ObjectIdentifier,
) -> Result<Result<Deleted, S3Error>, StoreError> {
    if object.key.is_empty() {
        return Ok(Err(s3_error!(UserKeyMustBeSpecified)));
    }
    if object.key.len() > MAX_KEY_BYTES {
        return Ok(Err(s3_error!(KeyTooLongError)));
    }
    let condition = object.e_tag.clone().map(ETagCondition::ETag);
    if check_version_id(object.version_id.as_deref()).is_err() {
        return Ok(Err(s3_error!(NoSuchVersion)));
    }
    if object.version_id.is_some() && condition.is_some() {
        return Ok(Err(conditional_version()));
    }
    match delete(change, bucket, &object.key, object.version_id.as_deref(), condition) {
        Ok(deleted) => Ok(Ok(deleted)),
        Err(error @ (StoreError::PreconditionFailed | StoreError::NoSuchKey { .. })) => Ok(Err(error.into())),
        Err(error) => Err(error),
    }
}

/// S3 has conditions for what a key has now, and none for a version that is named.
fn conditional_version() -> S3Error {
    s3_error!(NotImplemented, "A header you provided implies functionality that is not implemented")
}

fn delete(
    change: &mut Change<'_>,
    bucket: &str,
    key: &str,
    version: Option<&str>,
    if_match: Option<ETagCondition>,
) -> Result<Deleted, StoreError> {
    let bucket = buckets::find(&change.tx, bucket)?;
    if if_match.is_some() {
        let condition = WriteCondition { if_match, if_none_match: None };
        condition.check(versions::current(&change.tx, &bucket, key)?.as_ref())?;
    }
    versions::delete(change, &bucket, key, version)
}

fn deleted_object(object: &ObjectIdentifier, outcome: Deleted) -> DeletedObject {
    // What was named is a version; what came of it, where none was named, is a new marker.
    let named = object.version_id.is_some();
    DeletedObject {
        key: Some(protect(&object.key)),
        delete_marker: outcome.delete_marker.then_some(true),
        delete_marker_version_id: outcome.version.clone().filter(|_| outcome.delete_marker),
        version_id: outcome.version.filter(|_| named),
    }
}
