//! A counter that tells a listing to look again: at once, and then at most once a second.

use std::time::Duration;

use leptos::prelude::*;

const AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// Copies share one counter.
#[derive(Clone, Copy)]
pub(super) struct Refresh {
    count: RwSignal<u64>,
    rest: StoredValue<Rest>,
}

/// What happens between two counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Nothing was noted for a while.
    No,
    /// Counted less than a second ago.
    Quiet,
    /// The same, and something was noted since.
    Noted,
}

impl Refresh {
    pub(super) fn new() -> Self {
        Self { count: RwSignal::new(0), rest: StoredValue::new(Rest::No) }
    }

    pub(super) fn count(self) -> Signal<u64> {
        self.count.into()
    }

    /// Something was stored.
    pub(super) fn note(self) {
        match self.rest.get_value() {
            Rest::No => self.tell(),
            Rest::Quiet | Rest::Noted => self.rest.set_value(Rest::Noted),
        }
    }

    fn tell(self) {
        self.count.update(|count| *count += 1);
        self.rest.set_value(Rest::Quiet);
        set_timeout(
            move || match self.rest.get_value() {
                Rest::Noted => self.tell(),
                Rest::No | Rest::Quiet => self.rest.set_value(Rest::No),
            },
            AT_MOST_EVERY,
        );
    }
}
