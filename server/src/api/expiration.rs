//! How long a script's URL lives: a whole number of seconds within bounds.

use super::refusal::Refusal;

/// The longest life that can be asked for or configured, in seconds: 12 h, as the sample's API always had it, and the
/// longest session of the roles that sign. Source: IAM user guide, maximum session duration.
pub const MAX_EXPIRATION_S: u64 = 12 * 3600;

/// The life where none is asked for, in seconds: 1 h, as the scripts of the sample expect.
const DEFAULT_EXPIRATION_S: u64 = 3600;

/// Reads the parameter `expiration`.
pub(super) fn parse(text: Option<&str>, max: u64) -> Result<u64, Refusal> {
    let Some(text) = text else { return Ok(DEFAULT_EXPIRATION_S.min(max)) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = digits.then(|| text.parse::<u64>().ok()).flatten();
    seconds.filter(|seconds| (1..=max).contains(seconds)).ok_or_else(|| {
        Refusal::invalid(
            "Bad expiration",
            format!("\u{201c}expiration\u{201d} is a whole number of seconds from 1 to {max}."),
            "Leave it out for an hour.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiration_lies_between_a_second_and_twelve_hours() {
        for (text, expected) in [("1", 1), ("3600", 3600), ("43200", 43_200), ("0060", 60)] {
            assert_eq!(parse(Some(text), MAX_EXPIRATION_S).ok(), Some(expected), "{text}");
        }
        for bad in ["", "0", "-1", "+5", "43201", "1.5", "1e3", "abc", " 60", "99999999999999999999"] {
            assert!(parse(Some(bad), MAX_EXPIRATION_S).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_configured_maximum_bounds_wish_and_default() {
        assert_eq!(parse(None, 7200).ok(), Some(3600));
        assert_eq!(parse(None, 900).ok(), Some(900));
        assert_eq!(parse(Some("900"), 900).ok(), Some(900));
        assert!(parse(Some("901"), 900).is_err());
    }
}
