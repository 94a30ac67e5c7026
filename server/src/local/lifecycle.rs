//! The rule by which a bucket discards uploads that nobody finishes. Operators set it on real S3; the embedded one gets
//! it when it is opened.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule, LifecycleRuleFilter,
};
use aws_sdk_s3::{Client, Error, error::ProvideErrorMetadata as _};
use domain::access::BucketName;

/// Days from the beginning of an upload until it is discarded: no ticket lives longer.
const DISCARDED_AFTER_DAYS: i32 = 7;

/// Sets the rule, unless the bucket has rules already: those are somebody's own.
///
/// # Errors
/// As S3 answers.
pub(super) async fn discard_unfinished_uploads(s3: &Client, bucket: &BucketName) -> Result<(), Error> {
    match s3.get_bucket_lifecycle_configuration().bucket(&bucket.0).send().await {
        Ok(_) => return Ok(()),
        Err(error) if error.code() == Some("NoSuchLifecycleConfiguration") => {}
        Err(error) => return Err(error.into()),
    }
    let rule = LifecycleRule::builder()
        .id("discard-unfinished-uploads")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(DISCARDED_AFTER_DAYS).build(),
        )
        .build()?;
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build()?;
    s3.put_bucket_lifecycle_configuration().bucket(&bucket.0).lifecycle_configuration(rules).send().await?;
    Ok(())
}
