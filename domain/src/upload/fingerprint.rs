//! Whether a file is still the one that was given, by the bytes at both of its ends.
//!
//! A browser's reference to a file keeps telling the size and date of the moment when it was given. Chrome refuses to read
//! the file once another program has written to it; Firefox reads what is there by now. An upload in parts that goes on
//! after an hour could so be put together of two files.

use super::plan::ByteRange;
use crate::units::ByteSize;

/// How much of each end is looked at: 64 KiB. Most programs write a file anew, or add to its end.
pub const END_BYTES: u64 = ByteSize::kib(64).0;

/// The bytes to look at in a file of that size: the first and the last.
pub fn ends(size: ByteSize) -> [ByteRange; 2] {
    let first = ByteRange { start: 0, end: size.0.min(END_BYTES) };
    [first, ByteRange { start: size.0.saturating_sub(END_BYTES).max(first.end), end: size.0 }]
}

/// What the ends of a file were at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of the bytes of both ends, one after the other: FNV-1a by Fowler, Noll and Vo, 64 bits. It finds accidents; nobody
    /// gains from a file that only looks unchanged.
    pub fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        Self(bytes.into_iter().fold(0xCBF2_9CE4_8422_2325, mix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_looked_at_and_nothing_twice() {
        for (size, expected) in [
            (0, [(0, 0), (0, 0)]),
            (1, [(0, 1), (1, 1)]),
            (65_536, [(0, 65_536), (65_536, 65_536)]),
            (100_000, [(0, 65_536), (65_536, 100_000)]),
            (1_000_000, [(0, 65_536), (934_464, 1_000_000)]),
        ] {
            assert_eq!(ends(ByteSize(size)).map(|range| (range.start, range.end)), expected, "{size}");
        }
    }

    #[test]
    fn other_bytes_have_another_fingerprint() {
        // Known answers: http://www.isthe.com/chongo/tech/comp/fnv.
        assert_eq!(Fingerprint::of([]), Fingerprint(0xCBF2_9CE4_8422_2325));
        assert_eq!(Fingerprint::of(*b"foobar"), Fingerprint(0x8594_4171_F739_67E8));
        let bytes: Vec<u8> = (0..=255).cycle().take(2 * 65_536).collect();
        for changed in [0, 65_535, 65_536, 2 * 65_536 - 1] {
            let mut other = bytes.clone();
            other[changed] ^= 1;
            assert_ne!(Fingerprint::of(other), Fingerprint::of(bytes.iter().copied()), "{changed}");
        }
    }
}
