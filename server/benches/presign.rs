//! Presigning beside boto3: signs what `presign.py` asks for, and measures itself. Run by `presign.sh`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on says where it stopped")]

use std::sync::Arc;
use std::time::Instant;

use domain::access::{Action, BucketName, Grant, Identity, Read, Write, authorize};
use domain::key::ObjectKey;
use domain::presign::{Disposition, PresignedRequest};
use domain::store::{NewObject, ObjectStore as _, Overwrite};
use domain::units::{ByteSize, PartNumber, UnixMillis};
use serde_json::{Value, json};
use server::access::Everyone;
use server::s3::{BucketHosts, Clock, Connection, S3Settings, S3Store, credentials};
use server::state::wall_clock;

/// The same as in presign.py.
const KEY: &str = "team/report 2026+ü.pdf";
const UPLOAD_ID: &str = "2~an.upload-id";
const PART_SIZE: ByteSize = ByteSize::mib(8);
const EXPIRES_IN_S: u64 = 900;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let arguments: Vec<String> = std::env::args().collect();
    let answer = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[1..] {
        ["urls", at_s, ..] => {
            let at = UnixMillis(at_s.parse::<u64>().unwrap() * 1000);
            runtime.block_on(urls(&store(Arc::new(move || at))))
        }
        ["time", ..] => runtime.block_on(times(&store(wall_clock()))),
        // `cargo bench` without the script.
        _ => {
            println!("run server/benches/presign.sh");
            return;
        }
    };
    println!("{answer}");
}

fn store(clock: Clock) -> S3Store {
    S3Store::new(S3Settings {
        region: "eu-central-1".to_owned(),
        credentials: credentials::fixed("AKIDBENCHMARK", "a secret / with + odd = characters"),
        connection: Connection::Aws,
        buckets: vec![BucketHosts {
            bucket: BucketName("files".to_owned()),
            public_origin: "https://files.corp.example".to_owned(),
            signing_host: "files.corp.example".to_owned(),
        }],
        clock,
    })
    .unwrap()
}

fn leave<A: Action<Resource = ObjectKey>>() -> Grant<A> {
    let ada = Identity { user: "ada@corp.example".to_owned(), groups: Vec::new() };
    authorize::<A>(&Everyone, &ada, &BucketName("files".to_owned()), ObjectKey::parse(KEY).unwrap()).unwrap()
}

async fn get(store: &S3Store, grant: &Grant<Read>) -> PresignedRequest {
    store.presign_get(grant, None, Disposition::Attachment, EXPIRES_IN_S).await.unwrap()
}

async fn parts(store: &S3Store, grant: &Grant<Write>, count: u16) -> Vec<PresignedRequest> {
    let parts: Vec<_> = (1..=count).map(|part| (PartNumber::new(part).unwrap(), PART_SIZE)).collect();
    store.presign_parts(grant, UPLOAD_ID, &parts, EXPIRES_IN_S).await.unwrap()
}

/// One of each kind, for the comparison of signatures.
async fn urls(store: &S3Store) -> Value {
    let object = NewObject {
        size_bytes: ByteSize(7),
        content_type: "text/plain".to_owned(),
        overwrite: Overwrite::Never,
        mark: None,
    };
    let put = store.presign_put(&leave(), &object, EXPIRES_IN_S).await.unwrap();
    let part = parts(store, &leave(), 2).await.remove(1);
    json!({
        "get_object": get(store, &leave()).await.url.expose(),
        "put_object": put.url.expose(),
        "upload_part": part.url.expose(),
    })
}

/// Medians, in microseconds.
async fn times(store: &S3Store) -> Value {
    let (read, write) = (leave::<Read>(), leave::<Write>());
    for _ in 0..20 {
        get(store, &read).await;
        parts(store, &write, 100).await;
    }
    let mut one = Vec::new();
    for _ in 0..1000 {
        let begin = Instant::now();
        std::hint::black_box(get(store, &read).await);
        one.push(begin.elapsed());
    }
    let mut hundred = Vec::new();
    for _ in 0..100 {
        let begin = Instant::now();
        std::hint::black_box(parts(store, &write, 100).await);
        hundred.push(begin.elapsed());
    }
    let median = |mut times: Vec<std::time::Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e6
    };
    json!({ "one_us": median(one), "hundred_us": median(hundred) })
}
