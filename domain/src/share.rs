//! Share links: what a link gives away, to whom it says until when.

use serde::{Deserialize, Serialize};

use crate::access::BucketName;
use crate::key::ObjectKey;
use crate::listing::ETag;
use crate::units::UnixMillis;

/// What a share link stands for. Sealed into the link, so its end is ours to keep, whatever the life of the
/// credentials that sign the download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareLink {
    /// Where the object lies.
    #[serde(rename = "b")]
    pub bucket: BucketName,
    /// Which object.
    #[serde(rename = "k")]
    pub key: ObjectKey,
    /// The content that was shared: a new object of the same name is not given away.
    #[serde(rename = "p")]
    pub pin: Pin,
    /// When the link ends.
    #[serde(rename = "x")]
    pub expires_at: UnixMillis,
    /// Who made it: travels with the signature to S3's access log.
    #[serde(rename = "u")]
    pub issuer: String,
}

/// What ties a link to one content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pin {
    /// A version of a bucket that keeps versions.
    #[serde(rename = "v")]
    Version(String),
    /// The content's identity elsewhere.
    #[serde(rename = "e")]
    ETag(ETag),
}

impl ShareLink {
    /// Whole seconds until the end; 0 after it.
    pub fn remaining_s(&self, now: UnixMillis) -> u64 {
        self.expires_at.ms_since(now) / 1000
    }
}
