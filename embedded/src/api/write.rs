//! PutObject: a body received, its digests checked, and a version made of it in one transaction.

use http::HeaderMap;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, TrailingHeaders, s3_error};

use super::Api;
use super::convert::{self, check_acl, etag, signed, stored_headers, tags_from_header};
use crate::body::{self, Received};
use crate::checksum::{self, Algorithm, Checksums, answer_checksums, declared_checksums};
use crate::id;
use crate::store::object::{DEFAULT_ENCRYPTION, NewBytes, NewVersion, ObjectHeaders, WriteCondition};
use crate::store::{buckets, now_ms, versions};
use crate::trailer::{self, TrailerError};

/// User metadata that an object may carry: names and values together. 2 KiB.
/// Source: S3 user guide, working with object metadata.
const MAX_METADATA_BYTES: usize = 2 * 1024;

/// The checksum headers of a request, and how its body is to be digested.
pub(super) struct Declared {
    checksums: Checksums,
    md5: Option<[u8; 16]>,
    /// The algorithm of the checksum that is to come behind the body.
    promised: Option<Algorithm>,
    /// Algorithms to work out: those declared and promised, and what the caller adds.
    pub(super) algorithms: Vec<Algorithm>,
}

impl Declared {
    /// Reads `Content-MD5`, `x-amz-checksum-*`, `x-amz-sdk-checksum-algorithm`, and the names of
    /// checksums that will come in the trailer.
    ///
    /// # Errors
    /// `InvalidDigest`, and `InvalidRequest` for checksums that are none or are more than one, and for an algorithm
    /// without its checksum.
    pub(super) fn read(checksums: Checksums, content_md5: Option<&str>, headers: &HeaderMap) -> S3Result<Self> {
        let md5 =
            content_md5.map(|text| checksum::decode_md5(text).ok_or_else(|| s3_error!(InvalidDigest))).transpose()?;
        if !checksums.well_formed() {
            return Err(s3_error!(InvalidRequest, "Value for x-amz-checksum header is invalid."));
        }
        let promised = trailer::promised(headers)?;
        let algorithms: Vec<Algorithm> = checksums.algorithms().chain(promised).collect();
        if algorithms.len() > 1 {
            return Err(TrailerError::Several.into());
        }
        checksum::check_named(headers, algorithms.first().copied())?;
        Ok(Self { checksums, md5, promised, algorithms })
    }

    /// Takes the body in and compares what arrived with what was declared, in headers or behind it.
    ///
    /// # Errors
    /// Those of [`body::receive`], `BadDigest`, and `MalformedTrailerError` where another trailer came than was
    /// promised, or none. Nothing is left of the body then.
    pub(super) async fn receive(
        &self,
        api: &Api,
        body: Option<StreamingBlob>,
        length_bytes: u64,
        trailers: Option<&TrailingHeaders>,
    ) -> S3Result<Received> {
        let received = body::receive(&api.store, body, length_bytes, &self.algorithms).await?;
        match self.check(&received, trailers) {
            Ok(()) => Ok(received),
            Err(failure) => {
                received.bytes.discard().await;
                Err(failure)
            }
        }
    }

    fn check(&self, received: &Received, trailers: Option<&TrailingHeaders>) -> S3Result<()> {
        let trailers = trailers.and_then(TrailingHeaders::take);
        let trailing = trailer::kept(self.promised, trailers.as_ref())?;
        if self.md5.is_some_and(|md5| md5 != received.digests.md5) {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
        let found = &received.digests.checksums;
        if !found.agree_with(&self.checksums) || !found.agree_with(&trailing) {
            return Err(s3_error!(BadDigest, "The checksum you specified did not match the calculated checksum."));
        }
        Ok(())
    }
}

pub(super) async fn put_object(
    api: &Api,
    mut request: S3Request<PutObjectInput>,
) -> S3Result<S3Response<PutObjectOutput>> {
    let body = request.input.body.take();
    let input = request.input;
    check_acl(input.acl.as_ref().map(ObjectCannedACL::as_str))?;
    refuse_customer_keys(input.sse_customer_algorithm.as_ref())?;
    if input.write_offset_bytes.is_some() {
        return Err(s3_error!(NotImplemented, "A header you provided implies functionality that is not implemented"));
    }
    let length_bytes = length(input.content_length)?;
    let headers = stored_headers!(input);
    check_headers(&headers)?;
    let tags = tags_from_header(input.tagging.as_deref())?;
    let mut declared = Declared::read(declared_checksums!(input), input.content_md5.as_deref(), &request.headers)?;
    if declared.algorithms.is_empty() {
        declared.algorithms.push(Algorithm::Crc64Nvme);
    }
    let name = input.bucket.clone();
    api.store.read(move |tx| buckets::find(tx, &name)).await?;

    let condition = write_condition(input.if_match, input.if_none_match)?;
    let Received { digests, bytes } =
        declared.receive(api, body, length_bytes, request.trailing_headers.as_ref()).await?;
    let new = NewVersion {
        size_bytes: digests.size_bytes,
        etag: id::hex(&digests.md5),
        parts: None,
        headers,
        checksums: digests.checksums,
        tags,
        modified_ms: now_ms(),
        bytes: NewBytes::Staged(bytes.into_inner()),
    };
    let (name, key) = (input.bucket, input.key);
    let (stored, version_id) = api
        .store
        .write(move |change| {
            let bucket = buckets::find(&change.tx, &name)?;
            let stored = versions::put(change, &bucket, &key, new, &condition)?;
            let version_id = convert::version_id(&bucket, &stored.version);
            Ok((stored, version_id))
        })
        .await?;
    let mut output = PutObjectOutput {
        e_tag: Some(etag(&stored.etag)),
        server_side_encryption: Some(ServerSideEncryption::from(stored.headers.encryption())),
        ssekms_key_id: stored.headers.kms_key_id.clone(),
        version_id,
        checksum_type: Some(ChecksumType::from_static(stored.checksums.kind())),
        ..PutObjectOutput::default()
    };
    answer_checksums!(output, &stored.checksums);
    Ok(S3Response::new(output))
}

/// A body's declared length.
///
/// # Errors
/// `MissingContentLength` (411).
pub(super) fn length(declared: Option<i64>) -> S3Result<u64> {
    declared.and_then(|length| u64::try_from(length).ok()).ok_or_else(|| s3_error!(MissingContentLength))
}

/// A write's conditions, in the forms that S3 takes.
///
/// # Errors
/// `NotImplemented` for `If-None-Match` with an ETag and for `If-Match: *`, as on S3.
pub(super) fn write_condition(
    if_match: Option<ETagCondition>,
    if_none_match: Option<ETagCondition>,
) -> S3Result<WriteCondition> {
    if matches!(if_none_match, Some(ETagCondition::ETag(_))) || matches!(if_match, Some(ETagCondition::Any)) {
        return Err(s3_error!(NotImplemented, "A header you provided implies functionality that is not implemented"));
    }
    Ok(WriteCondition { if_match, if_none_match })
}

/// S3's classes for objects of a general purpose bucket. Source: S3 API reference, PutObject.
const CLASSES: [&str; 8] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
];

/// S3's server-side encryptions. Source: S3 API reference, PutObject.
pub(super) const ENCRYPTIONS: [&str; 3] = [DEFAULT_ENCRYPTION, "aws:kms", "aws:kms:dsse"];

/// Headers that S3 knows, and user metadata within its limit.
///
/// # Errors
/// `InvalidStorageClass`, `InvalidEncryptionAlgorithmError`, `MetadataTooLarge`.
pub(super) fn check_headers(headers: &ObjectHeaders) -> S3Result<()> {
    if !CLASSES.contains(&headers.storage_class().as_str()) {
        return Err(s3_error!(InvalidStorageClass));
    }
    if !ENCRYPTIONS.contains(&headers.encryption().as_str()) {
        return Err(s3_error!(
            InvalidEncryptionAlgorithmError,
            "The encryption request you specified is not valid. Supported value: AES256."
        ));
    }
    let size: usize = headers.user.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MAX_METADATA_BYTES { Err(s3_error!(MetadataTooLarge)) } else { Ok(()) }
}

/// Keys that the customer brings are not kept here.
///
/// # Errors
/// `NotImplemented`.
pub(super) fn refuse_customer_keys(algorithm: Option<&String>) -> S3Result<()> {
    if algorithm.is_some() {
        Err(s3_error!(NotImplemented, "Encryption with customer keys is not implemented."))
    } else {
        Ok(())
    }
}

/// A size in the protocol's answers.
pub(super) fn size(bytes: u64) -> Option<i64> {
    Some(signed(bytes))
}
