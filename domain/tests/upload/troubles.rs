//! Rarer troubles with S3 and the computer: lost answers, vanished uploads, clocks that differ, permissions refused for
//! good, files that are away.

use domain::upload::error::{Trouble, UploadError};
use domain::upload::io::{Choice, Input, Output, Scope, TransferFailure};
use domain::upload::view::{Notice, Phase};

use crate::sim::{Fate, MIB, Sim, Target, busy, entry, one};

#[test]
fn a_put_whose_answer_was_lost_is_recognised_as_ours() {
    for choice in [None, Some(Choice::KeepBoth), Some(Choice::Replace)] {
        let mut sim = Sim::new(1);
        sim.storage.place("name-0", 77);
        let mut lost = 1;
        sim.fate = Box::new(move |_, _, _| {
            if lost == 0 {
                return Fate::Arrives;
            }
            lost -= 1;
            Fate::AnswerLost
        });
        let mut wish = crate::sim::entry(u32::from(choice.is_none()), MIB);
        wish.choice = choice;
        let id = wish.id.0;
        sim.input(Input::Start(vec![wish]));
        sim.run();
        assert_eq!(sim.phase(id), Phase::Completed, "{choice:?}");
        assert_eq!((sim.counts.puts, sim.counts.creates), (1, 2), "{choice:?}: nothing is sent twice");
        assert_eq!(sim.storage.objects.len(), if choice == Some(Choice::Replace) { 1 } else { 2 });
    }
}

#[test]
fn a_put_that_failed_is_not_taken_for_somebody_elses_object() {
    // Same name, same size, newer than our question: only what the upload left in its object tells them apart.
    for left in [0, MIB / 2, MIB] {
        let mut sim = Sim::new(1);
        sim.fate = Box::new(move |_, _, _| Fate::FailsAfter(left, TransferFailure::Network));
        sim.start(&[MIB]);
        sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { .. }));
        sim.storage.place("name-0", MIB);
        sim.run();
        assert!(matches!(sim.phase(0), Phase::Conflict { .. }), "{left}: {:?}", sim.phase(0));
    }
}

#[test]
fn a_put_that_lands_after_it_was_given_up_is_recognised_as_ours() {
    let mut sim = Sim::new(1);
    sim.start(&[MIB]);
    sim.run_until(|sim| sim.in_flight() == 1);
    sim.lands_late_permille = 1000;
    sim.run_until(|sim| sim.view(0).sent_bytes.0 == MIB);
    sim.input(Input::Pause(one(0)));
    assert_eq!(sim.storage.objects.len(), 1, "S3 has it all the same");
    sim.input(Input::Resume(one(0)));
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn a_completion_whose_answer_was_lost_is_recognised_as_ours() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.phase(0) == Phase::Completing);
    sim.portal.answer_lost_permille = 1000;
    sim.run_until(|sim| sim.counts.completes == 1);
    sim.portal.answer_lost_permille = 0;
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.puts, sim.storage.uploads.len()), (13, 1), "nothing is sent twice");
}

#[test]
fn an_upload_that_vanished_is_not_taken_for_somebody_elses_object() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.phase(0) == Phase::Completing);
    sim.storage.uploads[0].alive = false;
    sim.storage.place("name-0", 100 * MIB);
    sim.run();
    assert!(matches!(sim.phase(0), Phase::Conflict { all_sent: false, .. }), "{:?}", sim.phase(0));
}

#[test]
fn an_upload_that_vanished_is_begun_again_and_the_person_is_told() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.storage.uploads[0].alive = false;
    sim.run();
    sim.assert_all_stored();
    assert_eq!(sim.view(0).notice, Some(Notice::StartedOver));
    assert_eq!(sim.counts.creates, 2);
}

#[test]
fn an_upload_that_vanishes_again_and_again_ends_in_words() {
    let mut sim = Sim::new(1);
    sim.fate = Box::new(|_, _, _| {
        let code = Some("NoSuchUpload".to_owned());
        Fate::FailsAfter(0, TransferFailure::Http { status: 404, code, has_expires: false })
    });
    sim.start(&[100 * MIB]);
    sim.run();
    let Phase::Failed { error: UploadError::StartedOverTooOften, .. } = sim.phase(0) else { panic!() };
    assert_eq!(sim.counts.creates, 6);
}

#[test]
fn ten_minutes_of_failure_while_the_portal_is_well_stop_all_uploads() {
    let mut sim = Sim::new(1);
    sim.start(&[10 * 1024; 1000]);
    sim.run_until(|sim| sim.queue.totals().completed >= 500);
    sim.link.broken = true;
    sim.run_ms(20 * 60_000);
    let totals = sim.queue.totals();
    assert_eq!((totals.active, totals.failed), (0, 1000 - totals.completed));
    sim.link.broken = false;
    sim.input(Input::Retry(Scope::All));
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn one_upload_that_always_fails_stops_without_the_others() {
    let mut sim = Sim::new(1);
    sim.link.bytes_per_s = 1_000_000;
    sim.fate = Box::new(|_, _, target| match target {
        Target::Object { key, .. } if key == "name-0" => {
            let code = Some("InternalError".to_owned());
            Fate::FailsAfter(0, TransferFailure::Http { status: 500, code, has_expires: false })
        }
        _ => Fate::Arrives,
    });
    sim.start(&[MIB, 1024 * MIB]);
    sim.run();
    let Phase::Failed { error: UploadError::GaveUp { trouble, minutes: 10 }, .. } = sim.phase(0) else { panic!() };
    assert_eq!(trouble, Trouble::StorageFailed("InternalError".to_owned()));
    assert_eq!(sim.phase(1), Phase::Completed);
}

#[test]
fn a_permission_that_is_refused_however_fresh_ends_in_words() {
    for size in [MIB, 100 * MIB] {
        let mut sim = Sim::new(1);
        sim.fate = Box::new(|_, _, _| {
            let code = Some("RequestTimeTooSkewed".to_owned());
            Fate::FailsAfter(0, TransferFailure::Http { status: 403, code, has_expires: false })
        });
        sim.start(&[size]);
        sim.run();
        let Phase::Failed { error: UploadError::GaveUp { trouble: Trouble::PermissionRefused, .. }, .. } = sim.phase(0)
        else {
            panic!("{:?}", sim.phase(0))
        };
        assert!(sim.counts.puts < 1_000, "{}", sim.counts.puts);
    }
}

#[test]
fn a_key_that_was_exchanged_costs_one_renewal_for_all_parts_in_flight() {
    let mut sim = Sim::new(1);
    let mut signed_before = 3;
    sim.fate = Box::new(move |_, _, _| {
        if signed_before == 0 {
            return Fate::Arrives;
        }
        signed_before -= 1;
        let code = Some("SignatureDoesNotMatch".to_owned());
        // Not all at once: permits renewed after the first must not be dropped for the next.
        Fate::FailsAfter(signed_before * 4 * MIB, TransferFailure::Http { status: 403, code, has_expires: false })
    });
    sim.start(&[100 * MIB]);
    sim.run();
    sim.assert_all_stored();
    // Permits at the beginning, for what was left then, and for the two that were still in flight.
    assert_eq!((sim.counts.creates, sim.counts.presigns, sim.counts.puts), (1, 3, 13 + 3));
}

#[test]
fn a_file_on_a_drive_that_is_away_for_a_moment_goes_on_where_it_was() {
    let mut sim = Sim::new(1);
    sim.link.bytes_per_s = 10_000_000;
    sim.start(&[200 * MIB, MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.fate = Box::new(|_, _, target| match target {
        Target::Part { .. } => Fate::FailsAfter(0, TransferFailure::SourceAway),
        Target::Object { .. } => Fate::Arrives,
    });
    sim.run_ms(100_000);
    assert!(matches!(sim.phase(0), Phase::Retrying { trouble: Trouble::SourceAway, .. }), "{:?}", sim.phase(0));
    sim.fate = Box::new(|_, _, _| Fate::Arrives);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.creates, sim.counts.stored_again), (1, 0));
}

#[test]
fn a_file_that_stays_away_stops_and_keeps_its_parts_and_holds_up_nobody() {
    let mut sim = Sim::new(1);
    sim.fate = Box::new(|_, _, target| match target {
        Target::Part { upload: 0, part } if part.get() > 4 => Fate::FailsAfter(0, TransferFailure::SourceAway),
        _ => Fate::Arrives,
    });
    sim.start(&[100 * MIB, 100 * MIB]);
    sim.run_until(|sim| sim.phase(1) == Phase::Completed);
    assert!(sim.elapsed_ms() < 20_000, "{}", sim.elapsed_ms());
    sim.run();
    let stopped = Phase::Failed { error: UploadError::SourceAway, can_retry: true, kept: true };
    assert_eq!(sim.phase(0), stopped);
    assert!(sim.elapsed_ms() < 5 * 60_000, "{}", sim.elapsed_ms());
    sim.fate = Box::new(|_, _, _| Fate::Arrives);
    sim.input(Input::Retry(one(0)));
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.creates, sim.counts.stored_again), (1, 0));
}

#[test]
fn clocks_that_differ_by_hours_cost_nothing() {
    for ahead_ms in [0, 5 * 3_600_000] {
        let mut sim = Sim::new(1);
        sim.portal.clock_ahead_ms = ahead_ms;
        sim.start(&[100 * MIB, MIB]);
        sim.run();
        sim.assert_all_stored();
        assert_eq!(sim.counts.refused_puts, 0);
    }
}

#[test]
fn a_lid_closed_for_a_night_costs_the_parts_in_flight() {
    let mut sim = Sim::new(1);
    sim.link.bytes_per_s = 10_000_000;
    sim.start(&[200 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.sleep_ms(8 * 3_600_000);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.creates, sim.counts.stored_again), (1, 0));
}

#[test]
fn try_now_does_not_wait() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 10 * MIB);
    sim.link.broken = true;
    sim.run_ms(120_000);
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { at, .. } if at.ms_since(sim.now) > 5_000));
    sim.link.broken = false;
    sim.input(Input::Retry(one(0)));
    sim.run_ms(500);
    assert!(sim.in_flight() > 0);
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn an_outage_is_told_for_as_long_as_it_lasts() {
    let failure = TransferFailure::Http { status: 500, code: Some("InternalError".to_owned()), has_expires: false };
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB, MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 10 * MIB);
    sim.fate = Box::new(move |_, _, _| Fate::FailsAfter(0, failure.clone()));
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { .. }));
    let (mut waits, mut attempts) = (0, 0);
    let end = sim.now.plus_ms(240_000);
    while sim.now < end {
        let Phase::Retrying { at, attempt, trouble } = sim.phase(0) else { panic!("{:?}", sim.phase(0)) };
        assert_eq!(trouble, Trouble::StorageFailed("InternalError".to_owned()));
        assert!(attempt >= attempts, "attempts are counted on: {attempt} after {attempts}");
        attempts = attempt;
        waits += u32::from(at > sim.now);
        sim.step();
    }
    assert!(waits > 5 && attempts > 5, "{waits} waits, {attempts} attempts");
    sim.fate = Box::new(|_, _, _| Fate::Arrives);
    sim.run_until(|sim| sim.phase(0) == Phase::Sending);
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn an_upload_that_went_well_leaves_no_rate_to_the_next() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.queue.totals().left_s.is_some());
    sim.run();
    sim.input(Input::Start(vec![crate::sim::entry(1, 100 * MIB)]));
    assert_eq!((sim.queue.totals().rate_bytes_per_s, sim.queue.totals().left_s), (None, None));
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn permits_asked_for_before_starting_over_are_not_used_after() {
    let mut sim = Sim::new(1);
    sim.start(&[400 * MIB]);
    sim.run_until(|sim| sim.counts.puts == 3);
    sim.portal.latency_ms = 500;
    // The next call for permits is slow, and while it is on its way the upload vanishes.
    let presigns = |sim: &Sim| sim.log.iter().filter(|output| matches!(output, Output::Presign(..))).count();
    sim.run_until(|sim| presigns(sim) == 2);
    sim.portal.latency_ms = 10;
    sim.storage.uploads[0].alive = false;
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.creates, sim.counts.completes), (2, 1), "begun again once, not once more by a late answer");
}

#[test]
fn transfers_that_live_through_a_time_offline_are_not_given_up_for_their_silence() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 20 * MIB);
    sim.link.bytes_per_s = 0;
    sim.input(Input::WentOffline);
    sim.run_ms(600_000);
    sim.link.bytes_per_s = 100_000_000;
    sim.input(Input::CameOnline);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.cancelled_transfers, sim.counts.sent_bytes), (0, 100 * MIB));
}

#[test]
fn an_upload_that_joins_in_an_outage_of_s3_is_not_stopped_for_how_long_the_others_were_tried() {
    let mut sim = Sim::new(1);
    sim.fate = Box::new(|_, _, _| Fate::FailsAfter(0, busy()));
    sim.start(&[MIB]);
    sim.run_ms(9 * 60_000);
    sim.input(Input::Start(vec![entry(1, MIB)]));
    sim.run_ms(2 * 60_000);
    assert!(matches!(sim.phase(0), Phase::Failed { .. }), "{:?}", sim.phase(0));
    assert!(!matches!(sim.phase(1), Phase::Failed { .. }), "{:?}", sim.phase(1));
    sim.run_ms(10 * 60_000);
    assert!(matches!(sim.phase(1), Phase::Failed { .. }), "{:?}", sim.phase(1));
}

#[test]
fn a_file_that_comes_and_goes_does_not_keep_an_upload_going_in_an_outage_of_s3() {
    let mut sim = Sim::new(1);
    let mut tries = 0;
    sim.fate = Box::new(move |_, _, _| {
        tries += 1;
        Fate::FailsAfter(0, if tries % 2 == 0 { TransferFailure::SourceAway } else { busy() })
    });
    sim.start(&[MIB]);
    sim.run_ms(30 * 60_000);
    assert!(matches!(sim.phase(0), Phase::Failed { error: UploadError::GaveUp { .. }, .. }), "{:?}", sim.phase(0));
}
