//! Digests of bytes as they arrive, the checksums an object keeps, and the whole from its parts.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{self, Checksum as _};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// A checksum algorithm of S3's `x-amz-checksum-*` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Md5,
    Sha1,
    Sha256,
    Sha512,
    XxHash3,
    XxHash64,
    XxHash128,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 10] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::XxHash3,
        Self::XxHash64,
        Self::XxHash128,
    ];

    /// S3's name, as in `x-amz-checksum-algorithm`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::XxHash3 => "XXHASH3",
            Self::XxHash64 => "XXHASH64",
            Self::XxHash128 => "XXHASH128",
        }
    }

    /// By S3's name, in any case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// The header that declares and answers it, in lower case.
    pub(crate) fn header(self) -> String {
        format!("x-amz-checksum-{}", self.name().to_ascii_lowercase())
    }

    /// By the header's name, `x-amz-checksum-crc32`.
    pub(crate) fn from_header(name: &str) -> Option<Self> {
        Self::from_name(name.trim().strip_prefix("x-amz-checksum-")?)
    }

    /// Whether the checksum of a whole can be worked out from those of its parts.
    pub(crate) fn combines(self) -> bool {
        self.crc().is_some()
    }

    fn crc(self) -> Option<crc_fast::CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(crc_fast::CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(crc_fast::CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(crc_fast::CrcAlgorithm::Crc64Nvme),
            _ => None,
        }
    }

    /// Bytes in a digest.
    fn digest_bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme | Self::XxHash3 | Self::XxHash64 => 8,
            Self::Md5 | Self::XxHash128 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// Checksums in base64 by algorithm, and whether they cover the whole or are a checksum of the
/// parts' checksums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksums {
    #[serde(flatten)]
    values: BTreeMap<Algorithm, String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) composite: bool,
}

impl Checksums {
    pub(crate) fn get(&self, algorithm: Algorithm) -> Option<&str> {
        self.values.get(&algorithm).map(String::as_str)
    }

    pub(crate) fn set(&mut self, algorithm: Algorithm, value: Option<String>) {
        if let Some(value) = value {
            self.values.insert(algorithm, value);
        }
    }

    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Algorithm> + '_ {
        self.values.keys().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// `COMPOSITE` or `FULL_OBJECT`.
    pub(crate) fn kind(&self) -> &'static str {
        if self.composite { "COMPOSITE" } else { "FULL_OBJECT" }
    }

    /// Whether every declared value could be one: base64 of the right length.
    pub(crate) fn well_formed(&self) -> bool {
        self.values
            .iter()
            .all(|(algorithm, value)| BASE64.decode(value).is_ok_and(|digest| digest.len() == algorithm.digest_bytes()))
    }

    /// Whether none of the declared values contradicts these.
    pub(crate) fn agree_with(&self, declared: &Self) -> bool {
        declared.values.iter().all(|(algorithm, value)| self.values.get(algorithm).is_none_or(|mine| mine == value))
    }

    /// Whether each of the declared values is one of these.
    pub(crate) fn hold(&self, declared: &Self) -> bool {
        declared.values.iter().all(|(algorithm, value)| self.get(*algorithm) == Some(value))
    }

    /// As GetObjectAttributes answers them: a checksum of checksums without the number of parts behind it.
    pub(crate) fn without_count(&self) -> Self {
        let bare = |value: &String| value.split('-').next().unwrap_or_default().to_owned();
        let values = self.values.iter().map(|(algorithm, value)| (*algorithm, bare(value)));
        Self { values: values.collect(), composite: self.composite }
    }

    /// Only this algorithm's checksum.
    pub(crate) fn only(&self, algorithm: Algorithm) -> Self {
        let mut only = Self { composite: self.composite, ..Self::default() };
        only.set(algorithm, self.get(algorithm).map(str::to_owned));
        only
    }

    pub(crate) fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    pub(crate) fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// Digests being worked out while bytes arrive.
pub(crate) struct Digests {
    md5: crypto::Md5,
    sums: ChecksumHasher,
    size_bytes: u64,
}

/// What arrived.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    pub(crate) size_bytes: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) checksums: Checksums,
}

impl Digests {
    /// MD5, which makes the ETag, and the algorithms asked for.
    pub(crate) fn new(algorithms: &[Algorithm]) -> Self {
        let mut sums = ChecksumHasher::default();
        for algorithm in algorithms {
            match algorithm {
                Algorithm::Crc32 => sums.crc32 = Some(crypto::Crc32::new()),
                Algorithm::Crc32c => sums.crc32c = Some(crypto::Crc32c::new()),
                Algorithm::Crc64Nvme => sums.crc64nvme = Some(crypto::Crc64Nvme::new()),
                Algorithm::Md5 => sums.md5 = Some(crypto::Md5::new()),
                Algorithm::Sha1 => sums.sha1 = Some(crypto::Sha1::new()),
                Algorithm::Sha256 => sums.sha256 = Some(crypto::Sha256::new()),
                Algorithm::Sha512 => sums.sha512 = Some(crypto::Sha512::new()),
                Algorithm::XxHash3 => sums.xxhash3 = Some(crypto::XxHash3::new()),
                Algorithm::XxHash64 => sums.xxhash64 = Some(crypto::XxHash64::new()),
                Algorithm::XxHash128 => sums.xxhash128 = Some(crypto::XxHash128::new()),
            }
        }
        Self { md5: crypto::Md5::new(), sums, size_bytes: 0 }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.sums.update(bytes);
        self.size_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    }

    pub(crate) fn finish(self) -> Finished {
        let sums = self.sums.finalize();
        let mut checksums = Checksums::default();
        checksums.set(Algorithm::Crc32, sums.checksum_crc32);
        checksums.set(Algorithm::Crc32c, sums.checksum_crc32c);
        checksums.set(Algorithm::Crc64Nvme, sums.checksum_crc64nvme);
        checksums.set(Algorithm::Md5, sums.checksum_md5);
        checksums.set(Algorithm::Sha1, sums.checksum_sha1);
        checksums.set(Algorithm::Sha256, sums.checksum_sha256);
        checksums.set(Algorithm::Sha512, sums.checksum_sha512);
        checksums.set(Algorithm::XxHash3, sums.checksum_xxhash3);
        checksums.set(Algorithm::XxHash64, sums.checksum_xxhash64);
        checksums.set(Algorithm::XxHash128, sums.checksum_xxhash128);
        Finished { size_bytes: self.size_bytes, md5: self.md5.finalize(), checksums }
    }
}

/// `x-amz-sdk-checksum-algorithm` names the algorithm of a checksum that is there, or is to come.
///
/// # Errors
/// `InvalidRequest`.
pub(crate) fn check_named(headers: &HeaderMap, given: Option<Algorithm>) -> S3Result<()> {
    let Some(name) = headers.get("x-amz-sdk-checksum-algorithm") else {
        return Ok(());
    };
    let named = name.to_str().ok().and_then(Algorithm::from_name);
    if named.is_none() || given.is_some_and(|given| Some(given) != named) {
        return Err(s3_error!(InvalidRequest, "Value for x-amz-sdk-checksum-algorithm header is invalid."));
    }
    if given.is_none() {
        return Err(s3_error!(
            InvalidRequest,
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers \
             were found."
        ));
    }
    Ok(())
}

/// Reads a digest in base64, as `Content-MD5` carries it.
pub(crate) fn decode_md5(text: &str) -> Option<[u8; 16]> {
    BASE64.decode(text.trim()).ok()?.try_into().ok()
}

/// The checksum of the whole from the parts' `(checksum, size)`, for a CRC.
pub(crate) fn combine<'a>(algorithm: Algorithm, parts: impl IntoIterator<Item = (&'a str, u64)>) -> Option<String> {
    let crc = algorithm.crc()?;
    let mut whole: Option<u64> = None;
    for (checksum, size_bytes) in parts {
        let part = BASE64.decode(checksum).ok()?.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
        whole = Some(match whole {
            None => part,
            Some(before) => crc_fast::checksum_combine(crc, before, part, size_bytes),
        });
    }
    let bytes = whole?.to_be_bytes();
    Some(BASE64.encode(bytes.get(bytes.len() - algorithm.digest_bytes()..)?))
}

/// The checksum over the parts' raw checksums, with the number of parts: `…-3`.
pub(crate) fn composite<'a>(algorithm: Algorithm, parts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut digests = Digests::new(&[algorithm]);
    let mut count = 0_usize;
    for checksum in parts {
        digests.update(&BASE64.decode(checksum).ok()?);
        count += 1;
    }
    let whole = digests.finish().checksums;
    Some(format!("{}-{count}", whole.get(algorithm)?))
}

/// A multipart object's ETag: MD5 over the parts' raw MD5s, and their number.
pub(crate) fn multipart_etag<'a>(parts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut md5 = crypto::Md5::new();
    let mut count = 0_usize;
    for etag in parts {
        let digits = etag.as_bytes();
        for pair in digits.chunks_exact(2) {
            let byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
            md5.update(&[byte]);
        }
        count += 1;
    }
    Some(format!("{}-{count}", crate::id::hex(&md5.finalize())))
}

/// Reads the checksums a request declares from the fields that all such inputs share.
macro_rules! declared_checksums {
    ($input:expr) => {{
        let mut declared = $crate::checksum::Checksums::default();
        declared.set($crate::checksum::Algorithm::Crc32, $input.checksum_crc32.clone());
        declared.set($crate::checksum::Algorithm::Crc32c, $input.checksum_crc32c.clone());
        declared.set($crate::checksum::Algorithm::Crc64Nvme, $input.checksum_crc64nvme.clone());
        declared.set($crate::checksum::Algorithm::Md5, $input.checksum_md5.clone());
        declared.set($crate::checksum::Algorithm::Sha1, $input.checksum_sha1.clone());
        declared.set($crate::checksum::Algorithm::Sha256, $input.checksum_sha256.clone());
        declared.set($crate::checksum::Algorithm::Sha512, $input.checksum_sha512.clone());
        declared.set($crate::checksum::Algorithm::XxHash3, $input.checksum_xxhash3.clone());
        declared.set($crate::checksum::Algorithm::XxHash64, $input.checksum_xxhash64.clone());
        declared.set($crate::checksum::Algorithm::XxHash128, $input.checksum_xxhash128.clone());
        declared
    }};
}
pub(crate) use declared_checksums;

/// Writes checksums into the fields that all such outputs share.
macro_rules! answer_checksums {
    ($output:expr, $checksums:expr) => {{
        let sums: &$crate::checksum::Checksums = $checksums;
        let get = |algorithm| sums.get(algorithm).map(str::to_owned);
        $output.checksum_crc32 = get($crate::checksum::Algorithm::Crc32);
        $output.checksum_crc32c = get($crate::checksum::Algorithm::Crc32c);
        $output.checksum_crc64nvme = get($crate::checksum::Algorithm::Crc64Nvme);
        $output.checksum_md5 = get($crate::checksum::Algorithm::Md5);
        $output.checksum_sha1 = get($crate::checksum::Algorithm::Sha1);
        $output.checksum_sha256 = get($crate::checksum::Algorithm::Sha256);
        $output.checksum_sha512 = get($crate::checksum::Algorithm::Sha512);
        $output.checksum_xxhash3 = get($crate::checksum::Algorithm::XxHash3);
        $output.checksum_xxhash64 = get($crate::checksum::Algorithm::XxHash64);
        $output.checksum_xxhash128 = get($crate::checksum::Algorithm::XxHash128);
    }};
}
pub(crate) use answer_checksums;
