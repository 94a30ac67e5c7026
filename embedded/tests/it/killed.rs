//! Killed at any moment under load: nothing acknowledged is lost, and nothing half is left.

use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http::Method;

use crate::support::Site;
use crate::support::connection;
use crate::support::process::Process;

/// How often it is killed.
const KILLS: usize = 200;

/// Connections that write at once.
const WRITERS: usize = 4;

/// The bytes that belong to a key: from a few, for the index, to many, for a file.
fn bytes(round: usize, writer: usize, number: usize) -> Vec<u8> {
    let size = [10, 3_000, 40_000, 150_000][(writer + number) % 4] + round;
    let seed = round * 31 + writer * 7 + number;
    (0..size).map(|at| (at * seed / 3 + at).to_le_bytes()[0]).collect()
}

fn key(round: usize, writer: usize, number: usize) -> String {
    format!("{round}/{writer}/{number}")
}

fn parse(key: &str) -> [usize; 3] {
    let numbers: Vec<usize> = key.split('/').map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

/// Writes until the process is gone; returns what was acknowledged.
fn write(process: &Process, round: usize, enough: usize) -> Vec<String> {
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (acknowledged, count) = (Arc::clone(&acknowledged), &count);
            scope.spawn(move || {
                let mut connection = TcpStream::connect(&process.address).unwrap();
                for number in 0.. {
                    let key = key(round, writer, number);
                    let body = bytes(round, writer, number);
                    let head = process.wire(Method::PUT, &key).body(body.clone()).signed();
                    // A connection that breaks was cut by the kill: this write is not acknowledged.
                    let Ok(answer) = connection::send(&mut connection, &head, &body) else { return };
                    assert_eq!(answer.status, 200);
                    acknowledged.lock().unwrap().push(key);
                    if count.fetch_add(1, Ordering::SeqCst) + 1 == enough {
                        let id = process.child.id().to_string();
                        std::process::Command::new("kill").args(["-9", &id]).status().unwrap();
                        return;
                    }
                }
            });
        }
    });
    Arc::into_inner(acknowledged).unwrap().into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_half_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for round in 0..KILLS {
        let process = Process::start(folder.path(), &[]);
        // Killed after 1 to 23 answers: while others write, sync, commit or answer.
        let acknowledged = write(&process, round, 1 + round * 7 % 23);
        drop(process);
        assert!(!acknowledged.is_empty());
        all.push(acknowledged);
    }
    // Each start has swept what the kill before it left; what is there now is what was kept.
    let site = Site::on(folder).await;
    for (round, acknowledged) in all.iter().enumerate() {
        check(&site, &format!("{round}/"), acknowledged).await;
    }
}

/// Every acknowledged object is there, and every object that is there is whole.
async fn check(site: &Site, prefix: &str, acknowledged: &[String]) {
    let listed = site.list(&[("prefix", prefix)]).await.expect(200).keys();
    for key in acknowledged {
        assert!(listed.contains(key), "{key} was acknowledged and is lost");
    }
    // A writer has at most one write on its way.
    assert!(listed.len() <= acknowledged.len() + WRITERS);
    for key in listed {
        let [round, writer, number] = parse(&key);
        assert!(site.get(&key).await.expect(200).body == bytes(round, writer, number), "{key} is not whole");
    }
}
