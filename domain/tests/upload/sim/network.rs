//! The link: bytes of all transfers share its bandwidth, and each stream has a limit of its own.

use domain::units::UnixMillis;
use domain::upload::io::{EntryId, Input, PutBytes, TransferFailure, TransferId};

use super::storage::{Answer, Target};
use super::{Event, Sim};

#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) bytes_per_s: u64,
    /// What one stream carries at most.
    pub(crate) stream_bytes_per_s: u64,
    /// From browser to S3 and back.
    pub(crate) round_trip_ms: u64,
    pub(crate) tick_ms: u64,
    /// Every connection to S3 breaks at once and none is made.
    pub(crate) broken: bool,
}

impl Default for Link {
    fn default() -> Self {
        Self { bytes_per_s: 100_000_000, stream_bytes_per_s: 50_000_000, round_trip_ms: 20, tick_ms: 50, broken: false }
    }
}

/// What becomes of a transfer.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// It reaches S3, which answers as it does.
    Arrives,
    /// It fails when so many bytes have left.
    FailsAfter(u64, TransferFailure),
    /// No byte moves any more after so many, and nobody says anything.
    BlackHole(u64),
    /// S3 stores it, and the answer is lost.
    AnswerLost,
}

/// A transfer under way.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) entry: EntryId,
    pub(crate) target: Target,
    pub(crate) length: u64,
    pub(crate) sent: u64,
    pub(crate) stalled_at: Option<UnixMillis>,
    fate: Fate,
    answered: bool,
}

impl Sim {
    pub(super) fn live(&self) -> impl Iterator<Item = (&TransferId, &Live)> {
        self.live.iter()
    }

    pub(super) fn begin_transfer(&mut self, put: PutBytes) {
        let target = self.storage.target(&put.request);
        self.counts.puts += 1;
        let mark = match &target {
            Target::Object { mark, .. } => mark,
            Target::Part { upload, .. } => &self.storage.uploads[*upload].mark,
        };
        self.marks.entry(put.entry).or_default().push(mark.clone());
        let expired = self.portal.clock(self.now) >= put.request.expires_at;
        let mut fate = (self.fate)(&mut self.dice, self.now, &target);
        if expired {
            self.counts.refused_puts += 1;
            let code = Some("AccessDenied".to_owned());
            fate = Fate::FailsAfter(0, TransferFailure::Http { status: 403, code, has_expires: true });
        }
        let live = Live {
            entry: put.entry,
            target,
            length: put.range.len_bytes(),
            sent: 0,
            stalled_at: None,
            fate,
            answered: false,
        };
        self.live.insert(put.transfer, live);
        self.counts.most_in_flight = self.counts.most_in_flight.max(self.live.len());
        self.tick_later();
    }

    fn tick_later(&mut self) {
        if !self.ticking {
            self.ticking = true;
            self.world_in(self.link.tick_ms, Self::tick);
        }
    }

    /// Moves the bytes of one tick.
    fn tick(&mut self) {
        self.ticking = false;
        let moving = self.live.values().filter(|live| !live.answered && live.stalled_at.is_none()).count();
        let Some(fair) = self.link.bytes_per_s.checked_div(u64::try_from(moving).unwrap()) else { return };
        let most = fair.min(self.link.stream_bytes_per_s) * self.link.tick_ms / 1000;
        let (now, broken, answer_ms) = (self.now, self.link.broken, self.link.round_trip_ms);
        let (mut progress, mut ends) = (Vec::new(), Vec::new());
        for (transfer, live) in &mut self.live {
            if live.answered || live.stalled_at.is_some() {
                continue;
            }
            if broken {
                live.answered = true;
                ends.push((*transfer, Input::TransferFailed(*transfer, TransferFailure::Network)));
                continue;
            }
            let stops_at = match &live.fate {
                Fate::Arrives | Fate::AnswerLost => live.length,
                Fate::FailsAfter(bytes, _) | Fate::BlackHole(bytes) => live.length.min(*bytes),
            };
            let moved = most.min(stops_at - live.sent);
            live.sent += moved;
            self.counts.sent_bytes += moved;
            if moved > 0 {
                progress.push((*transfer, live.sent));
            }
            if live.sent < stops_at {
                continue;
            }
            match &live.fate {
                Fate::BlackHole(_) => live.stalled_at = Some(now),
                Fate::FailsAfter(_, failure) => {
                    live.answered = true;
                    ends.push((*transfer, Input::TransferFailed(*transfer, failure.clone())));
                }
                Fate::Arrives | Fate::AnswerLost => {
                    live.answered = true;
                    ends.push((*transfer, Input::Stored(*transfer)));
                }
            }
        }
        for (transfer, sent) in progress {
            self.queue.handle(now, Input::Progress(transfer, sent));
        }
        for (transfer, input) in ends {
            self.event_in(answer_ms, Event::TransferEnds(transfer, input));
        }
        self.tick_later();
    }

    /// S3 takes what arrived and answers.
    pub(super) fn end_transfer(&mut self, transfer: TransferId, input: Input) {
        let Some(live) = self.live.remove(&transfer) else { return };
        let input = match input {
            Input::Stored(_) => match (self.store(&live), &live.fate) {
                (_, Fate::AnswerLost) => Input::TransferFailed(transfer, TransferFailure::Network),
                (Answer::Stored, _) => input,
                (Answer::Refused(failure), _) => Input::TransferFailed(transfer, failure),
            },
            other => other,
        };
        if self.dice.up_to(999) < self.twice_permille {
            let later = self.dice.up_to(5_000);
            self.input_in(later, input.clone());
        }
        self.queue.handle(self.now, input);
    }

    fn store(&mut self, live: &Live) -> Answer {
        let now = self.portal.clock(self.now);
        let (answer, again) = self.storage.put(&live.target, live.length, now);
        self.counts.stored_again += u64::from(again);
        answer
    }

    pub(super) fn cancel_transfer(&mut self, transfer: TransferId) {
        self.counts.cancelled_transfers += 1;
        let Some(live) = self.live.remove(&transfer) else { return };
        self.found_holes.extend(live.stalled_at);
        if live.sent == live.length && self.dice.up_to(999) < self.lands_late_permille {
            self.store(&live);
        }
        if self.dice.up_to(999) < self.twice_permille {
            // The browser's report was under way when the order came.
            let delay = self.dice.up_to(3_000);
            self.event_in(delay, Event::Input(Input::Stored(transfer)));
        }
    }
}
