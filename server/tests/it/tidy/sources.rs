//! The sources of the workspace, as text.

use std::fs;
use std::path::{Path, PathBuf};

/// One source.
pub(super) struct Source {
    /// From the workspace's root, with `/`.
    pub(super) name: String,
    /// All of it.
    pub(super) text: String,
}

impl Source {
    /// Numbered lines without those that are comments.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    pub(super) fn is_test(&self) -> bool {
        self.name.contains("/tests/") || self.name.ends_with("/tests.rs")
    }
}

/// The workspace's root.
pub(super) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).expect("the server lies in the workspace")
}

/// All Rust sources below these folders of the workspace.
pub(super) fn sources_of(folders: &[&str]) -> Vec<Source> {
    let root = workspace();
    let mut sources = Vec::new();
    for folder in folders {
        collect(&root, &root.join(folder), &mut sources);
    }
    assert!(!sources.is_empty());
    sources
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") {
                collect(root, &path, sources);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            sources.push(Source { name, text: fs::read_to_string(&path).unwrap() });
        }
    }
}
