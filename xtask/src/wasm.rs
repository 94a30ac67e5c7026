//! Compiles the two browser crates to WebAssembly, in one cargo invocation.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// What the compiler's output uses, and no more: every browser of the last years has these.
/// Source: the compiler's list of features that are on by default for the target.
const FEATURES: [&str; 8] = [
    "bulk-memory",
    "bulk-memory-opt",
    "call-indirect-overlong",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
];

/// Branches are taken apart and made anew (the second pass needs what the first one leaves), and then everything is made
/// smaller, twice, as the first time leaves something to do. One per cent less than `-Oz` alone, compressed.
const PASSES: [&str; 4] = ["--flatten", "--rereloop", "-Oz", "-Oz"];

/// How much work goes into making the result small.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    /// Quick to build.
    Dev,
    /// Small to transfer, and precompressed.
    Release,
}

impl Mode {
    fn profile(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "wasm-release",
        }
    }

    /// Cargo's folder for the profile: `dev` is the one whose folder has another name.
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "wasm-release",
        }
    }
}

/// One of the two crates that the browser loads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrowserCrate {
    /// The package's name, and that of its `.wasm`.
    pub(crate) package: &'static str,
    /// The name under which the browser loads it.
    pub(crate) served_as: &'static str,
}

/// The pages' code.
pub(crate) const FRONTEND: BrowserCrate = BrowserCrate { package: "frontend", served_as: "causeway" };

/// The dedicated Worker that reads and sends what is uploaded.
pub(crate) const UPLOADER: BrowserCrate = BrowserCrate { package: "uploader", served_as: "uploader" };

/// Builds `crates` and answers where each one's `.wasm` lies, in the same order.
pub(crate) fn compile<const N: usize>(
    workspace: &Workspace,
    mode: Mode,
    crates: [BrowserCrate; N],
) -> Result<[PathBuf; N]> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&workspace.root).args(["build", "--lib", "--target", TARGET]).args(["--profile", mode.profile()]);
    for browser_crate in crates {
        cargo.args(["--package", browser_crate.package]);
    }
    let status = cargo.status().context("could not start cargo")?;
    ensure!(status.success(), "cargo could not build the browser's code");
    Ok(crates.map(|browser_crate| {
        workspace.target.join(TARGET).join(mode.folder()).join(browser_crate.package).with_extension("wasm")
    }))
}

/// The program that makes WebAssembly smaller, where there is one: on PATH, or among the node
/// packages of the browser tests.
pub(crate) fn optimizer(workspace: &Workspace) -> Option<PathBuf> {
    let from_npm = workspace.root.join("end2end/node_modules/.bin/wasm-opt");
    [PathBuf::from("wasm-opt"), from_npm]
        .into_iter()
        .find(|program| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success()))
}

/// Answers `wasm`, made smaller by `optimizer`.
pub(crate) fn optimize(optimizer: &Path, wasm: &[u8]) -> Result<Vec<u8>> {
    let scratch = tempfile::tempdir()?;
    let (before, after) = (scratch.path().join("before.wasm"), scratch.path().join("after.wasm"));
    std::fs::write(&before, wasm).with_context(|| format!("could not write {}", before.display()))?;
    let status = Command::new(optimizer)
        .args(PASSES)
        .args(FEATURES.map(|feature| format!("--enable-{feature}")))
        .arg(&before)
        .arg("--output")
        .arg(&after)
        .status()
        .with_context(|| format!("could not start {}", optimizer.display()))?;
    ensure!(status.success(), "{} failed", optimizer.display());
    std::fs::read(&after).with_context(|| format!("could not read {}", after.display()))
}
