//! The S3 under check, and a bucket of its own on it for each check.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use bytes::Bytes;
use embedded::{Credentials, Embedded, Settings};
use http::{Method, Request};
use tempfile::TempDir;

use crate::support::{Answer, Wire, connection, encode};

/// An S3 on a socket, and the keys to it.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// `127.0.0.1:port`
    address: String,
    access_key: String,
    secret_key: String,
    pub(crate) region: String,
    /// In every bucket's name, so that each run has new ones.
    run: String,
}

impl Endpoint {
    /// The bucket of a check; its name is a host too.
    fn bucket_name(&self, check: usize, beside: bool) -> String {
        format!("check-{check}{}-{}.example", if beside { "b" } else { "" }, self.run)
    }
}

/// The independent server that `make test` starts: `end2end/s3-peer`.
pub(super) fn peer() -> Option<Endpoint> {
    let url = variable("CAUSEWAY_TEST_PEER")?;
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    Some(Endpoint {
        address: address.to_owned(),
        access_key: "testak".to_owned(),
        secret_key: "testsk".to_owned(),
        region: "default".to_owned(),
        run: noise(),
    })
}

/// Whatever S3 the one who starts the tests names.
pub(super) fn named() -> Option<Endpoint> {
    let url = variable("CAUSEWAY_TEST_S3")?;
    let parts = || {
        let (keys, rest) = url.strip_prefix("http://")?.split_once('@')?;
        let ((access, secret), (address, region)) = (keys.split_once(':')?, rest.split_once('/')?);
        Some([address, access, secret, region].map(str::to_owned))
    };
    let [address, access_key, secret_key, region] =
        parts().unwrap_or_else(|| panic!("CAUSEWAY_TEST_S3 is http://access:secret@address:port/region, not {url}"));
    Some(Endpoint { address, access_key, secret_key, region, run: noise() })
}

/// A server that answers 200 to whatever it is asked, and nothing more. It runs as long as the test's process.
pub(super) fn yes() -> Endpoint {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            std::thread::spawn(move || say_yes(connection.unwrap()));
        }
    });
    let [access_key, secret_key, region] = ["any", "any", "us-east-1"].map(str::to_owned);
    Endpoint { address, access_key, secret_key, region, run: noise() }
}

fn say_yes(mut connection: TcpStream) {
    let mut asked = BufReader::new(connection.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        asked.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("expect", _)) => length = 0,
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let _gone = std::io::copy(&mut asked.take(length), &mut std::io::sink());
    let _gone = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
}

#[expect(clippy::disallowed_methods, reason = "which servers there are is known to whoever starts the tests")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A few letters that no run before had.
fn noise() -> String {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).unwrap();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// This crate's S3 on a socket.
pub(super) struct Server {
    pub(super) endpoint: Endpoint,
    _runtime: tokio::runtime::Runtime,
    _folder: TempDir,
}

impl Server {
    pub(super) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut endpoint = Endpoint {
            address: String::new(),
            access_key: "AKIDCONFORMANCE".to_owned(),
            secret_key: "a secret of checks".to_owned(),
            region: "eu-central-1".to_owned(),
            run: noise(),
        };
        // Elsewhere every bucket has its host at once; here hosts are named before the start.
        let names = (0..super::COUNT).map(|check| endpoint.bucket_name(check, false));
        let settings = Settings {
            data_dir: folder.path().to_owned(),
            region: endpoint.region.clone(),
            credentials: Credentials {
                access_key_id: endpoint.access_key.clone(),
                secret_access_key: endpoint.secret_key.clone(),
            },
            hosts: names.map(|name| (name.clone(), name)).collect::<HashMap<_, _>>(),
            buckets: Vec::new(),
        };
        endpoint.address = runtime.block_on(async {
            let s3 = Embedded::open(settings).await.unwrap();
            let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let address = listener.local_addr().unwrap().to_string();
            let router = axum::Router::new().fallback_service(s3.service());
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Self { endpoint, _runtime: runtime, _folder: folder }
    }
}

/// A bucket that one check has for itself.
#[derive(Clone)]
pub(crate) struct S3 {
    pub(crate) endpoint: Endpoint,
    pub(crate) bucket: String,
    check: usize,
}

impl S3 {
    pub(super) fn new(endpoint: &Endpoint, check: usize) -> Self {
        let bucket = endpoint.bucket_name(check, false);
        Self { endpoint: endpoint.clone(), bucket, check }.made()
    }

    /// A second bucket, by path only.
    pub(crate) fn beside(&self) -> Self {
        let bucket = self.endpoint.bucket_name(self.check, true);
        Self { endpoint: self.endpoint.clone(), bucket, check: self.check }.made()
    }

    /// The same S3, where there is no such bucket.
    pub(crate) fn nowhere(&self) -> Self {
        let bucket = format!("nothing-{}.example", self.endpoint.run);
        Self { endpoint: self.endpoint.clone(), bucket, check: self.check }
    }

    fn made(self) -> Self {
        let mut wire = self.bucket(Method::PUT);
        // A bucket's region is to be named, except where it is the first one, or has no name.
        wire = wire.body(match self.endpoint.region.as_str() {
            "us-east-1" | "default" => String::new(),
            region => format!(
                "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        });
        self.send(wire).expect(200);
        self
    }

    /// Removes the check's buckets with everything in them: a server may limit how many one person has.
    pub(super) fn remove(self) {
        let bucket = self.endpoint.bucket_name(self.check, true);
        Self { bucket, ..self.clone() }.empty();
        self.empty();
    }

    fn empty(self) {
        let listed = self.send(self.bucket(Method::GET).query("uploads", ""));
        for (key, upload) in listed.elements("Key").iter().zip(listed.elements("UploadId")) {
            self.send(self.object(Method::DELETE, key).query("uploadId", &upload));
        }
        loop {
            let listed = self.send(self.bucket(Method::GET).query("versions", ""));
            for (key, version) in listed.elements("Key").iter().zip(listed.elements("VersionId")) {
                self.send(self.object(Method::DELETE, key).query("versionId", &version));
            }
            if listed.element("IsTruncated").as_deref() != Some("true") {
                break;
            }
        }
        self.send(self.bucket(Method::DELETE));
    }

    /// A request for a key, path style, signed in its headers.
    pub(crate) fn object(&self, method: Method, key: &str) -> Wire {
        self.wire(method, &self.endpoint.address, &format!("/{}/{}", self.bucket, encode(key, true)))
    }

    /// A request for the bucket itself.
    pub(crate) fn bucket(&self, method: Method) -> Wire {
        self.wire(method, &self.endpoint.address, &format!("/{}", self.bucket))
    }

    /// A request for a key of the bucket that the Host names.
    pub(crate) fn by_host(&self, method: Method, key: &str) -> Wire {
        self.wire(method, &self.bucket, &format!("/{}", encode(key, true)))
    }

    fn wire(&self, method: Method, host: &str, path: &str) -> Wire {
        let mut wire = Wire::new(method, "").sign_with(|signing| {
            signing.access_key.clone_from(&self.endpoint.access_key);
            signing.secret_key.clone_from(&self.endpoint.secret_key);
            signing.region.clone_from(&self.endpoint.region);
        });
        host.clone_into(&mut wire.host);
        path.clone_into(&mut wire.path);
        wire
    }

    /// Signs and sends.
    pub(crate) fn send(&self, wire: Wire) -> Answer {
        let body = wire.body.clone();
        self.send_as_is(&wire.signed(), &body)
    }

    /// Sends what was signed, or what became of it since.
    pub(crate) fn send_as_is(&self, head: &Request<()>, body: &[u8]) -> Answer {
        connection::exchange(&self.endpoint.address, head, body).unwrap()
    }

    pub(crate) fn put(&self, key: &str, body: impl Into<Bytes>) -> Answer {
        self.send(self.object(Method::PUT, key).body(body))
    }

    /// Puts an object and asserts that it was taken.
    pub(crate) fn with(&self, key: &str, body: impl Into<Bytes>) -> &Self {
        self.put(key, body).expect(200);
        self
    }

    pub(crate) fn get(&self, key: &str) -> Answer {
        self.send(self.object(Method::GET, key))
    }

    pub(crate) fn head(&self, key: &str) -> Answer {
        self.send(self.object(Method::HEAD, key))
    }

    pub(crate) fn delete(&self, key: &str) -> Answer {
        self.send(self.object(Method::DELETE, key))
    }

    /// The object's ETag, with its quotes.
    pub(crate) fn etag(&self, key: &str) -> String {
        self.head(key).expect(200).header("etag").to_owned()
    }

    /// ListObjectsV2 with these parameters.
    pub(crate) fn list(&self, query: &[(&str, &str)]) -> Answer {
        self.send(self.bucket(Method::GET).query("list-type", "2").queries(query))
    }
}
