//! Quantities whose unit is in the type: sizes, part numbers, instants.

use std::fmt;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use crate::limits::MAX_PARTS;

/// A number of bytes. 64 bits even in the browser, where `usize` has 32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// No bytes.
    pub const ZERO: Self = Self(0);

    /// `n` binary kilobytes (1,024 bytes each).
    pub const fn kib(n: u64) -> Self {
        Self(n * 1024)
    }

    /// `n` binary megabytes.
    pub const fn mib(n: u64) -> Self {
        Self(n * 1024 * 1024)
    }

    /// `n` binary gigabytes.
    pub const fn gib(n: u64) -> Self {
        Self(n * 1024 * 1024 * 1024)
    }
}

/// The number of a part in a multipart upload, 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct PartNumber(NonZeroU16);

impl PartNumber {
    /// The first part.
    pub const FIRST: Self = Self(NonZeroU16::MIN);

    /// `None` outside 1 to [`MAX_PARTS`].
    pub fn new(number: u16) -> Option<Self> {
        NonZeroU16::new(number).filter(|n| n.get() <= MAX_PARTS).map(Self)
    }

    /// The number itself, 1 to 10,000.
    pub fn get(self) -> u16 {
        self.0.get()
    }
}

/// A part number outside 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part number lies between 1 and {MAX_PARTS}")]
pub struct PartNumberError;

impl TryFrom<u16> for PartNumber {
    type Error = PartNumberError;
    fn try_from(number: u16) -> Result<Self, Self::Error> {
        Self::new(number).ok_or(PartNumberError)
    }
}

impl From<PartNumber> for u16 {
    fn from(number: PartNumber) -> Self {
        number.get()
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An instant in milliseconds since 1970-01-01T00:00Z. It is passed in, never read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// The instant `seconds` later.
    pub fn plus_s(self, seconds: u64) -> Self {
        self.plus_ms(seconds.saturating_mul(1000))
    }

    /// The instant `delay_ms` milliseconds later.
    pub fn plus_ms(self, delay_ms: u64) -> Self {
        Self(self.0.saturating_add(delay_ms))
    }

    /// Milliseconds from `earlier` to this instant; 0 where that lies in the future.
    pub fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// 2⁵³: up to here every whole number has a float of its own. As bytes 9 PB, as an instant the year 287,000.
const EXACT_UP_TO: f64 = 9_007_199_254_740_992.0;

/// A size or an instant as JavaScript has numbers: exact up to 2⁵³, the nearest beyond.
pub fn float(number: u64) -> f64 {
    #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "there is no `From`; see above")]
    let number = number as f64;
    number
}

/// A size or an instant from a number of JavaScript's, without its fraction; 0 for what is none.
pub fn whole(number: f64) -> u64 {
    if !(0.0..=EXACT_UP_TO).contains(&number) {
        return 0;
    }
    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above; only a fraction is cut off"
    )]
    let number = number as u64;
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_travel_to_javascript_and_back() {
        for number in [0, 1, 4_294_967_296, 1_795_529_109_123, 9_007_199_254_740_992] {
            assert_eq!(whole(float(number)), number);
        }
        for none in [-1.0, f64::NAN, f64::INFINITY, 9_007_199_254_740_994.0] {
            assert_eq!(whole(none), 0, "{none}");
        }
        assert_eq!(whole(1.9), 1);
    }
}
