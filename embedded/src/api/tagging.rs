//! Tags on objects and on buckets.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Api;
use super::convert::{self, TagLimit, check_tags, check_version_id};
use super::settings;
use crate::store::buckets::{self, Setting};
use crate::store::object::Tags;
use crate::store::versions;

pub(super) async fn get_object_tagging(
    api: &Api,
    request: S3Request<GetObjectTaggingInput>,
) -> S3Result<S3Response<GetObjectTaggingOutput>> {
    let GetObjectTaggingInput { bucket, key, version_id, .. } = request.input;
    check_version_id(version_id.as_deref())?;
    let (found, version_id) = api
        .store
        .read(move |tx| {
            let bucket = buckets::find(tx, &bucket)?;
            let found = versions::find(tx, &bucket, &key, version_id.as_deref())?;
            let version_id = convert::version_id(&bucket, &found.version);
            Ok((found, version_id))
        })
        .await?;
    Ok(S3Response::new(GetObjectTaggingOutput { tag_set: to_protocol(found.tags), version_id }))
}

pub(super) async fn put_object_tagging(
    api: &Api,
    request: S3Request<PutObjectTaggingInput>,
) -> S3Result<S3Response<PutObjectTaggingOutput>> {
    let PutObjectTaggingInput { bucket, key, version_id, tagging, .. } = request.input;
    check_version_id(version_id.as_deref())?;
    let tags = from_protocol(tagging.tag_set, TagLimit::Object)?;
    let version_id = set(api, bucket, key, version_id, tags).await?;
    Ok(S3Response::new(PutObjectTaggingOutput { version_id }))
}

pub(super) async fn delete_object_tagging(
    api: &Api,
    request: S3Request<DeleteObjectTaggingInput>,
) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
    let DeleteObjectTaggingInput { bucket, key, version_id, .. } = request.input;
    check_version_id(version_id.as_deref())?;
    let version_id = set(api, bucket, key, version_id, Tags::new()).await?;
    Ok(S3Response::new(DeleteObjectTaggingOutput { version_id }))
}

pub(super) async fn get_bucket_tagging(
    api: &Api,
    request: S3Request<GetBucketTaggingInput>,
) -> S3Result<S3Response<GetBucketTaggingOutput>> {
    let tags = settings::read(api, request.input.bucket, Setting::Tagging).await?;
    let tags = tags.ok_or_else(|| s3_error!(NoSuchTagSet))?;
    Ok(S3Response::new(GetBucketTaggingOutput { tag_set: to_protocol(tags) }))
}

pub(super) async fn put_bucket_tagging(
    api: &Api,
    request: S3Request<PutBucketTaggingInput>,
) -> S3Result<S3Response<PutBucketTaggingOutput>> {
    let tags = from_protocol(request.input.tagging.tag_set, TagLimit::Bucket)?;
    settings::write(api, request.input.bucket, Setting::Tagging, Some(&tags)).await?;
    Ok(S3Response::new(PutBucketTaggingOutput::default()))
}

pub(super) async fn delete_bucket_tagging(
    api: &Api,
    request: S3Request<DeleteBucketTaggingInput>,
) -> S3Result<S3Response<DeleteBucketTaggingOutput>> {
    settings::remove(api, request.input.bucket, Setting::Tagging).await?;
    Ok(S3Response::new(DeleteBucketTaggingOutput::default()))
}

async fn set(api: &Api, bucket: String, key: String, version: Option<String>, tags: Tags) -> S3Result<Option<String>> {
    let version_id = api
        .store
        .write(move |change| {
            let bucket = buckets::find(&change.tx, &bucket)?;
            let found = versions::set_tags(change, &bucket, &key, version.as_deref(), &tags)?;
            Ok(convert::version_id(&bucket, &found.version))
        })
        .await?;
    Ok(version_id)
}

fn from_protocol(tags: TagSet, limit: TagLimit) -> S3Result<Tags> {
    let tags = tags.into_iter();
    check_tags(tags.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())), limit)
}

fn to_protocol(tags: Tags) -> TagSet {
    tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect()
}
