//! S3's operations on our storage; what is not here is answered NotImplemented by the protocol.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use crate::cors::CorsRules;
use crate::store::Store;

mod attributes;
mod bucket;
mod convert;
mod copy;
mod delete;
mod list;
mod list_versions;
mod multipart;
mod read;
mod settings;
mod tagging;
mod token;
mod write;

/// Who owns everything here.
pub(crate) const OWNER: &str = "embedded";

/// The operations, and what they work on.
pub(crate) struct Api {
    store: Arc<Store>,
    cors: Arc<CorsRules>,
    region: String,
}

impl Api {
    pub(crate) fn new(store: Arc<Store>, cors: Arc<CorsRules>, region: String) -> Self {
        Self { store, cors, region }
    }
}

/// Hands each operation to the function of its name in the module of its resource.
macro_rules! operations {
    ($($name:ident: $input:ident => $output:ident, $module:ident;)*) => {
        #[async_trait::async_trait]
        impl S3 for Api {
            $(
                fn $name<'life, 'future>(
                    &'life self,
                    request: S3Request<$input>,
                ) -> std::pin::Pin<
                    Box<dyn Future<Output = S3Result<S3Response<$output>>> + Send + 'future>,
                >
                where
                    'life: 'future,
                    Self: 'future,
                {
                    Box::pin($module::$name(self, request))
                }
            )*
        }
    };
}

operations! {
    list_buckets: ListBucketsInput => ListBucketsOutput, bucket;
    create_bucket: CreateBucketInput => CreateBucketOutput, bucket;
    delete_bucket: DeleteBucketInput => DeleteBucketOutput, bucket;
    head_bucket: HeadBucketInput => HeadBucketOutput, bucket;
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput, bucket;
    get_bucket_versioning: GetBucketVersioningInput => GetBucketVersioningOutput, bucket;
    put_bucket_versioning: PutBucketVersioningInput => PutBucketVersioningOutput, bucket;

    get_bucket_cors: GetBucketCorsInput => GetBucketCorsOutput, settings;
    put_bucket_cors: PutBucketCorsInput => PutBucketCorsOutput, settings;
    delete_bucket_cors: DeleteBucketCorsInput => DeleteBucketCorsOutput, settings;
    get_bucket_lifecycle_configuration: GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput, settings;
    put_bucket_lifecycle_configuration: PutBucketLifecycleConfigurationInput => PutBucketLifecycleConfigurationOutput, settings;
    delete_bucket_lifecycle: DeleteBucketLifecycleInput => DeleteBucketLifecycleOutput, settings;
    get_bucket_encryption: GetBucketEncryptionInput => GetBucketEncryptionOutput, settings;
    put_bucket_encryption: PutBucketEncryptionInput => PutBucketEncryptionOutput, settings;
    delete_bucket_encryption: DeleteBucketEncryptionInput => DeleteBucketEncryptionOutput, settings;
    get_bucket_policy: GetBucketPolicyInput => GetBucketPolicyOutput, settings;
    put_bucket_policy: PutBucketPolicyInput => PutBucketPolicyOutput, settings;
    delete_bucket_policy: DeleteBucketPolicyInput => DeleteBucketPolicyOutput, settings;
    get_public_access_block: GetPublicAccessBlockInput => GetPublicAccessBlockOutput, settings;
    put_public_access_block: PutPublicAccessBlockInput => PutPublicAccessBlockOutput, settings;
    delete_public_access_block: DeletePublicAccessBlockInput => DeletePublicAccessBlockOutput, settings;
    get_bucket_tagging: GetBucketTaggingInput => GetBucketTaggingOutput, tagging;
    put_bucket_tagging: PutBucketTaggingInput => PutBucketTaggingOutput, tagging;
    delete_bucket_tagging: DeleteBucketTaggingInput => DeleteBucketTaggingOutput, tagging;
    get_object_tagging: GetObjectTaggingInput => GetObjectTaggingOutput, tagging;
    put_object_tagging: PutObjectTaggingInput => PutObjectTaggingOutput, tagging;
    delete_object_tagging: DeleteObjectTaggingInput => DeleteObjectTaggingOutput, tagging;

    get_object: GetObjectInput => GetObjectOutput, read;
    get_object_attributes: GetObjectAttributesInput => GetObjectAttributesOutput, attributes;
    head_object: HeadObjectInput => HeadObjectOutput, read;
    put_object: PutObjectInput => PutObjectOutput, write;
    copy_object: CopyObjectInput => CopyObjectOutput, copy;
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput, copy;
    delete_object: DeleteObjectInput => DeleteObjectOutput, delete;
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput, delete;

    list_objects: ListObjectsInput => ListObjectsOutput, list;
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output, list;
    list_object_versions: ListObjectVersionsInput => ListObjectVersionsOutput, list_versions;

    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput, multipart;
    upload_part: UploadPartInput => UploadPartOutput, multipart;
    list_parts: ListPartsInput => ListPartsOutput, multipart;
    list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput, multipart;
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput, multipart;
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput, multipart;
}
