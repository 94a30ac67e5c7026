//! A kill leaves the page cache alive, so this looks at the system calls themselves: bytes, folder
//! and index are synced before the answer leaves.

use std::path::Path;
use std::process::Command;

use http::Method;
use tempfile::TempDir;

use crate::support::connection::exchange;
use crate::support::process::Process;
use crate::support::{Answer, BUCKET, Wire};

/// Too large for the index.
const LARGE: usize = 200_000;

/// The S3 in a folder of its own, its writes and syncs written down.
struct Traced {
    process: Process,
    folder: TempDir,
}

impl Traced {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trace = folder.path().join("trace");
        let calls = "trace=fsync,fdatasync,sendto,writev,write,recvfrom";
        let strace = ["strace", "-f", "-y", "-s", "16", "-e", calls, "-o", trace.to_str().unwrap()];
        let process = Process::start(&folder.path().join("data"), &strace);
        Self { process, folder }
    }

    fn wire(&self, method: Method, key: &str) -> Wire {
        self.process.wire(method, key)
    }

    fn send(&self, wire: Wire) -> Answer {
        let body = wire.body.clone();
        let answer = exchange(&self.process.address, &wire.signed(), &body).unwrap();
        assert!(answer.status.is_success(), "{}", answer.text());
        answer
    }

    fn put(&self, key: &str, size: usize) {
        self.send(self.wire(Method::PUT, key).body(vec![7; size]));
    }

    /// Every call, in order, once it is over.
    fn stop(self) -> Trace {
        drop(self.process);
        let text = std::fs::read_to_string(self.folder.path().join("trace")).unwrap();
        Trace { calls: text.lines().map(str::to_owned).collect(), seen: 0, folder: self.folder }
    }
}

/// A trace, read from its begin to its end.
struct Trace {
    calls: Vec<String>,
    seen: usize,
    folder: TempDir,
}

impl Trace {
    /// The calls between the arrival of the next such request and its answer.
    fn request(&mut self, begin: &str) -> &[String] {
        let find = |from: usize, text: &str| {
            let found = self.calls[from..].iter().position(|call| call.contains(text));
            from + found.unwrap_or_else(|| panic!("{text} in the trace"))
        };
        let arrived = find(self.seen, &format!("\"{begin}"));
        let answered = find(arrived, "\"HTTP/1.1 2");
        self.seen = answered;
        &self.calls[arrived..answered]
    }
}

/// Where a sync of such a file had come back, if it had before the answer.
fn synced(calls: &[String], is_it: impl Fn(&str) -> bool) -> Option<usize> {
    let begun = calls.iter().position(|call| sync_target(call).is_some_and(&is_it))?;
    let call = &calls[begun];
    if !call.contains("<unfinished") {
        return Some(begun);
    }
    let thread = call.split_whitespace().next().unwrap();
    let resumed = calls[begun..].iter().position(|call| call.starts_with(thread) && call.contains("sync resumed"))?;
    Some(begun + resumed)
}

fn has_strace() -> bool {
    let probe = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    probe.is_ok_and(|status| status.success())
}

fn is_traced() -> bool {
    let may = has_strace();
    if !may {
        eprintln!("SKIPPED: strace is not installed or may not trace here; syncing was not looked at");
    }
    may
}

/// The bytes, then their folder, then the index: a name never lacks its bytes.
fn is_durable(calls: &[String]) {
    let file = synced(calls, is_byte_file).expect("the bytes are synced");
    let folder = synced(calls, is_shard).expect("their folder is synced");
    let index = synced(calls, is_index).expect("the index is synced");
    assert!(file < folder && folder < index);
}

#[test]
fn bytes_folder_and_index_are_synced_before_the_answer() {
    if !is_traced() {
        return;
    }
    let s3 = Traced::start();
    s3.put("a", LARGE);
    s3.put("b", 100);
    let mut trace = s3.stop();
    let data = trace.folder.path().to_owned();
    assert!(synced(&trace.calls, |path| Path::new(path) == data).is_some(), "the folder that holds a new data folder");
    let calls = trace.request("PUT /data/a");
    is_durable(calls);
    let shards = synced(calls, is_shards).expect("the folder that holds a new folder of bytes is synced");
    assert!(Some(shards) < synced(calls, is_index));
    let calls = trace.request("PUT /data/b");
    assert!(synced(calls, is_index).is_some(), "the index, where small bodies live");
    assert!(synced(calls, is_byte_file).is_none());
}

#[test]
fn uploads_copies_and_deletes_are_synced_before_their_answers() {
    if !is_traced() {
        return;
    }
    let s3 = Traced::start();
    let upload = s3.send(s3.wire(Method::POST, "a").query("uploads", "")).element("UploadId").unwrap();
    let part = s3.wire(Method::PUT, "a").query("partNumber", "1").query("uploadId", &upload);
    let part = s3.send(part.body(vec![7; LARGE]));
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        part.header("etag")
    );
    s3.send(s3.wire(Method::POST, "a").query("uploadId", &upload).body(body));
    let copy = |from: &str, to: &str| {
        s3.send(s3.wire(Method::PUT, to).header("x-amz-copy-source", &format!("{BUCKET}/{from}")).body(""));
    };
    // Of a multipart object, whose bytes are written again, and of one put at once, whose bytes are shared.
    copy("a", "b");
    copy("b", "c");
    s3.send(s3.wire(Method::DELETE, "c"));
    let mut trace = s3.stop();
    assert!(synced(trace.request("POST /data/a"), is_index).is_some(), "the upload");
    is_durable(trace.request("PUT /data/a"));
    assert!(synced(trace.request("POST /data/a"), is_index).is_some(), "the object of its parts");
    is_durable(trace.request("PUT /data/b"));
    assert!(synced(trace.request("PUT /data/c"), is_index).is_some(), "the copy");
    assert!(synced(trace.request("DELETE /data/c"), is_index).is_some(), "the delete");
}

/// `…/bytes/3f/3f…`, 32 digits at the end.
fn is_byte_file(path: &str) -> bool {
    path.contains("/bytes/") && name(path).len() == 32
}

/// `…/bytes`
fn is_shards(path: &str) -> bool {
    path.ends_with("/data/bytes")
}

/// `…/bytes/3f`
fn is_shard(path: &str) -> bool {
    path.contains("/bytes/") && name(path).len() == 2
}

fn is_index(path: &str) -> bool {
    path.ends_with("/index.sqlite-wal")
}

fn sync_target(call: &str) -> Option<&str> {
    if !call.contains("sync(") {
        return None;
    }
    call.split_once('<')?.1.split_once('>').map(|(path, _)| path)
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
