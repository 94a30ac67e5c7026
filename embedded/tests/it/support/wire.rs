//! A request written down as it travels, and signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use embedded::Body;
use http::{Method, Request};
use md5::{Digest as _, Md5};

use super::{BUCKET, FILES_HOST, OWN_HOST, Signing, encode, sign};

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

    pub(crate) fn queries(self, query: &[(&str, &str)]) -> Self {
        query.iter().fold(self, |wire, (name, value)| wire.query(name, value))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn headers(self, headers: &[(&str, &str)]) -> Self {
        headers.iter().fold(self, |wire, (name, value)| wire.header(name, value))
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers.push(("content-length".to_owned(), self.body.len().to_string()));
        self
    }

    /// With a body that is signed as it stands, unread, as browsers send it.
    pub(crate) fn unsigned_body(self, body: impl Into<Bytes>) -> Self {
        self.sign_with(|signing| signing.payload = Some("UNSIGNED-PAYLOAD".to_owned())).body(body)
    }

    /// With the digest of its body, which S3 asks for where a body changes much.
    pub(crate) fn with_md5(self) -> Self {
        let digest = BASE64.encode(Md5::digest(&self.body));
        self.header("content-md5", &digest)
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

    /// The head of the signed request.
    pub(crate) fn signed(self) -> Request<()> {
        sign::sign(self)
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
