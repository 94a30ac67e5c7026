//! A request as a browser puts it on the wire: the target and the Host exactly as given, over a real socket.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Request, header};
use bytes::Bytes;
use domain::presign::PresignedRequest;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A request that can be changed before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: String,
    /// What the Host header says.
    pub(crate) host: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Sent {
    /// A presigned request with a body, as it was made.
    pub(crate) fn of(signed: &PresignedRequest, body: &[u8]) -> Self {
        let url = signed.url.expose();
        let (_scheme, rest) = url.split_once("://").expect("a URL has a scheme");
        let (host, _) = rest.split_once('/').expect("a URL has a path");
        Self {
            method: signed.method.clone(),
            host: host.to_owned(),
            target: rest[host.len()..].to_owned(),
            headers: signed.headers.clone(),
            body: body.to_vec(),
        }
    }

    /// Sends it to `address`, whatever the Host says.
    pub(crate) async fn to(&self, address: SocketAddr) -> Received {
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let driver = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(self.target.as_str())
            .header(header::HOST, &self.host)
            .header(header::CONNECTION, "close");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if self.method == "PUT" {
            request = request.header(header::CONTENT_LENGTH, self.body.len());
        }
        let body = Full::new(Bytes::from(self.body.clone()));
        let (head, body) = sender.send_request(request.body(body).unwrap()).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        driver.abort();
        Received { status: head.status.as_u16(), headers: head.headers, body }
    }
}

impl Received {
    /// The header's text, or nothing where it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text, for a failed test to show.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
