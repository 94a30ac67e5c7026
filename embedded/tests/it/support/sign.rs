//! SigV4, written from its specification: in the headers or in the query, at any time, and wrong
//! where a test wants it so.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderName, HeaderValue, Request};
use sha2::{Digest as _, Sha256};

use super::{ACCESS_KEY, REGION, SECRET_KEY, Wire};

/// How a request is signed.
#[derive(Clone)]
pub(crate) struct Signing {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    pub(crate) region: String,
    pub(crate) service: String,
    /// Seconds since 1970.
    pub(crate) at_s: u64,
    /// In the query, good for so long; else in the headers.
    pub(crate) presigned_for_s: Option<u64>,
    /// Not at all.
    pub(crate) anonymous: bool,
    /// The path goes into the signature as it travels, not as it should be spelled.
    pub(crate) raw_path: bool,
    /// `x-amz-content-sha256`; the body's own digest where it is not set.
    pub(crate) payload: Option<String>,
    /// Headers that are sent and not signed.
    pub(crate) unsigned: Vec<String>,
}

impl Default for Signing {
    fn default() -> Self {
        Self {
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned(),
            region: REGION.to_owned(),
            service: "s3".to_owned(),
            at_s: Time::now().seconds,
            presigned_for_s: None,
            anonymous: false,
            raw_path: false,
            payload: None,
            unsigned: Vec::new(),
        }
    }
}

impl Signing {
    /// The time stamp, the scope, and the key that signs in it.
    fn scope(&self) -> (String, String, Vec<u8>) {
        let stamp = Time { seconds: self.at_s }.stamp();
        let date = &stamp[..8];
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let mut key = mac(format!("AWS4{}", self.secret_key).as_bytes(), date.as_bytes());
        for step in [self.region.as_str(), self.service.as_str(), "aws4_request"] {
            key = mac(&key, step.as_bytes());
        }
        (stamp, scope, key)
    }
}

/// A moment, in the spellings that signatures need.
pub(crate) struct Time {
    pub(crate) seconds: u64,
}

impl Time {
    pub(crate) fn now() -> Self {
        Self { seconds: SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() }
    }

    /// `20260102T030405Z`, by the civil calendar.
    fn stamp(&self) -> String {
        let days = self.seconds / 86_400;
        let (mut year, mut day) = (1970, days);
        let length = |year: u64| {
            let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
            if leap { 366 } else { 365 }
        };
        while day >= length(year) {
            day -= length(year);
            year += 1;
        }
        let february = length(year) - 337;
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 1;
        for days in months {
            if day < days {
                break;
            }
            day -= days;
            month += 1;
        }
        let second = self.seconds % 86_400;
        format!("{year:04}{month:02}{:02}T{:02}{:02}{:02}Z", day + 1, second / 3600, second / 60 % 60, second % 60)
    }
}

/// RFC 3986 encoding of UTF-8 bytes; slashes stay in paths.
pub(crate) fn encode(text: &str, slashes: bool) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            b'/' if slashes => "/".to_owned(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// The request's head, signed.
pub(super) fn sign(mut wire: Wire) -> Request<()> {
    let signing = wire.signing.clone();
    let (stamp, scope, key) = signing.scope();
    let mut headers = wire.headers.clone();
    headers.push(("host".to_owned(), wire.host.clone()));
    let mut payload = signing.payload.clone().unwrap_or_else(|| hex(&Sha256::digest(&wire.body)));
    if signing.presigned_for_s.is_none() && !signing.anonymous {
        headers.push(("x-amz-date".to_owned(), stamp.clone()));
        headers.push(("x-amz-content-sha256".to_owned(), payload.clone()));
    }
    let mut signed: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")))
        .filter(|(name, _)| !signing.unsigned.contains(name))
        .collect();
    signed.sort();
    let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    if let Some(expires) = signing.presigned_for_s {
        payload = "UNSIGNED-PAYLOAD".to_owned();
        let credential = format!("{}/{scope}", signing.access_key);
        for (name, value) in [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &stamp),
            ("X-Amz-Expires", &expires.to_string()),
            ("X-Amz-SignedHeaders", &names),
        ] {
            wire.query.push((name.to_owned(), value.to_owned()));
        }
    }
    let mut query: Vec<String> =
        wire.query.iter().map(|(name, value)| format!("{}={}", encode(name, false), encode(value, false))).collect();
    query.sort();
    let path = if signing.raw_path { wire.path.clone() } else { respell(&wire.path) };
    let lines: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = format!("{}\n{path}\n{}\n{lines}\n{names}\n{payload}", wire.method, query.join("&"));
    let digest = hex(&Sha256::digest(canonical.as_bytes()));
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}");
    let signature = hex(&mac(&key, text.as_bytes()));
    if signing.anonymous {
        // Nothing names the signer.
    } else if signing.presigned_for_s.is_some() {
        query.push(format!("X-Amz-Signature={signature}"));
    } else {
        let credential = format!("{}/{scope}", signing.access_key);
        headers.push((
            "authorization".to_owned(),
            format!(
                "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, \
                 Signature={signature}"
            ),
        ));
    }
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let mut request = Request::builder().method(wire.method).uri(format!("{}{query}", wire.path)).body(()).unwrap();
    for (name, value) in headers {
        request
            .headers_mut()
            .append(HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    request
}

/// A request whose body travels in pieces that are signed one by one, each over the signature before it.
pub(crate) fn signed_pieces(wire: Wire, pieces: &[&[u8]]) -> (Request<()>, Vec<u8>) {
    let signing = wire.signing.clone();
    let frame = |size: usize| format!("{size:x};chunk-signature={}\r\n", "0".repeat(64));
    let lengths = pieces.iter().map(|piece| frame(piece.len()).len() + piece.len() + 2);
    let length: usize = lengths.sum::<usize>() + frame(0).len() + 2;
    let decoded: usize = pieces.iter().map(|piece| piece.len()).sum();
    let wire = wire
        .header("content-encoding", "aws-chunked")
        .header("x-amz-decoded-content-length", &decoded.to_string())
        .header("content-length", &length.to_string())
        .sign_with(|signing| signing.payload = Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD".to_owned()));
    let head = sign(wire);
    let authorization = head.headers()["authorization"].to_str().unwrap();
    let mut before = authorization.rsplit('=').next().unwrap().to_owned();
    let (stamp, scope, key) = signing.scope();
    let mut body = Vec::new();
    for piece in pieces.iter().copied().chain([&b""[..]]) {
        let (empty, digest) = (hex(&Sha256::digest(b"")), hex(&Sha256::digest(piece)));
        let text = format!("AWS4-HMAC-SHA256-PAYLOAD\n{stamp}\n{scope}\n{before}\n{empty}\n{digest}");
        before = hex(&mac(&key, text.as_bytes()));
        body.extend_from_slice(format!("{:x};chunk-signature={before}\r\n", piece.len()).as_bytes());
        body.extend_from_slice(piece);
        body.extend_from_slice(b"\r\n");
    }
    (head, body)
}

/// A path as SigV4 spells it: decoded, and encoded again.
fn respell(path: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8().unwrap();
    encode(&decoded, true)
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
