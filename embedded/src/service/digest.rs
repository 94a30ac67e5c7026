//! Requests that change much with little XML: S3 takes some of them only with a digest of it, and checks every
//! digest that is declared. The protocol layer looks at none.

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt as _, Limited};
use s3s::{Body, S3Result, s3_error};

use crate::checksum::{Algorithm, Checksums, Digests, decode_md5};
use crate::trailer::{self, TrailerError};
use crate::uri::parameter;

/// The largest document: 1,000 keys of 1,024 bytes, each byte escaped. 8 MiB.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// What was found out about a request's document, to be acted on once its signature is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digest {
    Agrees,
    /// S3 asks for one.
    Missing,
    /// What is declared is none.
    Invalid,
    /// What is declared is another's.
    Differs,
    /// An algorithm is named, and no checksum of it is there.
    Unkept,
    /// What was to come behind the document is not as it must be.
    Trailer(TrailerError),
}

impl Digest {
    /// # Errors
    /// `InvalidRequest`, `InvalidDigest`, `BadDigest`.
    pub(crate) fn check(self) -> S3Result<()> {
        match self {
            Self::Agrees => Ok(()),
            Self::Missing => Err(s3_error!(
                InvalidRequest,
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
            )),
            Self::Invalid => Err(s3_error!(InvalidDigest)),
            Self::Differs => Err(s3_error!(BadDigest)),
            Self::Unkept => Err(s3_error!(
                InvalidRequest,
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer \
                 headers were found."
            )),
            Self::Trailer(error) => Err(error.into()),
        }
    }
}

/// Whether S3 takes the document of this request only with a digest. `None` where there is no document.
fn required<B>(request: &Request<B>) -> Option<bool> {
    let has = |name: &str| parameter(request.uri().query(), name).is_some();
    match *request.method() {
        Method::POST if has("delete") => Some(true),
        Method::PUT if has("cors") || has("lifecycle") => Some(true),
        Method::PUT => {
            ["encryption", "policy", "publicAccessBlock", "tagging", "versioning"].into_iter().any(has).then_some(false)
        }
        _ => None,
    }
}

/// Collects a document and leaves what its digests say among the request's extensions.
pub(super) async fn collect(request: Request<Body>) -> Request<Body> {
    let Some(required) = required(&request) else {
        return request;
    };
    let (mut parts, body) = request.into_parts();
    let Ok(document) = Limited::new(body, MAX_BYTES).collect().await else {
        // Broken off, or too long: what is left is no document, and is refused as such.
        return Request::from_parts(parts, Body::empty());
    };
    let document = document.to_bytes();
    parts.extensions.insert(verdict(&parts.headers, &document, required));
    Request::from_parts(parts, Body::from(document))
}

fn verdict(headers: &HeaderMap, document: &Bytes, required: bool) -> Digest {
    // The protocol layer takes no document that travels in pieces, and behind a whole one nothing can come.
    if let Err(error) = trailer::promised(headers).and_then(|promised| trailer::kept(promised, None)) {
        return Digest::Trailer(error);
    }
    let mut declared = Checksums::default();
    for algorithm in Algorithm::ALL {
        let value = headers.get(algorithm.header()).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        declared.set(algorithm, value);
    }
    let md5 = headers.get("content-md5").map(|value| decode_md5(value.to_str().unwrap_or_default()));
    if declared.is_empty() && headers.contains_key("x-amz-sdk-checksum-algorithm") {
        return Digest::Unkept;
    }
    if declared.is_empty() && md5.is_none() {
        return if required { Digest::Missing } else { Digest::Agrees };
    }
    let algorithms: Vec<Algorithm> = declared.algorithms().collect();
    let mut digests = Digests::new(&algorithms);
    digests.update(document);
    let found = digests.finish();
    match md5 {
        Some(None) => Digest::Invalid,
        Some(Some(md5)) if md5 != found.md5 => Digest::Differs,
        _ if !found.checksums.agree_with(&declared) => Digest::Differs,
        _ => Digest::Agrees,
    }
}
