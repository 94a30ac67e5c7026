//! How a downloaded object presents itself: a file name that every browser understands, and which types may be shown.

use domain::key::ObjectKey;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Longest file name that common file systems take, in bytes of UTF-8. Source: NAME_MAX of Linux; NTFS and APFS
/// take 255 UTF-16 units, which is never less.
const MAX_NAME_BYTES: usize = 255;

/// What every download is served as that is to be saved: no browser shows it, none guesses.
pub const SAVED_TYPE: &str = "application/octet-stream";

/// The types that may be shown by a browser, in the form in which they are signed. None of them runs a script.
pub const SHOWN_TYPES: [&str; 10] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "video/mp4",
    "video/webm",
    "audio/mpeg",
    "application/pdf",
    "text/plain; charset=utf-8",
];

/// What RFC 5987 lets stand unescaped (attr-char).
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The type to force where an object of `content_type` may be shown; `None` where it may only be saved.
///
/// Parameters are dropped and upper case is no obstacle; plain text is shown as UTF-8.
pub fn shown_type(content_type: &str) -> Option<&'static str> {
    let essence = essence(content_type);
    SHOWN_TYPES.into_iter().find(|shown| self::essence(shown).eq_ignore_ascii_case(essence))
}

fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// `attachment; filename="…"; filename*=UTF-8''…` for the last segment of `key` (RFC 6266).
pub(crate) fn attachment(key: &ObjectKey) -> String {
    with_name("attachment", key)
}

/// The same for an object that is shown: its name serves whoever saves it then.
pub(crate) fn inline(key: &ObjectKey) -> String {
    with_name("inline", key)
}

fn with_name(kind: &str, key: &ObjectKey) -> String {
    let name = file_name(key);
    let ascii: String =
        name.chars().map(|c| if c.is_ascii() && !matches!(c, '"' | '\\' | '%') { c } else { '_' }).collect();
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, ATTR_CHAR))
}

/// The key's last segment as a name that can be written into a header and onto a disk.
///
/// Control characters (CR, LF and NUL among them), path separators and the invisible characters that turn the
/// reading direction, by which `exe.pdf` can be a program, become `_`.
fn file_name(key: &ObjectKey) -> String {
    let name = key.name().trim_end_matches('/');
    let name: String = name.chars().map(|c| if is_unfit(c) { '_' } else { c }).collect();
    let name = name.trim_end_matches(['.', ' ']);
    match name {
        "" | "_" => "download".to_owned(),
        name => shortened(name, MAX_NAME_BYTES),
    }
}

fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// At most `max_bytes`, cut before the extension where there is one.
fn shortened(name: &str, max_bytes: usize) -> String {
    if name.len() <= max_bytes {
        return name.to_owned();
    }
    let extension = name.rfind('.').map_or("", |at| &name[at..]);
    let extension = if extension.len() <= max_bytes / 2 { extension } else { "" };
    let stem = &name[..name.len() - extension.len()];
    let stem = &stem[..stem.floor_char_boundary(max_bytes - extension.len())];
    format!("{stem}{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str) -> String {
        attachment(&ObjectKey::parse(key).expect("a key"))
    }

    #[test]
    fn names_are_written_twice_once_in_ascii() {
        assert_eq!(of("a/b.txt"), "attachment; filename=\"b.txt\"; filename*=UTF-8''b.txt");
        assert_eq!(
            of("Grüße €.pdf"),
            "attachment; filename=\"Gr__e _.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%E2%82%AC.pdf"
        );
        assert_eq!(
            of("say \"hi\" 100%;x='y'.txt"),
            "attachment; filename=\"say _hi_ 100_;x='y'.txt\"; filename*=UTF-8''say%20%22hi%22%20100%25%3Bx%3D%27y%27.txt"
        );
    }

    #[test]
    fn no_key_breaks_out_of_the_header() {
        let found = of("a\r\nSet-Cookie: x=1\0\u{85}.txt");
        assert_eq!(found.matches(|c: char| c.is_control()).count(), 0, "{found}");
        assert!(!found.contains("%0D") && !found.contains("%0A") && !found.contains("%00"), "{found}");
        assert!(found.starts_with("attachment; filename=\"a__Set-Cookie: x=1__.txt\""), "{found}");
    }

    #[test]
    fn a_name_cannot_pretend_another_extension_or_another_folder() {
        assert!(of("annual\u{202e}fdp.exe").contains("filename=\"annual_fdp.exe\""));
        assert!(of("a/..\\..\\autoexec.bat").contains("filename=\".._.._autoexec.bat\""));
    }

    #[test]
    fn a_key_without_a_name_is_saved_as_download() {
        for key in ["/", "a/..", "a/.", "a/ . ", "\u{1}"] {
            assert!(of(key).contains("filename=\"download\""), "{key:?}: {}", of(key));
        }
        assert!(of("photos/2026/").contains("filename=\"2026\""));
    }

    #[test]
    fn long_names_are_cut_before_their_extension() {
        let name = file_name(&ObjectKey::parse(format!("{}.pdf", "ü".repeat(400))).expect("a key"));
        assert!(name.len() <= MAX_NAME_BYTES && name.len() > MAX_NAME_BYTES - 2 && name.ends_with("ü.pdf"), "{name}");
        let name = file_name(&ObjectKey::parse(format!("a.{}", "x".repeat(400))).expect("a key"));
        assert_eq!(name.len(), MAX_NAME_BYTES);
    }

    #[test]
    fn only_types_that_run_nothing_are_shown() {
        assert_eq!(shown_type("IMAGE/PNG"), Some("image/png"));
        assert_eq!(shown_type("text/plain"), Some("text/plain; charset=utf-8"));
        assert_eq!(shown_type("text/plain;charset=latin1"), Some("text/plain; charset=utf-8"));
        for saved in [
            "text/html",
            "image/svg+xml",
            "application/xml",
            "text/markdown",
            "application/xhtml+xml",
            "",
            "image/png2",
        ] {
            assert_eq!(shown_type(saved), None, "{saved}");
        }
    }
}
