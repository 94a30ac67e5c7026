//! A kill leaves the page cache alive, so this looks at the system calls themselves: bytes, folder
//! and index are synced before the answer leaves.

use std::process::Command;

use http::Method;

use crate::support::connection::exchange;
use crate::support::process::Process;

/// The calls between a request's arrival and its answer, in order.
fn calls_of_one_put(size: usize) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let data = folder.path().join("data");
    let trace_path = trace.to_str().unwrap();
    let process = Process::start(
        &data,
        &[
            "strace",
            "-f",
            "-y",
            "-s",
            "16",
            "-e",
            "trace=fsync,fdatasync,sendto,writev,write,recvfrom",
            "-o",
            trace_path,
        ],
    );
    let body = vec![7; size];
    let head = process.wire(Method::PUT, "a").body(body.clone()).signed();
    assert_eq!(exchange(&process.address, &head, &body).unwrap().status, 200);
    drop(process);
    let trace = std::fs::read_to_string(&trace).unwrap();
    let calls: Vec<String> = trace.lines().map(str::to_owned).collect();
    let arrived = calls.iter().position(|call| call.contains("\"PUT /data/a")).expect("the request in the trace");
    let answered = calls.iter().position(|call| call.contains("\"HTTP/1.1 200 OK")).expect("the answer in the trace");
    calls[arrived..answered].to_vec()
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

#[test]
fn bytes_folder_and_index_are_synced_before_the_answer() {
    if !has_strace() {
        eprintln!("SKIPPED: strace is not installed or may not trace here; syncing was not looked at");
        return;
    }
    let calls = calls_of_one_put(200_000);
    let file = synced(&calls, is_byte_file).expect("the bytes are synced");
    let folder = synced(&calls, is_folder).expect("their folder is synced");
    let index = synced(&calls, is_index).expect("the index is synced");
    assert!(file < folder && folder < index, "in this order, so that a name never lacks its bytes");
    let calls = calls_of_one_put(100);
    assert!(synced(&calls, is_index).is_some(), "the index, where small bodies live");
    assert!(synced(&calls, is_byte_file).is_none());
}

/// `…/bytes/3f/3f…`, 32 digits at the end.
fn is_byte_file(path: &str) -> bool {
    path.contains("/bytes/") && name(path).len() == 32
}

/// `…/bytes/3f`
fn is_folder(path: &str) -> bool {
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
