//! What S3 allows, each limit with its unit and where it is written down.

use crate::units::ByteSize;

/// Smallest part that S3 accepts, except the last: 5 MiB. Source: S3 user guide, multipart upload limits.
pub const MIN_PART_SIZE: ByteSize = ByteSize::mib(5);

/// Largest part and largest single PUT: 5 GiB. Source: S3 user guide, multipart upload limits.
pub const MAX_PART_SIZE: ByteSize = ByteSize::gib(5);

/// Highest part number. Source: S3 user guide, multipart upload limits.
pub const MAX_PARTS: u16 = 10_000;

/// Largest object: 10,000 parts of 5 GiB (48.8 TiB). Source: S3 user guide, multipart upload limits.
pub const MAX_OBJECT_SIZE: ByteSize = ByteSize(10_000 * MAX_PART_SIZE.0);

/// Longest key, in bytes of UTF-8. Source: S3 user guide, object key names.
pub const MAX_KEY_BYTES: usize = 1024;

/// Most entries in a page of ListObjectsV2 and of ListParts. Source: S3 API reference.
pub const MAX_LIST_ENTRIES: u16 = 1000;

/// Longest life of a presigned URL that S3 accepts: 7 days, in seconds. Source: S3 user guide, presigned URLs.
pub const MAX_PRESIGN_S: u64 = 7 * 24 * 3600;
