//! An S3 in a folder of its own, requests written down as they travel, and answers to look into.

use std::collections::HashMap;

use bytes::Bytes;
use embedded::{Body, Credentials, Embedded, Settings};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tempfile::TempDir;

pub(crate) mod process;
mod sign;

pub(crate) use sign::{Signing, Time, encode};

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

/// A request being written.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) method: Method,
    pub(crate) host: String,
    /// Encoded, as it travels.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    pub(crate) signing: Signing,
}

impl Wire {
    /// A request for a key of BUCKET, path style, signed in its headers.
    pub(crate) fn new(method: Method, key: &str) -> Self {
        Self {
            method,
            host: OWN_HOST.to_owned(),
            path: format!("/{BUCKET}/{}", encode(key, true)),
            query: Vec::new(),
            headers: Vec::new(),
            body: Bytes::new(),
            signing: Signing::default(),
        }
    }

    /// A request for BUCKET itself.
    pub(crate) fn bucket(method: Method) -> Self {
        Self { path: format!("/{BUCKET}"), ..Self::new(method, "") }
    }

    /// The same for the bucket by Host.
    pub(crate) fn by_host(method: Method, key: &str) -> Self {
        Self { host: format!("{FILES_HOST}:4000"), path: format!("/{}", encode(key, true)), ..Self::new(method, "") }
    }

    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers.push(("content-length".to_owned(), self.body.len().to_string()));
        self
    }

    /// Signed in the query, for a minute.
    pub(crate) fn presigned(mut self) -> Self {
        self.signing.presigned_for_s = Some(60);
        self
    }

    pub(crate) fn sign_with(mut self, change: impl FnOnce(&mut Signing)) -> Self {
        change(&mut self.signing);
        self
    }

    /// The signed request.
    pub(crate) fn build(self) -> Request<Body> {
        let body = embedded::body(self.body.clone());
        sign::sign(self).map(|()| body)
    }

    /// The signed request with another body than the signed one.
    pub(crate) fn build_with(self, body: Body) -> Request<Body> {
        sign::sign(self).map(|()| body)
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether the body broke off.
    pub(crate) cut: bool,
}

impl Answer {
    pub(crate) async fn read(response: http::Response<Body>) -> Self {
        let (parts, mut body) = response.into_parts();
        let mut bytes = Vec::new();
        let mut cut = false;
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => bytes.extend_from_slice(frame.data_ref().unwrap()),
                Err(_) => {
                    cut = true;
                    break;
                }
            }
        }
        Self { status: parts.status, headers: parts.headers, body: bytes.into(), cut }
    }

    /// Asserts the status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// Asserts an error by its status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.element("Code").as_deref(), Some(code), "{}", answer.text());
        answer
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The text of every element of that name, with its entities, except that a quotation mark is
    /// one however it is spelled.
    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        text.split(&open)
            .skip(1)
            .filter_map(|rest| rest.split_once(&close))
            .map(|(inner, _)| inner.replace("&quot;", "\""))
            .collect()
    }

    pub(crate) fn element(&self, name: &str) -> Option<String> {
        self.elements(name).into_iter().next()
    }

    /// The keys of a listing.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.elements("Key")
    }

    /// The common prefixes of a listing.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        self.elements("CommonPrefixes")
            .iter()
            .map(|inner| inner.trim_start_matches("<Prefix>").trim_end_matches("</Prefix>").to_owned())
            .collect()
    }
}
