//! Compresses an asset once, at build time, as hard as the two formats allow.

use std::io::Write;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Below this a response fits into one packet either way. An Ethernet packet less its headers,
/// in bytes.
const WORTH_IT_BYTES: usize = 1_400;

/// Kinds of file that are not compressed already.
const COMPRESSIBLE: [&str; 8] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// A compressed copy, and the ending that its name gets.
pub(crate) struct Compressed {
    /// `br` or `gz`.
    pub(crate) ending: &'static str,
    /// The copy.
    pub(crate) bytes: Vec<u8>,
}

/// Answers the copies of `bytes` that are smaller than it; none for kinds that do not shrink.
pub(crate) fn compress(extension: &str, bytes: &[u8]) -> Result<Vec<Compressed>> {
    if !COMPRESSIBLE.contains(&extension) || bytes.len() < WORTH_IT_BYTES {
        return Ok(Vec::new());
    }
    let copies = [Compressed { ending: "br", bytes: brotli(bytes)? }, Compressed { ending: "gz", bytes: gzip(bytes)? }];
    Ok(copies.into_iter().filter(|copy| copy.bytes.len() < bytes.len()).collect())
}

fn brotli(mut bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    // Quality 11 and a window of 2^24 bytes: the best that every browser reads.
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    brotli::BrotliCompress(&mut bytes, &mut copy, &params)?;
    Ok(copy)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_copies_hold_the_same_bytes() {
        let bytes = b"a { color: red }\n".repeat(200);
        let copies = compress("css", &bytes).unwrap();
        let [br, gz] = copies.as_slice() else { panic!("two copies") };
        let (mut from_br, mut from_gz) = (Vec::new(), Vec::new());
        brotli::BrotliDecompress(&mut br.bytes.as_slice(), &mut from_br).unwrap();
        flate2::read::GzDecoder::new(gz.bytes.as_slice()).read_to_end(&mut from_gz).unwrap();
        assert_eq!((br.ending, gz.ending), ("br", "gz"));
        assert!(from_br == bytes && from_gz == bytes);
    }

    #[test]
    fn pictures_and_small_assets_stay_single() {
        assert!(compress("png", &[0; 9_000]).unwrap().is_empty());
        assert!(compress("css", &[b' '; 1_000]).unwrap().is_empty());
    }
}
