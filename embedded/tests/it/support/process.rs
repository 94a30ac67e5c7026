//! The S3 in a process of its own, so that it can be killed and watched.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::Wire;

/// What the example serves with: access key, secret key, region.
pub(crate) const SERVE_KEYS: [&str; 3] = ["local", "local-secret", "us-east-1"];

/// The example, running.
pub(crate) struct Process {
    pub(crate) child: Child,
    /// `127.0.0.1:port`
    pub(crate) address: String,
    /// What it serves.
    pub(crate) folder: PathBuf,
}

impl Process {
    /// Starts `serve <folder>`, under the wrapper where there is one.
    pub(crate) fn start(folder: &Path, wrapper: &[&str]) -> Self {
        let example = example();
        let mut command = match wrapper {
            [] => Command::new(example),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(example);
                command
            }
        };
        let mut child = command.arg(folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").expect("its address").to_owned();
        Self { child, address, folder: folder.to_owned() }
    }

    /// A request for the example's bucket, to be sent to it.
    pub(crate) fn wire(&self, method: http::Method, key: &str) -> Wire {
        let mut wire = Wire::new(method, key).sign_with(|signing| {
            [signing.access_key, signing.secret_key, signing.region] = SERVE_KEYS.map(str::to_owned);
        });
        wire.host = self.address.clone();
        wire
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A wrapper that is killed would leave what it runs behind: its child goes first, and the
        // wrapper ends with it.
        let id = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.unwrap_or_default();
        for child in children.split_whitespace() {
            let _status = Command::new("kill").args(["-9", child]).status();
        }
        if children.trim().is_empty() {
            // Gone already, where the test killed it.
            let _gone = self.child.kill();
        }
        let _status = self.child.wait();
    }
}

/// The example's program, beside this test's. It is built here, because a run of the tests alone
/// would meet one of older sources; where it is fresh, cargo has nothing to do.
fn example() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let test = std::env::current_exe().unwrap();
        let profile = test.parent().unwrap().parent().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "embedded", "--example", "serve"]);
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "the example does not build");
        profile.join("examples/serve")
    };
    BUILT.get_or_init(build).clone()
}
