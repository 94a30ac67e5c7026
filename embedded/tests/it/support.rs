//! An S3 in a folder of its own, called in the process.

use std::collections::HashMap;

use bytes::Bytes;
use embedded::{Body, Credentials, Embedded, Settings};
use http::{Method, Request};
use tempfile::TempDir;

// By their paths, because the benchmark takes this file from another folder.
#[path = "support/answer.rs"]
mod answer;
#[path = "support/connection.rs"]
pub(crate) mod connection;
#[path = "support/process.rs"]
pub(crate) mod process;
#[path = "support/sign.rs"]
mod sign;
#[path = "support/wire.rs"]
mod wire;

pub(crate) use answer::Answer;
pub(crate) use sign::{Signing, Time, encode, signed_pieces};
pub(crate) use wire::Wire;

pub(crate) const ACCESS_KEY: &str = "AKIDTEST";
pub(crate) const SECRET_KEY: &str = "a secret for tests";
pub(crate) const REGION: &str = "eu-central-1";
pub(crate) const BUCKET: &str = "data";
pub(crate) const OTHER_BUCKET: &str = "other";
/// Stands for BUCKET by its Host.
pub(crate) const FILES_HOST: &str = "files.localhost";
pub(crate) const OWN_HOST: &str = "127.0.0.1:4000";

/// A running S3.
pub(crate) struct Site {
    pub(crate) s3: Embedded,
    folder: TempDir,
}

impl Site {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { s3: open(folder.path()).await, folder }
    }

    /// Stops the S3 and opens it again on the same folder.
    pub(crate) async fn restart(self) -> Self {
        drop(self.s3);
        Self { s3: open(self.folder.path()).await, folder: self.folder }
    }

    /// Stops the S3 and leaves its folder.
    pub(crate) fn stop(self) -> TempDir {
        self.folder
    }

    /// Opens the S3 on a folder that another process has left.
    pub(crate) async fn on(folder: TempDir) -> Self {
        Self { s3: open(folder.path()).await, folder }
    }

    /// Every file of bytes on the disk.
    pub(crate) fn byte_files(&self) -> Vec<std::path::PathBuf> {
        let mut files = Vec::new();
        for shard in std::fs::read_dir(self.folder.path().join("bytes")).unwrap() {
            for file in std::fs::read_dir(shard.unwrap().path()).unwrap() {
                files.push(file.unwrap().path());
            }
        }
        files
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Sends a request as it stands.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.s3.call(request).await).await
    }

    pub(crate) async fn put(&self, key: &str, body: impl Into<Bytes>) -> Answer {
        self.send(Wire::new(Method::PUT, key).body(body).build()).await
    }

    pub(crate) async fn get(&self, key: &str) -> Answer {
        self.send(Wire::new(Method::GET, key).build()).await
    }

    pub(crate) async fn head(&self, key: &str) -> Answer {
        self.send(Wire::new(Method::HEAD, key).build()).await
    }

    pub(crate) async fn delete(&self, key: &str) -> Answer {
        self.send(Wire::new(Method::DELETE, key).build()).await
    }

    /// Puts an object and asserts that it was taken.
    pub(crate) async fn with(&self, key: &str, body: impl Into<Bytes>) -> &Self {
        self.put(key, body).await.expect(200);
        self
    }

    /// ListObjectsV2 with these parameters.
    pub(crate) async fn list(&self, query: &[(&str, &str)]) -> Answer {
        let mut wire = Wire::bucket(Method::GET).query("list-type", "2");
        for (name, value) in query {
            wire = wire.query(name, value);
        }
        self.send(wire.build()).await
    }
}

async fn open(folder: &std::path::Path) -> Embedded {
    // The one before lets go of the folder when its last connection's thread has finished.
    Embedded::open(Settings {
        data_dir: folder.to_owned(),
        region: REGION.to_owned(),
        credentials: Credentials { access_key_id: ACCESS_KEY.to_owned(), secret_access_key: SECRET_KEY.to_owned() },
        hosts: HashMap::from([(FILES_HOST.to_owned(), BUCKET.to_owned())]),
        buckets: vec![BUCKET.to_owned(), OTHER_BUCKET.to_owned()],
    })
    .await
    .unwrap()
}
