//! Who depends on whom, from the manifests and the lock file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::sources::workspace;

/// What a crate of the workspace names below `[dependencies]`.
pub(super) fn declared(folder: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(workspace().join(folder).join("Cargo.toml")).unwrap();
    manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['=', '.', ' ']).next().filter(|name| !name.is_empty()))
        .map(ToOwned::to_owned)
        .collect()
}

/// The lock file: every crate with what it depends on, optional and development dependencies included.
pub(super) struct Lock(BTreeMap<String, BTreeSet<String>>);

impl Lock {
    pub(super) fn read() -> Self {
        let text = fs::read_to_string(workspace().join("Cargo.lock")).unwrap();
        let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut name = String::new();
        for line in text.lines() {
            if let Some(value) = line.strip_prefix("name = ") {
                name = value.trim_matches('"').to_owned();
                crates.entry(name.clone()).or_default();
            } else if let Some(dependency) = line.strip_prefix(" \"") {
                let dependency = dependency.trim_end_matches([',', '"']);
                // Two versions of one crate are told apart as "name version": both count as the name.
                let dependency = dependency.split(' ').next().unwrap_or(dependency).trim_end_matches('"');
                crates.entry(name.clone()).or_default().insert(dependency.to_owned());
            }
        }
        Self(crates)
    }

    /// Everything that `name` needs, directly or not.
    pub(super) fn closure(&self, name: &str) -> BTreeSet<String> {
        assert!(self.0.contains_key(name), "{name} is not in the lock file");
        let mut found = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            for dependency in self.0.get(&name).into_iter().flatten() {
                if found.insert(dependency.clone()) {
                    open.push(dependency.clone());
                }
            }
        }
        found
    }
}
