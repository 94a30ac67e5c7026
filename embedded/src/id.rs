//! Random names: version ids, upload ids, request ids and the names of the files that hold bytes.

use std::fmt::Write as _;

/// Random bytes in one id: 128 bits, so that no two ever meet.
const ID_BYTES: usize = 16;

/// A fresh id: 32 lower-case hexadecimal digits.
pub(crate) fn random() -> String {
    let mut bytes = [0_u8; ID_BYTES];
    // The operating system's generator fails only where it does not exist at all.
    getrandom::fill(&mut bytes).expect("the operating system has a random number generator");
    hex(&bytes)
}

/// Whether this could be a fresh id.
pub(crate) fn is_one(id: &str) -> bool {
    id.len() == ID_BYTES * 2 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything written to it");
        text
    })
}
