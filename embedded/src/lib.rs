//! An S3 for one machine: objects in a local folder, SigV4 checked, CORS answered.
//!
//! The `s3s` crate speaks the protocol; behind it lie an SQLite index, with keys as bytes in byte
//! order, and files of bytes named by id. A key is never part of a path. Each change is one
//! transaction and is on the disk before it is answered.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

mod access;
mod api;
mod authorization;
mod body;
mod checksum;
mod cors;
mod error;
mod faults;
mod host;
mod id;
mod lifecycle;
mod service;
mod store;
mod trailer;
mod uri;
mod xml_text;

pub use cors::CorsRule;
pub use faults::{Action, Fault, Faults, Script};
pub use s3s::Body;
pub use service::S3Service;

use store::{Store, StoreError, buckets};

/// What the S3 serves, and to whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the objects live. Made where it is missing; one process at a time.
    pub data_dir: PathBuf,
    /// The region that signatures must name, for example `us-east-1`.
    pub region: String,
    /// The one pair of keys that is let in.
    pub credentials: Credentials,
    /// Bucket by Host header: host without port, in lower case, to bucket.
    pub hosts: HashMap<String, String>,
    /// Buckets made at the start where they are missing.
    pub buckets: Vec<String>,
}

/// An access key.
#[derive(Clone)]
pub struct Credentials {
    /// The public half, as it stands in every signature.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Why the S3 could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be used.
    #[error("the data folder {} cannot be used", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process holds the folder.
    #[error("the data folder {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// There are objects' bytes and no index that names them: to go on would sweep them all.
    #[error("{} is missing or empty, but there are files of bytes beside it; put the index back", .0.display())]
    NoIndex(PathBuf),
    /// The index was written by another version of this crate.
    #[error("the index is of version {found}, this program knows version {expected}")]
    Version {
        /// In the folder.
        found: i64,
        /// Here.
        expected: i64,
    },
    /// The index cannot be read.
    #[error("the index cannot be opened")]
    Index(#[from] rusqlite::Error),
    /// A bucket's name, or a host's, breaks S3's rules.
    #[error("{0:?} is no name for a bucket")]
    BucketName(String),
    /// The region is no name of one.
    #[error("{0:?} is no region")]
    Region(String),
    /// The store failed while the buckets were made.
    #[error("the store could not be prepared: {0}")]
    Store(String),
}

/// An operation's failure on a bucket's settings.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed on bucket {bucket:?}: {reason}")]
pub struct BucketError {
    operation: &'static str,
    bucket: String,
    reason: String,
}

/// The lifecycle rules could not be run.
#[derive(Debug, thiserror::Error)]
#[error("the lifecycle rules could not be run: {0}")]
pub struct LifecycleError(String);

/// The S3. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Embedded {
    service: S3Service,
    store: Arc<Store>,
    cors: Arc<cors::CorsRules>,
    faults: Faults,
    _housekeeping: Arc<lifecycle::Housekeeping>,
}

impl Embedded {
    /// Opens the data folder, sweeps what an interrupted run left behind, and makes the buckets
    /// that are missing.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        let names = settings.buckets.iter().chain(settings.hosts.values());
        for name in names {
            if !s3s::path::check_bucket_name(name) {
                return Err(OpenError::BucketName(name.clone()));
            }
        }
        let (data_dir, buckets) = (settings.data_dir.clone(), settings.buckets.clone());
        let opened = tokio::task::spawn_blocking(move || {
            let store = Store::open(&data_dir)?;
            prepare(&store, &buckets).map(|rules| (store, rules))
        })
        .await
        .map_err(|error| OpenError::Store(error.to_string()))?;
        let (store, rules) = opened?;
        let store = Arc::new(store);
        let cors = Arc::new(rules);
        let faults = Faults::default();
        let api = api::Api::new(Arc::clone(&store), Arc::clone(&cors), settings.region.clone());
        let service = S3Service::new(api, Arc::clone(&cors), faults.clone(), settings)?;
        lifecycle::run_and_tell(&store).await;
        let housekeeping = Arc::new(lifecycle::Housekeeping::start(&store));
        Ok(Self { service, store, cors, faults, _housekeeping: housekeeping })
    }

    /// The HTTP service: for axum's `fallback_service`, or to be called in-process.
    #[must_use]
    pub fn service(&self) -> S3Service {
        self.service.clone()
    }

    /// Answers one request without a socket. The body may be empty, bytes, or a stream wrapped by
    /// [`Body::http_body`]. A `Host` header is required, as on a socket.
    pub async fn call(&self, request: http::Request<Body>) -> http::Response<Body> {
        self.service.answer(request).await
    }

    /// Scripted faults, for tests. None are scripted at the start.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Runs the buckets' lifecycle rules as of `now_ms` (milliseconds since 1970), as happens by
    /// itself once an hour: unfinished uploads that are due are aborted. Returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn run_lifecycle(&self, now_ms: i64) -> Result<usize, LifecycleError> {
        lifecycle::run(&self.store, now_ms).await.map_err(|error| LifecycleError(reason(&error)))
    }

    /// Replaces a bucket's CORS rules. An empty list removes them.
    ///
    /// # Errors
    /// For a bucket that does not exist, and when the store fails.
    pub async fn set_cors(&self, bucket: &str, rules: Vec<CorsRule>) -> Result<(), BucketError> {
        self.cors.store(&self.store, bucket, rules).await.map_err(|error| BucketError {
            operation: "set_cors",
            bucket: bucket.to_owned(),
            reason: reason(&error),
        })
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Embedded").finish_non_exhaustive()
    }
}

/// A body of bytes that are at hand.
#[must_use]
pub fn body(bytes: Bytes) -> Body {
    Body::from(bytes)
}

fn prepare(store: &Store, names: &[String]) -> Result<cors::CorsRules, OpenError> {
    let prepared = store.write_now(|change| {
        for name in names {
            match buckets::create(change, name) {
                Ok(()) | Err(StoreError::BucketExists) => {}
                Err(error) => return Err(error),
            }
        }
        cors::CorsRules::load(&change.tx)
    });
    prepared.map_err(|error| OpenError::Store(reason(&error)))
}

/// An error with its causes in one line.
fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
