//! The rules of the house, each as a test over the sources.

mod crates;
mod operators;
mod sources;

use std::collections::BTreeSet;

use app::api::SERVER_FUNCTIONS;
use server::config;

use self::crates::{Lock, declared};
use self::sources::{Source, sources_of, workspace};

/// What `domain` may depend on: pure, small, and built for the browser as well.
const PURE: &[&str] = &[
    "async-trait",
    "base64",
    "crc64fast-nvme",
    "hmac",
    "percent-encoding",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "unicode-normalization",
];

/// What a value that does no IO has no use for.
const IMPURE: &[&str] = &[
    "std::time::Instant",
    "SystemTime",
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "thread::spawn",
    "thread_rng",
];

#[test]
fn the_domain_depends_on_pure_crates_alone() {
    let declared = declared("domain");
    let foreign: Vec<_> = declared.iter().filter(|name| !PURE.contains(&name.as_str())).collect();
    assert!(!declared.is_empty() && foreign.is_empty(), "{foreign:?} are not on the list");
}

#[test]
fn the_domain_reads_no_clock_and_does_no_io() {
    refuse(sources_of(&["domain"]).into_iter().filter(|source| !source.is_test()), |line| {
        IMPURE.iter().find(|word| line.contains(*word)).map(ToString::to_string)
    });
}

#[test]
fn only_the_server_depends_on_aws_crates() {
    let lock = Lock::read();
    for name in ["domain", "app", "frontend", "uploader", "embedded"] {
        let aws: Vec<_> = lock.closure(name).into_iter().filter(|name| name.starts_with("aws-")).collect();
        assert!(aws.is_empty(), "{name} depends on {aws:?}");
    }
    assert!(lock.closure("server").contains("aws-sdk-s3"), "the check has lost its object");
}

#[test]
fn conditional_code_of_the_app_stands_in_two_places_and_three_lines() {
    let mut lines = Vec::new();
    for source in sources_of(&["app"]) {
        for (number, line) in source.code() {
            if line.contains("cfg(feature") || line.contains("cfg_attr(feature") || line.contains("cfg!(feature") {
                lines.push((source.name.clone(), number));
            }
        }
    }
    assert!(lines.len() <= 3, "{lines:?}");
    assert!(lines.iter().all(|(name, _)| matches!(name.as_str(), "app/src/lib.rs" | "app/src/ssr.rs")), "{lines:?}");
}

/// Where a memo may stand although the server renders it: read before anything is suspended, or outside of all that is.
/// See docs/decisions/0009.
const MEMOS: &[(&str, usize)] = &[("app/src/pages/listing.rs", 1), ("app/src/remembered.rs", 1)];

#[test]
fn no_page_remembers_on_the_server_what_two_threads_may_read() {
    let is_of_pages =
        |name: &str| !name.starts_with("app/src/components/uploads") && !name.starts_with("app/src/uploads");
    let mut found = BTreeSet::new();
    for source in sources_of(&["app/src"]).into_iter().filter(|source| is_of_pages(&source.name)) {
        let memos =
            source.code().filter(|(_, line)| line.contains("Memo::new(") || line.contains("Memo::new_")).count();
        if memos > 0 {
            found.insert((source.name, memos));
        }
    }
    let allowed: BTreeSet<_> = MEMOS.iter().map(|(name, memos)| ((*name).to_owned(), *memos)).collect();
    assert_eq!(found, allowed);
}

#[test]
fn only_the_configuration_reads_the_environment() {
    let elsewhere = sources_of(&["domain", "app", "frontend", "embedded", "server"])
        .into_iter()
        // Cargo tells a build script by its environment what it builds for.
        .filter(|source| {
            !["server/src/config.rs", "frontend/build.rs"].contains(&source.name.as_str()) && !source.is_test()
        });
    refuse(elsewhere, |line| {
        ["env::var", "env::vars", "env::set_var", "env!(\"CAUSEWAY"]
            .iter()
            .find(|call| line.contains(*call))
            .map(ToString::to_string)
    });
}

/// Longest source that is still one thing, in lines; tests tell stories and may be longer.
const MAX_LINES: usize = 450;
const MAX_TEST_LINES: usize = 800;

#[test]
fn no_source_is_longer_than_one_thing() {
    let long: Vec<_> = everything()
        .into_iter()
        .filter(|source| source.text.lines().count() > if source.is_test() { MAX_TEST_LINES } else { MAX_LINES })
        .map(|source| format!("{}: {} lines", source.name, source.text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_module_begins_with_what_it_is_for() {
    let silent: Vec<_> = everything()
        .into_iter()
        // A module of tests is for testing its parent, whose name it has.
        .filter(|source| !source.name.ends_with("/tests.rs") && !source.text.starts_with("//!"))
        .map(|source| source.name)
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn modules_are_named_for_what_they_do() {
    let vague: Vec<_> = everything()
        .into_iter()
        .map(|source| source.name)
        .filter(|name| {
            let stem = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".rs");
            matches!(stem, "mod" | "utils" | "util" | "helpers" | "helper" | "common" | "manager" | "misc")
        })
        .collect();
    assert!(vague.is_empty(), "{vague:?}");
}

/// Names from other worlds for what S3 calls object, key, prefix and part.
const FOREIGN_WORDS: &[&str] = &[
    "blob_key",
    "blob_name",
    "bucket_path",
    "chunk_count",
    "chunk_index",
    "chunk_number",
    "chunk_size",
    "chunks_uploaded",
    "directory_key",
    "directory_prefix",
    "file_key",
    "file_path",
    "folder_key",
    "folder_path",
    "folder_prefix",
    "object_path",
    "upload_path",
];

#[test]
fn the_code_speaks_of_s3_in_its_own_words() {
    refuse(spoken_of(&["domain", "app", "frontend", "server"]), |line| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_')
            .find(|word| FOREIGN_WORDS.contains(word))
            .map(ToOwned::to_owned)
    });
}

#[test]
fn nothing_is_left_to_be_written() {
    refuse(spoken_of(&["domain", "app", "frontend", "server", "embedded", "xtask"]), |line| {
        ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!(", "To be written"]
            .iter()
            .find(|word| line.contains(*word))
            .map(ToString::to_string)
    });
}

#[test]
fn every_server_function_is_on_the_list() {
    let registered: BTreeSet<String> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let listed: BTreeSet<String> = SERVER_FUNCTIONS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(registered, listed);
    assert_eq!(listed.len(), SERVER_FUNCTIONS.len(), "a server function is listed twice");
}

#[test]
fn the_configuration_page_is_the_one_that_the_settings_make() {
    let page = std::fs::read_to_string(workspace().join("docs/configuration.md")).unwrap_or_default();
    assert!(page == config::reference(), "run `cargo run -p server -- settings > docs/configuration.md`");
}

fn everything() -> Vec<Source> {
    sources_of(&["domain", "app", "frontend", "server", "embedded", "xtask"])
}

/// The same without this source, which names what it forbids.
fn spoken_of(folders: &[&str]) -> impl Iterator<Item = Source> {
    sources_of(folders).into_iter().filter(|source| source.name != "server/tests/it/tidy.rs")
}

/// Fails with every line of code for which `find` finds something.
fn refuse(sources: impl IntoIterator<Item = Source>, find: impl Fn(&str) -> Option<String>) {
    let mut looked_at = 0;
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in source.code() {
            looked_at += 1;
            if let Some(what) = find(line) {
                found.push(format!("{}:{number}: {what}", source.name));
            }
        }
    }
    assert!(looked_at > 0, "there is nothing to look at");
    assert!(found.is_empty(), "{found:#?}");
}
