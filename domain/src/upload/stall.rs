//! When a transfer that reports nothing is given up: four times the usual gap between reports, within 15 to 30 s.

use std::collections::VecDeque;

use crate::units::UnixMillis;

/// Shortest patience: 15 s. Below, an ordinary hiccup of a network would be taken for its end.
const LEAST_MS: u64 = 15_000;

/// Longest patience: 30 s. A black-holed part is so found within 35 s at the latest.
const MOST_MS: u64 = 30_000;

/// Gaps remembered: enough for a median, few enough to follow a network that changes.
const GAPS: usize = 31;

/// How long the gaps between two reports of one transfer have been of late, over all transfers.
#[derive(Clone, Debug, Default)]
pub(super) struct Patience {
    gaps_ms: VecDeque<u64>,
}

impl Patience {
    /// A transfer reported `gap_ms` after its last report.
    pub(super) fn observe(&mut self, gap_ms: u64) {
        if self.gaps_ms.len() == GAPS {
            self.gaps_ms.pop_front();
        }
        self.gaps_ms.push_back(gap_ms);
    }

    /// When a transfer that last reported at `last` is given up. Where all its bytes have left, only S3's answer is
    /// waited for, whose delay the gaps say nothing about: then the longest patience holds.
    pub(super) fn ends_at(&self, last: UnixMillis, all_left: bool) -> UnixMillis {
        last.plus_ms(if all_left { MOST_MS } else { self.ms() })
    }

    fn ms(&self) -> u64 {
        if self.gaps_ms.is_empty() {
            return MOST_MS;
        }
        let mut sorted: Vec<u64> = self.gaps_ms.iter().copied().collect();
        sorted.sort_unstable();
        sorted[sorted.len() / 2].saturating_mul(4).clamp(LEAST_MS, MOST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_four_median_gaps_within_fifteen_to_thirty_seconds() {
        for (gap_ms, expected_ms) in [(50, 15_000), (5_000, 20_000), (60_000, 30_000)] {
            let mut patience = Patience::default();
            for _ in 0..GAPS * 2 {
                patience.observe(gap_ms);
            }
            patience.observe(100_000_000);
            assert_eq!(patience.ends_at(UnixMillis(1), false), UnixMillis(1 + expected_ms), "{gap_ms}");
            assert_eq!(patience.ends_at(UnixMillis(1), true), UnixMillis(30_001));
        }
        assert_eq!(Patience::default().ends_at(UnixMillis(0), false), UnixMillis(30_000));
    }
}
