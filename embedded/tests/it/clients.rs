//! Everyday work by the clients that people use, boto3 and rclone: every byte comes back as it went in.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::process::{Process, SERVE_KEYS};

/// Files of a tree to be sent.
const FILES: usize = 2_000;

const MIB: usize = 1024 * 1024;

/// A tree of files of many sizes and some odd names.
fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..FILES {
        let name = match number % 5 {
            0 => format!("a b+c/{number}%.txt"),
            1 => format!("caf\u{e9}/\u{1f600} {number}"),
            2 => format!("deep/{}/{}/{number}", number % 7, number % 11),
            _ => format!("{number}.bin"),
        };
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let size = [0, 1, 1_000, 40_000][number % 4] + number;
        std::fs::write(path, number.to_le_bytes().repeat(size / 8 + 1)).unwrap();
    }
    folder
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{}{said}", String::from_utf8_lossy(&output.stdout));
}

fn skipped(what: &str) {
    eprintln!("\n*** SKIPPED: no {what} (xtask/setup/s3-clients.sh installs it); its work was not looked at ***\n");
}

#[expect(clippy::disallowed_methods, reason = "what is installed is known to whoever starts the tests")]
fn python_with_boto3() -> Option<PathBuf> {
    let python = PathBuf::from(std::env::var_os("CAUSEWAY_BOTO3")?);
    Command::new(&python).args(["-c", "import boto3"]).status().is_ok_and(|status| status.success()).then_some(python)
}

#[test]
fn boto3_does_its_everyday_work() {
    let Some(python) = python_with_boto3() else {
        return skipped("boto3");
    };
    let (files, data, work) = (tree(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let process = Process::start(data.path(), &[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/everyday.py");
    let endpoint = format!("http://{}", process.address);
    run(Command::new(python).arg(script).arg(endpoint).args([files.path(), work.path()]));
}

#[test]
fn rclone_does_its_everyday_work() {
    if !Command::new("rclone").arg("version").output().is_ok_and(|output| output.status.success()) {
        return skipped("rclone");
    }
    let (files, data, work) = (tree(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let process = Process::start(data.path(), &[]);
    let [access, secret, region] = SERVE_KEYS;
    let endpoint = format!("http://{}", process.address);
    let rclone = |arguments: &[&str]| {
        let mut command = Command::new("rclone");
        command.args(arguments).args(["--config", "", "--retries", "1", "--transfers", "8", "--checkers", "8"]);
        command.args(["--s3-upload-cutoff", "8M", "--s3-chunk-size", "16M"]);
        // Nothing here travels by TLS, and this rclone stops at a machine's own authorities.
        command.env_remove("AWS_CA_BUNDLE");
        for (name, value) in [
            ("TYPE", "s3"),
            ("PROVIDER", "Other"),
            ("ACCESS_KEY_ID", access),
            ("SECRET_ACCESS_KEY", secret),
            ("REGION", region),
            ("ENDPOINT", &endpoint),
        ] {
            command.env(format!("RCLONE_CONFIG_HERE_{name}"), value);
        }
        run(&mut command);
    };
    let local = |name: &str| work.path().join(name).to_str().unwrap().to_owned();
    let source = files.path().to_str().unwrap();
    let same = |one: &str, other: &str| run(Command::new("diff").args(["--recursive", "--brief", one, other]));

    rclone(&["sync", source, "here:data/tree"]);
    rclone(&["check", "--download", source, "here:data/tree"]);
    rclone(&["sync", "here:data/tree", &local("back")]);
    same(source, &local("back"));
    // Again, after some came, some went, some changed, and one became older: rclone then copies it onto itself.
    std::fs::write(files.path().join("new"), "new").unwrap();
    std::fs::write(files.path().join("3.bin"), "changed").unwrap();
    std::fs::remove_file(files.path().join("4.bin")).unwrap();
    run(Command::new("touch").args(["--date", "2001-02-03"]).arg(files.path().join("8.bin")));
    rclone(&["sync", source, "here:data/tree"]);
    rclone(&["copy", "here:data/tree", "here:data/copy"]);
    rclone(&["sync", "here:data/copy", &local("copied")]);
    same(source, &local("copied"));
    // 200 MiB, by parts.
    let large: Vec<u8> = (0..200 * MIB / 8).flat_map(|number| number.to_le_bytes()).collect();
    std::fs::write(work.path().join("large"), large).unwrap();
    rclone(&["copyto", &local("large"), "here:data/large"]);
    rclone(&["copyto", "here:data/large", &local("large back")]);
    same(&local("large"), &local("large back"));
    rclone(&["purge", "here:data/tree"]);
    rclone(&["lsf", "here:data/copy"]);
}
