//! A smoothed rate of bytes: half-life 2 s, frozen while nothing arrives.

use crate::units::UnixMillis;

/// After so long, half of the rate is what arrived meanwhile: 2 s.
const HALF_LIFE_MS: u64 = 2_000;

/// Samples are taken over at least so long, 250 ms: below, the browser's own buffering is all that is seen.
const SAMPLE_MS: u64 = 250;

/// A gap counts for at most so long, 5 s: after a pause the rate begins where it was, and only slowly turns.
const LONGEST_GAP_MS: u64 = 5_000;

/// Bytes per second, smoothed.
#[derive(Clone, Debug, Default)]
pub(super) struct Rate {
    bytes_per_s: Option<u64>,
    since: Option<UnixMillis>,
    arrived: u64,
}

impl Rate {
    /// So many bytes more have been sent.
    pub(super) fn arrive(&mut self, now: UnixMillis, bytes: u64) {
        let Some(since) = self.since else {
            // The first bytes only start the clock: how long they took is not known.
            self.since = Some(now);
            return;
        };
        self.arrived = self.arrived.saturating_add(bytes);
        let elapsed = now.ms_since(since).min(LONGEST_GAP_MS);
        if elapsed < SAMPLE_MS {
            return;
        }
        let sample = self.arrived.saturating_mul(1000) / elapsed;
        self.bytes_per_s = Some(self.bytes_per_s.map_or(sample, |old| mix(old, sample, kept_ppm(elapsed))));
        self.since = Some(now);
        self.arrived = 0;
    }

    /// Nothing is under way any more: the next bytes start the clock anew.
    pub(super) fn pause(&mut self) {
        self.since = None;
        self.arrived = 0;
    }

    pub(super) fn bytes_per_s(&self) -> Option<u64> {
        self.bytes_per_s
    }
}

fn mix(old: u64, new: u64, old_ppm: u64) -> u64 {
    let sum = u128::from(old) * u128::from(old_ppm) + u128::from(new) * u128::from(1_000_000 - old_ppm);
    u64::try_from(sum / 1_000_000).unwrap_or(u64::MAX)
}

/// Millionths of the old rate that remain after `elapsed_ms`: 2 to the power of minus the half-lives passed, by its
/// series to the fourth power within one half-life (at most 0.2 % off).
fn kept_ppm(elapsed_ms: u64) -> u64 {
    let halvings = u32::try_from(elapsed_ms / HALF_LIFE_MS).unwrap_or(u32::MAX);
    let part = elapsed_ms % HALF_LIFE_MS;
    let term = |coefficient_ppm: u64, power: u32| coefficient_ppm * part.pow(power) / HALF_LIFE_MS.pow(power);
    let within = 1_000_000 - term(693_147, 1) + term(240_227, 2) - term(55_504, 3) + term(9_618, 4);
    within.checked_shr(halvings).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_half_taken_after_two_seconds() {
        let mut rate = Rate::default();
        for tick in 0..40 {
            rate.arrive(UnixMillis(tick * 250), 250_000);
        }
        assert_eq!(rate.bytes_per_s(), Some(1_000_000));
        for tick in 40..48 {
            rate.arrive(UnixMillis(tick * 250), 750_000);
        }
        let after = rate.bytes_per_s().unwrap_or(0);
        assert!((1_990_000..=2_010_000).contains(&after), "{after}");
    }

    #[test]
    fn the_rate_stays_while_nothing_arrives() {
        let mut rate = Rate::default();
        for tick in 0..40 {
            rate.arrive(UnixMillis(tick * 250), 250_000);
        }
        let before = rate.bytes_per_s();
        rate.pause();
        rate.arrive(UnixMillis(3_600_000), 250_000);
        assert_eq!(rate.bytes_per_s(), before);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let mut rate = Rate::default();
        rate.arrive(UnixMillis(0), u64::MAX);
        rate.arrive(UnixMillis(300), u64::MAX);
        rate.arrive(UnixMillis(600), u64::MAX);
        assert!(rate.bytes_per_s().is_some());
    }
}
