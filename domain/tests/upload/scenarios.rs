//! What the engine must reach, as exact counts: signing calls, outages, short-lived URLs, black holes, many uploads.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use domain::problem::ProblemKind;
use domain::units::ByteSize;
use domain::upload::io::{HttpVersion, Input, Output, TransferFailure};
use domain::upload::view::{Notice, Phase};

use crate::sim::{Fate, MIB, Sim, Target, busy, entry};

#[test]
fn ten_thousand_parts_take_at_most_110_signing_calls() {
    let mut sim = Sim::new(1);
    sim.portal.part_size = Some(ByteSize::mib(5));
    sim.link.bytes_per_s = 1_000_000_000;
    sim.link.stream_bytes_per_s = 200_000_000;
    sim.start(&[50_000 * MIB]);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.puts, sim.counts.creates, sim.counts.completes), (10_000, 1, 1));
    assert!(sim.counts.presigns <= 110, "{}", sim.counts.presigns);
}

#[test]
fn a_thousand_small_objects_take_at_most_12_calls() {
    let mut sim = Sim::new(1);
    sim.start(&[10 * 1024; 1000]);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.puts, sim.counts.presigns, sim.counts.completes), (1000, 0, 0));
    assert!(sim.counts.creates <= 12, "{}", sim.counts.creates);
}

#[test]
fn urls_that_live_shorter_than_a_part_takes_lose_nothing() {
    let mut sim = Sim::new(1);
    sim.portal.url_ttl_s = 5;
    sim.portal.part_size = Some(ByteSize::mib(8));
    // 8 MiB in 8 s.
    sim.link.stream_bytes_per_s = MIB;
    sim.start(&[400 * MIB]);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.puts, sim.counts.stored_again, sim.counts.refused_puts), (50, 0, 0));
    assert_eq!(sim.counts.sent_bytes, 400 * MIB);
}

#[test]
fn a_url_that_ran_out_is_renewed_without_counting_and_the_person_is_told() {
    let mut sim = Sim::new(1);
    let mut refusals = 2;
    sim.fate = Box::new(move |_, _, target| match target {
        Target::Part { part, .. } if part.get() == 7 && refusals > 0 => {
            refusals -= 1;
            let code = Some("AccessDenied".to_owned());
            Fate::FailsAfter(0, TransferFailure::Http { status: 403, code, has_expires: true })
        }
        _ => Fate::Arrives,
    });
    sim.start(&[100 * MIB]);
    let mut waited = false;
    sim.run_until(|sim| {
        waited |= matches!(sim.phase(0), Phase::Retrying { .. });
        sim.phase(0) == Phase::Completed
    });
    assert!(!waited, "a renewal is no failure");
    assert_eq!(sim.view(0).notice, Some(Notice::PermissionRenewed));
    assert_eq!((sim.counts.puts, sim.counts.stored_again), (15, 0));
}

/// An upload of 2 GiB on a link of 10 MB/s, and what is done to it after ten seconds.
fn large_upload(trouble: impl FnOnce(&mut Sim)) -> Sim {
    let mut sim = Sim::new(1);
    sim.link.bytes_per_s = 10_000_000;
    sim.start(&[2048 * MIB]);
    sim.run_ms(10_000);
    trouble(&mut sim);
    sim.run();
    sim.assert_all_stored();
    assert_eq!(sim.counts.stored_again, 0, "no finished part is sent again");
    assert_eq!((sim.counts.creates, sim.counts.aborts), (1, 0));
    sim
}

fn wasted(sim: &Sim) -> u64 {
    sim.counts.sent_bytes - 2048 * MIB
}

/// Six parts of 16 MiB: what is in flight at most.
const IN_FLIGHT: u64 = 6 * 16 * MIB;

#[test]
fn sixty_seconds_of_total_outage_cost_the_parts_in_flight() {
    let sim = large_upload(|sim| {
        sim.link.broken = true;
        sim.portal.down = true;
        sim.world_in(60_000, |sim| {
            sim.link.broken = false;
            sim.portal.down = false;
        });
    });
    assert!(wasted(&sim) <= IN_FLIGHT, "{}", wasted(&sim));
    // 2 GiB at 10 MB/s take 215 s, the outage 60 s, and the last waiting time at most 30 s.
    assert!(sim.elapsed_ms() <= 330_000, "{}", sim.elapsed_ms());
}

#[test]
fn ten_minutes_offline_cost_the_parts_in_flight() {
    let sim = large_upload(|sim| {
        sim.link.broken = true;
        sim.portal.down = true;
        sim.input(Input::WentOffline);
        sim.world_in(600_000, |sim| {
            sim.link.broken = false;
            sim.portal.down = false;
            sim.queue.handle(sim.now, Input::CameOnline);
        });
    });
    assert!(wasted(&sim) <= IN_FLIGHT, "{}", wasted(&sim));
    assert!(sim.elapsed_ms() <= 850_000, "{}", sim.elapsed_ms());
}

#[test]
fn thirty_seconds_of_503_cost_nothing_but_time() {
    let sim = large_upload(|sim| {
        let end = sim.now.plus_ms(30_000);
        sim.fate = Box::new(move |_, now, _| if now < end { Fate::FailsAfter(0, busy()) } else { Fate::Arrives });
    });
    assert_eq!(wasted(&sim), 0);
    assert!(sim.elapsed_ms() <= 320_000, "{}", sim.elapsed_ms());
}

#[test]
fn an_outage_does_not_make_thousands_of_uploads_hammer() {
    let mut sim = Sim::new(1);
    sim.start(&[10 * 1024; 1000]);
    sim.run_until(|sim| sim.queue.totals().completed >= 500);
    let puts = sim.counts.puts;
    sim.link.broken = true;
    sim.run_ms(300_000);
    // Waiting times average a quarter of a second to 15 s: about two dozen rounds in five minutes.
    assert!(sim.counts.puts - puts < 6 * 60, "{}", sim.counts.puts - puts);
    sim.link.broken = false;
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn a_black_hole_is_found_within_35_seconds() {
    let holes = Rc::new(RefCell::new(0));
    let count = Rc::clone(&holes);
    let mut sim = Sim::new(1);
    sim.link.bytes_per_s = 10_000_000;
    sim.fate = Box::new(move |dice, _, _| {
        if dice.up_to(19) > 0 {
            return Fate::Arrives;
        }
        *count.borrow_mut() += 1;
        Fate::BlackHole(dice.up_to(15 * MIB))
    });
    sim.start(&[2048 * MIB; 4]);
    let mut found = Vec::new();
    sim.run_until(|sim| {
        let now = sim.now;
        found.extend(sim.take_found_holes().into_iter().map(|at| now.ms_since(at)));
        sim.queue.totals().active == 0
    });
    sim.assert_all_stored();
    assert!(found.len() == *holes.borrow() && found.len() > 10, "{} of {}", found.len(), holes.borrow());
    found.sort_unstable();
    assert!(found[found.len() / 2] <= 20_000, "median {}", found[found.len() / 2]);
    assert!(found.iter().all(|ms| *ms <= 35_000), "{found:?}");
}

#[test]
fn uploads_are_served_in_turn() {
    let mut sim = Sim::new(1);
    sim.start(&[400 * MIB, 400 * MIB, 400 * MIB]);
    let (mut served, mut largest_lead) = ([0_i32; 3], 0);
    sim.run();
    sim.assert_all_stored();
    for output in &sim.log {
        let Output::Put(put) = output else { continue };
        served[usize::try_from(put.entry.0).unwrap()] += 1;
        largest_lead = largest_lead.max(served.iter().max().unwrap() - served.iter().min().unwrap());
    }
    assert_eq!(served, [50, 50, 50]);
    // The first whose URLs come takes the three places that are free, and its turn comes first once more.
    assert!(largest_lead <= 4, "{largest_lead}");
}

#[test]
fn completions_do_not_wait_for_places() {
    let mut sim = Sim::new(1);
    sim.start(&[20 * MIB; 100]);
    let mut most_unfinished = 0;
    sim.run_until(|sim| {
        let all_sent = sim.views().filter(|view| view.phase == Phase::Completing).count();
        most_unfinished = most_unfinished.max(all_sent);
        sim.queue.totals().active == 0
    });
    sim.assert_all_stored();
    assert!(most_unfinished <= 6, "{most_unfinished} showed 100 % without being done");
}

#[test]
fn completions_that_take_minutes_do_not_hold_up_what_is_sent() {
    let mut sim = Sim::new(1);
    sim.link.bytes_per_s = 10_000_000;
    sim.portal.completes_in_ms = 120_000;
    sim.start(&[20 * MIB, 20 * MIB, 20 * MIB, 20 * MIB, 1000 * MIB, MIB]);
    sim.run_until(|sim| sim.views().filter(|view| view.phase == Phase::Completing).count() == 4);
    sim.input(Input::Start(vec![entry(6, MIB)]));
    sim.run_ms(60_000);
    assert_eq!((sim.counts.completes, sim.phase(6)), (4, Phase::Completed));
    assert!(sim.view(4).sent_bytes.0 > 500 * MIB, "{:?}", sim.view(4));
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn a_completion_that_fails_holds_up_nothing_else() {
    let mut sim = Sim::new(1);
    sim.portal.complete_problem = Some(ProblemKind::Busy);
    sim.start(&[20 * MIB]);
    sim.run_until(|sim| matches!(sim.phase(0), Phase::Retrying { attempt: 7.., .. }));
    let begun = sim.now;
    sim.input(Input::Start((1..=300).map(|id| entry(id, 1024)).collect()));
    assert!(matches!(sim.log.last(), Some(Output::Create(..))), "leave for the others is asked for at once");
    sim.run_until(|sim| sim.queue.totals().completed == 300);
    assert!(sim.now.ms_since(begun) < 10_000, "{}", sim.now.ms_since(begun));
    sim.portal.complete_problem = None;
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn an_s3_that_fails_every_upload_is_not_asked_for_thousands_of_them() {
    let mut sim = Sim::new(1);
    sim.portal.create_problem = Some(ProblemKind::StorageUnavailable);
    sim.start(&[1024; 13_000]);
    sim.run_ms(60_000);
    assert!(sim.counts.creates < 60, "{}", sim.counts.creates);
    sim.portal.create_problem = None;
    sim.run();
    sim.assert_all_stored();
}

#[test]
fn http_2_with_narrow_streams_gets_sixteen_places() {
    let finish_ms = |http2: bool| {
        let mut sim = Sim::new(1);
        sim.ceiling = 16;
        sim.link.bytes_per_s = 100_000_000;
        // A stream window of 64 KiB at a round trip of 20 ms.
        sim.link.stream_bytes_per_s = 3_300_000;
        if http2 {
            sim.input(Input::HttpVersion(HttpVersion::Http2));
        }
        sim.start(&[2048 * MIB]);
        sim.run();
        sim.assert_all_stored();
        (sim.elapsed_ms(), sim.counts.most_in_flight)
    };
    let (http1, places1) = finish_ms(false);
    let (http2, places2) = finish_ms(true);
    assert_eq!((places1, places2), (6, 16));
    assert!(http2 * 2 < http1, "{http2} ms beside {http1} ms");
}

#[test]
fn thirteen_thousand_small_objects_cost_the_same_each_as_thirteen_hundred() {
    let seconds = |count: usize| {
        let mut sim = Sim::new(1);
        sim.link.tick_ms = 1;
        let begun = Instant::now();
        sim.start(&vec![1024; count]);
        sim.run();
        let seconds = begun.elapsed().as_secs_f64();
        sim.assert_all_stored();
        assert_eq!(sim.counts.puts, u64::try_from(count).unwrap());
        assert_eq!(sim.counts.creates, u64::try_from(count.div_ceil(100)).unwrap());
        seconds
    };
    // Ten times as many cost ten times as much; a step that walks over all of them would cost a hundred times. Other
    // work on the machine may disturb a run, but not each of five.
    let is_linear = (0..5).any(|_| seconds(13_000) < seconds(1_300) * 40.0);
    assert!(is_linear, "13,000 cost more than 40 times 1,300");
}

#[test]
fn totals_tell_the_rate_and_the_time_left_and_keep_them_while_nothing_arrives() {
    let mut sim = Sim::new(1);
    sim.link.bytes_per_s = 10_000_000;
    sim.start(&[512 * MIB, 512 * MIB]);
    assert_eq!((sim.queue.totals().rate_bytes_per_s, sim.queue.totals().left_s), (None, None));
    sim.run_ms(40_000);
    let totals = sim.queue.totals();
    let rate = totals.rate_bytes_per_s.unwrap();
    assert!((9_000_000..=11_000_000).contains(&rate), "{rate}");
    assert_eq!(totals.left_s, Some((totals.size_bytes.0 - totals.sent_bytes.0).div_ceil(rate)));
    sim.link.broken = true;
    sim.input(Input::WentOffline);
    sim.run_ms(60_000);
    assert_eq!(sim.queue.totals().rate_bytes_per_s, Some(rate));
    assert!(sim.queue.totals().offline);
    sim.link.broken = false;
    sim.input(Input::CameOnline);
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.queue.totals().rate_bytes_per_s, sim.queue.totals().left_s), (None, None));
}
