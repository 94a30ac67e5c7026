//! Names that are taken: before the first byte, meanwhile, and at the end.

use domain::units::ByteSize;
use domain::upload::error::UploadError;
use domain::upload::io::{Choice, Input, Scope};
use domain::upload::view::{Notice, Phase};
use domain::upload::wire::OnConflict;

use crate::sim::{MIB, Sim, entry, one};

#[test]
fn a_taken_name_waits_for_a_choice_before_the_first_byte() {
    for (choice, key, puts) in
        [(Choice::Replace, "name-0", 1), (Choice::KeepBoth, "name-0 (2)", 1), (Choice::Skip, "name-0", 0)]
    {
        let mut sim = Sim::new(1);
        sim.storage.place("name-0", 77);
        sim.start(&[MIB]);
        sim.run();
        let Phase::Conflict { existing, all_sent: false } = sim.phase(0) else { panic!("{:?}", sim.phase(0)) };
        assert_eq!((existing.size_bytes, sim.counts.puts), (ByteSize(77), 0));
        sim.input(Input::Decide(one(0), choice));
        sim.run();
        assert_eq!(sim.counts.puts, puts);
        let expected = if choice == Choice::Skip { Phase::Skipped } else { Phase::Completed };
        assert_eq!((sim.phase(0), sim.view(0).key.as_str()), (expected, key), "{choice:?}");
        assert_eq!(sim.storage.objects["name-0"].size, if choice == Choice::Replace { MIB } else { 77 });
    }
}

#[test]
fn what_was_not_shown_is_not_replaced() {
    for (size, all_sent) in [(MIB, false), (100 * MIB, true)] {
        let mut sim = Sim::new(1);
        sim.start(&[size]);
        sim.run_until(|sim| sim.in_flight() > 0);
        sim.storage.place("name-0", 77);
        sim.run();
        assert!(matches!(sim.phase(0), Phase::Conflict { .. }), "{:?}", sim.phase(0));
        // A colleague stores a new version while the question waits.
        sim.storage.place("name-0", 78);
        sim.input(Input::Decide(one(0), Choice::Replace));
        sim.run();
        let Phase::Conflict { existing, all_sent: sent } = sim.phase(0) else { panic!("{:?}", sim.phase(0)) };
        assert_eq!((existing.size_bytes, sent), (ByteSize(78), all_sent));
        assert_eq!(sim.storage.objects["name-0"].size, 78);
        sim.input(Input::Decide(one(0), Choice::Replace));
        sim.run();
        sim.assert_all_stored();
    }
}

#[test]
fn a_choice_made_beforehand_replaces_whatever_is_there() {
    let mut sim = Sim::new(1);
    sim.storage.place("name-0", 77);
    sim.start(&[MIB]);
    sim.input(Input::Decide(Scope::All, Choice::Replace));
    sim.run();
    sim.assert_all_stored();
    assert_eq!(sim.counts.puts, 1);
}

#[test]
fn replacing_what_is_gone_by_then_loses_nothing_and_asks_nothing() {
    for size in [MIB, 100 * MIB] {
        let mut sim = Sim::new(1);
        sim.storage.place("name-0", 77);
        sim.start(&[size]);
        sim.run();
        sim.input(Input::Decide(one(0), Choice::Replace));
        sim.run_until(|sim| sim.in_flight() > 0);
        sim.storage.objects.remove("name-0");
        sim.run();
        sim.assert_all_stored();
    }
}

#[test]
fn a_name_taken_by_what_the_person_may_not_see_is_not_sent_for_again_and_again() {
    let mut sim = Sim::new(1);
    sim.portal.sees_nothing = true;
    sim.storage.place("name-0", 77);
    sim.start(&[10 * MIB]);
    sim.run();
    assert_eq!(sim.phase(0), Phase::Failed { error: UploadError::NameTakenUnseen, can_retry: false, kept: false });
    assert_eq!((sim.counts.puts, sim.storage.objects["name-0"].size), (2, 77));
}

#[test]
fn where_no_name_is_free_the_portals_words_are_told() {
    let mut sim = Sim::new(1);
    sim.storage.place("name-0", 77);
    sim.portal.no_name_is_free = true;
    let mut wish = entry(0, MIB);
    wish.choice = Some(Choice::KeepBoth);
    sim.input(Input::Start(vec![wish]));
    sim.run();
    let Phase::Failed { error, .. } = sim.phase(0) else { panic!("{:?}", sim.phase(0)) };
    assert_eq!((error.what_happened().as_str(), sim.counts.creates), ("What happened.", 1));
}

#[test]
fn one_choice_can_decide_for_all() {
    let mut sim = Sim::new(1);
    for id in 0..300 {
        sim.storage.place(&format!("name-{id}"), 77);
    }
    sim.start(&[10; 300]);
    sim.run_until(|sim| sim.queue.totals().conflicts == 100);
    sim.input(Input::Decide(Scope::All, Choice::KeepBoth));
    sim.run();
    sim.assert_all_stored();
    assert_eq!(sim.storage.objects.len(), 600);
    let refused = sim.creates().iter().filter(|(_, on_conflict)| *on_conflict == OnConflict::Refuse).count();
    assert!(refused <= 200, "those that had not been asked about are created as decided");
}

#[test]
fn a_name_taken_meanwhile_keeps_the_parts_until_a_choice() {
    for (choice, puts, aborts) in [(Choice::Replace, 13, 0), (Choice::KeepBoth, 26, 1), (Choice::Skip, 13, 1)] {
        let mut sim = Sim::new(1);
        sim.start(&[100 * MIB]);
        sim.run_until(|sim| sim.view(0).sent_bytes.0 > 50 * MIB);
        sim.storage.place("name-0", 77);
        sim.run();
        let Phase::Conflict { all_sent: true, .. } = sim.phase(0) else { panic!("{:?}", sim.phase(0)) };
        assert_eq!((sim.counts.puts, sim.storage.unfinished()), (13, 1));
        sim.input(Input::Decide(one(0), choice));
        sim.run();
        assert_eq!((sim.counts.puts, sim.counts.aborts, sim.storage.unfinished()), (puts, aborts, 0), "{choice:?}");
        let (phase, notice) = (sim.phase(0), sim.view(0).notice);
        match choice {
            Choice::Replace => assert_eq!((phase, notice), (Phase::Completed, None)),
            Choice::KeepBoth => assert_eq!((phase, notice), (Phase::Completed, Some(Notice::SentAgainToKeepBoth))),
            Choice::Skip => assert_eq!((phase, notice), (Phase::Skipped, None)),
        }
    }
}

#[test]
fn a_small_object_whose_name_is_taken_meanwhile_asks_what_is_there() {
    let mut sim = Sim::new(1);
    sim.start(&[10 * MIB]);
    sim.run_until(|sim| sim.in_flight() == 1);
    sim.storage.place("name-0", 77);
    sim.run();
    let Phase::Conflict { existing, all_sent: false } = sim.phase(0) else { panic!("{:?}", sim.phase(0)) };
    assert_eq!(existing.size_bytes, ByteSize(77));
    sim.input(Input::Decide(one(0), Choice::KeepBoth));
    sim.run();
    assert_eq!(sim.view(0).key, "name-0 (2)");
    assert_eq!(sim.storage.objects["name-0"].size, 77);
}
