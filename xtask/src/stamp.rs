//! Tells whether a site was made of just these inputs, so that a second run has nothing to do.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

/// What a site was made of: a line per input with its length and time of change.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Stamp(String);

impl Stamp {
    /// Looks at `inputs` (folders with everything in them); `how` says what else the result
    /// depends on.
    pub(crate) fn of(how: &str, inputs: &[&Path]) -> Result<Self> {
        let mut lines = format!("{how}\n");
        for input in inputs {
            for path in entries(input)? {
                let metadata = fs::metadata(&path)?;
                let changed = metadata.modified()?.duration_since(UNIX_EPOCH)?;
                writeln!(lines, "{} {} {}", path.display(), metadata.len(), changed.as_nanos())?;
            }
        }
        Ok(Self(lines))
    }

    /// Whether the file `kept` holds this very stamp.
    pub(crate) fn is_kept_in(&self, kept: &Path) -> bool {
        fs::read_to_string(kept).is_ok_and(|lines| lines == self.0)
    }

    /// Writes it to the file `kept`.
    pub(crate) fn keep_in(&self, kept: &Path) -> Result<()> {
        fs::write(kept, &self.0).with_context(|| format!("could not write {}", kept.display()))
    }
}

/// Every file at or below `path`, in an order that does not change; none where nothing is.
pub(crate) fn entries(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(path.exists().then(|| path.to_owned()).into_iter().collect());
    }
    let mut names = fs::read_dir(path)
        .and_then(|names| names.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>())
        .with_context(|| format!("could not list {}", path.display()))?;
    names.sort();
    let mut found = Vec::new();
    for name in names {
        found.extend(entries(&name)?);
    }
    Ok(found)
}
