//! This crate's S3 beside another one, in one run and by the same requests: large objects, small ones, memory and
//! start; and a page of a bucket of a million keys. Started by `beside.sh`, which brings the other server.
//!
//! Arguments: the `serve` program, a folder on the disk to measure on, and, where there is one, the other server's
//! address and the process ids of its daemons.
#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement that cannot go on is to stop where it stands")]
#![allow(clippy::print_stdout, clippy::as_conversions, clippy::cast_precision_loss, reason = "it prints figures")]

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::Method;

#[path = "../tests/it/support.rs"]
#[allow(dead_code, unused_imports, reason = "the tests' own client and signer, of which this needs a part")]
mod support;

use support::{Wire, connection};

const MIB: usize = 1024 * 1024;

/// 8 × 32 MiB, four at a time.
const LARGE: (usize, usize) = (8, 32 * MIB);
/// 5,000 × 1 KiB, eight at a time.
const SMALL: (usize, usize) = (5_000, 1024);
/// Keys of the bucket whose pages are timed.
const KEYS: usize = 1_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [serve, folder, peer @ ..] = arguments.as_slice() else {
        println!("beside: run by embedded/benches/beside.sh (make bench-embedded)");
        return;
    };
    let folder = Path::new(folder);
    let ours = Server::start(Path::new(serve), &folder.join("ours"));
    println!("| | embedded | radosgw |\n|---|---|---|");
    let peer = match peer {
        [address, daemons @ ..] => Some(Target::peer(address, daemons)),
        [] => None,
    };
    let row = |what: &str, measure: &dyn Fn(&Target) -> String| {
        let theirs = peer.as_ref().map_or_else(|| "–".to_owned(), measure);
        println!("| {what} | {} | {theirs} |", measure(&ours.target));
    };
    row("memory, idle after start", &|target| memory(target));
    for target in [Some(&ours.target), peer.as_ref()].into_iter().flatten() {
        target.make_bucket();
    }
    for round in 1..=2 {
        row(&format!("PUT 8 × 32 MiB, four at a time, run {round}"), &|target| large(target, Method::PUT, round));
        row(&format!("GET 8 × 32 MiB, four at a time, run {round}"), &|target| large(target, Method::GET, round));
        row(&format!("PUT 5,000 × 1 KiB, eight at a time, run {round}"), &|target| small(target, round));
    }
    row("memory, idle after all this", &|target| memory(target));
    drop(ours);
    println!();
    starts(Path::new(serve), folder);
    pages(Path::new(serve), &folder.join("million"));
}

/// An S3 to send to.
struct Target {
    address: String,
    keys: (String, String, String),
    daemons: Vec<String>,
}

impl Target {
    fn ours(address: String, process: u32) -> Self {
        let keys = support::process::SERVE_KEYS.map(str::to_owned).into();
        Self { address, keys, daemons: vec![process.to_string()] }
    }

    fn peer(address: &str, daemons: &[String]) -> Self {
        let keys = ["testak", "testsk", "default"].map(str::to_owned).into();
        Self { address: address.trim_start_matches("http://").to_owned(), keys, daemons: daemons.to_vec() }
    }

    fn wire(&self, method: Method, key: &str) -> Wire {
        let (access, secret, region) = self.keys.clone();
        let mut wire = Wire::new(method, key).sign_with(|signing| {
            (signing.access_key, signing.secret_key, signing.region) = (access, secret, region);
        });
        wire.host.clone_from(&self.address);
        wire
    }

    fn make_bucket(&self) {
        let mut wire = self.wire(Method::PUT, "");
        wire.path.truncate(wire.path.len() - 1);
        // There already, at ours.
        connection::exchange(&self.address, &wire.body("").signed(), b"").unwrap();
    }

    /// Sends what `request` makes of each number, on so many connections at once.
    fn send_all(&self, count: usize, at_once: usize, request: impl Fn(usize) -> Wire + Sync) -> Duration {
        let next = AtomicUsize::new(0);
        let started = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    let mut connection = TcpStream::connect(&self.address).unwrap();
                    connection.set_nodelay(true).unwrap();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return;
                        }
                        let wire = request(number);
                        let body = wire.body.clone();
                        let answer = connection::send(&mut connection, &wire.signed(), &body).unwrap();
                        assert_eq!(answer.status, 200, "{}", answer.text());
                    }
                });
            }
        });
        started.elapsed()
    }
}

/// This crate's S3 in a process of its own.
struct Server {
    target: Target,
    child: Child,
    started_in: Duration,
}

impl Server {
    fn start(serve: &Path, folder: &Path) -> Self {
        let started = Instant::now();
        let mut child = Command::new(serve).arg(folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started_in = started.elapsed();
        let address = line.trim().trim_start_matches("http://").to_owned();
        Self { target: Target::ours(address, child.id()), child, started_in }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn large(target: &Target, method: Method, round: usize) -> String {
    let (count, size) = LARGE;
    let body = bytes::Bytes::from(vec![7_u8; size]);
    let time = target.send_all(count, 4, |number| {
        let wire = target.wire(method.clone(), &format!("large/{round}/{number}"));
        if method == Method::PUT { wire.unsigned_body(body.clone()) } else { wire }
    });
    format!("{:.2} s, {:.0} MiB/s", time.as_secs_f64(), (count * size / MIB) as f64 / time.as_secs_f64())
}

fn small(target: &Target, round: usize) -> String {
    let (count, size) = SMALL;
    let time = target.send_all(count, 8, |number| {
        target.wire(Method::PUT, &format!("small/{round}/{number:05}")).unsigned_body(vec![7_u8; size])
    });
    format!("{:.2} s, {:.0}/s", time.as_secs_f64(), count as f64 / time.as_secs_f64())
}

/// What the processes have in memory, in MiB.
fn memory(target: &Target) -> String {
    let of = |process: &String| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    };
    format!("{:.1} MiB", target.daemons.iter().map(of).sum::<f64>())
}

fn median(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    format!(
        "{:.1} ms in the median of {}, {:.1} at most",
        ms(times[times.len() / 2]),
        times.len(),
        ms(times[times.len() - 1])
    )
}

/// From the start of the process to its address.
fn starts(serve: &Path, folder: &Path) {
    let fresh = (0..10).map(|number| Server::start(serve, &folder.join(format!("fresh-{number}"))).started_in);
    println!("start, new folder: {}", median(fresh.collect()));
    let again = (0..10).map(|_| Server::start(serve, &folder.join("ours")).started_in);
    let files = std::fs::read_dir(folder.join("ours/bytes")).unwrap();
    let files: usize = files.map(|shard| std::fs::read_dir(shard.unwrap().path()).unwrap().count()).sum();
    // What is swept is looked for among the files: the small objects, in the index, cost nothing here.
    println!("start, the folder of the runs above, of {files} files of bytes: {}", median(again.collect()));
}

/// Pages of a bucket of a million keys below a thousand common prefixes.
fn pages(serve: &Path, folder: &Path) {
    let server = Server::start(serve, folder);
    server.target.send_all(1, 1, |_| server.target.wire(Method::PUT, "000/000000").body(""));
    drop(server);
    // A million PUTs take long; the rows are what they would write.
    let index = rusqlite::Connection::open(folder.join("index.sqlite")).unwrap();
    let keys = i64::try_from(KEYS).unwrap();
    index
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
             INSERT INTO version (bucket, key, version, latest, delete_marker, modified_ms, size_bytes, etag, parts,
                 headers, checksums, tags, content)
             SELECT bucket, CAST(printf('%03d/%06d', i % 1000, i) AS BLOB), version, latest, delete_marker,
                 modified_ms, size_bytes, etag, parts, headers, checksums, tags, content FROM n, version WHERE id = 1",
            [keys],
        )
        .unwrap();
    drop(index);
    let server = Server::start(serve, folder);
    println!("start, {KEYS} keys: {:.1} ms", server.started_in.as_secs_f64() * 1000.0);
    for (what, query, entries) in [
        ("a page of 1,000 common prefixes", &[("delimiter", "/")][..], 1_000),
        ("a page of 1,000 objects in one of them", &[("delimiter", "/"), ("prefix", "500/")], 1_000),
        ("the last page, behind 999 prefixes", &[("delimiter", "/"), ("start-after", "998/~")], 1),
        ("a page of 1,000 objects without a delimiter", &[("start-after", "500/")], 1_000),
    ] {
        let target = &server.target;
        let times = (0..50).map(|_| {
            let mut wire = target.wire(Method::GET, "").query("list-type", "2").queries(query);
            wire.path.truncate(wire.path.len() - 1);
            let started = Instant::now();
            let answer = connection::exchange(&target.address, &wire.signed(), b"").unwrap().expect(200);
            let time = started.elapsed();
            assert_eq!(answer.keys().len() + answer.prefixes().len(), entries);
            time
        });
        println!("{what}, of {KEYS} keys: {}", median(times.collect()));
    }
}
