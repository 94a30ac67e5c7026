//! The S3s that the contract is tried on, each with a bucket of its own that the real SDK and signed URLs reach.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use domain::access::{Action, BucketName, Grant, Identity, Write, authorize};
use domain::key::{ObjectKey, Prefix};
use domain::listing::UploadMark;
use domain::presign::PresignedRequest;
use domain::store::{NewObject, ObjectStore as _, Overwrite};
use domain::units::ByteSize;
use embedded::{Credentials, Embedded};
use server::access::Everyone;
use server::s3::{BucketHosts, Connection, S3Settings, S3Store, credentials, in_process};
use server::state::wall_clock;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::peer;
use crate::support::wire::{Received, Sent};

/// A bucket's name for which no bucket exists.
const ABSENT: &str = "nothing-here.example";

/// An S3 under contract.
pub(super) struct Backend {
    pub(super) store: S3Store,
    /// The same with a wrong secret.
    pub(super) stranger: S3Store,
    pub(super) bucket: BucketName,
    pub(super) absent: BucketName,
    address: SocketAddr,
    _folder: Option<TempDir>,
}

/// The embedded S3: the portal's calls stay in the process, URLs go over a socket.
pub(super) async fn embedded() -> Backend {
    let folder = tempfile::tempdir().unwrap();
    let bucket = "contract";
    let hosts =
        HashMap::from([("files.localhost".to_owned(), bucket.to_owned()), (ABSENT.to_owned(), ABSENT.to_owned())]);
    let s3 = Embedded::open(embedded::Settings {
        data_dir: folder.path().to_owned(),
        region: "eu-central-1".to_owned(),
        credentials: Credentials { access_key_id: "AK".to_owned(), secret_access_key: "SK".to_owned() },
        hosts,
        buckets: vec![bucket.to_owned()],
    })
    .await
    .unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = Router::new().fallback_service(s3.service());
    tokio::spawn(async move { axum::serve(listener, service).await });
    let store = |secret: &str| {
        let connection = Connection::InProcess(in_process::client(s3.clone()));
        let hosts = [(bucket, format!("files.localhost:{}", address.port())), (ABSENT, ABSENT.to_owned())];
        store("eu-central-1", ("AK", secret), connection, &hosts)
    };
    Backend {
        store: store("SK"),
        stranger: store("wrong"),
        bucket: BucketName(bucket.to_owned()),
        absent: BucketName(ABSENT.to_owned()),
        address,
        _folder: Some(folder),
    }
}

/// The independent server, with a bucket that is new.
pub(super) async fn peer() -> Backend {
    let address = peer::address();
    let mut noise = [0; 6];
    getrandom::fill(&mut noise).unwrap();
    let noise: String = noise.iter().map(|byte| format!("{byte:02x}")).collect();
    let bucket = format!("contract-{noise}.example");
    let url = format!("http://{address}");
    make_bucket(&url, &bucket).await;
    let store = |secret: &str| {
        let connection = Connection::Endpoint { url: url.clone(), path_style: true };
        let port = address.port();
        let hosts = [(bucket.as_str(), format!("{bucket}:{port}")), (ABSENT, format!("{ABSENT}:{port}"))];
        store(peer::REGION, (peer::ACCESS_KEY_ID, secret), connection, &hosts)
    };
    Backend {
        store: store(peer::SECRET_ACCESS_KEY),
        stranger: store("wrong"),
        bucket: BucketName(bucket.clone()),
        absent: BucketName(ABSENT.to_owned()),
        address,
        _folder: None,
    }
}

/// Buckets are made by operators, so the port cannot; the SDK can.
async fn make_bucket(url: &str, bucket: &str) {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::v2026_01_12())
        .region(aws_sdk_s3::config::Region::new(peer::REGION))
        .endpoint_url(url)
        .force_path_style(true)
        .credentials_provider(credentials::fixed(peer::ACCESS_KEY_ID, peer::SECRET_ACCESS_KEY))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_s3::Client::from_conf(config).create_bucket().bucket(bucket).send().await.unwrap();
}

fn store(region: &str, keys: (&str, &str), connection: Connection, hosts: &[(&str, String)]) -> S3Store {
    S3Store::new(S3Settings {
        region: region.to_owned(),
        credentials: credentials::fixed(keys.0, keys.1),
        connection,
        buckets: hosts
            .iter()
            .map(|(bucket, host)| BucketHosts {
                bucket: BucketName((*bucket).to_owned()),
                public_origin: format!("http://{host}"),
                signing_host: host.clone(),
            })
            .collect(),
        clock: wall_clock(),
    })
    .unwrap()
}

impl Backend {
    pub(super) fn leave<A: Action>(&self, resource: A::Resource) -> Grant<A> {
        self.leave_in::<A>(&self.bucket, resource)
    }

    pub(super) fn leave_in<A: Action>(&self, bucket: &BucketName, resource: A::Resource) -> Grant<A> {
        let ada = Identity { user: "ada@corp.example".to_owned(), groups: Vec::new() };
        authorize::<A>(&Everyone, &ada, bucket, resource).expect("the key is not reserved")
    }

    /// Sends what was signed, as a browser would.
    pub(super) async fn send(&self, signed: &PresignedRequest, body: &[u8]) -> Received {
        Sent::of(signed, body).to(self.address).await
    }

    /// The same with one more header that is not signed.
    pub(super) async fn send_with(&self, signed: &PresignedRequest, header: (&str, &str)) -> Received {
        let mut sent = Sent::of(signed, b"");
        sent.headers.push((header.0.to_owned(), header.1.to_owned()));
        sent.to(self.address).await
    }

    /// Puts an object by a signed URL, with [`mark`].
    pub(super) async fn put(&self, key: &ObjectKey, body: &[u8], overwrite: Overwrite) -> Received {
        let object = NewObject {
            size_bytes: ByteSize(body.len().try_into().unwrap()),
            content_type: "text/plain".to_owned(),
            overwrite,
            mark: Some(mark()),
        };
        let signed = self.store.presign_put(&self.leave::<Write>(key.clone()), &object, 300).await.unwrap();
        self.send(&signed, body).await
    }

    /// Puts an object and expects it to be taken.
    pub(super) async fn have(&self, key: &str, body: &[u8]) -> ObjectKey {
        let key = self::key(key);
        let answer = self.put(&key, body, Overwrite::Always).await;
        assert_eq!(answer.status, 200, "{key:?}: {}", answer.text());
        key
    }
}

pub(super) fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

/// The mark of every upload here.
pub(super) fn mark() -> UploadMark {
    UploadMark("0123456789abcdef".to_owned())
}

pub(super) fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).unwrap()
}
