//! How an object is cut: one PUT or parts, and where each part begins and ends.

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_OBJECT_SIZE, MAX_PART_SIZE, MAX_PARTS, MIN_PART_SIZE};
use crate::units::{ByteSize, PartNumber};

/// Largest object that travels in one PUT: 16 MiB. Below it, the calls around a multipart upload cost more time
/// than sending the object again after a failure.
pub const MAX_SINGLE_PUT: ByteSize = ByteSize::mib(16);

/// Smallest part that is planned: 8 MiB.
const SMALLEST_PART: ByteSize = ByteSize::mib(8);

/// From so many bytes on, parts are at least so large. Each part's URL pays for a CORS preflight of its own (browsers keep
/// preflights by URL), so large objects get fewer and larger parts.
const LARGER_PARTS: [(ByteSize, ByteSize); 2] =
    [(ByteSize::gib(1), ByteSize::mib(16)), (ByteSize::gib(16), ByteSize::mib(32))];

/// Parts aimed at for objects too large for the sizes above: 9,000, so that S3's 10,000 are not met by rounding.
const PARTS_AIMED_AT: u64 = 9_000;

const MIB: u64 = ByteSize::mib(1).0;

/// Why an object of that size, or parts of that size, cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum PlanError {
    /// Larger than S3's largest object.
    #[error("{} bytes are more than the {} that S3 stores in one object", .0.0, MAX_OBJECT_SIZE.0)]
    ObjectTooLarge(ByteSize),
    /// Smaller than S3's smallest part or larger than its largest.
    #[error("a part of {} bytes lies outside S3's {} to {}", .0.0, MIN_PART_SIZE.0, MAX_PART_SIZE.0)]
    PartSizeOutOfRange(ByteSize),
    /// More than 10,000 parts.
    #[error("parts of {} bytes would be more than {MAX_PARTS}", .0.0)]
    TooManyParts(ByteSize),
}

/// How an object travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// In one PUT.
    Put,
    /// In parts.
    Multipart(PartLayout),
}

impl Plan {
    /// The plan for an object of `size`. The portal decides by it, once; clients follow the portal's answer.
    ///
    /// # Errors
    /// [`PlanError::ObjectTooLarge`].
    pub fn for_size(size: ByteSize) -> Result<Self, PlanError> {
        if size > MAX_OBJECT_SIZE {
            return Err(PlanError::ObjectTooLarge(size));
        }
        if size <= MAX_SINGLE_PUT {
            return Ok(Self::Put);
        }
        PartLayout::new(size, part_size_for(size)).map(Self::Multipart)
    }
}

/// Expects a `size` that S3 can store.
fn part_size_for(size: ByteSize) -> ByteSize {
    let at_least = LARGER_PARTS.iter().rfind(|(from, _)| size >= *from).map_or(SMALLEST_PART, |(_, part)| *part);
    let parts = if size.0 <= PARTS_AIMED_AT * MAX_PART_SIZE.0 { PARTS_AIMED_AT } else { u64::from(MAX_PARTS) };
    let enough = size.0.div_ceil(parts).div_ceil(MIB) * MIB;
    at_least.max(ByteSize(enough))
}

/// Bytes `start..end` of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteRange {
    /// The first byte.
    pub start: u64,
    /// The first byte behind it.
    pub end: u64,
}

impl ByteRange {
    /// The whole of an object of `size`.
    pub fn whole(size: ByteSize) -> Self {
        Self { start: 0, end: size.0 }
    }

    /// How many bytes.
    pub fn len_bytes(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// An object cut into parts of one size, of which only the last may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartLayout {
    size: ByteSize,
    part_size: ByteSize,
    last: PartNumber,
}

impl PartLayout {
    /// Cuts `size` bytes into parts of `part_size`.
    ///
    /// # Errors
    /// [`PlanError`] where S3 would refuse such an upload.
    pub fn new(size: ByteSize, part_size: ByteSize) -> Result<Self, PlanError> {
        if size > MAX_OBJECT_SIZE {
            return Err(PlanError::ObjectTooLarge(size));
        }
        if part_size < MIN_PART_SIZE || part_size > MAX_PART_SIZE {
            return Err(PlanError::PartSizeOutOfRange(part_size));
        }
        let count = size.0.div_ceil(part_size.0).max(1);
        let last = u16::try_from(count).ok().and_then(PartNumber::new).ok_or(PlanError::TooManyParts(part_size))?;
        Ok(Self { size, part_size, last })
    }

    /// Size of the whole object.
    pub fn size(&self) -> ByteSize {
        self.size
    }

    /// Size of each part but the last.
    pub fn part_size(&self) -> ByteSize {
        self.part_size
    }

    /// How many parts, 1 to 10,000.
    pub fn count(&self) -> u16 {
        self.last.get()
    }

    /// All parts in order.
    pub fn numbers(&self) -> impl Iterator<Item = PartNumber> + use<> {
        (1..=self.last.get()).filter_map(PartNumber::new)
    }

    /// Where a part lies; `None` behind the last.
    pub fn range(&self, part: PartNumber) -> Option<ByteRange> {
        if part > self.last {
            return None;
        }
        let start = (u64::from(part.get()) - 1) * self.part_size.0;
        Some(ByteRange { start, end: start.saturating_add(self.part_size.0).min(self.size.0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_the_table() {
        let cases = [
            (ByteSize(0), None),
            (ByteSize(1), None),
            (ByteSize::mib(16), None),
            (ByteSize(ByteSize::mib(16).0 + 1), Some((ByteSize::mib(8), 3))),
            (ByteSize::mib(40), Some((ByteSize::mib(8), 5))),
            (ByteSize(ByteSize::gib(1).0 - 1), Some((ByteSize::mib(8), 128))),
            (ByteSize::gib(1), Some((ByteSize::mib(16), 64))),
            (ByteSize(ByteSize::gib(16).0 - 1), Some((ByteSize::mib(16), 1024))),
            (ByteSize::gib(16), Some((ByteSize::mib(32), 512))),
            (ByteSize::gib(281), Some((ByteSize::mib(32), 8992))),
            (ByteSize::gib(282), Some((ByteSize::mib(33), 8751))),
            (ByteSize(9_000 * MAX_PART_SIZE.0), Some((MAX_PART_SIZE, 9_000))),
            (ByteSize(9_000 * MAX_PART_SIZE.0 + 1), Some((ByteSize::mib(4609), 9_998))),
            (MAX_OBJECT_SIZE, Some((MAX_PART_SIZE, 10_000))),
        ];
        for (size, expected) in cases {
            let found = match Plan::for_size(size) {
                Ok(Plan::Put) => None,
                Ok(Plan::Multipart(layout)) => Some((layout.part_size(), layout.count())),
                Err(error) => panic!("{size:?}: {error}"),
            };
            assert_eq!(found, expected, "{size:?}");
        }
    }

    #[test]
    fn an_object_larger_than_s3_stores_is_refused() {
        let size = ByteSize(MAX_OBJECT_SIZE.0 + 1);
        assert_eq!(Plan::for_size(size), Err(PlanError::ObjectTooLarge(size)));
        assert_eq!(Plan::for_size(ByteSize(u64::MAX)), Err(PlanError::ObjectTooLarge(ByteSize(u64::MAX))));
    }

    #[test]
    fn part_sizes_outside_the_limits_of_s3_are_refused() {
        let size = ByteSize::gib(100);
        let small = ByteSize(MIN_PART_SIZE.0 - 1);
        assert_eq!(PartLayout::new(size, small), Err(PlanError::PartSizeOutOfRange(small)));
        let large = ByteSize(MAX_PART_SIZE.0 + 1);
        assert_eq!(PartLayout::new(size, large), Err(PlanError::PartSizeOutOfRange(large)));
        assert_eq!(PartLayout::new(size, MIN_PART_SIZE), Err(PlanError::TooManyParts(MIN_PART_SIZE)));
    }
}
