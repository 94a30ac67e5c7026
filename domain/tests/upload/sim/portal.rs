//! The portal: gives leave, signs, completes from the parts that S3 holds, discards.

use domain::key::ObjectKey;
use domain::listing::{ETag, UploadMark};
use domain::problem::{Problem, ProblemKind};
use domain::store::Overwrite;
use domain::units::{ByteSize, PartNumber, UnixMillis};
use domain::upload::io::{ControlFailure, Input, Output};
use domain::upload::plan::{PartLayout, Plan};
use domain::upload::retry::Dice;
use domain::upload::wire::{
    AbortOutcome, CompleteOutcome, CompleteUpload, CreateOutcome, CreatedUpload, NewUpload, OnConflict, PresignParts,
    Ticket, Transfer,
};

use super::storage::{Object, Target, Upload};
use super::{Sim, Storage};

#[derive(Clone, Debug)]
pub(crate) struct Portal {
    /// One way.
    pub(crate) latency_ms: u64,
    /// Up to so much more, at random: answers so overtake each other.
    pub(crate) jitter_ms: u64,
    pub(crate) url_ttl_s: u64,
    /// Instead of what the plan says.
    pub(crate) part_size: Option<ByteSize>,
    /// How far the portal's and S3's clock is before the browser's.
    pub(crate) clock_ahead_ms: u64,
    pub(crate) down: bool,
    /// What every call is answered instead.
    pub(crate) problem: Option<ProblemKind>,
    /// With which it asks not to be called for so long.
    pub(crate) retry_after_ms: Option<u64>,
    /// What every upload of a create call, or every completion, is answered instead.
    pub(crate) create_problem: Option<ProblemKind>,
    pub(crate) complete_problem: Option<ProblemKind>,
    /// A create call that names this is refused by somebody before the portal.
    pub(crate) gateway_refuses: Option<&'static str>,
    /// No create call is answered, though the portal is well.
    pub(crate) creates_unreachable: bool,
    /// How long S3 takes to put an object together.
    pub(crate) completes_in_ms: u64,
    /// The person may write and not read: what is there is not told.
    pub(crate) sees_nothing: bool,
    /// Every name beside a taken one is taken as well.
    pub(crate) no_name_is_free: bool,
    /// Chance in 1,000 that a call is done but its answer lost, and that it is answered "busy".
    pub(crate) answer_lost_permille: u64,
    pub(crate) busy_permille: u64,
    /// What the portal makes of a key.
    pub(crate) rename: fn(&str) -> String,
    /// Parts that S3 drops just before the next completion.
    pub(crate) parts_to_drop: Vec<PartNumber>,
    /// It happened: S3 holds less than it once said.
    pub(crate) dropped_parts: bool,
}

impl Default for Portal {
    fn default() -> Self {
        Self {
            latency_ms: 10,
            jitter_ms: 0,
            url_ttl_s: 900,
            part_size: None,
            clock_ahead_ms: 3 * 3_600_000,
            down: false,
            problem: None,
            retry_after_ms: None,
            create_problem: None,
            complete_problem: None,
            gateway_refuses: None,
            creates_unreachable: false,
            completes_in_ms: 0,
            sees_nothing: false,
            no_name_is_free: false,
            answer_lost_permille: 0,
            busy_permille: 0,
            rename: str::to_owned,
            parts_to_drop: Vec::new(),
            dropped_parts: false,
        }
    }
}

fn words(kind: ProblemKind) -> Problem {
    Problem::new(kind, "A title", "What happened.", "What to do.")
}

fn problem(kind: ProblemKind) -> ControlFailure {
    ControlFailure::Problem(words(kind))
}

impl Portal {
    pub(crate) fn clock(&self, now: UnixMillis) -> UnixMillis {
        now.plus_ms(self.clock_ahead_ms)
    }

    pub(super) fn way_ms(&self, dice: &mut Dice) -> u64 {
        self.latency_ms + dice.up_to(self.jitter_ms)
    }

    fn create(&self, storage: &mut Storage, now: UnixMillis, new: &NewUpload) -> CreateOutcome {
        if let Some(kind) = self.create_problem {
            return CreateOutcome::Refused(words(kind));
        }
        let mut key = (self.rename)(&new.key);
        let overwrite = match (storage.meta(&key).filter(|_| !self.sees_nothing), &new.on_conflict) {
            (None, _) => Overwrite::Never,
            (Some(existing), OnConflict::Refuse) => return CreateOutcome::Exists(existing),
            (Some(existing), OnConflict::Replace { seen: Some(seen) }) if existing.etag != *seen => {
                return CreateOutcome::Exists(existing);
            }
            (Some(existing), OnConflict::Replace { .. }) => Overwrite::IfMatch(existing.etag),
            (Some(_), OnConflict::KeepBoth) if self.no_name_is_free => {
                return CreateOutcome::Refused(words(ProblemKind::Conflict));
            }
            (Some(_), OnConflict::KeepBoth) => {
                let free = (2..).map(|n| format!("{key} ({n})")).find(|free| storage.meta(free).is_none());
                key = free.unwrap();
                Overwrite::Never
            }
        };
        let layout = match (Plan::for_size(new.size_bytes).unwrap(), self.part_size) {
            (Plan::Put, _) => None,
            (Plan::Multipart(_), Some(part_size)) => Some(PartLayout::new(new.size_bytes, part_size).unwrap()),
            (Plan::Multipart(layout), None) => Some(layout),
        };
        let mark = UploadMark(storage.next_etag("-mark"));
        let transfer = match layout {
            None => {
                let target = Target::Object { key: key.clone(), overwrite, mark: mark.clone() };
                Transfer::Put { request: storage.sign(target, self.clock(now).plus_s(self.url_ttl_s)) }
            }
            Some(layout) => {
                let (key, initiated, mark) = (key.clone(), self.clock(now), mark.clone());
                let parts = std::collections::BTreeMap::new();
                storage.uploads.push(Upload { key, layout, overwrite, initiated, mark, parts, alive: true });
                Transfer::Multipart {
                    ticket: Ticket((storage.uploads.len() - 1).to_string()),
                    part_size_bytes: layout.part_size(),
                    url_ttl_s: self.url_ttl_s,
                }
            }
        };
        CreateOutcome::Created(CreatedUpload { key: ObjectKey::parse(key).unwrap(), mark, transfer })
    }
}

fn upload_of(ticket: &Ticket) -> usize {
    ticket.0.parse().unwrap()
}

impl Sim {
    /// A call has reached the portal: it is done, and its answer sent.
    pub(super) fn serve(&mut self, call: Output) {
        let failure = if self.portal.down {
            Some(ControlFailure::Unreachable)
        } else if let Some(kind) = self.portal.problem {
            Some(problem(kind))
        } else if self.dice.up_to(999) < self.portal.busy_permille {
            Some(problem(ProblemKind::Busy))
        } else {
            None
        };
        let lost = self.dice.up_to(999) < self.portal.answer_lost_permille;
        let lose = |failure: Option<ControlFailure>| if lost { Some(ControlFailure::Unreachable) } else { failure };
        let mut delay = self.portal.way_ms(&mut self.dice);
        let input = match call {
            Output::Create(id, body) => {
                self.counts.creates += 1;
                let has = |name: &str| body.uploads.iter().any(|new| new.key == name);
                let refused = self.portal.creates_unreachable || self.portal.gateway_refuses.is_some_and(has);
                let failure = if refused { Some(ControlFailure::Unreachable) } else { failure };
                assert!((1..=100).contains(&body.uploads.len()));
                let result = answer(failure, lose, || {
                    body.uploads.iter().map(|new| self.portal.create(&mut self.storage, self.now, new)).collect()
                });
                Input::Created(id, result)
            }
            Output::Presign(id, body) => {
                self.counts.presigns += 1;
                let result = answer(failure, lose, || self.presign(&body));
                Input::Presigned(id, result.and_then(|requests| requests.ok_or(problem(ProblemKind::UploadNotFound))))
            }
            Output::Complete(id, body) => {
                self.counts.completes += 1;
                let failure = failure.or(self.portal.complete_problem.map(problem));
                delay += self.portal.completes_in_ms;
                let result = answer(failure, lose, || self.complete(&body));
                Input::Completed(id, result.and_then(|outcome| outcome.ok_or(problem(ProblemKind::UploadNotFound))))
            }
            Output::Abort(id, body) => {
                self.counts.aborts += 1;
                let result = answer(failure, lose, || self.abort(&body.ticket));
                Input::Aborted(id, result)
            }
            Output::CheckPortal(id) => {
                self.counts.checks += 1;
                Input::PortalChecked(id, failure.is_none() && !lost)
            }
            Output::LookAtFile(..) | Output::Put(_) | Output::CancelTransfer(_) | Output::Release(_) => return,
        };
        let date = UnixMillis(self.portal.clock(self.now).0 / 1000 * 1000);
        if !self.portal.down && !lost {
            self.input_in(delay, Input::ServerDate(date));
        }
        if let (Some(wait_ms), Some(_)) = (self.portal.retry_after_ms, self.portal.problem) {
            self.input_in(delay, Input::RetryAfter { wait_ms });
        }
        self.answer_in(delay, input);
    }

    fn presign(&mut self, body: &PresignParts) -> Option<Vec<domain::presign::PresignedRequest>> {
        assert!((1..=100).contains(&body.parts.len()));
        let upload = upload_of(&body.ticket);
        let expires_at = self.portal.clock(self.now).plus_s(self.portal.url_ttl_s);
        self.storage.uploads[upload].alive.then(|| {
            let sign = |part: &PartNumber| self.storage.sign(Target::Part { upload, part: *part }, expires_at);
            body.parts.iter().map(sign).collect()
        })
    }

    fn abort(&mut self, ticket: &Ticket) -> AbortOutcome {
        let upload = &mut self.storage.uploads[upload_of(ticket)];
        let was_alive = std::mem::replace(&mut upload.alive, false);
        let object = self.storage.objects.get(&upload.key);
        let is_stored = object.is_some_and(|object| object.mark.as_ref() == Some(&upload.mark));
        if !was_alive && is_stored { AbortOutcome::Stored } else { AbortOutcome::Discarded }
    }

    /// From what S3 holds, never from what the client says.
    fn complete(&mut self, body: &CompleteUpload) -> Option<CompleteOutcome> {
        let number = upload_of(&body.ticket);
        let writers =
            self.live().filter(|(_, live)| matches!(live.target, Target::Part { upload, .. } if upload == number));
        assert_eq!(writers.count(), 0, "an upload is completed while its parts are still written");
        let dropped = std::mem::take(&mut self.portal.parts_to_drop);
        self.portal.dropped_parts |= !dropped.is_empty();
        let upload = &mut self.storage.uploads[number];
        if !upload.alive {
            let made = self.storage.objects.get(&self.storage.uploads[number].key)?;
            let stored = CompleteOutcome::Stored { etag: ETag(made.etag.clone()), version_id: None };
            return (made.mark.as_ref() == Some(&self.storage.uploads[number].mark)).then_some(stored);
        }
        upload.parts.retain(|part, _| !dropped.contains(part));
        let upload = upload.clone();
        let is_whole = |part: &PartNumber| {
            upload.parts.get(part).copied() == upload.layout.range(*part).map(|range| range.len_bytes())
        };
        let missing: Vec<PartNumber> = upload.layout.numbers().filter(|part| !is_whole(part)).collect();
        if !missing.is_empty() {
            assert!(self.portal.dropped_parts, "completed with a hole: {missing:?}");
            return Some(CompleteOutcome::Missing(missing));
        }
        let overwrite = match (&body.replace, self.storage.objects.contains_key(&upload.key)) {
            (_, false) => Overwrite::Never,
            (Some(seen), true) => Overwrite::IfMatch(seen.clone()),
            (None, true) => upload.overwrite.clone(),
        };
        if !self.storage.may_write(&upload.key, &overwrite) {
            return self.storage.meta(&upload.key).map(CompleteOutcome::Exists);
        }
        let etag = self.storage.next_etag(&format!("-{}", upload.layout.count()));
        let mark = Some(upload.mark);
        let object = Object { size: upload.layout.size().0, modified: upload.initiated, etag: etag.clone(), mark };
        self.storage.stored.insert((upload.key.clone(), object.size));
        self.storage.objects.insert(upload.key, object);
        self.storage.uploads[number].alive = false;
        Some(CompleteOutcome::Stored { etag: ETag(etag), version_id: None })
    }
}

/// A failure comes before anything is done; a lost answer after.
fn answer<T>(
    failure: Option<ControlFailure>,
    lose: impl Fn(Option<ControlFailure>) -> Option<ControlFailure>,
    serve: impl FnOnce() -> T,
) -> Result<T, ControlFailure> {
    if let Some(failure) = failure {
        return Err(failure);
    }
    let served = serve();
    lose(None).map_or(Ok(served), Err)
}
