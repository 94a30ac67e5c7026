//! Keys of white space alone: S3 holds them, and the SDK takes them for unset. It is given another key, and the request
//! gets the right one before it is signed.
//!
//! Only reading needs this: we create no such keys, and URLs are signed without the SDK's clients.

use aws_sdk_s3::config::http::HttpRequest;
use domain::key::ObjectKey;

use super::sigv4::escaped_path;

/// What the SDK is told instead.
const STAND_IN: &str = "white-space-alone";

/// The key, or another one that the SDK takes.
pub(crate) fn for_the_sdk(key: &ObjectKey) -> &str {
    if is_blank(key) { STAND_IN } else { key.as_str() }
}

/// Puts the key where [`for_the_sdk`] put another.
pub(crate) fn restored(key: &ObjectKey) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
    let blank = is_blank(key).then(|| escaped_path(key.as_str()));
    move |request| {
        let Some(blank) = &blank else { return };
        let uri = request.uri();
        let (path, query) = uri.split_at(uri.find('?').unwrap_or(uri.len()));
        if let Some(before) = path.strip_suffix(STAND_IN) {
            let uri = [before, blank.as_str(), query].concat();
            // Escaped text cannot break a URI that was one before.
            let _ = request.set_uri(uri);
        }
    }
}

/// As the SDK looks at it.
fn is_blank(key: &ObjectKey) -> bool {
    key.as_str().trim().is_empty()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

    use super::*;

    fn sent(key: &str, path: &str, query: &str) -> String {
        let key = ObjectKey::parse(key).unwrap();
        let uri = format!("https://files.corp.example{path}{}{query}", for_the_sdk(&key));
        let mut request = HttpRequest::empty();
        request.set_uri(uri).unwrap();
        restored(&key)(&mut request);
        request.uri().to_owned()
    }

    #[test]
    fn a_key_of_white_space_stands_in_the_request_as_it_is() {
        assert_eq!(sent(" ", "/", ""), "https://files.corp.example/%20");
        assert_eq!(
            sent("\u{3000} ", "/bucket/", "?versionId=1"),
            "https://files.corp.example/bucket/%E3%80%80%20?versionId=1"
        );
    }

    #[test]
    fn every_other_key_is_left_to_the_sdk() {
        for key in ["a", " a", STAND_IN] {
            assert_eq!(for_the_sdk(&ObjectKey::parse(key).unwrap()), key);
        }
        assert_eq!(sent(STAND_IN, "/", ""), format!("https://files.corp.example/{STAND_IN}"));
    }
}
