//! A bucket's settings: stored and given back. CORS rules act at once, the lifecycle's rule for
//! unfinished uploads in its time; the others are kept for those who read them.

use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Api;
use super::write::ENCRYPTIONS;
use crate::cors::{self, CorsRule};
use crate::error::custom;
use crate::lifecycle;
use crate::store::buckets::{self, Setting};
use crate::store::object::DEFAULT_ENCRYPTION;

/// The longest bucket policy. 20 KB. Source: S3 user guide, bucket policies.
const MAX_POLICY_BYTES: usize = 20 * 1024;

pub(super) async fn get_bucket_cors(
    api: &Api,
    request: S3Request<GetBucketCorsInput>,
) -> S3Result<S3Response<GetBucketCorsOutput>> {
    let name = request.input.bucket.clone();
    api.store.read(move |tx| buckets::find(tx, &name)).await?;
    let rules = api.cors.of(&request.input.bucket).ok_or_else(|| s3_error!(NoSuchCORSConfiguration))?;
    let cors_rules = rules.iter().map(to_protocol).collect();
    Ok(S3Response::new(GetBucketCorsOutput { cors_rules: Some(cors_rules) }))
}

pub(super) async fn put_bucket_cors(
    api: &Api,
    request: S3Request<PutBucketCorsInput>,
) -> S3Result<S3Response<PutBucketCorsOutput>> {
    let rules: Vec<CorsRule> =
        request.input.cors_configuration.cors_rules.into_iter().map(from_protocol).collect::<S3Result<_>>()?;
    cors::check(&rules)?;
    api.cors.store(&api.store, &request.input.bucket, rules).await?;
    Ok(S3Response::new(PutBucketCorsOutput::default()))
}

pub(super) async fn delete_bucket_cors(
    api: &Api,
    request: S3Request<DeleteBucketCorsInput>,
) -> S3Result<S3Response<DeleteBucketCorsOutput>> {
    api.cors.store(&api.store, &request.input.bucket, Vec::new()).await?;
    Ok(S3Response::new(DeleteBucketCorsOutput::default()))
}

pub(super) async fn get_bucket_lifecycle_configuration(
    api: &Api,
    request: S3Request<GetBucketLifecycleConfigurationInput>,
) -> S3Result<S3Response<GetBucketLifecycleConfigurationOutput>> {
    let found: Option<BucketLifecycleConfiguration> = read(api, request.input.bucket, Setting::Lifecycle).await?;
    let found = found.ok_or_else(|| s3_error!(NoSuchLifecycleConfiguration))?;
    Ok(S3Response::new(GetBucketLifecycleConfigurationOutput {
        rules: Some(found.rules),
        ..GetBucketLifecycleConfigurationOutput::default()
    }))
}

pub(super) async fn put_bucket_lifecycle_configuration(
    api: &Api,
    request: S3Request<PutBucketLifecycleConfigurationInput>,
) -> S3Result<S3Response<PutBucketLifecycleConfigurationOutput>> {
    let configuration = request
        .input
        .lifecycle_configuration
        .filter(|configuration| !configuration.rules.is_empty())
        .ok_or_else(|| s3_error!(MalformedXML))?;
    lifecycle::check(&configuration.rules)?;
    write(api, request.input.bucket, Setting::Lifecycle, Some(&configuration)).await?;
    Ok(S3Response::new(PutBucketLifecycleConfigurationOutput::default()))
}

pub(super) async fn delete_bucket_lifecycle(
    api: &Api,
    request: S3Request<DeleteBucketLifecycleInput>,
) -> S3Result<S3Response<DeleteBucketLifecycleOutput>> {
    remove(api, request.input.bucket, Setting::Lifecycle).await?;
    Ok(S3Response::new(DeleteBucketLifecycleOutput::default()))
}

pub(super) async fn get_bucket_encryption(
    api: &Api,
    request: S3Request<GetBucketEncryptionInput>,
) -> S3Result<S3Response<GetBucketEncryptionOutput>> {
    let found = read(api, request.input.bucket, Setting::Encryption).await?;
    let configuration = found.unwrap_or_else(|| ServerSideEncryptionConfiguration {
        rules: vec![ServerSideEncryptionRule {
            apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
                kms_master_key_id: None,
                sse_algorithm: ServerSideEncryption::from_static(DEFAULT_ENCRYPTION),
            }),
            bucket_key_enabled: Some(false),
            ..ServerSideEncryptionRule::default()
        }],
    });
    Ok(S3Response::new(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(configuration) }))
}

pub(super) async fn put_bucket_encryption(
    api: &Api,
    request: S3Request<PutBucketEncryptionInput>,
) -> S3Result<S3Response<PutBucketEncryptionOutput>> {
    let configuration = request.input.server_side_encryption_configuration;
    let defaults = configuration.rules.iter().filter_map(|rule| rule.apply_server_side_encryption_by_default.as_ref());
    if defaults.into_iter().any(|default| !ENCRYPTIONS.contains(&default.sse_algorithm.as_str())) {
        return Err(s3_error!(MalformedXML));
    }
    write(api, request.input.bucket, Setting::Encryption, Some(&configuration)).await?;
    Ok(S3Response::new(PutBucketEncryptionOutput::default()))
}

pub(super) async fn delete_bucket_encryption(
    api: &Api,
    request: S3Request<DeleteBucketEncryptionInput>,
) -> S3Result<S3Response<DeleteBucketEncryptionOutput>> {
    remove(api, request.input.bucket, Setting::Encryption).await?;
    Ok(S3Response::new(DeleteBucketEncryptionOutput::default()))
}

pub(super) async fn get_bucket_policy(
    api: &Api,
    request: S3Request<GetBucketPolicyInput>,
) -> S3Result<S3Response<GetBucketPolicyOutput>> {
    let policy: Option<String> = read(api, request.input.bucket, Setting::Policy).await?;
    let policy = policy.ok_or_else(|| s3_error!(NoSuchBucketPolicy))?;
    Ok(S3Response::new(GetBucketPolicyOutput { policy: Some(policy) }))
}

pub(super) async fn put_bucket_policy(
    api: &Api,
    request: S3Request<PutBucketPolicyInput>,
) -> S3Result<S3Response<PutBucketPolicyOutput>> {
    let policy = request.input.policy;
    let is_object = serde_json::from_str(&policy).is_ok_and(|document: serde_json::Value| document.is_object());
    if !is_object || policy.len() > MAX_POLICY_BYTES {
        return Err(s3_error!(MalformedPolicy, "This policy contains invalid Json"));
    }
    write(api, request.input.bucket, Setting::Policy, Some(&policy)).await?;
    Ok(S3Response::new(PutBucketPolicyOutput::default()))
}

pub(super) async fn delete_bucket_policy(
    api: &Api,
    request: S3Request<DeleteBucketPolicyInput>,
) -> S3Result<S3Response<DeleteBucketPolicyOutput>> {
    remove(api, request.input.bucket, Setting::Policy).await?;
    Ok(S3Response::new(DeleteBucketPolicyOutput::default()))
}

pub(super) async fn get_public_access_block(
    api: &Api,
    request: S3Request<GetPublicAccessBlockInput>,
) -> S3Result<S3Response<GetPublicAccessBlockOutput>> {
    let found = read(api, request.input.bucket, Setting::PublicAccessBlock).await?;
    let found = found.ok_or_else(|| {
        custom(
            "NoSuchPublicAccessBlockConfiguration",
            http::StatusCode::NOT_FOUND,
            "The public access block configuration was not found",
        )
    })?;
    Ok(S3Response::new(GetPublicAccessBlockOutput { public_access_block_configuration: Some(found) }))
}

pub(super) async fn put_public_access_block(
    api: &Api,
    request: S3Request<PutPublicAccessBlockInput>,
) -> S3Result<S3Response<PutPublicAccessBlockOutput>> {
    let configuration = request.input.public_access_block_configuration;
    write(api, request.input.bucket, Setting::PublicAccessBlock, Some(&configuration)).await?;
    Ok(S3Response::new(PutPublicAccessBlockOutput::default()))
}

pub(super) async fn delete_public_access_block(
    api: &Api,
    request: S3Request<DeletePublicAccessBlockInput>,
) -> S3Result<S3Response<DeletePublicAccessBlockOutput>> {
    remove(api, request.input.bucket, Setting::PublicAccessBlock).await?;
    Ok(S3Response::new(DeletePublicAccessBlockOutput::default()))
}

/// A setting as it was stored.
pub(super) async fn read<T: DeserializeOwned>(api: &Api, bucket: String, kind: Setting) -> S3Result<Option<T>> {
    let document = api.store.read(move |tx| buckets::setting(tx, &bucket, kind)).await?;
    document.map(|document| serde_json::from_str(&document).map_err(S3Error::internal_error)).transpose()
}

/// Stores a setting, or removes it.
pub(super) async fn write<T: Serialize>(api: &Api, bucket: String, kind: Setting, value: Option<&T>) -> S3Result<()> {
    let document = value.map(serde_json::to_string).transpose().map_err(S3Error::internal_error)?;
    api.store.write(move |change| buckets::set_setting(change, &bucket, kind, document.as_deref())).await?;
    Ok(())
}

/// Removes a setting.
pub(super) async fn remove(api: &Api, bucket: String, kind: Setting) -> S3Result<()> {
    write::<String>(api, bucket, kind, None).await
}

fn from_protocol(rule: CORSRule) -> S3Result<CorsRule> {
    Ok(CorsRule {
        id: rule.id,
        allowed_origins: rule.allowed_origins,
        allowed_methods: rule.allowed_methods,
        allowed_headers: rule.allowed_headers.unwrap_or_default(),
        expose_headers: rule.expose_headers.unwrap_or_default(),
        max_age_s: rule
            .max_age_seconds
            .map(|seconds| u32::try_from(seconds).map_err(|_| s3_error!(MalformedXML)))
            .transpose()?,
    })
}

fn to_protocol(rule: &CorsRule) -> CORSRule {
    let given = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
    CORSRule {
        id: rule.id.clone(),
        allowed_origins: rule.allowed_origins.clone(),
        allowed_methods: rule.allowed_methods.clone(),
        allowed_headers: given(&rule.allowed_headers),
        expose_headers: given(&rule.expose_headers),
        max_age_seconds: rule.max_age_s.and_then(|seconds| i32::try_from(seconds).ok()),
    }
}
