//! Every address of the portal: keys and prefixes travel only in the query, where nobody normalises them.
//!
//! The router's own query map decodes twice, so that `100%25` would become `100%`; addresses are read here instead.

use domain::access::BucketName;
use domain::key::{ObjectKey, Prefix};
use domain::listing::ContinuationToken;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// What stands as it is in a query: RFC 3986's unreserved characters, and `/`, which a query may hold.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The page that lists the buckets.
pub const BUCKETS: &str = "/";

/// A page of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingAddress {
    /// Which bucket.
    pub bucket: BucketName,
    /// The level that is shown.
    pub prefix: Prefix,
    /// Only names that begin so; empty for all.
    pub starts_with: String,
    /// Where the page begins; `None` for the first.
    pub from: Option<ContinuationToken>,
}

/// An address that nobody could have got from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadAddress {
    /// A value is not percent-encoded UTF-8.
    NotText,
    /// A value that the page needs is missing.
    Missing,
    /// The prefix is too long, or does not end in a slash.
    NotAPrefix,
    /// The key is empty or too long.
    NotAKey,
}

impl ListingAddress {
    /// The first page of everything at one level.
    pub fn new(bucket: BucketName, prefix: Prefix) -> Self {
        Self { bucket, prefix, starts_with: String::new(), from: None }
    }

    /// Reads the query of a listing's address. A form without scripts sends a filter as it was typed: what stands before a
    /// slash there leads down, as it does when a script reads the same field.
    ///
    /// # Errors
    /// [`BadAddress`] where it holds no prefix.
    pub fn parse(bucket: BucketName, search: &str) -> Result<Self, BadAddress> {
        let prefix = Prefix::parse(parameter(search, "prefix")?.unwrap_or_default());
        let level = Self::new(bucket, prefix.map_err(|_| BadAddress::NotAPrefix)?);
        let from = parameter(search, "from")?.filter(|token| !token.is_empty()).map(ContinuationToken);
        Ok(Self { from, ..level.narrowed_to(&parameter(search, "starts_with")?.unwrap_or_default())? })
    }

    /// The same level and names, from the start.
    pub fn first_page(&self) -> Self {
        Self { from: None, ..self.clone() }
    }

    /// The page that begins at `token`.
    pub fn page_from(&self, token: ContinuationToken) -> Self {
        Self { from: Some(token), ..self.clone() }
    }

    /// The same level, narrowed to names that begin with `text`. What stands before a slash leads down to that level.
    ///
    /// # Errors
    /// [`BadAddress::NotAPrefix`] where the prefix would be longer than any key.
    pub fn narrowed_to(&self, text: &str) -> Result<Self, BadAddress> {
        let at = text.rfind('/').map_or(0, |at| at + 1);
        let (below, starts_with) = text.split_at(at);
        let prefix = Prefix::parse([self.prefix.as_str(), below].concat()).map_err(|_| BadAddress::NotAPrefix)?;
        Ok(Self { bucket: self.bucket.clone(), prefix, starts_with: starts_with.to_owned(), from: None })
    }

    /// Path and query.
    pub fn href(&self) -> String {
        let mut href = bucket(&self.bucket);
        let token = self.from.as_ref().map_or("", |token| &token.0);
        push_query(&mut href, &[("prefix", self.prefix.as_str()), ("starts_with", &self.starts_with), ("from", token)]);
        href
    }
}

/// The first page of a listing.
pub fn listing(bucket: &BucketName, prefix: &Prefix) -> String {
    ListingAddress::new(bucket.clone(), prefix.clone()).href()
}

/// The start of a bucket's listing.
pub fn bucket(bucket: &BucketName) -> String {
    let mut href = "/b/".to_owned();
    href.extend(utf8_percent_encode(&bucket.0, IN_QUERY));
    href
}

/// The page that answers a redirect to a freshly signed GET.
pub fn download(bucket: &BucketName, key: &ObjectKey) -> String {
    let mut href = self::bucket(bucket);
    href.push_str("/download");
    push_query(&mut href, &[("key", key.as_str())]);
    href
}

/// A share link, in full, for a token of letters, digits, `-`, `_` and `.`.
pub fn share_link(portal_origin: &str, token: &str) -> String {
    [portal_origin, "/s/", token].concat()
}

/// The key in the query of a download's address.
///
/// # Errors
/// [`BadAddress`] where it holds none.
pub fn key_of_download(search: &str) -> Result<ObjectKey, BadAddress> {
    let key = parameter(search, "key")?.ok_or(BadAddress::Missing)?;
    ObjectKey::parse(key).map_err(|_| BadAddress::NotAKey)
}

/// Appends the values that are not empty.
fn push_query(href: &mut String, values: &[(&str, &str)]) {
    let mut separator = '?';
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        href.push(separator);
        href.push_str(name);
        href.push('=');
        href.extend(utf8_percent_encode(value, IN_QUERY));
        separator = '&';
    }
}

/// A value of a query, decoded once. `+` is a space, as forms write it.
fn parameter(search: &str, name: &str) -> Result<Option<String>, BadAddress> {
    let pairs = search.strip_prefix('?').unwrap_or(search).split('&');
    let raw = pairs.filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name);
    raw.map(|(_, value)| {
        let spaced = value.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().map(|text| text.into_owned()).map_err(|_| BadAddress::NotText)
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where a value is missing")]

    use super::*;

    /// Names that browsers, routers and proxies like to change.
    const ODD: &[&str] = &[
        "//",
        "../",
        "./a/../b/",
        "/",
        "/leading/",
        "a//b/",
        "100%25/",
        "%2F/",
        "a+b c/",
        "#?&=;/",
        "\u{0}\u{1f}\u{7f}\u{85}/",
        "\r\n\t/",
        "e\u{301}/",
        "\u{e9}/",
        "\u{1f409}/",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}/",
        "\u{202e}txt.exe/",
        "\"'<>\\/",
        "~[]{}|^`/",
    ];

    fn files() -> BucketName {
        BucketName("files".to_owned())
    }

    #[test]
    fn every_prefix_comes_back_byte_for_byte() {
        for odd in ODD {
            let address = ListingAddress {
                starts_with: odd.replace('/', "\\"),
                from: Some(ContinuationToken("1+a/b==&c".to_owned())),
                ..ListingAddress::new(files(), Prefix::parse(*odd).unwrap())
            };
            let href = address.href();
            let search = href.split_once('?').unwrap().1;
            assert_eq!(ListingAddress::parse(files(), search), Ok(address), "{href}");
        }
    }

    #[test]
    fn every_key_comes_back_byte_for_byte() {
        for odd in ODD {
            let key = ObjectKey::parse(*odd).unwrap();
            let href = download(&files(), &key);
            assert!(href.starts_with("/b/files/download?key="), "{href}");
            assert_eq!(key_of_download(href.split_once('?').unwrap().1), Ok(key), "{href}");
        }
    }

    #[test]
    fn an_address_is_plain_ascii_that_needs_no_escaping_in_html() {
        for odd in ODD {
            let href = download(&files(), &ObjectKey::parse(*odd).unwrap());
            assert!(href.chars().all(|c| c.is_ascii_alphanumeric() || "/?=%-._~".contains(c)), "{href}");
        }
    }

    #[test]
    fn the_first_page_of_a_bucket_has_no_query() {
        assert_eq!(listing(&files(), &Prefix::root()), "/b/files");
    }

    #[test]
    fn a_readable_prefix_stays_readable() {
        assert_eq!(listing(&files(), &Prefix::parse("reports/2026/").unwrap()), "/b/files?prefix=reports/2026/");
    }

    #[test]
    fn a_form_may_write_a_space_as_plus() {
        assert_eq!(ListingAddress::parse(files(), "?starts_with=a+b%2B").unwrap().starts_with, "a b+");
    }

    #[test]
    fn broken_addresses_are_refused() {
        assert_eq!(ListingAddress::parse(files(), "prefix=%ff/"), Err(BadAddress::NotText));
        assert_eq!(ListingAddress::parse(files(), "prefix=a"), Err(BadAddress::NotAPrefix));
        assert_eq!(key_of_download(""), Err(BadAddress::Missing));
        assert_eq!(key_of_download("key="), Err(BadAddress::NotAKey));
        assert_eq!(key_of_download(&["key=", &"a".repeat(1025)].concat()), Err(BadAddress::NotAKey));
    }

    #[test]
    fn a_filter_with_a_slash_means_the_same_sent_by_a_form_and_typed_in_a_page() {
        let at = ListingAddress::new(files(), Prefix::parse("a/").unwrap());
        for typed in ["re", "b/re", "b/", "/", "//x", "b/c/", ""] {
            let sent = format!("prefix=a/&starts_with={typed}");
            let parsed = ListingAddress::parse(files(), &sent).unwrap();
            assert_eq!(parsed, at.narrowed_to(typed).unwrap(), "{sent}");
            let href = parsed.href();
            let again = ListingAddress::parse(files(), href.split_once('?').unwrap().1);
            assert_eq!(again, Ok(parsed), "{href}");
        }
        let below = ListingAddress::parse(files(), "prefix=a/&starts_with=b/re&from=x").unwrap();
        assert_eq!(below.from, Some(ContinuationToken("x".to_owned())));
        let long = format!("prefix=a/&starts_with={}", "x/".repeat(600));
        assert_eq!(ListingAddress::parse(files(), &long), Err(BadAddress::NotAPrefix));
    }

    #[test]
    fn typing_a_slash_leads_down_to_that_level() {
        let at = ListingAddress::new(files(), Prefix::parse("a/").unwrap());
        let narrowed = at.narrowed_to("b/c/re").unwrap();
        assert_eq!((narrowed.prefix.as_str(), narrowed.starts_with.as_str()), ("a/b/c/", "re"));
        let narrowed = at.narrowed_to("re").unwrap();
        assert_eq!((narrowed.prefix.as_str(), narrowed.starts_with.as_str()), ("a/", "re"));
        assert_eq!(at.narrowed_to(&"x/".repeat(600)), Err(BadAddress::NotAPrefix));
    }
}
