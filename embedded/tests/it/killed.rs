//! Killed at any moment under load: nothing acknowledged is lost, and nothing half is left.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Method;

use crate::support::process::Process;
use crate::support::{Answer, BUCKET, Site, Wire, connection};

/// How often it is killed.
const KILLS: usize = 200;

/// Connections that write at once, each on keys of its own.
const WRITERS: usize = 4;

/// What one writer does, over and over: new objects, copies, uploads of one part, deletes, and objects over others.
#[derive(Clone, Copy)]
enum Deed {
    Put { slot: usize },
    Copy { from: usize, to: usize },
    Upload { slot: usize },
    Delete { slot: usize },
}

const DEEDS: [Deed; 6] = [
    Deed::Put { slot: 0 },
    Deed::Put { slot: 1 },
    Deed::Copy { from: 0, to: 2 },
    Deed::Upload { slot: 3 },
    Deed::Delete { slot: 1 },
    Deed::Put { slot: 0 },
];

/// One writer of one round.
#[derive(Clone, Copy)]
struct Writer {
    round: usize,
    writer: usize,
}

/// What a writer's keys hold: slot to bytes.
type Held = BTreeMap<usize, Vec<u8>>;

impl Writer {
    fn key(self, slot: usize) -> String {
        format!("{}/{}/{slot}", self.round, self.writer)
    }

    /// The bytes of its `number`-th deed: from a few, for the index, to many, for a file.
    fn bytes(self, number: usize) -> Vec<u8> {
        let size = [10, 3_000, 40_000, 150_000][(self.writer + number) % 4] + self.round;
        let seed = self.round * 31 + self.writer * 7 + number;
        (0..size).map(|at| (at * seed / 3 + at).to_le_bytes()[0]).collect()
    }

    /// What its keys hold after so many deeds.
    fn held(self, deeds: usize) -> Held {
        let mut held = Held::new();
        for number in 0..deeds {
            match DEEDS[number % DEEDS.len()] {
                Deed::Put { slot } | Deed::Upload { slot } => held.insert(slot, self.bytes(number)),
                Deed::Copy { from, to } => held.insert(to, held[&from].clone()),
                Deed::Delete { slot } => held.remove(&slot),
            };
        }
        held
    }

    /// Does the `number`-th deed; `None` where the connection broke before the answer that acknowledges it.
    fn act(self, process: &Process, connection: &mut TcpStream, number: usize) -> Option<Answer> {
        let mut send = |wire: Wire| {
            let body = wire.body.clone();
            connection::send(connection, &wire.signed(), &body).ok()
        };
        let wire = |method, slot| process.wire(method, &self.key(slot));
        match DEEDS[number % DEEDS.len()] {
            Deed::Put { slot } => send(wire(Method::PUT, slot).body(self.bytes(number))),
            Deed::Delete { slot } => send(wire(Method::DELETE, slot)),
            Deed::Copy { from, to } => {
                let source = format!("{BUCKET}/{}", self.key(from));
                send(wire(Method::PUT, to).header("x-amz-copy-source", &source).body(""))
            }
            Deed::Upload { slot } => {
                let begun = send(wire(Method::POST, slot).query("uploads", ""))?.expect(200);
                let id = begun.element("UploadId").unwrap();
                let part = wire(Method::PUT, slot).query("partNumber", "1").query("uploadId", &id);
                let part = send(part.body(self.bytes(number)))?.expect(200);
                let body = format!(
                    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>\
                     </CompleteMultipartUpload>",
                    part.header("etag")
                );
                send(wire(Method::POST, slot).query("uploadId", &id).body(body))
            }
        }
    }
}

/// All writers write until the process is gone; returns how many deeds of each were acknowledged.
fn write(process: &Process, round: usize, enough: usize) -> Vec<usize> {
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let writers = (0..WRITERS).map(|writer| {
            let (count, writer) = (&count, Writer { round, writer });
            scope.spawn(move || {
                let mut connection = TcpStream::connect(&process.address).unwrap();
                for number in 0.. {
                    let Some(answer) = writer.act(process, &mut connection, number) else { return number };
                    assert!(answer.status.is_success(), "{}", answer.text());
                    if count.fetch_add(1, Ordering::SeqCst) + 1 == enough {
                        let id = process.child.id().to_string();
                        std::process::Command::new("kill").args(["-9", &id]).status().unwrap();
                    }
                }
                unreachable!("nobody killed it");
            })
        });
        let writers: Vec<_> = writers.collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_half_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for round in 0..KILLS {
        let process = Process::start(folder.path(), &[]);
        // Killed after 1 to 31 answers: while others write, sync, commit or answer.
        let acknowledged = write(&process, round, 1 + round * 7 % 31);
        drop(process);
        assert!(acknowledged.iter().sum::<usize>() > 0);
        all.push(acknowledged);
    }
    // Each start has swept what the kill before it left; what is there now is what was kept.
    let site = Site::on(folder).await;
    for (round, acknowledged) in all.iter().enumerate() {
        for (writer, deeds) in acknowledged.iter().enumerate() {
            check(&site, Writer { round, writer }, *deeds).await;
        }
    }
    let named = files_named(&site);
    assert_eq!(site.byte_files().len(), named, "files of bytes, and those that an object or an open part has");
}

/// How many files the index names: each object too large for the index has one, and each such part of an upload that
/// a kill has left open. Two copies of one object share theirs.
fn files_named(site: &Site) -> usize {
    let index = rusqlite::Connection::open(site.folder().join("index.sqlite")).unwrap();
    let count = |sql: &str| index.query_row(sql, [], |row| row.get::<_, usize>(0)).unwrap();
    let large = "size_bytes > 32768";
    count(&format!("SELECT count(DISTINCT content) FROM version WHERE {large}"))
        + count(&format!("SELECT count(*) FROM part WHERE {large}"))
}

/// The writer's keys hold what its acknowledged deeds left, or what the one behind them did, whole.
async fn check(site: &Site, writer: Writer, acknowledged: usize) {
    let mut found = Held::new();
    let prefix = writer.key(0).trim_end_matches('0').to_owned();
    for key in site.list(&[("prefix", &prefix)]).await.expect(200).keys() {
        let slot = key.rsplit('/').next().unwrap().parse().unwrap();
        found.insert(slot, site.get(&key).await.expect(200).body.to_vec());
    }
    let as_expected = found == writer.held(acknowledged) || found == writer.held(acknowledged + 1);
    assert!(as_expected, "{prefix} holds {:?} after {acknowledged} deeds", found.keys());
}
