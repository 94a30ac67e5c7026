//! What a files host allows the portal's pages: the one list from which every bucket's CORS rules are made.
//!
//! The headers are those that presigned requests carry and whose answers the upload engine reads.

use serde_json::json;

use crate::config::Origin;

/// What pages send to the files host.
pub const METHODS: &[&str] = &["GET", "HEAD", "PUT"];

/// Headers that a page may send. Without `if-none-match` every upload that must not overwrite fails its preflight.
pub const ALLOWED_HEADERS: &[&str] = &["content-type", "content-md5", "if-none-match", "if-match", "range", "x-amz-*"];

/// Headers that a page may read, by name: S3 refuses wildcards here.
pub const EXPOSED_HEADERS: &[&str] =
    &["ETag", "Content-Range", "Accept-Ranges", "x-amz-version-id", "x-amz-checksum-crc64nvme", "x-amz-request-id"];

/// How long a browser may remember a preflight, in seconds.
pub const MAX_AGE_S: u32 = 3000;

/// The rule as `aws s3api put-bucket-cors --cors-configuration` takes it.
pub fn document(portal: &Origin) -> String {
    let rule = json!({
        "AllowedOrigins": [portal.to_string()],
        "AllowedMethods": METHODS,
        "AllowedHeaders": ALLOWED_HEADERS,
        "ExposeHeaders": EXPOSED_HEADERS,
        "MaxAgeSeconds": MAX_AGE_S,
    });
    format!("{:#}", json!({ "CORSRules": [rule] }))
}
