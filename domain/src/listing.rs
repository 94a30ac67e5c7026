//! What a bucket holds below a prefix, one page at a time.

use serde::{Deserialize, Serialize};

use crate::key::{ObjectKey, Prefix};
use crate::units::{ByteSize, UnixMillis};

/// What S3 calls the identity of an object's content, with its quotes as S3 writes them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ETag(pub String);

/// A random name that the portal gives an upload and its object keeps in its metadata. By it an upload whose answer was
/// lost knows its own object from everybody else's, whatever their sizes, times and names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UploadMark(pub String);

/// What to list. Jumping by typing needs a prefix that ends anywhere; permissions never do, so the two are apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingFilter {
    /// The level that is shown; permissions are checked on it.
    pub prefix: Prefix,
    /// Only names that begin so; empty for all.
    #[serde(default)]
    pub starts_with: String,
}

/// Where the next page begins: S3's own token, opaque and valid only for the same filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContinuationToken(pub String);

/// One object as a listing or a HEAD tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectMeta {
    /// Byte for byte as S3 holds it.
    pub key: ObjectKey,
    /// Size of the whole object.
    pub size_bytes: ByteSize,
    /// When the object was stored.
    pub last_modified: UnixMillis,
    /// Identity of the content.
    pub etag: ETag,
    /// The version, where the bucket keeps versions and the call tells it.
    pub version_id: Option<String>,
    /// S3's storage class; `None` for STANDARD.
    pub storage_class: Option<String>,
    /// Whether its bytes lie in an archive and cannot be had until they are restored; only a HEAD tells it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// The stored type; only a HEAD tells it.
    pub content_type: Option<String>,
    /// Which upload made it, where one of the portal's did; only a HEAD tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<UploadMark>,
}

/// One page below a prefix, in S3's order (UTF-8 bytes), cut at the next `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingPage {
    /// One level down.
    pub common_prefixes: Vec<Prefix>,
    /// Objects at this level.
    pub objects: Vec<ObjectMeta>,
    /// Present while there is more.
    pub next: Option<ContinuationToken>,
}

impl ListingPage {
    /// Whether the page shows nothing.
    pub fn is_empty(&self) -> bool {
        self.common_prefixes.is_empty() && self.objects.is_empty()
    }
}
