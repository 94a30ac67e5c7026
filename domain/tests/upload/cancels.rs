//! Cancelling: what is discarded, what came too late, and what is said of it.

use domain::problem::ProblemKind;
use domain::upload::io::{Input, Output, Scope, TransferFailure};
use domain::upload::view::Phase;

use crate::sim::{Fate, MIB, Sim, Target, one};

#[test]
fn cancel_aborts_an_upload_created_late() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB, 1]);
    assert_eq!(sim.phase(0), Phase::Preparing);
    sim.input(Input::Cancel(Scope::All));
    assert_eq!(sim.phase(0), Phase::Cancelling);
    sim.run();
    assert_eq!(sim.phase(0), Phase::Cancelled { stored_anyway: false });
    assert_eq!(sim.phase(1), Phase::Cancelled { stored_anyway: false });
    assert_eq!((sim.counts.aborts, sim.counts.puts, sim.storage.unfinished()), (1, 0, 0));
}

#[test]
fn cancel_aborts_what_s3_holds() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.input(Input::Cancel(one(0)));
    assert_eq!(sim.in_flight(), 0);
    sim.run();
    assert_eq!(sim.phase(0), Phase::Cancelled { stored_anyway: false });
    assert_eq!((sim.counts.aborts, sim.storage.unfinished(), sim.storage.objects.len()), (1, 0, 0));
    assert_eq!(sim.queue.totals().uploads, 0);
}

#[test]
fn cancel_all_keeps_what_a_failed_upload_has_stored() {
    let mut sim = Sim::new(1);
    sim.fate = Box::new(|_, _, target| match target {
        Target::Part { upload: 0, part } if part.get() == 5 => Fate::FailsAfter(MIB, TransferFailure::FileChanged),
        _ => Fate::Arrives,
    });
    sim.start(&[100 * MIB, 1000 * MIB, 1000 * MIB]);
    sim.run_until(|sim| sim.queue.totals().failed == 1);
    sim.input(Input::Cancel(Scope::All));
    sim.run();
    assert!(matches!(sim.phase(0), Phase::Failed { kept: true, .. }), "{:?}", sim.phase(0));
    for id in [1, 2] {
        assert_eq!(sim.phase(id), Phase::Cancelled { stored_anyway: false });
    }
    assert_eq!((sim.counts.aborts, sim.storage.unfinished()), (2, 1));
    sim.input(Input::Cancel(one(0)));
    sim.run();
    assert_eq!((sim.phase(0), sim.storage.unfinished()), (Phase::Cancelled { stored_anyway: false }, 0));
}

#[test]
fn a_late_success_after_cancel_is_not_reported() {
    let mut sim = Sim::new(1);
    sim.start(&[MIB]);
    sim.run_until(|sim| sim.in_flight() == 1);
    sim.input(Input::Cancel(one(0)));
    let _ = sim.queue.take_changed();
    for transfer in sim.transfers() {
        sim.input(Input::Stored(transfer));
    }
    sim.run();
    assert_eq!(sim.phase(0), Phase::Cancelled { stored_anyway: false });
    assert_eq!(sim.queue.totals().completed, 0);
}

#[test]
fn a_cancel_that_comes_too_late_says_so() {
    let mut sim = Sim::new(1);
    sim.start(&[20 * MIB]);
    sim.run_until(|sim| matches!(sim.log.last(), Some(Output::Complete(..))));
    sim.input(Input::Cancel(one(0)));
    sim.run();
    assert_eq!(sim.phase(0), Phase::Cancelled { stored_anyway: true });
    assert_eq!((sim.counts.aborts, sim.storage.objects.len()), (0, 1));
}

#[test]
fn a_cancel_after_the_last_byte_waits_for_s3_and_says_what_came_of_it() {
    for (fate, stored_anyway) in [
        (Fate::Arrives, true),
        (Fate::AnswerLost, true),
        (Fate::BlackHole(MIB), false),
        (Fate::FailsAfter(MIB, TransferFailure::Http { status: 500, code: None, has_expires: false }), false),
    ] {
        let mut sim = Sim::new(1);
        let only = fate.clone();
        sim.fate = Box::new(move |_, _, _| only.clone());
        sim.start(&[MIB]);
        sim.run_until(|sim| sim.view(0).sent_bytes.0 == MIB);
        sim.input(Input::Cancel(one(0)));
        assert_eq!((sim.phase(0), sim.in_flight()), (Phase::Cancelling, 1), "{fate:?}");
        sim.run();
        assert_eq!(sim.phase(0), Phase::Cancelled { stored_anyway }, "{fate:?}");
        assert_eq!((sim.counts.puts, sim.storage.objects.len()), (1, usize::from(stored_anyway)), "{fate:?}");
    }
}

#[test]
fn a_cancel_while_it_is_not_known_whether_it_was_stored_asks() {
    // While it waits to try again, while the portal is being asked, while it is held, after it stopped.
    for moment in 0..4 {
        let mut sim = Sim::new(1);
        sim.fate = Box::new(|_, _, _| Fate::AnswerLost);
        sim.portal.latency_ms = 200;
        sim.start(&[MIB]);
        sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { .. }));
        match moment {
            0 => {}
            1 => sim.run_until(|sim| sim.log.iter().filter(|output| matches!(output, Output::Create(..))).count() > 1),
            2 => sim.input(Input::Pause(one(0))),
            _ => {
                sim.portal.problem = Some(ProblemKind::Forbidden);
                sim.run_until(|sim| matches!(sim.phase(0), Phase::Failed { .. }));
                sim.portal.problem = None;
            }
        }
        sim.input(Input::Cancel(one(0)));
        sim.run();
        assert_eq!(sim.phase(0), Phase::Cancelled { stored_anyway: true }, "{moment}");
        assert_eq!(sim.queue.totals().uploads, 0);
    }
}

#[test]
fn paused_while_being_asked_then_cancelled_then_the_call_fails_is_not_cancelling_for_ever() {
    for paused in [false, true] {
        let mut sim = Sim::new(1);
        sim.fate = Box::new(|_, _, _| Fate::AnswerLost);
        sim.portal.latency_ms = 200;
        sim.start(&[MIB]);
        sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { .. }));
        sim.run_until(|sim| sim.creates().len() == 2);
        if paused {
            sim.input(Input::Pause(one(0)));
        }
        sim.portal.down = true;
        sim.input(Input::Cancel(one(0)));
        sim.run_ms(5_000);
        assert_eq!(sim.phase(0), Phase::Cancelling, "{paused}");
        sim.portal.down = false;
        sim.run();
        assert_eq!(sim.phase(0), Phase::Cancelled { stored_anyway: true }, "{paused}");
    }
}

#[test]
fn a_cancel_after_a_completion_whose_answer_was_lost_says_that_it_is_stored() {
    let mut sim = Sim::new(1);
    sim.start(&[20 * MIB]);
    sim.run_until(|sim| sim.phase(0) == Phase::Completing);
    sim.portal.answer_lost_permille = 1000;
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { .. }));
    sim.portal.answer_lost_permille = 0;
    sim.input(Input::Cancel(one(0)));
    sim.run();
    assert_eq!((sim.phase(0), sim.counts.aborts), (Phase::Cancelled { stored_anyway: true }, 1));
}

#[test]
fn an_abort_that_fails_is_tried_again_and_then_left_to_the_bucket() {
    for (problem, unfinished) in [(None, 0), (Some(ProblemKind::Internal), 1), (Some(ProblemKind::UploadNotFound), 1)] {
        let mut sim = Sim::new(1);
        sim.start(&[100 * MIB]);
        sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
        sim.portal.problem = problem;
        sim.input(Input::Cancel(one(0)));
        sim.run();
        assert_eq!(sim.phase(0), Phase::Cancelled { stored_anyway: false });
        let tries = if problem == Some(ProblemKind::Internal) { 5 } else { 1 };
        assert_eq!((sim.counts.aborts, sim.storage.unfinished()), (tries, unfinished), "{problem:?}");
    }
}

#[test]
fn an_abort_waits_for_a_portal_that_is_away() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.portal.down = true;
    sim.input(Input::Cancel(one(0)));
    sim.run_ms(3_600_000);
    assert_eq!((sim.phase(0), sim.queue.totals().would_lose()), (Phase::Cancelling, true));
    sim.portal.down = false;
    sim.run();
    assert_eq!((sim.phase(0), sim.storage.unfinished()), (Phase::Cancelled { stored_anyway: false }, 0));
    assert!(!sim.queue.totals().would_lose());
}

#[test]
fn an_abort_waits_for_the_network() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.input(Input::WentOffline);
    sim.input(Input::Cancel(one(0)));
    sim.run_ms(3_600_000);
    assert_eq!((sim.phase(0), sim.counts.aborts), (Phase::Cancelling, 0));
    sim.input(Input::CameOnline);
    sim.run();
    assert_eq!((sim.phase(0), sim.storage.unfinished()), (Phase::Cancelled { stored_anyway: false }, 0));
}
