//! Anything in any order: whatever happens, it ends, and nothing is said to be stored that is not.

use domain::problem::ProblemKind;
use domain::upload::io::{CallId, Choice, EntryId, HttpVersion, Input, Scope, TransferFailure, TransferId};
use domain::upload::view::Phase;
use proptest::prelude::*;

use crate::sim::{Fate, MIB, Sim, entry};

/// How long trouble may happen. Afterwards the world is well again.
const TROUBLE_MS: u64 = 120_000;

#[derive(Clone, Debug)]
enum Happening {
    Person(Input),
    Offline(u64),
    Outage(u64),
    PortalDown(u64),
    SessionEnds,
    UploadsVanish,
    NameTaken(u32),
    PartsDrop(u16),
    /// Answered once more, if it was answered or cancelled before.
    StrayTransfer(u64),
    StrayCall(u64),
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![6 => (0_u32..8).prop_map(|id| Scope::One(EntryId(id))), 1 => Just(Scope::All)]
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![Just(Choice::Replace), Just(Choice::KeepBoth), Just(Choice::Skip)]
}

fn size() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => 0_u64..4,
        4 => 1_000..MIB,
        2 => Just(16 * MIB),
        2 => 16 * MIB + 1..40 * MIB,
        2 => 40 * MIB..300 * MIB,
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let person = prop_oneof![
        3 => scope().prop_map(Input::Pause),
        5 => scope().prop_map(Input::Resume),
        1 => scope().prop_map(Input::Cancel),
        3 => scope().prop_map(Input::Retry),
        4 => (scope(), choice()).prop_map(|(scope, choice)| Input::Decide(scope, choice)),
        1 => Just(Input::Clear),
        1 => Just(Input::Timeout),
        1 => Just(Input::HttpVersion(HttpVersion::Http2)),
        2 => (8_u32..16, size()).prop_map(|(id, size)| Input::Start(vec![entry(id, size)])),
    ];
    prop_oneof![
        10 => person.prop_map(Happening::Person),
        2 => (1_u64..60_000).prop_map(Happening::Offline),
        2 => (1_u64..30_000).prop_map(Happening::Outage),
        2 => (1_u64..30_000).prop_map(Happening::PortalDown),
        1 => Just(Happening::SessionEnds),
        1 => Just(Happening::UploadsVanish),
        2 => (0_u32..8).prop_map(Happening::NameTaken),
        1 => (1_u16..6).prop_map(Happening::PartsDrop),
        1 => (1_u64..400).prop_map(Happening::StrayTransfer),
        1 => (1_u64..40).prop_map(Happening::StrayCall),
    ]
}

fn happen(sim: &mut Sim, happening: Happening) {
    match happening {
        Happening::Person(input) => {
            if input == Input::HttpVersion(HttpVersion::Http2) {
                sim.ceiling = 16;
            }
            sim.queue.handle(sim.now, input);
        }
        Happening::Offline(ms) => {
            sim.link.broken = true;
            sim.queue.handle(sim.now, Input::WentOffline);
            sim.world_in(ms, |sim| {
                sim.link.broken = false;
                sim.queue.handle(sim.now, Input::CameOnline);
            });
        }
        Happening::Outage(ms) => {
            sim.link.broken = true;
            sim.world_in(ms, |sim| sim.link.broken = false);
        }
        Happening::PortalDown(ms) => {
            sim.portal.down = true;
            sim.world_in(ms, |sim| sim.portal.down = false);
        }
        Happening::SessionEnds => sim.portal.problem = Some(ProblemKind::SignInRequired),
        Happening::UploadsVanish => sim.storage.uploads.iter_mut().for_each(|upload| upload.alive = false),
        Happening::NameTaken(id) => sim.storage.place(&format!("name-{id}"), 77),
        Happening::StrayTransfer(number) => {
            let transfer = TransferId(number);
            if sim.is_done_with_transfer(transfer) {
                sim.queue.handle(sim.now, Input::Progress(transfer, u64::MAX));
                sim.queue.handle(sim.now, Input::Stored(transfer));
            }
        }
        Happening::StrayCall(number) => {
            let call = CallId(number);
            if sim.is_done_with_call(call) {
                sim.queue.handle(sim.now, Input::Created(call, Ok(Vec::new())));
                sim.queue.handle(sim.now, Input::PortalChecked(call, false));
                sim.queue.handle(sim.now, Input::FileLookedAt(call, false));
            }
        }
        Happening::PartsDrop(part) => sim.portal.parts_to_drop.extend(domain::units::PartNumber::new(part)),
    }
}

/// What passes: after such a fault the engine promises to go on by itself.
fn passing_fate(faults_permille: u64) -> crate::sim::FateOf {
    let mut any = fate(faults_permille);
    let is_final = |code: &Option<String>, has_expires: bool| {
        !has_expires && matches!(code.as_deref(), Some("SignatureDoesNotMatch" | "AccessDenied"))
    };
    Box::new(move |dice, now, target| match any(dice, now, target) {
        Fate::FailsAfter(bytes, TransferFailure::Http { code, has_expires, .. }) if is_final(&code, has_expires) => {
            Fate::FailsAfter(bytes, TransferFailure::SourceAway)
        }
        fate => fate,
    })
}

fn fate(faults_permille: u64) -> crate::sim::FateOf {
    let http = |status, code: &str, has_expires| TransferFailure::Http {
        status,
        code: (!code.is_empty()).then(|| code.to_owned()),
        has_expires,
    };
    Box::new(move |dice, _, _| {
        if dice.up_to(999) >= faults_permille {
            return Fate::Arrives;
        }
        let after = dice.up_to(20 * MIB);
        match dice.up_to(9) {
            0 => Fate::FailsAfter(after, TransferFailure::Network),
            1 => Fate::FailsAfter(after, TransferFailure::Timeout),
            2 => Fate::FailsAfter(0, http(503, "SlowDown", false)),
            3 => Fate::FailsAfter(after, http(500, "InternalError", false)),
            4 => Fate::FailsAfter(0, http(403, "AccessDenied", true)),
            5 => Fate::FailsAfter(0, http(403, "SignatureDoesNotMatch", false)),
            6 => Fate::FailsAfter(0, http(403, "AccessDenied", false)),
            7 => Fate::FailsAfter(after, http(200, "SomethingNew", false)),
            8 => Fate::AnswerLost,
            _ => Fate::BlackHole(after),
        }
    })
}

#[derive(Clone, Debug)]
struct Story {
    seed: u64,
    sizes: Vec<u64>,
    happenings: Vec<(u64, Happening)>,
    faults_permille: u64,
    url_ttl_s: u64,
    jitter_ms: u64,
    link_bytes_per_s: u64,
}

fn story() -> impl Strategy<Value = Story> {
    (
        any::<u64>(),
        prop::collection::vec(size(), 1..8),
        prop::collection::vec((0..TROUBLE_MS, happening()), 0..25),
        prop_oneof![Just(0_u64), 0_u64..300],
        prop_oneof![Just(900_u64), 3_u64..60],
        prop_oneof![Just(0_u64), 0_u64..2_000],
        1_000_000_u64..50_000_000,
    )
        .prop_map(|(seed, sizes, happenings, faults_permille, url_ttl_s, jitter_ms, link_bytes_per_s)| Story {
            seed,
            sizes,
            happenings,
            faults_permille,
            url_ttl_s,
            jitter_ms,
            link_bytes_per_s,
        })
}

fn end_trouble(sim: &mut Sim) {
    sim.link.broken = false;
    sim.portal.down = false;
    sim.portal.problem = None;
    sim.portal.answer_lost_permille = 0;
    sim.portal.busy_permille = 0;
    sim.portal.parts_to_drop.clear();
    sim.portal.url_ttl_s = 900;
    sim.fate = Box::new(|_, _, _| Fate::Arrives);
}

/// As long as nothing but passing troubles happen.
fn passing_story() -> impl Strategy<Value = Story> {
    let happening = prop_oneof![
        2 => (1_u64..60_000).prop_map(Happening::Offline),
        2 => (1_u64..30_000).prop_map(Happening::Outage),
        2 => (1_u64..30_000).prop_map(Happening::PortalDown),
        1 => (1_u64..400).prop_map(Happening::StrayTransfer),
        1 => (1_u64..40).prop_map(Happening::StrayCall),
    ];
    (story(), prop::collection::vec((0..TROUBLE_MS, happening), 0..15))
        .prop_map(|(story, happenings)| Story { happenings, ..story })
}

/// The world is well again, and a patient person presses every button that helps.
fn rescue(sim: &mut Sim, choice: Choice) {
    end_trouble(sim);
    for _ in 0..20 {
        for input in [
            Input::CameOnline,
            Input::SignedIn,
            Input::Resume(Scope::All),
            Input::Retry(Scope::All),
            Input::Decide(Scope::All, choice),
        ] {
            sim.input(input);
        }
        sim.run();
        if sim.queue.totals().completed == sim.queue.totals().uploads {
            return;
        }
    }
    let views: Vec<_> = sim.views().collect();
    panic!("it does not end: {views:#?}");
}

fn begin(story: Story) -> Sim {
    let mut sim = Sim::new(story.seed);
    sim.link.bytes_per_s = story.link_bytes_per_s;
    sim.link.tick_ms = 200;
    sim.portal.url_ttl_s = story.url_ttl_s;
    sim.portal.jitter_ms = story.jitter_ms;
    sim.look_ms = story.jitter_ms * 4;
    sim.portal.answer_lost_permille = story.faults_permille / 4;
    sim.portal.busy_permille = story.faults_permille / 4;
    sim.twice_permille = story.faults_permille;
    sim.lands_late_permille = 500;
    sim.fate = fate(story.faults_permille);
    for (at_ms, happening) in story.happenings {
        sim.world_in(at_ms, move |sim| happen(sim, happening));
    }
    sim.start(&story.sizes);
    sim
}

fn play(story: Story, last_choice: Choice) {
    let mut sim = begin(story);
    sim.run_ms(TROUBLE_MS * 3);
    sim.assert_totals_are_sums();
    rescue(&mut sim, last_choice);
    sim.assert_totals_are_sums();
    assert_eq!(sim.in_flight(), 0);
    for view in sim.views() {
        match view.phase {
            Phase::Completed => assert!(sim.storage.objects.contains_key(&view.key)),
            Phase::Cancelled { .. } | Phase::Skipped => {}
            phase => panic!("{phase:?} is no end"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn it_always_ends(story in story(), last_choice in choice()) {
        play(story, last_choice);
    }

    #[test]
    fn what_passes_ends_well_without_anybody(story in passing_story()) {
        let faults_permille = story.faults_permille;
        let mut sim = begin(story);
        sim.fate = passing_fate(faults_permille);
        sim.world_in(TROUBLE_MS, end_trouble);
        sim.run();
        prop_assert_eq!(sim.in_flight(), 0);
        for view in sim.views() {
            prop_assert_eq!(&view.phase, &Phase::Completed);
            prop_assert_eq!(sim.storage.objects[&view.key].size, view.size_bytes.0);
        }
    }
}
