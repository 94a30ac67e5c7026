//! Request targets: the one canonical spelling of a path, and the parameters of a query.

use http::Uri;
use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// What stays as it is in a canonical path: RFC 3986's unreserved characters, and the slash.
const CANONICAL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The same target with its path spelled as SigV4 signs it. S3 decodes and encodes a path before it
/// checks a signature, so a signature over another spelling is wrong; `s3s` would also try the
/// spelling that came in. `None` where the target cannot be spelled.
pub(crate) fn canonical(uri: &Uri) -> Option<Uri> {
    let decoded: Vec<u8> = percent_decode_str(uri.path()).collect();
    let mut target = percent_encode(&decoded, CANONICAL).to_string();
    if let Some(query) = uri.query() {
        target.push('?');
        target.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

/// The value of a query parameter, decoded; the first where it is repeated. Its name may be spelled with percent
/// signs too: whoever looks for it must not be passed by.
pub(crate) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    query?.split('&').find_map(|pair| {
        let (found, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(found) == name).then(|| decode(value))
    })
}

/// Text as it stands in a query, where a plus is a space.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Whether a request's signature covers this header.
pub(crate) fn signs<B>(request: &http::Request<B>, header: &str) -> bool {
    let in_query = parameter(request.uri().query(), "X-Amz-SignedHeaders");
    let in_header = || {
        let text = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
        let (_, rest) = text.split_once("SignedHeaders=")?;
        rest.split(',').next().map(str::to_owned)
    };
    in_query
        .or_else(in_header)
        .is_some_and(|names| names.trim().split(';').any(|name| name.eq_ignore_ascii_case(header)))
}

#[cfg(test)]
mod tests {
    use super::{canonical, parameter};

    #[test]
    fn a_path_is_spelled_as_sigv4_signs_it() {
        let cases = [
            ("/b/a(1)!.txt?x=(1)", "/b/a%281%29%21.txt?x=(1)"),
            ("//a//b", "//a//b"),
            ("/%7ea+b%2f", "/~a%2Bb/"),
            ("/%E2%82%AC", "/%E2%82%AC"),
        ];
        for (given, expected) in cases {
            let uri = canonical(&given.parse().expect("a target"));
            assert_eq!(uri.map(|uri| uri.to_string()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_parameter_is_decoded() {
        assert_eq!(parameter(Some("a=1&b=x%20y"), "b").as_deref(), Some("x y"));
        assert_eq!(parameter(Some("uploads"), "uploads").as_deref(), Some(""));
        assert_eq!(parameter(Some("partNumbe%72=2"), "partNumber").as_deref(), Some("2"));
        assert_eq!(parameter(None, "a"), None);
    }
}
