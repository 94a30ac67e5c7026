//! JSON as a page carries it.

use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Written by serde_json on the server. Read, in the browser, by a library that says less about JSON that is none: with
/// words and floats to say it in, the first page would be ten kilobytes larger.
pub(crate) struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, serde_json::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = serde_json_core::de::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        // Where a text with escapes is written out: none is longer than the whole.
        let mut unescaped = vec![0; text.len()];
        serde_json_core::from_str_escaped(text, &mut unescaped).map(|(value, _)| value)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where a value is missing")]

    use std::fmt::Debug;

    use domain::access::BucketName;
    use domain::key::{ObjectKey, Prefix};
    use domain::listing::{ContinuationToken, ETag, ListingPage, ObjectMeta};
    use domain::problem::{Problem, ProblemKind};
    use domain::units::{ByteSize, UnixMillis};

    use super::*;
    use crate::api::objects::{BucketEntry, Listing, Overview};
    use crate::error::ApiError;
    use crate::urls::ListingAddress;

    fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
        let text = Json::encode(value).unwrap();
        assert_eq!(&<Json as Decoder<T>>::decode(&text).unwrap(), value, "{text}");
        // As it stands in a page's script.
        assert_eq!(&<Json as Decoder<T>>::decode(&text.replace('<', "\\u003c")).unwrap(), value, "{text}");
    }

    #[test]
    fn every_character_comes_back_as_it_was() {
        for from in (0..0x0011_0000).step_by(0x400) {
            comes_back(&(from..from + 0x400).filter_map(char::from_u32).collect::<String>());
        }
        for text in ["\"", "\\", "\\\"", "\\\\", "a\\", "\u{0}", "</script>", ""] {
            comes_back(&text.to_owned());
        }
    }

    #[test]
    fn a_page_comes_back_as_it_was() {
        let object = ObjectMeta {
            key: ObjectKey::parse("a \"b\"\\\n/").unwrap(),
            size_bytes: ByteSize(u64::MAX),
            last_modified: UnixMillis(0),
            etag: ETag("\"e\"".to_owned()),
            version_id: Some(String::new()),
            storage_class: None,
            archived: true,
            content_type: None,
            mark: None,
        };
        let page = ListingPage {
            common_prefixes: vec![Prefix::parse("a/").unwrap()],
            objects: vec![object.clone(), object],
            next: Some(ContinuationToken("t".to_owned())),
        };
        comes_back(&Ok::<_, ApiError>(Listing { label: "Files".to_owned(), page }));
        comes_back(&Ok::<_, ApiError>(Listing { label: String::new(), page: ListingPage::default() }));
        comes_back(&Err::<Listing, _>(ApiError(Problem::new(ProblemKind::UploadNotFound, "a", "b", "c"))));
        comes_back(&ListingAddress::parse(BucketName("b".to_owned()), "?prefix=a%3C/&starts_with=%22&from=t").ok());
        let bucket = BucketEntry { name: BucketName("b".to_owned()), label: "B".to_owned() };
        comes_back(&Overview { user: "u".to_owned(), buckets: vec![bucket], max_link_s: 1 });
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for text in ["", "{", "{\"user\":1}", "{\"user\":\"u\",\"buckets\":[],\"max_link_s\":1.5}", "<html>"] {
            assert!(<Json as Decoder<Overview>>::decode(text).is_err(), "{text}");
        }
    }
}
