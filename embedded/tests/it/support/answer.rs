//! An answer, read to its end, to look into.

use bytes::Bytes;
use embedded::Body;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;

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

    /// The text of every element of that name, its references resolved.
    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let (empty, open, close) = (format!("<{name}/>"), format!("<{name}>"), format!("</{name}>"));
        let text = self.text().replace(&empty, &format!("{open}{close}"));
        text.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(inner, _)| resolve(inner)).collect()
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

/// Text of XML with its references resolved: a quotation mark may be spelled in three ways.
fn resolve(text: &str) -> String {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        resolved.push_str(before);
        let (name, after) = behind.split_once(';').expect("a reference ends");
        resolved.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let digits = number.strip_prefix('#').unwrap_or_else(|| panic!("&{name};"));
                let code = match digits.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => digits.parse(),
                };
                code.ok().and_then(char::from_u32).unwrap_or_else(|| panic!("&{name};"))
            }
        });
        rest = after;
    }
    resolved.push_str(rest);
    resolved
}
