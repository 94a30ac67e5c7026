//! A portal that is away, busy, refuses or does not answer, while the rest of the world is well.

use domain::problem::ProblemKind;
use domain::upload::error::{Trouble, UploadError};
use domain::upload::io::{Choice, Input, Output, Scope, TransferFailure};
use domain::upload::view::Phase;

use crate::sim::{Fate, MIB, Sim, busy, entry, one};

#[test]
fn a_session_that_ends_keeps_the_queue() {
    let mut sim = Sim::new(1);
    sim.start(&[300 * MIB, 40 * MIB, MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.portal.problem = Some(ProblemKind::SignInRequired);
    sim.run();
    assert!(sim.queue.totals().sign_in_needed);
    assert_eq!(sim.queue.totals().failed, 0);
    sim.portal.problem = None;
    sim.input(Input::SignedIn);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.storage.uploads.len(), sim.counts.stored_again), (2, 0));
}

#[test]
fn nothing_gives_up_while_the_portal_is_down_as_well() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB, MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.link.broken = true;
    sim.portal.down = true;
    sim.run_ms(24 * 3_600_000);
    assert_eq!(sim.queue.totals().failed, 0);
    sim.link.broken = false;
    sim.portal.down = false;
    sim.run();
    sim.assert_all_stored();
    assert_eq!(sim.counts.stored_again, 0);
}

#[test]
fn a_portal_that_answers_failures_for_ten_minutes_ends_in_its_words() {
    let mut sim = Sim::new(1);
    sim.portal.problem = Some(ProblemKind::StorageUnavailable);
    sim.start(&[MIB; 250]);
    sim.run();
    assert_eq!(sim.queue.totals().failed, 250);
    let Phase::Failed {
        error: UploadError::GaveUp { trouble: Trouble::PortalFailed(_), .. },
        can_retry: true,
        kept: false,
    } = sim.phase(0)
    else {
        panic!("{:?}", sim.phase(0))
    };
    sim.portal.problem = None;
    sim.input(Input::Retry(Scope::All));
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn one_name_that_a_gateway_refuses_does_not_hold_up_the_others() {
    let mut sim = Sim::new(1);
    sim.portal.gateway_refuses = Some("name-42");
    let mut sizes = [MIB; 250];
    sizes[200] = 400 * MIB;
    sim.start(&sizes);
    sim.run_until(|sim| sim.queue.totals().completed == 249);
    assert!(sim.elapsed_ms() < 120_000, "{}", sim.elapsed_ms());
    sim.run();
    let Phase::Failed { error: UploadError::GaveUp { trouble, minutes: 10 }, can_retry: true, .. } = sim.phase(42)
    else {
        panic!("{:?}", sim.phase(42))
    };
    assert_eq!(trouble, Trouble::PortalUnreachable);
    assert!(sim.counts.creates < 100, "{}", sim.counts.creates);
}

#[test]
fn a_name_that_a_gateway_refuses_takes_no_others_along_when_it_is_tried_now() {
    let mut sim = Sim::new(1);
    sim.portal.gateway_refuses = Some("name-42");
    sim.start(&[MIB; 100]);
    sim.run_until(|sim| sim.queue.totals().completed == 99);
    sim.run_until(|sim| matches!(sim.phase(42), Phase::Retrying { .. }));
    let before = sim.log.len();
    sim.queue.handle(sim.now, Input::Start((100..200).map(|id| entry(id, MIB)).collect()));
    sim.input(Input::Retry(one(42)));
    assert_eq!(sim.phase(42), Phase::Preparing);
    let asked = sim.log[before..].iter().find_map(|output| match output {
        Output::Create(_, body) => Some(body.uploads.iter().map(|upload| upload.key.clone()).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(asked.unwrap(), ["name-42"]);
}

#[test]
fn leave_that_is_never_answered_while_the_portal_is_well_ends_in_words() {
    let mut sim = Sim::new(1);
    sim.portal.creates_unreachable = true;
    sim.start(&[MIB; 1000]);
    sim.run_ms(20 * 60_000);
    assert_eq!((sim.queue.totals().active, sim.queue.totals().failed), (0, 1000));
    assert!(sim.counts.creates < 120, "{}", sim.counts.creates);
    // While the portal is away as well, it goes on for as long as that lasts.
    sim.portal.down = true;
    sim.input(Input::Retry(Scope::All));
    sim.run_ms(24 * 3_600_000);
    assert_eq!(sim.queue.totals().failed, 0);
    sim.portal.down = false;
    sim.portal.creates_unreachable = false;
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn an_upload_that_joins_those_that_wait_for_leave_is_not_stopped_before_it_was_tried_as_long() {
    // Held until now, decided about now, tried again now; then two that lose their leave to send now.
    for joins in 0..5 {
        let mut sim = Sim::new(1);
        let order = match joins {
            0 => {
                sim.queue.handle(sim.now, Input::Start(vec![entry(0, MIB)]));
                sim.input(Input::Pause(one(0)));
                Input::Resume(one(0))
            }
            1 => {
                sim.storage.place("name-0", 77);
                sim.start(&[MIB]);
                Input::Decide(one(0), Choice::Replace)
            }
            2 => {
                sim.portal.create_problem = Some(ProblemKind::Forbidden);
                sim.start(&[MIB]);
                Input::Retry(one(0))
            }
            _ => {
                let nine_minutes_s = 540;
                sim.link.bytes_per_s = MIB / nine_minutes_s;
                sim.fate = Box::new(move |_, _, _| {
                    let code = Some("AccessDenied".to_owned());
                    let refused = TransferFailure::Http { status: 403, code, has_expires: true };
                    Fate::FailsAfter(MIB - 1, if joins == 3 { refused } else { TransferFailure::Network })
                });
                sim.start(&[MIB]);
                sim.run_until(|sim| sim.counts.puts == 1);
                sim.fate = Box::new(|_, _, _| Fate::Arrives);
                Input::SignedIn
            }
        };
        if joins < 3 {
            sim.run();
        }
        sim.portal.create_problem = None;
        sim.portal.creates_unreachable = true;
        sim.input(Input::Start(vec![entry(1, MIB)]));
        sim.run_ms(9 * 60_000);
        sim.input(order);
        sim.run_ms(4 * 60_000);
        assert!(matches!(sim.phase(1), Phase::Failed { error: UploadError::GaveUp { .. }, .. }), "{:?}", sim.phase(1));
        assert!(matches!(sim.phase(0), Phase::Retrying { .. } | Phase::Preparing), "{joins}: {:?}", sim.phase(0));
        sim.portal.creates_unreachable = false;
        sim.link.bytes_per_s = 100 * MIB;
        sim.run();
        assert_eq!(sim.phase(0), Phase::Completed, "{joins}");
    }
}

#[test]
fn who_joins_later_is_given_up_in_their_own_time_and_a_closed_lid_is_none_of_it() {
    let mut sim = Sim::new(1);
    sim.portal.creates_unreachable = true;
    sim.start(&[MIB]);
    sim.run_ms(9 * 60_000);
    // So many that most of them are never asked for themselves.
    sim.input(Input::Start((1..=300).map(|id| entry(id, MIB)).collect()));
    sim.run_ms(2 * 60_000);
    assert_eq!(sim.queue.totals().failed, 1);
    sim.sleep_ms(8 * 3_600_000);
    sim.run_ms(3 * 60_000);
    assert_eq!(sim.queue.totals().failed, 1);
    sim.run_ms(5 * 60_000 - 10_000);
    assert_eq!(sim.queue.totals().failed, 301);
}

#[test]
fn one_who_tries_now_does_not_make_the_others_wait_longer() {
    let mut sim = Sim::new(1);
    sim.portal.creates_unreachable = true;
    sim.start(&[MIB; 300]);
    for _ in 0..2 {
        sim.run_ms(5 * 60_000);
        sim.input(Input::Retry(one(0)));
    }
    sim.run_ms(2 * 60_000);
    assert_eq!(sim.queue.totals().failed, 299);
    sim.run_ms(10 * 60_000);
    assert_eq!(sim.queue.totals().failed, 300);
}

#[test]
fn nothing_is_given_up_while_there_is_no_network() {
    let without_leave = || {
        let mut sim = Sim::new(1);
        sim.portal.creates_unreachable = true;
        sim.start(&[MIB]);
        sim
    };
    let mut sim = without_leave();
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Failed { .. }));
    let last = sim.counts.creates;
    // The same again, but the network goes before that last call has failed.
    let mut sim = without_leave();
    sim.run_until(|sim| sim.counts.creates == last);
    sim.input(Input::WentOffline);
    sim.run_ms(60_000);
    assert!(!matches!(sim.phase(0), Phase::Failed { .. }), "{:?}", sim.phase(0));
}

#[test]
fn a_portal_that_asks_to_wait_is_not_called_before() {
    let mut sim = Sim::new(1);
    sim.start(&[400 * MIB; 5]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.portal.problem = Some(ProblemKind::Busy);
    sim.portal.retry_after_ms = Some(20_000);
    let calls = |sim: &Sim| sim.counts.creates + sim.counts.presigns + sim.counts.completes;
    let well = calls(&sim);
    sim.run_until(|sim| calls(sim) > well);
    sim.run_ms(1_000);
    let before = calls(&sim);
    sim.input(Input::Start(vec![entry(5, MIB)]));
    sim.run_ms(15_000);
    assert_eq!(calls(&sim), before, "nothing is asked within the 20 s");
    sim.portal.problem = None;
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn try_now_does_not_wait_for_the_rest_that_the_portal_asked_for() {
    let mut sim = Sim::new(1);
    sim.portal.problem = Some(ProblemKind::Busy);
    sim.portal.retry_after_ms = Some(300_000);
    sim.start(&[MIB]);
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { at, .. } if at.ms_since(sim.now) > 200_000));
    sim.portal.problem = None;
    sim.input(Input::Retry(one(0)));
    assert_eq!(sim.phase(0), Phase::Preparing);
    sim.run_ms(30_000);
    sim.assert_all_stored();
}

#[test]
fn trying_again_what_was_refused_does_not_wait_for_that_rest_and_trying_a_storage_again_does_not_end_it() {
    let mut sim = Sim::new(1);
    sim.fate = Box::new(|_, _, _| Fate::FailsAfter(0, TransferFailure::Timeout));
    sim.start(&[MIB]);
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { .. }));
    sim.portal.create_problem = Some(ProblemKind::Forbidden);
    sim.input(Input::Start(vec![entry(1, MIB)]));
    sim.run_until(|sim| matches!(sim.phase(1), Phase::Failed { .. }));
    sim.portal.problem = Some(ProblemKind::Busy);
    sim.portal.retry_after_ms = Some(300_000);
    sim.input(Input::Start(vec![entry(2, MIB)]));
    sim.run_until(|sim| matches!(sim.phase(2), Phase::Retrying { .. }));
    let asked = sim.counts.creates;
    sim.input(Input::Retry(one(0)));
    sim.input(Input::Start(vec![entry(3, MIB)]));
    sim.run_ms(30_000);
    assert_eq!(sim.counts.creates, asked, "the portal asked not to be called");
    (sim.portal.problem, sim.portal.create_problem) = (None, None);
    sim.input(Input::Retry(one(1)));
    assert_eq!(sim.phase(1), Phase::Preparing);
    sim.fate = Box::new(|_, _, _| Fate::Arrives);
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn what_is_tried_now_does_not_stand_behind_all_that_wait() {
    let mut sim = Sim::new(1);
    sim.portal.problem = Some(ProblemKind::Busy);
    sim.portal.retry_after_ms = Some(300_000);
    sim.start(&[MIB; 250]);
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { at, .. } if at.ms_since(sim.now) > 200_000));
    assert_eq!(sim.phase(249), Phase::Queued);
    sim.input(Input::Retry(one(0)));
    assert_eq!(sim.phase(0), Phase::Preparing);
}

#[test]
fn permits_that_are_over_are_no_leave_to_try_now() {
    let mut sim = Sim::new(1);
    sim.portal.url_ttl_s = 60;
    sim.start(&[400 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.fate = Box::new(|_, _, _| Fate::FailsAfter(0, busy()));
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { .. }));
    sim.sleep_ms(3_600_000);
    sim.fate = Box::new(|_, _, _| Fate::Arrives);
    sim.queue.handle(sim.now, Input::RetryAfter { wait_ms: 300_000 });
    sim.input(Input::Retry(one(0)));
    sim.run_ms(60_000);
    assert_eq!(sim.phase(0), Phase::Completed);
}

#[test]
fn try_now_on_trouble_with_s3_asks_the_portal_where_it_is_needed_next() {
    let mut sim = Sim::new(1);
    // Such a failure may be the permission's, so the next try takes a fresh one.
    sim.fate = Box::new(|_, _, _| Fate::FailsAfter(MIB - 1, TransferFailure::Network));
    sim.link.bytes_per_s = MIB / 20;
    sim.start(&[MIB]);
    sim.run_until(|sim| sim.counts.puts == 1);
    sim.portal.problem = Some(ProblemKind::Busy);
    sim.portal.retry_after_ms = Some(300_000);
    sim.input(Input::Start(vec![entry(1, MIB)]));
    sim.run_until(|sim| matches!(sim.phase(1), Phase::Retrying { at, .. } if at.ms_since(sim.now) > 200_000));
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { trouble: Trouble::Network, .. }));
    sim.portal.problem = None;
    sim.fate = Box::new(|_, _, _| Fate::Arrives);
    sim.input(Input::Retry(one(0)));
    sim.run_ms(60_000);
    assert_eq!(sim.phase(0), Phase::Completed);
}

#[test]
fn permits_that_are_refused_while_some_are_left_are_not_asked_for_with_every_part() {
    let mut sim = Sim::new(1);
    sim.link.bytes_per_s = 10_000_000;
    sim.portal.url_ttl_s = 300;
    sim.start(&[4096 * MIB]);
    sim.run_ms(10_000);
    let well = sim.counts.presigns;
    sim.portal.problem = Some(ProblemKind::Internal);
    sim.run_until(|sim| sim.counts.presigns > well);
    let (before, puts) = (sim.counts.presigns, sim.counts.puts);
    sim.run_ms(60_000);
    assert!(sim.counts.puts - puts > 10, "parts whose permits are at hand go on: {}", sim.counts.puts - puts);
    assert!((1..=12).contains(&(sim.counts.presigns - before)), "{}", sim.counts.presigns - before);
    sim.portal.problem = None;
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn a_busy_s3_is_waited_for_while_the_portal_fails_its_own_check() {
    let mut sim = Sim::new(1);
    sim.start(&[100 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
    sim.portal.down = true;
    sim.fate = Box::new(|_, _, _| Fate::FailsAfter(0, busy()));
    sim.run_ms(30 * 60_000);
    assert_eq!(sim.queue.totals().failed, 0);
    assert!(sim.counts.checks > 0);
    // Where the portal is well, the same ends after ten minutes.
    sim.portal.down = false;
    sim.run_ms(30 * 60_000);
    let Phase::Failed { error: UploadError::GaveUp { trouble, minutes: 10 }, .. } = sim.phase(0) else { panic!() };
    assert_eq!(trouble, Trouble::StorageBusy("SlowDown".to_owned()));
}
