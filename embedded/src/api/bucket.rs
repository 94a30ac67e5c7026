//! Buckets themselves: made, listed, removed, and their versioning.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Api;
use super::convert::time;
use super::list::owner;
use crate::error::custom;
use crate::store::buckets;

/// The region whose location constraint S3 leaves empty.
const CLASSIC_REGION: &str = "us-east-1";

pub(super) async fn list_buckets(
    api: &Api,
    request: S3Request<ListBucketsInput>,
) -> S3Result<S3Response<ListBucketsOutput>> {
    let prefix = request.input.prefix.unwrap_or_default();
    let found = api.store.read(buckets::list).await?;
    let buckets = found
        .into_iter()
        .filter(|bucket| bucket.name.starts_with(&prefix))
        .map(|bucket| Bucket {
            name: Some(bucket.name),
            creation_date: Some(time(bucket.created_ms)),
            ..Bucket::default()
        })
        .collect();
    Ok(S3Response::new(ListBucketsOutput {
        buckets: Some(buckets),
        owner: Some(owner()),
        ..ListBucketsOutput::default()
    }))
}

pub(super) async fn create_bucket(
    api: &Api,
    request: S3Request<CreateBucketInput>,
) -> S3Result<S3Response<CreateBucketOutput>> {
    let input = request.input;
    let wished = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint)
        .map(|constraint| constraint.as_str().to_owned());
    // Where nothing is wished, the classic region is meant.
    if wished.as_deref().unwrap_or(CLASSIC_REGION) != api.region {
        return Err(s3_error!(IllegalLocationConstraintException));
    }
    check_access(input.acl.as_ref(), input.object_ownership.as_ref())?;
    if input.object_lock_enabled_for_bucket == Some(true) {
        return Err(s3_error!(NotImplemented, "Object lock is not implemented."));
    }
    // An unknown Host stands for a name that no bucket can have: see `BucketNames`.
    if !s3s::path::check_bucket_name(&input.bucket) {
        return Err(s3_error!(InvalidBucketName));
    }
    let location = format!("/{}", input.bucket);
    let name = input.bucket;
    api.store.write(move |change| buckets::create(change, &name)).await?;
    Ok(S3Response::new(CreateBucketOutput { location: Some(location), ..CreateBucketOutput::default() }))
}

/// Buckets here are as new ones on AWS: they belong to their owner, and have no ACLs.
fn check_access(acl: Option<&BucketCannedACL>, ownership: Option<&ObjectOwnership>) -> S3Result<()> {
    if acl.is_some_and(|acl| acl.as_str() != BucketCannedACL::PRIVATE) {
        return Err(custom(
            "InvalidBucketAclWithObjectOwnership",
            http::StatusCode::BAD_REQUEST,
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        ));
    }
    match ownership.map(ObjectOwnership::as_str) {
        None | Some(ObjectOwnership::BUCKET_OWNER_ENFORCED) => Ok(()),
        Some(_) => Err(s3_error!(NotImplemented, "Ownership of objects by others is not implemented.")),
    }
}

pub(super) async fn delete_bucket(
    api: &Api,
    request: S3Request<DeleteBucketInput>,
) -> S3Result<S3Response<DeleteBucketOutput>> {
    let (name, cors) = (request.input.bucket, Arc::clone(&api.cors));
    api.store
        .write(move |change| {
            buckets::delete(change, &name)?;
            cors.forget(change, name);
            Ok(())
        })
        .await?;
    Ok(S3Response::new(DeleteBucketOutput::default()))
}

pub(super) async fn head_bucket(
    api: &Api,
    request: S3Request<HeadBucketInput>,
) -> S3Result<S3Response<HeadBucketOutput>> {
    let name = request.input.bucket;
    api.store.read(move |tx| buckets::find(tx, &name)).await?;
    Ok(S3Response::new(HeadBucketOutput { bucket_region: Some(api.region.clone()), ..HeadBucketOutput::default() }))
}

pub(super) async fn get_bucket_location(
    api: &Api,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<S3Response<GetBucketLocationOutput>> {
    let name = request.input.bucket;
    api.store.read(move |tx| buckets::find(tx, &name)).await?;
    let region = api.region.clone();
    Ok(S3Response::new(GetBucketLocationOutput {
        location_constraint: (region != CLASSIC_REGION).then(|| BucketLocationConstraint::from(region)),
    }))
}

pub(super) async fn get_bucket_versioning(
    api: &Api,
    request: S3Request<GetBucketVersioningInput>,
) -> S3Result<S3Response<GetBucketVersioningOutput>> {
    let name = request.input.bucket;
    let bucket = api.store.read(move |tx| buckets::find(tx, &name)).await?;
    Ok(S3Response::new(GetBucketVersioningOutput {
        status: bucket.versioning.status().map(BucketVersioningStatus::from_static),
        ..GetBucketVersioningOutput::default()
    }))
}

pub(super) async fn put_bucket_versioning(
    api: &Api,
    request: S3Request<PutBucketVersioningInput>,
) -> S3Result<S3Response<PutBucketVersioningOutput>> {
    let configuration = request.input.versioning_configuration;
    let enabled = match configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => true,
        Some(BucketVersioningStatus::SUSPENDED) => false,
        _ => return Err(s3_error!(MalformedXML)),
    };
    let name = request.input.bucket;
    api.store.write(move |change| buckets::set_versioning(change, &name, enabled)).await?;
    Ok(S3Response::new(PutBucketVersioningOutput::default()))
}
