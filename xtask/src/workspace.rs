//! Where the workspace and its build output lie, as cargo itself tells it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The folders that the build reads from and writes to.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, wherever the person has put it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that every way to move the target folder is honoured.
    pub(crate) fn find() -> Result<Self> {
        let output = Command::new("cargo")
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .context("could not start cargo")?;
        ensure!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
        let folder = |name: &str| {
            metadata[name].as_str().map(PathBuf::from).with_context(|| format!("cargo metadata has no {name}"))
        };
        Ok(Self { root: folder("workspace_root")?, target: folder("target_directory")? })
    }

    /// The folder that the server serves from.
    pub(crate) fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// What that folder was made of, where [`crate::site::build`] made it.
    pub(crate) fn site_stamp(&self) -> PathBuf {
        self.target.join("site.stamp")
    }
}
