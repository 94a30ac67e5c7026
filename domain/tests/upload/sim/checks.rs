//! What must hold at every moment of every run.

use domain::upload::io::{EntryId, Output};
use domain::upload::view::{Phase, UploadView};

use super::Sim;
use super::storage::{Object, Target};

impl Sim {
    pub(super) fn check_output(&self, output: &Output) {
        let entry = match output {
            Output::Put(put) => {
                assert!(self.live.len() < self.ceiling, "more than {} transfers in flight", self.ceiling);
                let target = self.storage.target(&put.request);
                let twins =
                    self.live.values().filter(|live| live.entry == put.entry && same_place(&live.target, &target));
                assert_eq!(twins.count(), 0, "two transfers write {target:?}");
                if let Target::Part { upload, part } = &target {
                    assert_eq!(self.storage.uploads[*upload].layout.range(*part), Some(put.range));
                }
                put.entry
            }
            Output::Release(entry) => *entry,
            _ => return,
        };
        assert!(!self.released.contains(&entry), "{entry:?} is not silent after its end: {output:?}");
    }

    /// Progress lies within what is stored and on the way; ends stay ends; totals are the sum of the views.
    pub(super) fn check_views(&mut self) {
        for view in self.queue.take_changed() {
            self.check_view(&view);
            self.known.insert(view.id);
        }
        let totals = self.queue.totals();
        assert!(totals.sent_bytes <= totals.size_bytes, "{totals:?}");
    }

    fn check_view(&self, view: &UploadView) {
        assert!(view.sent_bytes <= view.size_bytes, "{view:?}");
        assert_eq!(self.released.contains(&view.id), view.phase.is_over(), "{view:?}");
        if view.phase == Phase::Completed {
            let stored = self.storage.stored.contains(&(view.key.clone(), view.size_bytes.0));
            assert!(stored, "not stored: {view:?}");
            return;
        }
        if view.phase == (Phase::Cancelled { stored_anyway: false }) {
            let marks = self.marks.get(&view.id).map(Vec::as_slice).unwrap_or_default();
            let ours = |object: &Object| object.mark.as_ref().is_some_and(|mark| marks.contains(mark));
            assert!(!self.storage.objects.values().any(ours), "stored all the same: {view:?}");
        }
        if let Phase::Retrying { attempt, .. } = view.phase {
            assert!(attempt > 1, "{view:?}");
        }
        let sends = matches!(view.phase, Phase::Sending | Phase::Retrying { .. } | Phase::Paused);
        if sends && !self.portal.dropped_parts {
            assert!(view.sent_bytes.0 <= self.stored_or_flying(view.id, &view.key), "{view:?}");
        }
    }

    fn stored_or_flying(&self, id: EntryId, key: &str) -> u64 {
        let flying: u64 = self.live.values().filter(|live| live.entry == id).map(|live| live.sent).sum();
        let uploads = self.storage.uploads.iter().filter(|upload| upload.key == key);
        let stored = uploads.map(|upload| upload.parts.values().sum()).max().unwrap_or(0_u64);
        flying + stored
    }

    /// Sums over all views what the totals say.
    pub(crate) fn assert_totals_are_sums(&self) {
        let totals = self.queue.totals();
        let views: Vec<UploadView> = self.views().collect();
        let counts =
            |view: &&UploadView| !matches!(view.phase, Phase::Cancelling | Phase::Cancelled { .. } | Phase::Skipped);
        let sum = |of: fn(&UploadView) -> u64| views.iter().filter(counts).map(of).sum::<u64>();
        assert_eq!(totals.uploads, sum(|_| 1));
        assert_eq!(totals.completed, sum(|view| u64::from(view.phase == Phase::Completed)));
        assert_eq!(totals.failed, sum(|view| u64::from(matches!(view.phase, Phase::Failed { .. }))));
        let resumable =
            |view: &UploadView| u64::from(matches!(view.phase, Phase::Failed { can_retry: true, kept: true, .. }));
        assert_eq!(totals.resumable, sum(resumable));
        assert_eq!(totals.conflicts, sum(|view| u64::from(matches!(view.phase, Phase::Conflict { .. }))));
        assert_eq!(totals.paused, sum(|view| u64::from(view.phase == Phase::Paused)));
        let aborting = views.iter().filter(|view| view.phase == Phase::Cancelling).count();
        assert_eq!(totals.aborting, u64::try_from(aborting).unwrap());
        assert_eq!(totals.size_bytes.0, sum(|view| view.size_bytes.0));
        assert_eq!(totals.sent_bytes.0, sum(|view| view.sent_bytes.0));
    }
}

fn same_place(a: &Target, b: &Target) -> bool {
    match (a, b) {
        (Target::Object { key: a, .. }, Target::Object { key: b, .. }) => a == b,
        (a, b) => a == b,
    }
}
