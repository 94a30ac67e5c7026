//! From the SDK's answers to the domain's values.

use aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{EncodingType, Object, StorageClass};
use domain::key::{ObjectKey, Prefix};
use domain::listing::{ContinuationToken, ETag, ListingPage, ObjectMeta, UploadMark};
use domain::store::{StoreError, StoredObject};
use domain::units::{ByteSize, UnixMillis};
use percent_encoding::percent_decode;

use super::error::unexpected;

/// The storage class that goes without saying.
const STANDARD: &str = "STANDARD";

/// What `x-amz-restore` says once a restored copy can be read.
const RESTORED: &str = "ongoing-request=\"false\"";

/// Under which name an object's metadata holds the mark of the upload that stored it; S3 knows it as
/// `x-amz-meta-causeway-upload`.
pub(crate) const MARK: &str = "causeway-upload";

/// A page without what belongs to the portal itself.
///
/// The SDK leaves keys as S3 escaped them. Without that escaping, XML could not carry every key.
pub(crate) fn listing_page(output: ListObjectsV2Output) -> Result<ListingPage, StoreError> {
    let escaped = output.encoding_type == Some(EncodingType::Url);
    let mut page = ListingPage::default();
    for common in output.common_prefixes.unwrap_or_default() {
        let text = decoded(common.prefix.unwrap_or_default(), escaped)?;
        let prefix = Prefix::parse(text).map_err(|error| unexpected(Box::new(error)))?;
        if !prefix.is_reserved() {
            page.common_prefixes.push(prefix);
        }
    }
    for object in output.contents.unwrap_or_default() {
        let meta = listed(object, escaped)?;
        if !meta.key.is_reserved() {
            page.objects.push(meta);
        }
    }
    if output.is_truncated.unwrap_or_default() {
        let token = output.next_continuation_token.filter(|token| !token.is_empty());
        page.next = Some(ContinuationToken(token.ok_or_else(|| unexpected("a page was cut off without a token"))?));
    }
    Ok(page)
}

fn listed(object: Object, escaped: bool) -> Result<ObjectMeta, StoreError> {
    Ok(ObjectMeta {
        key: ObjectKey::parse(decoded(object.key.unwrap_or_default(), escaped)?)
            .map_err(|error| unexpected(Box::new(error)))?,
        size_bytes: size(object.size)?,
        last_modified: instant(object.last_modified),
        etag: ETag(object.e_tag.unwrap_or_default()),
        version_id: None,
        storage_class: object.storage_class.map(|class| class.as_str().to_owned()).filter(|class| class != STANDARD),
        archived: false,
        content_type: None,
        mark: None,
    })
}

/// S3 writes a space as `+` and a plus as `%2B`.
fn decoded(text: String, escaped: bool) -> Result<String, StoreError> {
    if !escaped {
        return Ok(text);
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode(spaced.as_bytes()).decode_utf8().map_err(|error| unexpected(Box::new(error)))?;
    Ok(decoded.into_owned())
}

/// The answer to a HEAD of `key`.
pub(crate) fn object_meta(key: ObjectKey, output: HeadObjectOutput) -> Result<ObjectMeta, StoreError> {
    Ok(ObjectMeta {
        key,
        archived: is_archived(&output),
        size_bytes: size(output.content_length)?,
        last_modified: instant(output.last_modified),
        etag: ETag(output.e_tag.ok_or_else(|| unexpected("a HEAD was answered without an ETag"))?),
        version_id: output.version_id,
        storage_class: output.storage_class.map(|class| class.as_str().to_owned()).filter(|class| class != STANDARD),
        content_type: output.content_type,
        mark: output.metadata.and_then(|mut metadata| metadata.remove(MARK)).map(UploadMark),
    })
}

/// Whether S3 would refuse a GET until the object is restored: one of the archives' classes or tiers, without a copy that
/// a restore has finished. Source: S3 API reference, HeadObject, `x-amz-restore` and `x-amz-archive-status`.
fn is_archived(output: &HeadObjectOutput) -> bool {
    let lies_in_archive = output.archive_status.is_some()
        || matches!(output.storage_class, Some(StorageClass::Glacier | StorageClass::DeepArchive));
    let is_restored = output.restore.as_deref().is_some_and(|restore| restore.contains(RESTORED));
    lies_in_archive && !is_restored
}

/// The answer to CompleteMultipartUpload; `None` where the store does not tell the ETag.
pub(crate) fn stored_object(output: CompleteMultipartUploadOutput) -> Option<StoredObject> {
    let etag = output.e_tag.filter(|etag| !etag.is_empty())?;
    Some(StoredObject { etag: ETag(etag), version_id: output.version_id })
}

/// A size that S3 states; it is never left out and never negative.
pub(crate) fn size(bytes: Option<i64>) -> Result<ByteSize, StoreError> {
    let bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok());
    bytes.map(ByteSize).ok_or_else(|| unexpected("S3 stated no size"))
}

fn instant(time: Option<DateTime>) -> UnixMillis {
    let millis = time.and_then(|time| time.to_millis().ok()).and_then(|millis| u64::try_from(millis).ok());
    UnixMillis(millis.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{ArchiveStatus, CommonPrefix, ObjectStorageClass};

    fn object(key: &str) -> Object {
        Object::builder().key(key).size(1).e_tag("\"e\"").storage_class(ObjectStorageClass::Standard).build()
    }

    #[test]
    fn escaped_keys_come_back_byte_for_byte() {
        let output = ListObjectsV2Output::builder()
            .encoding_type(EncodingType::Url)
            .contents(object("a+b%2Bc%25%0A%C3%BC%2F/"))
            .common_prefixes(CommonPrefix::builder().prefix("x%20y/").build())
            .build();
        let page = listing_page(output).expect("a page");
        assert_eq!(page.objects[0].key.as_str(), "a b+c%\nü//");
        assert_eq!(page.objects[0].storage_class, None);
        assert_eq!(page.common_prefixes[0].as_str(), "x y/");
    }

    #[test]
    fn keys_that_a_store_did_not_escape_are_left_alone() {
        let page = listing_page(ListObjectsV2Output::builder().contents(object("a+b%2B")).build()).expect("a page");
        assert_eq!(page.objects[0].key.as_str(), "a+b%2B");
    }

    #[test]
    fn the_portals_own_records_are_never_listed() {
        let output = ListObjectsV2Output::builder()
            .contents(object(".causeway/links/1"))
            .contents(object(".causewayfile"))
            .common_prefixes(CommonPrefix::builder().prefix(".causeway/").build())
            .build();
        let page = listing_page(output).expect("a page");
        assert_eq!(page.objects.len(), 1);
        assert!(page.common_prefixes.is_empty());
    }

    #[test]
    fn what_lies_in_an_archive_cannot_be_read_until_its_restore_has_finished() {
        let head = || HeadObjectOutput::builder().content_length(1).e_tag("\"e\"");
        let is_archived = |output| {
            let key = ObjectKey::parse("a").expect("a key");
            object_meta(key, output).expect("a meta").archived
        };
        for class in [StorageClass::Glacier, StorageClass::DeepArchive] {
            let head = || head().storage_class(class.clone());
            assert!(is_archived(head().build()), "{class}");
            assert!(is_archived(head().restore("ongoing-request=\"true\"").build()), "{class}");
            let restored = "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"";
            assert!(!is_archived(head().restore(restored).build()), "{class}");
        }
        for class in [StorageClass::GlacierIr, StorageClass::StandardIa, StorageClass::IntelligentTiering] {
            assert!(!is_archived(head().storage_class(class.clone()).build()), "{class}");
        }
        let tier = head().storage_class(StorageClass::IntelligentTiering).archive_status(ArchiveStatus::ArchiveAccess);
        assert!(is_archived(tier.build()));
        assert!(!is_archived(head().build()));
    }

    #[test]
    fn a_page_cut_off_without_a_token_is_an_error() {
        let output = ListObjectsV2Output::builder().is_truncated(true).build();
        assert!(matches!(listing_page(output), Err(StoreError::Unexpected(_))));
    }
}
