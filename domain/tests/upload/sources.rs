//! The look at a file once all its parts are stored: what it stops, what it may not stop, and what does not wait for it.

use domain::problem::ProblemKind;
use domain::upload::error::UploadError;
use domain::upload::io::{EntryId, Input};
use domain::upload::view::Phase;

use crate::sim::{MIB, Sim, one};

#[test]
fn a_file_that_changed_while_its_parts_were_sent_is_not_put_together() {
    let mut sim = Sim::new(1);
    sim.start(&[20 * MIB]);
    sim.run_until(|sim| sim.view(0).sent_bytes.0 > 10 * MIB);
    sim.saved.insert(EntryId(0));
    sim.run();
    assert_eq!(sim.phase(0), Phase::Failed { error: UploadError::FileChanged, can_retry: false, kept: true });
    assert_eq!((sim.counts.looks, sim.counts.completes, sim.storage.objects.len()), (1, 0, 0));
}

#[test]
fn a_file_saved_after_a_completion_whose_answer_was_lost_is_told_as_stored() {
    let mut sim = Sim::new(1);
    sim.start(&[20 * MIB]);
    sim.run_until(|sim| sim.counts.looks == 1);
    sim.portal.answer_lost_permille = 1000;
    sim.run_until(|sim| sim.counts.completes == 1);
    sim.portal.answer_lost_permille = 0;
    sim.saved.insert(EntryId(0));
    sim.run();
    sim.assert_all_stored();
    assert_eq!((sim.counts.looks, sim.counts.completes), (1, 2));
}

#[test]
fn a_file_saved_while_all_its_parts_wait_to_be_put_together_is_stored_as_it_was() {
    // Without a network, while nobody is signed in, while it is held.
    for wait in 0..3 {
        let mut sim = Sim::new(1);
        sim.start(&[20 * MIB]);
        sim.run_until(|sim| sim.phase(0) == Phase::Completing);
        match wait {
            0 => sim.input(Input::WentOffline),
            1 => sim.portal.problem = Some(ProblemKind::SignInRequired),
            _ => sim.input(Input::Pause(one(0))),
        }
        sim.run_ms(60_000);
        sim.saved.insert(EntryId(0));
        sim.portal.problem = None;
        sim.input(Input::CameOnline);
        sim.input(Input::SignedIn);
        sim.input(Input::Resume(one(0)));
        sim.run();
        sim.assert_all_stored();
        assert_eq!((sim.counts.looks, sim.counts.puts), (1, 3), "{wait}");
    }
}

#[test]
fn a_file_is_looked_at_again_where_a_part_was_sent_again() {
    let mut sim = Sim::new(1);
    sim.start(&[20 * MIB]);
    sim.portal.parts_to_drop = (2..3).filter_map(domain::units::PartNumber::new).collect();
    sim.run_until(|sim| sim.counts.puts == 4);
    sim.saved.insert(EntryId(0));
    sim.run();
    assert_eq!(sim.phase(0), Phase::Failed { error: UploadError::FileChanged, can_retry: false, kept: true });
    assert_eq!((sim.counts.looks, sim.counts.completes, sim.storage.objects.len()), (2, 1, 0));
}

#[test]
fn looks_that_take_long_hold_up_neither_what_ends_other_uploads_nor_a_cancel() {
    let mut sim = Sim::new(1);
    sim.link.bytes_per_s = 100_000_000;
    sim.look_ms = 3_600_000;
    sim.start(&[20 * MIB; 5]);
    sim.run_until(|sim| sim.counts.looks == 5);
    sim.look_ms = 1;
    sim.input(Input::Start(vec![crate::sim::entry(5, 20 * MIB)]));
    sim.run_ms(10_000);
    assert_eq!((sim.phase(0), sim.phase(5)), (Phase::Completing, Phase::Completed));
    sim.input(Input::Cancel(one(0)));
    sim.run_ms(1_000);
    assert_eq!((sim.phase(0), sim.counts.aborts), (Phase::Cancelled { stored_anyway: false }, 1));
    sim.run();
    assert_eq!(
        (sim.queue.totals().completed, sim.storage.objects.len()),
        (5, 5),
        "the late looks are heard where one waits"
    );
}
