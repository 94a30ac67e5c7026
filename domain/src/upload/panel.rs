//! Chooses which uploads a page shows, so that thousands cost no more than a few dozen.
//!
//! All of them in the order they were added while they fit. Where they do not: first those that need a person, then
//! what moves, then what waits, then what is over, the latest first.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::io::EntryId;
use super::message::{Frame, Place};
use super::view::{Phase, Totals, UploadView};
use crate::key::ObjectKey;
use crate::units::UnixMillis;

/// How many uploads are shown until the page asks for more.
pub const SHOWN_AT_FIRST: usize = 50;

/// What the page knows and what it has to be told.
#[derive(Debug)]
pub struct Panel {
    ranks: BTreeMap<EntryId, Rank>,
    by_rank: BTreeMap<Rank, BTreeSet<EntryId>>,
    show_at_most: usize,
    order_held: bool,
    shown: Vec<EntryId>,
    known_to_page: HashSet<EntryId>,
    changed: HashMap<EntryId, UploadView>,
    clearable: BTreeSet<EntryId>,
    stored: BTreeSet<Place>,
}

/// In the order of need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Conflict,
    Failed,
    Moving,
    Waiting,
    Over,
}

impl Rank {
    fn of(phase: &Phase) -> Self {
        match phase {
            Phase::Conflict { .. } => Self::Conflict,
            Phase::Failed { .. } => Self::Failed,
            Phase::Preparing | Phase::Sending | Phase::Retrying { .. } | Phase::Completing | Phase::Cancelling => {
                Self::Moving
            }
            Phase::Queued | Phase::Paused => Self::Waiting,
            Phase::Completed | Phase::Cancelled { .. } | Phase::Skipped => Self::Over,
        }
    }
}

impl Default for Panel {
    fn default() -> Self {
        Self {
            ranks: BTreeMap::new(),
            by_rank: BTreeMap::new(),
            show_at_most: SHOWN_AT_FIRST,
            order_held: false,
            shown: Vec::new(),
            known_to_page: HashSet::new(),
            changed: HashMap::new(),
            clearable: BTreeSet::new(),
            stored: BTreeSet::new(),
        }
    }
}

impl Panel {
    /// Shows more or fewer uploads.
    pub fn show_at_most(&mut self, count: usize) {
        self.show_at_most = count;
    }

    /// Keeps every shown upload in its place, or lets them move again.
    pub fn hold_order(&mut self, held: bool) {
        self.order_held = held;
    }

    /// Takes in what changed in the queue.
    pub fn update(&mut self, views: Vec<UploadView>) {
        for view in views {
            let rank = Rank::of(&view.phase);
            let before = self.ranks.insert(view.id, rank);
            if before != Some(rank) {
                if let Some(before) = before {
                    self.leave(before, view.id);
                }
                self.by_rank.entry(rank).or_default().insert(view.id);
                if matches!(view.phase, Phase::Completed | Phase::Cancelled { stored_anyway: true }) {
                    self.note_stored(&view);
                }
            }
            if view.phase.can_be_cleared() {
                self.clearable.insert(view.id);
            } else {
                self.clearable.remove(&view.id);
            }
            if self.known_to_page.contains(&view.id) {
                self.changed.insert(view.id, view);
            }
        }
    }

    /// Forgets uploads that the queue forgot.
    pub fn remove(&mut self, ids: &[EntryId]) {
        for id in ids {
            if let Some(rank) = self.ranks.remove(id) {
                self.leave(rank, *id);
            }
            self.clearable.remove(id);
            self.changed.remove(id);
        }
    }

    /// What the page is to be told now. `view` answers an upload as the queue sees it.
    pub fn frame(&mut self, now: UnixMillis, totals: Totals, view: impl Fn(EntryId) -> Option<UploadView>) -> Frame {
        let order = self.choose();
        let shown = (order != self.shown).then(|| order.clone());
        self.shown = order;

        let mut changed = std::mem::take(&mut self.changed);
        let changed = self
            .shown
            .iter()
            .filter_map(|id| match changed.remove(id) {
                Some(view) => Some(view),
                None if self.known_to_page.contains(id) => None,
                None => view(*id),
            })
            .collect();
        self.known_to_page = self.shown.iter().copied().collect();

        Frame {
            now,
            totals,
            shown,
            hidden: self.ranks.len() - self.shown.len(),
            clearable: self.clearable.len(),
            changed,
            conflict: self.first_conflict().and_then(view).map(Box::new),
            stored: std::mem::take(&mut self.stored).into_iter().collect(),
        }
    }

    fn choose(&self) -> Vec<EntryId> {
        if self.ranks.len() <= self.show_at_most {
            return self.ranks.keys().copied().collect();
        }
        if !self.order_held {
            return self.by_need().take(self.show_at_most).collect();
        }
        let mut order: Vec<_> = self.shown.iter().copied().filter(|id| self.ranks.contains_key(id)).collect();
        order.truncate(self.show_at_most);
        let in_place: HashSet<_> = order.iter().copied().collect();
        let room = self.show_at_most - order.len();
        order.extend(self.by_need().filter(|id| !in_place.contains(id)).take(room));
        order
    }

    fn by_need(&self) -> impl Iterator<Item = EntryId> {
        self.by_rank.iter().flat_map(|(rank, ids)| -> Box<dyn Iterator<Item = EntryId>> {
            let ids = ids.iter().copied();
            if *rank == Rank::Over { Box::new(ids.rev()) } else { Box::new(ids) }
        })
    }

    fn first_conflict(&self) -> Option<EntryId> {
        self.by_rank.get(&Rank::Conflict)?.first().copied()
    }

    fn leave(&mut self, rank: Rank, id: EntryId) {
        if let Some(ids) = self.by_rank.get_mut(&rank) {
            ids.remove(&id);
        }
    }

    fn note_stored(&mut self, view: &UploadView) {
        if let Ok(key) = ObjectKey::parse(view.key.as_str()) {
            self.stored.insert(Place { bucket: view.bucket.clone(), prefix: key.parent() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::BucketName;
    use crate::units::ByteSize;
    use crate::upload::error::UploadError;

    fn view(id: u32, phase: Phase) -> UploadView {
        let key = format!("Reports/{id}.pdf");
        UploadView {
            id: EntryId(id),
            bucket: BucketName("files".to_owned()),
            wished_key: key.clone(),
            key,
            size_bytes: ByteSize(1),
            sent_bytes: ByteSize::ZERO,
            phase,
            notice: None,
        }
    }

    fn failed() -> Phase {
        Phase::Failed { error: UploadError::FileChanged, can_retry: false, kept: true }
    }

    /// The numbers shown after `views`, as the page would have them.
    fn frame(panel: &mut Panel, views: Vec<UploadView>) -> Frame {
        panel.update(views);
        panel.frame(UnixMillis(0), Totals::default(), |id| Some(view(id.0, Phase::Queued)))
    }

    fn ids(numbers: impl IntoIterator<Item = u32>) -> Option<Vec<EntryId>> {
        Some(numbers.into_iter().map(EntryId).collect())
    }

    #[test]
    fn what_fits_stays_in_the_order_it_was_added() {
        let mut panel = Panel::default();
        let first = frame(&mut panel, (0..3).map(|id| view(id, Phase::Queued)).collect());
        assert_eq!(first.shown, ids(0..3));
        let next = frame(&mut panel, vec![view(2, failed()), view(0, Phase::Completed)]);
        assert_eq!(next.shown, None);
        assert_eq!(next.clearable, 1);
    }

    #[test]
    fn of_thousands_those_that_need_a_person_come_first() {
        let mut panel = Panel::default();
        panel.show_at_most(4);
        frame(&mut panel, (0..13_000).map(|id| view(id, Phase::Queued)).collect());
        let next = frame(
            &mut panel,
            vec![
                view(5, Phase::Completed),
                view(7, Phase::Completed),
                view(9_000, failed()),
                view(12_999, Phase::Sending),
            ],
        );
        assert_eq!(next.shown, ids([9_000, 12_999, 0, 1]));
        assert_eq!(next.hidden, 12_996);
    }

    #[test]
    fn of_what_is_over_the_latest_comes_first() {
        let mut panel = Panel::default();
        panel.show_at_most(2);
        let shown = frame(&mut panel, (0..3).map(|id| view(id, Phase::Completed)).collect()).shown;
        assert_eq!(shown, ids([2, 1]));
    }

    #[test]
    fn a_row_that_a_person_points_at_does_not_move() {
        let mut panel = Panel::default();
        panel.show_at_most(3);
        frame(&mut panel, (0..9).map(|id| view(id, Phase::Queued)).collect());
        panel.hold_order(true);
        assert_eq!(frame(&mut panel, vec![view(8, failed()), view(0, Phase::Completed)]).shown, None);
        panel.hold_order(false);
        assert_eq!(frame(&mut panel, vec![]).shown, ids([8, 1, 2]));
    }

    #[test]
    fn the_page_hears_only_of_what_it_shows_and_of_that_only_changes() {
        let mut panel = Panel::default();
        panel.show_at_most(2);
        let told = |frame: &Frame| frame.changed.iter().map(|view| view.id.0).collect::<Vec<_>>();
        let first = frame(&mut panel, (0..9).map(|id| view(id, Phase::Queued)).collect());
        assert_eq!(told(&first), [0, 1]);
        let next = frame(&mut panel, vec![view(1, Phase::Queued), view(5, Phase::Queued)]);
        assert_eq!(told(&next), [1]);
        let last = frame(&mut panel, vec![view(5, Phase::Sending)]);
        assert_eq!(told(&last), [5], "5 moved up; 0 is known already");
    }

    #[test]
    fn each_place_where_something_was_stored_is_told_once() {
        let mut panel = Panel::default();
        let first = frame(&mut panel, vec![view(0, Phase::Completed), view(1, Phase::Completed)]);
        assert_eq!(first.stored.iter().map(|place| place.prefix.as_str()).collect::<Vec<_>>(), ["Reports/"]);
        assert_eq!(frame(&mut panel, vec![view(0, Phase::Completed)]).stored, []);
    }

    #[test]
    fn what_was_cancelled_too_late_is_told_as_stored() {
        let mut panel = Panel::default();
        let cancelled = |stored_anyway| vec![view(0, Phase::Cancelled { stored_anyway })];
        assert_eq!(frame(&mut panel, cancelled(true)).stored.len(), 1);
        assert_eq!(frame(&mut Panel::default(), cancelled(false)).stored, []);
    }

    #[test]
    fn what_failed_for_good_with_nothing_kept_can_be_cleared() {
        let failed = |can_retry, kept| Phase::Failed { error: UploadError::FileChanged, can_retry, kept };
        let mut panel = Panel::default();
        let views = vec![view(0, failed(false, false)), view(1, failed(true, false)), view(2, failed(false, true))];
        assert_eq!(frame(&mut panel, views).clearable, 1);
        assert_eq!(frame(&mut panel, vec![view(0, Phase::Queued)]).clearable, 0);
    }

    #[test]
    fn cleared_uploads_are_gone() {
        let mut panel = Panel::default();
        frame(&mut panel, vec![view(0, Phase::Completed), view(1, Phase::Sending)]);
        panel.remove(&[EntryId(0)]);
        let next = frame(&mut panel, vec![]);
        assert_eq!((next.shown, next.clearable, next.hidden), (ids([1]), 0, 0));
    }
}
