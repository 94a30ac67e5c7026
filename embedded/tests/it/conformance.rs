//! S3 as AWS documents it, checked on the wire of any endpoint: one list of checks, each with the documented answer
//! beside it, run on this crate and, to calibrate the list itself, on an independent server.
//!
//! `cargo test -p embedded conformance -- --nocapture` prints the table; with `--include-ignored` an independent
//! server is asked too. `CAUSEWAY_TEST_PEER=http://127.0.0.1:PORT`
//! names the independent server, `CAUSEWAY_TEST_S3=http://ACCESS:SECRET@ADDRESS:PORT/REGION` any other one.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

mod buckets;
mod complete;
mod conditions;
mod copies;
mod cors;
mod digests;
mod endpoint;
mod keys;
mod listing;
mod multipart;
mod objects;
mod presigned;
mod radosgw;
mod reads;
mod signatures;
mod tagging;
mod uploads;
mod versions;

use endpoint::{Endpoint, S3};

/// One documented answer, and the requests that show it. A miss panics.
pub(crate) struct Check {
    name: &'static str,
    /// What AWS documents.
    answer: &'static str,
    run: fn(&S3),
}

/// A module's checks, each with the answer that AWS documents.
macro_rules! checks {
    ($($name:ident: $answer:literal,)*) => {
        pub(super) const CHECKS: &[super::Check] =
            &[$(super::Check { name: stringify!($name), answer: $answer, run: $name }),*];
    };
}
use checks;

const ALL: &[(&str, &[Check])] = &[
    ("keys", keys::CHECKS),
    ("objects", objects::CHECKS),
    ("digests", digests::CHECKS),
    ("reads", reads::CHECKS),
    ("conditions", conditions::CHECKS),
    ("copies", copies::CHECKS),
    ("listing", listing::CHECKS),
    ("versions", versions::CHECKS),
    ("multipart", multipart::CHECKS),
    ("complete", complete::CHECKS),
    ("uploads", uploads::CHECKS),
    ("tagging", tagging::CHECKS),
    ("buckets", buckets::CHECKS),
    ("cors", cors::CHECKS),
    ("signatures", signatures::CHECKS),
    ("presigned", presigned::CHECKS),
];

/// How many checks there are: a list that loses one is to be noticed.
const COUNT: usize = 370;

/// Checks under way at once.
const WORKERS: usize = 4;

/// What this crate answers otherwise than AWS, and why.
const OURS: &[(&str, &str)] = &[];

#[test]
fn the_embedded_s3_answers_as_documented() {
    let server = endpoint::Server::start();
    agrees(&server.endpoint, OURS);
}

#[test]
#[ignore = "needs an independent S3 server in CAUSEWAY_TEST_PEER, as `make test` starts it, or in CAUSEWAY_TEST_S3"]
fn an_independent_s3_answers_as_documented() {
    match endpoint::named() {
        Some(named) => agrees(&named, &[]),
        None => agrees(&endpoint::peer().expect("CAUSEWAY_TEST_PEER names no server"), radosgw::MISSES),
    }
}

/// A server that says yes to everything passes no check: each of them can fail.
#[test]
fn no_check_is_passed_by_saying_yes() {
    let endpoint = endpoint::yes();
    let checks = all();
    let outcomes = run(&endpoint, &checks);
    let passed: Vec<_> =
        checks.iter().zip(outcomes).filter(|(_, missed)| missed.is_none()).map(|((_, check), _)| check.name).collect();
    assert!(passed.is_empty(), "{passed:#?}");
}

fn all() -> Vec<(&'static str, &'static Check)> {
    ALL.iter().flat_map(|(group, checks)| checks.iter().map(move |check| (*group, check))).collect()
}

/// Runs every check, prints the table, and compares the misses with those that are known: a new one fails, and so
/// does one that is gone.
fn agrees(endpoint: &Endpoint, known: &[(&str, &str)]) {
    let checks = all();
    assert_eq!(checks.len(), COUNT, "the number of checks");
    let outcomes = run(endpoint, &checks);
    let mut misses = Vec::new();
    for ((group, check), missed) in checks.iter().zip(outcomes) {
        let name = format!("{group}::{}", check.name);
        println!("{} {name}\n       AWS: {}", if missed.is_none() { "ok  " } else { "MISS" }, check.answer);
        if let Some(seen) = missed {
            let why = known.iter().find(|(known, _)| *known == name).map_or("not known", |(_, why)| why);
            println!("       here: {}\n       why: {why}", seen.lines().next().unwrap_or_default());
            misses.push(name);
        }
    }
    println!("{} of {} as AWS documents, {} misses", checks.len() - misses.len(), checks.len(), misses.len());
    let is_known = |miss: &str| known.iter().any(|(known, _)| *known == miss);
    let new: Vec<_> = misses.iter().filter(|miss| !is_known(miss)).collect();
    let gone: Vec<_> = known.iter().filter(|(known, _)| !misses.iter().any(|miss| miss == known)).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "misses that are not known: {new:#?}\nknown ones that are gone: {gone:#?}"
    );
}

/// Each check's panic, where it missed.
fn run(endpoint: &Endpoint, checks: &[(&str, &Check)]) -> Vec<Option<String>> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(vec![None; checks.len()]);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let at = next.fetch_add(1, Ordering::Relaxed)
                    && let Some((_, check)) = checks.get(at)
                {
                    let outcome = catch_unwind(AssertUnwindSafe(|| {
                        let s3 = S3::new(endpoint, at);
                        let outcome = catch_unwind(AssertUnwindSafe(|| (check.run)(&s3)));
                        s3.remove();
                        outcome.unwrap_or_else(|panic| resume_unwind(panic));
                    }));
                    outcomes.lock().unwrap()[at] = outcome.err().map(|panic| {
                        let text = panic.downcast_ref::<String>().map(String::as_str);
                        text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
                    });
                }
            });
        }
    });
    outcomes.into_inner().unwrap()
}
