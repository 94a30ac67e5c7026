//! Names, sizes and instants as text that is the same for everybody; the reader's own locale follows in the browser.
//!
//! All in whole numbers: formatting floats would cost the first page several kilobytes.

use domain::units::{ByteSize, UnixMillis};

/// Decimal units, by the thousand, as the international system of units has them.
const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];

/// A size in at most three digits: `0 B`, `999 B`, `1.2 kB`, `48.8 TB`.
pub fn size(size: ByteSize) -> String {
    if size.0 < 1000 {
        return [&size.0.to_string(), " B"].concat();
    }
    let mut scale = 1;
    let mut text = String::new();
    for unit in UNITS {
        scale *= 1000;
        let tenths = size.0.saturating_add(scale / 20) / (scale / 10);
        let whole = size.0.saturating_add(scale / 2) / scale;
        text = if tenths < 1000 && !tenths.is_multiple_of(10) {
            [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string(), " ", unit].concat()
        } else {
            [&whole.to_string(), " ", unit].concat()
        };
        if whole < 1000 {
            break;
        }
    }
    text
}

/// A number with a narrow space between groups of three: `12 345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// An instant to the minute: `2026-11-24 14:05 UTC`.
pub fn utc(instant: UnixMillis) -> String {
    let [year, month, day, hour, minute, _] = civil(instant);
    [&year, "-", &month, "-", &day, " ", &hour, ":", &minute, " UTC"].concat()
}

/// An instant to the second, as the `datetime` attribute wants it: `2026-11-24T14:05:09Z`.
pub fn iso(instant: UnixMillis) -> String {
    let [year, month, day, hour, minute, second] = civil(instant);
    [&year, "-", &month, "-", &day, "T", &hour, ":", &minute, ":", &second, "Z"].concat()
}

/// Year, month, day, hour, minute and second in UTC, each with its zeros.
///
/// The year begins in March, so that the leap day comes last (the usual reckoning of the proleptic Gregorian calendar).
fn civil(instant: UnixMillis) -> [String; 6] {
    let seconds = instant.0 / 1000;
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let of_day = seconds % 86_400;
    [
        padded(year, 4),
        padded(month, 2),
        padded(day, 2),
        padded(of_day / 3600, 2),
        padded(of_day / 60 % 60, 2),
        padded(of_day % 60, 2),
    ]
}

fn padded(number: u64, width: usize) -> String {
    let digits = number.to_string();
    ["0".repeat(width.saturating_sub(digits.len())), digits].concat()
}

/// A name in which nothing hides: control characters as their pictures (`␀`), and characters without a shape or that
/// change the reading order, with which `gpj.exe` passes for a picture, as their code (`⟨202E⟩`). For eyes only: links hold the true name.
pub fn visible(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match u32::from(c) {
            code @ 0..=0x1f => out.extend(char::from_u32(0x2400 + code)),
            0x7f => out.push('\u{2421}'),
            // The two joiners between the directional marks are part of words in many scripts, and of emoji.
            code @ (0x80..=0x9f
            | 0xad
            | 0x61c
            | 0x200b
            | 0x200e..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x2069
            | 0xfeff) => push_code(&mut out, code),
            _ => out.push(c),
        }
    }
    out
}

fn push_code(out: &mut String, code: u32) {
    out.push('\u{27e8}');
    out.extend(
        [12, 8, 4, 0]
            .into_iter()
            .filter_map(|shift| char::from_digit(code >> shift & 0xf, 16))
            .map(|c| c.to_ascii_uppercase()),
    );
    out.push('\u{27e9}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_at_most_three_digits() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (1_234, "1.2 kB"),
            (12_345, "12.3 kB"),
            (123_456, "123 kB"),
            (999_499, "999 kB"),
            (999_500, "1 MB"),
            (99_949, "99.9 kB"),
            (99_950, "100 kB"),
            (5 * 1024 * 1024, "5.2 MB"),
            (48_800_000_000_000, "48.8 TB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(size(ByteSize(bytes)), text, "{bytes}");
        }
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn instants_follow_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_795_529_109, "2026-11-24T14:05:09Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(iso(UnixMillis(seconds * 1000 + 999)), text);
        }
        assert_eq!(utc(UnixMillis(1_795_529_109_000)), "2026-11-24 14:05 UTC");
    }

    #[test]
    fn nothing_hides_in_a_name() {
        assert_eq!(visible("a\u{0}b\tc\u{7f}"), "a\u{2400}b\u{2409}c\u{2421}");
        assert_eq!(visible("photo\u{202e}gpj.exe"), "photo\u{27e8}202E\u{27e9}gpj.exe");
        assert_eq!(visible("\u{85}"), "\u{27e8}0085\u{27e9}");
        for hidden in ["\u{ad}", "\u{61c}", "\u{200b}", "\u{200e}", "\u{200f}", "\u{2060}", "\u{feff}"] {
            assert!(visible(hidden).starts_with('\u{27e8}'), "{hidden:?}");
        }
        for joiner in ["\u{200c}", "\u{200d}"] {
            assert_eq!(visible(joiner), joiner);
        }
    }

    #[test]
    fn ordinary_names_of_all_scripts_stay_as_they_are() {
        for name in [
            "r\u{e9}sum\u{e9}.pdf",
            "e\u{301}",
            "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
            "\u{1f468}\u{200d}\u{1f469}",
            "a  b.",
            "%2e+#?",
        ] {
            assert_eq!(visible(name), name);
        }
    }
}
