//! The rules of an upload, one test each, under the rule's own name.

use domain::problem::ProblemKind;
use domain::units::{ByteSize, PartNumber};
use domain::upload::error::UploadError;
use domain::upload::io::{ControlFailure, EntryId, Input, Output, Scope, TransferFailure};
use domain::upload::view::Phase;

use crate::sim::{Fate, MIB, Sim, Target, entry, one};

#[test]
fn an_object_without_bytes_travels_in_one_put() {
    let mut sim = Sim::new(1);
    sim.start(&[0]);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.creates, sim.counts.puts, sim.counts.completes), (1, 1, 0));
}

#[test]
fn pause_keeps_the_upload_id() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.input(Input::Pause(one(0)));
    assert_eq!(sim.phase(0), Phase::Paused);
    assert_eq!(sim.in_flight(), 0);
    sim.run_ms(3_600_000);
    assert_eq!(sim.phase(0), Phase::Paused);
    sim.input(Input::Resume(one(0)));
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.creates, sim.counts.aborts, sim.counts.stored_again), (1, 0, 0));
}

#[test]
fn an_upload_paused_before_it_was_created_keeps_the_id_that_comes_late() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.input(Input::Pause(one(0)));
    sim.run();
    assert_eq!((sim.counts.creates, sim.counts.puts), (1, 0));
    sim.input(Input::Resume(one(0)));
    sim.run();
    sim.assert_all_stored();
    assert_eq!(sim.counts.creates, 1);
}

#[test]
fn failure_never_aborts() {
    let failures = [
        TransferFailure::FileChanged,
        TransferFailure::SourceAway,
        TransferFailure::Http { status: 403, code: Some("AccessDenied".to_owned()), has_expires: false },
        TransferFailure::Http { status: 500, code: Some("InternalError".to_owned()), has_expires: false },
        TransferFailure::Network,
        TransferFailure::Timeout,
    ];
    for failure in failures {
        let mut sim = Sim::new(1);
        let fails = failure.clone();
        sim.fate = Box::new(move |_, _, target| match target {
            Target::Part { part, .. } if part.get() == 5 => Fate::FailsAfter(MIB, fails.clone()),
            _ => Fate::Arrives,
        });
        sim.start(&[100 * MIB]);
        sim.run();
        let Phase::Failed { can_retry, kept: true, .. } = sim.phase(0) else {
            panic!("{failure:?}: {:?}", sim.phase(0))
        };
        assert_eq!(sim.queue.totals().would_lose(), can_retry, "{failure:?}");
        assert_eq!((sim.counts.aborts, sim.storage.unfinished()), (0, 1), "{failure:?}");
        assert_eq!(can_retry, failure != TransferFailure::FileChanged);
        if can_retry {
            sim.fate = Box::new(|_, _, _| Fate::Arrives);
            sim.input(Input::Retry(one(0)));
            sim.run();
            sim.assert_all_stored();
            assert_eq!((sim.counts.creates, sim.counts.stored_again), (1, 0), "{failure:?}");
        }
    }
}

#[test]
fn a_zombies_listeners_do_not_start_a_second_upload() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB, MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    let before = sim.transfers();
    sim.input(Input::Pause(Scope::All));
    sim.input(Input::Resume(Scope::All));
    for transfer in before {
        sim.input(Input::TransferFailed(transfer, TransferFailure::Network));
        sim.input(Input::Progress(transfer, 8 * MIB));
        sim.input(Input::Stored(transfer));
    }
    sim.input(Input::Start(vec![entry(0, 100 * MIB), entry(1, MIB)]));
    sim.run();
    sim.assert_all_stored();
    assert_eq!(sim.storage.uploads.len(), 1);
    assert_eq!(sim.queue.totals().uploads, 2);
}

#[test]
fn progress_never_passes_the_size() {
    let mut sim = Sim::new(1);
    sim.start(&[MIB, 100 * MIB]);
    sim.run_until(|sim| sim.in_flight() > 1);
    for transfer in sim.transfers() {
        sim.queue.handle(sim.now, Input::Progress(transfer, u64::MAX));
    }
    assert_eq!(sim.view(0).sent_bytes, ByteSize(MIB));
    let flying = u64::try_from(sim.in_flight() - 1).unwrap() * 8 * MIB;
    assert_eq!(sim.view(1).sent_bytes, ByteSize(flying));
}

#[test]
fn offline_burns_no_retries() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.link.broken = true;
    sim.input(Input::WentOffline);
    sim.run_ms(24 * 3_600_000);
    let puts = sim.counts.puts;
    assert_eq!(sim.in_flight(), 0);
    assert_eq!(sim.phase(0), Phase::Sending, "nothing counts as failed");
    sim.link.broken = false;
    sim.input(Input::CameOnline);
    sim.run_ms(200);
    assert!(sim.counts.puts > puts, "it goes on at once");
    sim.run();
    sim.assert_all_stored();
    assert_eq!(sim.counts.stored_again, 0);
}

#[test]
fn the_server_may_answer_another_key() {
    let mut sim = Sim::new(1);
    sim.portal.rename = |key| format!("{key}.normalised");
    sim.start(&[MIB, 20 * MIB]);
    sim.run();
    sim.assert_all_stored();
    assert_eq!(sim.view(0).key, "name-0.normalised");
    assert_eq!(sim.view(0).wished_key, "name-0");
}

#[test]
fn never_two_live_writers_of_one_part_at_complete() {
    // The last part falls into a hole, is given up and sent again; the simulator checks that none writes at the end.
    let mut sim = Sim::new(1);
    let mut holes = 3;
    sim.fate = Box::new(move |_, _, target| match target {
        Target::Part { part, .. } if part.get() == 13 && holes > 0 => {
            holes -= 1;
            Fate::BlackHole(4 * MIB)
        }
        _ => Fate::Arrives,
    });
    sim.start(&[100 * MIB]);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.cancelled_transfers, sim.counts.completes, sim.counts.stored_again), (3, 1, 0));
}

#[test]
fn parts_missing_at_the_end_are_sent_again() {
    let mut sim = Sim::new(1);
    sim.portal.parts_to_drop = vec![PartNumber::new(3).unwrap(), PartNumber::new(7).unwrap()];
    sim.start(&[100 * MIB]);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.puts, sim.counts.completes), (13 + 2, 2));
}

#[test]
fn parts_that_keep_missing_end_in_words() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    for _ in 0..6 {
        sim.portal.parts_to_drop = vec![PartNumber::FIRST];
        sim.run_until(|sim| sim.portal.parts_to_drop.is_empty());
    }
    sim.run();
    let Phase::Failed { error: UploadError::PartsKeepMissing, .. } = sim.phase(0) else { panic!() };
    assert!(sim.storage.objects.is_empty());
}

#[test]
fn what_the_portal_refuses_is_told_in_its_words_and_the_others_go_on() {
    let mut sim = Sim::new(1);
    sim.portal.problem = Some(ProblemKind::Forbidden);
    sim.start(&[MIB]);
    sim.run();
    let Phase::Failed { error, .. } = sim.phase(0) else { panic!("{:?}", sim.phase(0)) };
    assert_eq!((error.what_happened().as_str(), error.what_to_do(false).as_str()), ("What happened.", "What to do."));
    sim.portal.problem = None;
    sim.input(Input::Start(vec![entry(1, MIB)]));
    sim.run();
    assert_eq!(sim.phase(1), Phase::Completed);
}

#[test]
fn an_object_larger_than_s3_stores_is_told_without_asking_anybody() {
    let mut sim = Sim::new(1);
    sim.start(&[u64::MAX, 1]);
    sim.run();
    let Phase::Failed { error: UploadError::TooLarge(_), can_retry: false, kept: false } = sim.phase(0) else {
        panic!()
    };
    assert_eq!(sim.creates().len(), 1);
    assert_eq!(sim.phase(1), Phase::Completed);
}

#[test]
fn clear_drops_what_is_over_and_nothing_else() {
    let mut sim = Sim::new(1);
    sim.storage.place("name-1", 77);
    sim.start(&[MIB, MIB, 100 * MIB]);
    sim.run_until(|sim| sim.phase(0) == Phase::Completed && sim.queue.totals().conflicts == 1);
    sim.input(Input::Clear);
    assert_eq!(sim.queue.take_removed(), [EntryId(0)]);
    assert!(sim.queue.view(EntryId(0)).is_none());
    sim.input(Input::Start(vec![entry(0, MIB)]));
    assert!(sim.queue.view(EntryId(0)).is_none(), "a start that comes twice does not bring it back");
    assert_eq!(sim.queue.totals().uploads, 2);
    sim.assert_totals_are_sums();
    sim.run();
    assert_eq!(sim.phase(2), Phase::Completed);
}

#[test]
fn clear_drops_what_failed_for_good_with_nothing_kept() {
    let mut sim = Sim::new(1);
    sim.fate = Box::new(|_, _, target| match target {
        Target::Part { part, .. } if part.get() == 5 => Fate::FailsAfter(MIB, TransferFailure::FileChanged),
        Target::Object { key, .. } if key == "name-1" => Fate::FailsAfter(0, TransferFailure::FileChanged),
        Target::Object { .. } => {
            let code = Some("AccessDenied".to_owned());
            Fate::FailsAfter(0, TransferFailure::Http { status: 403, code, has_expires: false })
        }
        Target::Part { .. } => Fate::Arrives,
    });
    sim.start(&[100 * MIB, MIB, MIB]);
    sim.run();
    assert_eq!(sim.queue.totals().failed, 3);
    sim.input(Input::Clear);
    assert_eq!(sim.queue.take_removed(), [EntryId(1)], "the first has parts, the third can be tried again");
    assert_eq!(sim.log.last(), Some(&Output::Release(EntryId(1))), "its file is let go of");
    sim.assert_totals_are_sums();
}

#[test]
fn an_answer_that_does_not_fit_is_not_asked_for_for_ever() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    let Some(Output::Create(call, _)) = sim.log.last().cloned() else { panic!("{:?}", sim.log) };
    sim.input(Input::Created(call, Err(ControlFailure::DoesNotFit)));
    sim.run();
    assert!(matches!(sim.phase(0), Phase::Failed { error: UploadError::AnswerDoesNotFit, .. }), "{:?}", sim.phase(0));
    assert_eq!((sim.counts.creates, sim.counts.puts), (1, 0));
}
