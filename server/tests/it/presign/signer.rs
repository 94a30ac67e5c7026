//! A signer under test, and an S3 over a socket that takes its URLs.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use aws_sdk_s3::config::SharedCredentialsProvider;
use axum::Router;
use domain::access::{Action, BucketName, Grant, Identity, Read, Write, authorize};
use domain::key::ObjectKey;
use domain::presign::{Disposition, PresignedRequest};
use domain::store::{NewObject, ObjectStore as _, Overwrite};
use domain::units::{ByteSize, PartNumber, UnixMillis};
use embedded::{Credentials, Embedded};
use server::access::Everyone;
use server::s3::{BucketHosts, Clock, Connection, S3Settings, S3Store, credentials, in_process};
use server::state::wall_clock;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::sigv4::Verifier;
use crate::support::wire::Sent;

pub(super) const REGION: &str = "eu-central-1";
pub(super) const SECRET: &str = "a secret / with + odd = characters";
pub(super) const ACCESS_KEY_ID: &str = "AKIDTEST";

/// What signs, without an S3 behind it.
pub(super) struct Signer {
    pub(super) store: S3Store,
}

/// How a signer is set up.
pub(super) struct Setup {
    pub(super) public_origin: String,
    pub(super) signing_host: String,
    pub(super) credentials: SharedCredentialsProvider,
    pub(super) connection: Connection,
    pub(super) clock: Clock,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            public_origin: "https://files.corp.example".to_owned(),
            signing_host: "files.corp.example".to_owned(),
            credentials: credentials::fixed(ACCESS_KEY_ID, SECRET),
            connection: Connection::Aws,
            clock: wall_clock(),
        }
    }
}

impl Signer {
    pub(super) fn new(setup: Setup) -> Self {
        let Setup { public_origin, signing_host, credentials, connection, clock } = setup;
        let store = S3Store::new(S3Settings {
            region: REGION.to_owned(),
            credentials,
            connection,
            buckets: vec![BucketHosts { bucket: bucket(), public_origin, signing_host }],
            clock,
        });
        Self { store: store.unwrap() }
    }

    pub(super) async fn get(&self, key: &str, expires_in_s: u64) -> PresignedRequest {
        self.store.presign_get(&leave::<Read>(key), None, Disposition::Attachment, expires_in_s).await.unwrap()
    }

    pub(super) async fn put(&self, key: &str, size_bytes: u64, overwrite: Overwrite) -> PresignedRequest {
        let object = NewObject {
            size_bytes: ByteSize(size_bytes),
            content_type: "text/plain".to_owned(),
            overwrite,
            mark: None,
        };
        self.store.presign_put(&leave::<Write>(key), &object, 300).await.unwrap()
    }

    pub(super) async fn parts(&self, key: &str, upload_id: &str, sizes: &[u64]) -> Vec<PresignedRequest> {
        let parts: Vec<_> =
            sizes.iter().zip(1..).map(|(size, part)| (PartNumber::new(part).unwrap(), ByteSize(*size))).collect();
        self.store.presign_parts(&leave::<Write>(key), upload_id, &parts, 300).await.unwrap()
    }

    /// One of each kind, all of the same key.
    pub(super) async fn one_of_each(&self, key: &str) -> Vec<(PresignedRequest, u64)> {
        let head = self.store.presign_head(&leave::<Read>(key), None, Disposition::Attachment, 300).await.unwrap();
        let mut all = vec![
            (self.get(key, 300).await, 0),
            (head, 0),
            (self.put(key, 7, Overwrite::Never).await, 7),
            (self.put(key, 0, Overwrite::IfMatch(domain::listing::ETag("\"e\"".to_owned()))).await, 0),
            (self.put(key, 7, Overwrite::Always).await, 7),
        ];
        all.extend(self.parts(key, "upload/id+1 =", &[5, 6]).await.into_iter().zip([5, 6]));
        all
    }
}

pub(super) fn bucket() -> BucketName {
    BucketName("files".to_owned())
}

pub(super) fn leave<A: Action<Resource = ObjectKey>>(key: &str) -> Grant<A> {
    let somebody = Identity { user: "ada lovelace+1@corp.example".to_owned(), groups: Vec::new() };
    authorize::<A>(&Everyone, &somebody, &bucket(), ObjectKey::parse(key).unwrap()).expect("the key is not reserved")
}

/// Whether the request's signature holds for `host`, as somebody else computes it. `size_bytes` is of the body.
pub(super) fn verify(signed: &PresignedRequest, size_bytes: u64, host: &str) -> Result<(), String> {
    let sent = Sent::of(signed, b"");
    let length = size_bytes.to_string();
    let mut headers: Vec<(&str, &str)> =
        sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    headers.extend([("host", host), ("content-length", length.as_str())]);
    Verifier { secret: SECRET, region: REGION }.verify(&sent.method, &sent.target, &headers)
}

/// The value of a query parameter of a signed URL, as it stands there.
pub(super) fn parameter<'a>(signed: &'a PresignedRequest, name: &str) -> Option<&'a str> {
    let (_, query) = signed.url.expose().split_once('?')?;
    query.split('&').find_map(|pair| pair.split_once('=').filter(|(found, _)| *found == name)).map(|(_, value)| value)
}

/// A clock that stands still.
pub(super) fn clock_at(instant: UnixMillis) -> Clock {
    Arc::new(move || instant)
}

/// An S3 that listens, and a signer for it.
pub(super) struct Listening {
    pub(super) address: SocketAddr,
    pub(super) signer: Signer,
    _folder: TempDir,
}

impl Listening {
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The S3 knows its bucket as `files.localhost` and another one as `other.localhost`.
    pub(super) async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hosts = [("files.localhost", "files"), ("other.localhost", "other")];
        let s3 = Embedded::open(embedded::Settings {
            data_dir: folder.path().to_owned(),
            region: REGION.to_owned(),
            credentials: Credentials { access_key_id: ACCESS_KEY_ID.to_owned(), secret_access_key: SECRET.to_owned() },
            hosts: HashMap::from(hosts.map(|(host, bucket)| (host.to_owned(), bucket.to_owned()))),
            buckets: vec!["files".to_owned(), "other".to_owned()],
        })
        .await
        .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = Router::new().fallback_service(s3.service());
        tokio::spawn(async move { axum::serve(listener, service).await });
        let host = format!("files.localhost:{}", address.port());
        let mut setup = Setup {
            public_origin: format!("http://{host}"),
            signing_host: host,
            connection: Connection::InProcess(in_process::client(s3.clone())),
            ..Setup::default()
        };
        change(&mut setup);
        Self { address, signer: Signer::new(setup), _folder: folder }
    }

    /// Stores an object by a signed URL.
    pub(super) async fn have(&self, key: &str, body: &str) {
        let signed = self.signer.put(key, body.len().try_into().unwrap(), Overwrite::Always).await;
        let answer = Sent::of(&signed, body.as_bytes()).to(self.address).await;
        assert_eq!(answer.status, 200, "{key:?}: {}", answer.text());
    }
}
