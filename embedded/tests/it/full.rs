//! A disk that fills: a proper error, nothing half, and on with the work once there is space again.

use std::path::Path;
use std::process::Command;

use http::Method;

use crate::support::process::Process;
use crate::support::{Answer, Wire, connection};

/// The disk: room for the index and a few objects. 16 MiB.
const MOUNT: &str = "mount -t tmpfs -o size=16m tmpfs";

/// Too large for the index.
const LARGE: usize = 1_000_000;
/// Small enough for the index.
const SMALL: usize = 20_000;

struct Disk {
    process: Process,
    stored: Vec<(String, usize)>,
}

impl Disk {
    /// The S3 on a disk of its own, which only it sees and which goes with it.
    fn start(folder: &Path) -> Self {
        let script = format!("{MOUNT} \"$1\" && exec \"$0\" \"$1\"");
        let process = Process::start(folder, &["unshare", "--map-root-user", "--mount", "sh", "-c", &script]);
        Self { process, stored: Vec::new() }
    }

    fn send(&self, method: Method, key: &str, body: &[u8]) -> Answer {
        let wire = self.process.wire(method, key);
        let wire = if body.is_empty() { wire } else { wire.body(body.to_vec()) };
        connection::exchange(&self.process.address, &wire.signed(), body).unwrap()
    }

    fn send_wire(&self, wire: Wire) -> Answer {
        let body = wire.body.clone();
        connection::exchange(&self.process.address, &wire.signed(), &body).unwrap()
    }

    fn put(&mut self, key: &str, size: usize) -> Answer {
        let answer = self.send(Method::PUT, key, &bytes(key, size));
        if answer.status == 200 {
            self.stored.push((key.to_owned(), size));
        }
        answer
    }

    /// Puts objects until one is refused; returns its key.
    fn fill(&mut self, prefix: &str, size: usize) -> String {
        for number in 0.. {
            let key = format!("{prefix}/{number:04}");
            let answer = self.put(&key, size);
            if answer.status != 200 {
                answer.refused(507, "InsufficientStorage");
                assert!(number > 0, "not even one of {size} bytes");
                return key;
            }
        }
        unreachable!("a disk without end");
    }

    /// What was acknowledged is there and whole, and nothing else is there.
    fn check(&self) {
        let mut expected: Vec<&str> = self.stored.iter().map(|(key, _)| key.as_str()).collect();
        expected.sort_unstable();
        assert_eq!(self.send(Method::GET, "", b"").expect(200).keys(), expected);
        for (key, size) in &self.stored {
            assert!(self.send(Method::GET, key, b"").expect(200).body == bytes(key, *size), "{key} is not whole");
        }
        assert_eq!(self.byte_files(), self.stored.iter().filter(|(_, size)| *size == LARGE).count());
    }

    /// Seen through the process, whose disk is not mounted here.
    fn byte_files(&self) -> usize {
        let folder = self.process.folder.strip_prefix("/").unwrap();
        let root = Path::new("/proc").join(self.process.child.id().to_string()).join("root").join(folder);
        let shards = std::fs::read_dir(root.join("bytes")).unwrap();
        shards.map(|shard| std::fs::read_dir(shard.unwrap().path()).unwrap().count()).sum()
    }
}

fn may_mount() -> bool {
    let mut probe = Command::new("unshare");
    probe.args(["--map-root-user", "--mount", "sh", "-c", &format!("{MOUNT} /mnt")]);
    probe.output().is_ok_and(|output| output.status.success())
}

fn bytes(key: &str, size: usize) -> Vec<u8> {
    key.bytes().cycle().take(size).collect()
}

/// Whether to go on; where not, that is told.
fn has_disk() -> bool {
    let may = may_mount();
    if !may {
        eprintln!(
            "\n*** SKIPPED: no disk can be mounted here (unshare, tmpfs); a disk that fills was not looked at ***\n"
        );
    }
    may
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing_half() {
    if !has_disk() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut disk = Disk::start(folder.path());
    let refused = disk.fill("large", LARGE);
    disk.send(Method::GET, &refused, b"").refused(404, "NoSuchKey");
    disk.check();
    // What is left is too little for a large object, and is filled with small ones to the last page.
    let refused = disk.fill("small", SMALL);
    disk.send(Method::GET, &refused, b"").refused(404, "NoSuchKey");
    disk.check();
    // Space returns by what people do then: they delete.
    for prefix in ["large", "small"] {
        let at = disk.stored.iter().position(|(key, _)| key.starts_with(prefix)).unwrap();
        let (key, _) = disk.stored.remove(at);
        disk.send(Method::DELETE, &key, b"").expect(204);
    }
    disk.check();
    disk.put("again/0", LARGE / 2).expect(200);
    disk.stored.pop();
    disk.send(Method::DELETE, "again/0", b"").expect(204);
    for (key, _) in std::mem::take(&mut disk.stored) {
        disk.send(Method::DELETE, &key, b"").expect(204);
    }
    disk.check();
    disk.fill("again", LARGE);
    disk.check();
}

#[test]
fn a_disk_filled_with_small_objects_lets_each_be_deleted() {
    if !has_disk() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut disk = Disk::start(folder.path());
    disk.fill("small", SMALL);
    for round in 0..20 {
        let (key, _) = disk.stored.remove(0);
        disk.send(Method::DELETE, &key, b"").expect(204);
        let mut number = 0;
        while disk.put(&format!("again/{round:02}/{number:04}"), SMALL).status == 200 {
            number += 1;
        }
    }
    disk.check();
}

#[test]
fn an_upload_on_a_full_disk_goes_on_once_there_is_space() {
    if !has_disk() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut disk = Disk::start(folder.path());
    let upload = disk.send_wire(disk.process.wire(Method::POST, "upload").query("uploads", "")).expect(200);
    let id = upload.element("UploadId").unwrap();
    let part = |disk: &Disk, number: &str, size: usize| {
        let wire = disk.process.wire(Method::PUT, "upload").query("partNumber", number).query("uploadId", &id);
        disk.send_wire(wire.body(bytes(number, size)))
    };
    let one = part(&disk, "1", 5 * 1024 * 1024).expect(200).header("etag").to_owned();
    disk.fill("large", LARGE);
    // Another part, and the first one again: what is there stays.
    part(&disk, "2", LARGE).refused(507, "InsufficientStorage");
    part(&disk, "1", LARGE).refused(507, "InsufficientStorage");
    let (key, _) = disk.stored.remove(0);
    disk.send(Method::DELETE, &key, b"").expect(204);
    let two = part(&disk, "2", LARGE / 2).expect(200).header("etag").to_owned();
    let parts = [("1", &one), ("2", &two)]
        .map(|(number, etag)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"))
        .concat();
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let complete = disk.process.wire(Method::POST, "upload").query("uploadId", &id).body(body);
    disk.send_wire(complete).expect(200);
    let whole = disk.send(Method::GET, "upload", b"").expect(200).body;
    assert!(whole == [bytes("1", 5 * 1024 * 1024), bytes("2", LARGE / 2)].concat());
    disk.send(Method::DELETE, "upload", b"").expect(204);
    disk.check();
}
