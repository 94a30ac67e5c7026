//! How many transfers may be in flight: one more while that brings more bytes, fewer when S3 or the network asks.

use super::settings::Settings;
use crate::units::UnixMillis;

/// How long goodput is measured before the next decision: 2 s.
const WINDOW_MS: u64 = 2_000;

/// Growth of goodput that earns one transfer more, in percent: 5.
const GROWTH_PERCENT: u64 = 5;

/// Windows after which one more is tried again although the last one more brought nothing: 5 (10 s).
const WINDOWS_BETWEEN_TRIALS: u8 = 5;

/// The cap on transfers in flight, over all uploads.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    limit: u16,
    ceiling: u16,
    window: Option<Window>,
    /// Goodput before the last change of the limit, in bytes a second.
    before: Option<u64>,
    /// The last window's limit was one more than the window before.
    trying: bool,
    idle_windows: u8,
}

#[derive(Clone, Debug)]
struct Window {
    since: UnixMillis,
    bytes: u64,
    /// The limit was what held transfers back at all times.
    full: bool,
}

impl Pace {
    pub(super) fn new(settings: &Settings) -> Self {
        let ceiling = settings.max_transfers_http1.max(1);
        Self {
            limit: settings.transfers_at_first.clamp(1, ceiling),
            ceiling,
            window: None,
            before: None,
            trying: false,
            idle_windows: 0,
        }
    }

    pub(super) fn limit(&self) -> usize {
        usize::from(self.limit)
    }

    pub(super) fn set_ceiling(&mut self, ceiling: u16) {
        self.ceiling = ceiling.max(1);
        self.limit = self.limit.min(self.ceiling);
    }

    /// So many bytes more have been sent.
    pub(super) fn arrive(&mut self, bytes: u64) {
        if let Some(window) = &mut self.window {
            window.bytes = window.bytes.saturating_add(bytes);
        }
    }

    /// The number in flight after places have been filled. Windows in which there was nothing more to send say
    /// nothing about the limit.
    pub(super) fn in_flight(&mut self, now: UnixMillis, in_flight: usize) {
        let full = in_flight >= self.limit();
        if in_flight == 0 {
            self.window = None;
        } else if let Some(window) = &mut self.window {
            window.full &= full;
        } else {
            self.window = Some(Window { since: now, bytes: 0, full });
        }
    }

    /// S3 said SlowDown, or nothing got through: ×0.7, at least one.
    pub(super) fn slow_down(&mut self) {
        self.limit = (self.limit * 7 / 10).max(1);
        self.window = None;
        self.before = None;
        self.trying = false;
        self.idle_windows = 0;
    }

    /// When the window ends.
    pub(super) fn decides_at(&self) -> Option<UnixMillis> {
        self.window.as_ref().map(|window| window.since.plus_ms(WINDOW_MS))
    }

    /// Ends the window where its time has come.
    pub(super) fn decide(&mut self, now: UnixMillis) {
        let Some(window) = self.window.take_if(|window| now >= window.since.plus_ms(WINDOW_MS)) else { return };
        self.window = Some(Window { since: now, bytes: 0, full: true });
        if !window.full {
            return;
        }
        let goodput = window.bytes.saturating_mul(1000) / now.ms_since(window.since).max(1);
        let grew = self.before.is_none_or(|before| goodput >= before.saturating_add(before * GROWTH_PERCENT / 100));
        if self.trying && !grew {
            // One more brought nothing: back, and wait a while before the next trial.
            self.trying = false;
            self.idle_windows = 0;
            self.limit = self.limit.saturating_sub(1).max(1);
            return;
        }
        self.idle_windows = self.idle_windows.saturating_add(1);
        if grew || self.idle_windows >= WINDOWS_BETWEEN_TRIALS {
            self.before = Some(goodput);
            self.idle_windows = 0;
            self.trying = self.limit < self.ceiling;
            self.limit = (self.limit + 1).min(self.ceiling);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pace: &mut Pace, windows: u64, from: u64, goodput: impl Fn(usize) -> u64) {
        for window in from..from + windows {
            pace.in_flight(UnixMillis(window * WINDOW_MS), pace.limit());
            pace.arrive(goodput(pace.limit()) * WINDOW_MS / 1000);
            pace.decide(UnixMillis((window + 1) * WINDOW_MS));
        }
    }

    #[test]
    fn the_number_in_flight_grows_while_each_more_brings_more() {
        let mut pace = Pace::new(&Settings::default());
        pace.set_ceiling(16);
        assert_eq!(pace.limit(), 3);
        run(&mut pace, 13, 0, |n| u64::try_from(n).unwrap_or(0) * 3_300_000);
        assert_eq!(pace.limit(), 16);
        run(&mut pace, 50, 13, |n| u64::try_from(n).unwrap_or(0) * 3_300_000);
        assert_eq!(pace.limit(), 16);
    }

    #[test]
    fn the_number_in_flight_stays_where_more_bring_nothing() {
        let mut pace = Pace::new(&Settings::default());
        pace.set_ceiling(16);
        run(&mut pace, 100, 0, |_| 10_000_000);
        assert!(pace.limit() <= 5, "{}", pace.limit());
    }

    #[test]
    fn slow_down_takes_three_tenths_and_leaves_one() {
        let mut pace = Pace::new(&Settings::default());
        pace.set_ceiling(16);
        run(&mut pace, 13, 0, |n| u64::try_from(n).unwrap_or(0) * 1000);
        for expected in [11, 7, 4, 2, 1, 1] {
            pace.slow_down();
            assert_eq!(pace.limit(), expected);
        }
    }

    #[test]
    fn a_window_with_free_places_decides_nothing() {
        let mut pace = Pace::new(&Settings::default());
        pace.in_flight(UnixMillis(0), 1);
        pace.arrive(1_000_000);
        pace.decide(UnixMillis(WINDOW_MS));
        assert_eq!(pace.limit(), 3);
    }
}
