//! What the pages say, in one place, ready to be translated. A problem's words are here too, beside its kind.

use domain::key::{ObjectKey, Prefix, RESERVED_PREFIX};
use domain::problem::{Problem, ProblemKind};
use domain::units::UnixMillis;

use crate::format;
use crate::urls::BadAddress;

/// The product's name.
pub const PRODUCT: &str = "Causeway";

/// What the browser's tab says: `42 % · Reports · Causeway`.
pub(crate) fn title(page: &str, uploaded_percent: Option<u64>) -> String {
    let percent = uploaded_percent.map(|percent| format!("{percent} %"));
    let parts = [percent.as_deref().unwrap_or_default(), page, PRODUCT];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" \u{b7} ")
}
/// Heading and title of the list of buckets.
pub const BUCKETS: &str = "Buckets";
/// Where nobody may see any bucket.
pub const NO_BUCKETS: &str = "There is no bucket that you may list. Ask your administrator for access.";
/// Leads keyboard users past the header.
pub const SKIP: &str = "Skip to content";
/// Names the breadcrumbs.
pub const BREADCRUMBS: &str = "Folders above";
/// Names the filter.
pub const STARTS_WITH: &str = "Names that start with";
/// Stands in the empty filter.
pub const STARTS_WITH_HINT: &str = "Starts with\u{2026}";
/// Column headings.
pub const NAME: &str = "Name";
/// Column of sizes.
pub const SIZE: &str = "Size";
/// Column of dates.
pub const MODIFIED: &str = "Modified";
/// Column of what can be done.
pub const ACTIONS: &str = "Actions";
/// Gets an object.
pub const DOWNLOAD: &str = "Download";
/// Makes a share link.
pub const COPY_LINK: &str = "Copy link";
/// Shows the command line for a key that no browser sends.
pub const COMMAND_LINE: &str = "Get by command line";
/// Beside a key with `.` or `..` segments.
pub const UNSENDABLE: &str = "No browser can ask for this name";
/// The object whose key is the prefix itself and that holds something.
pub const FOLDER_ITSELF: &str = "(stored under the folder\u{2019}s own name)";
/// A segment of no characters.
pub const NAMELESS: &str = "(no name)";
/// Leads to the next page.
pub const NEXT_PAGE: &str = "Next page";
/// Leads to the first page.
pub const FIRST_PAGE: &str = "First page";
/// Leads one level up.
pub const UP: &str = "Go up one folder";
/// Leads to the folder of an object.
pub const OPEN_FOLDER: &str = "Open its folder";
/// Leads to the list of buckets.
pub const TO_START: &str = "Go to the start page";
/// Asks once more for the same page.
pub const TRY_AGAIN: &str = "Try again";
/// Takes the filter away.
pub const SHOW_ALL: &str = "Show all names";
/// Before an incident's id.
pub const INCIDENT: &str = "Incident";
/// Closes a panel.
pub const CLOSE: &str = "Close";
/// Puts a text on the clipboard.
pub const COPY: &str = "Copy";
/// Asks how long a link shall work.
pub const LINK_QUESTION: &str = "How long shall the link work?";
/// Who can open a link.
pub const LINK_AUDIENCE: &str = "Anyone on this network who has the link can download the file until then.";
/// While a link is made.
pub const LINK_WORKING: &str = "Making the link\u{2026}";
/// Names the field with the link.
pub const LINK: &str = "Link";
/// Names the field with the command line.
pub const COMMAND: &str = "Command";
/// While a command line is made.
pub const COMMAND_WORKING: &str = "Signing\u{2026}";
/// Explains the command line.
pub const COMMAND_WHY: &str = "The name has a part that is only \u{201c}.\u{201d} or \u{201c}..\u{201d}. Browsers take such parts out of an \
     address before they send it, so they would ask for another file. This command sends the name as it is; it works for an hour.";
/// After the clipboard took it.
pub const COPIED: &str = "Copied.";
/// Where the clipboard is closed to the page.
pub const COPY_BY_HAND: &str =
    "The browser does not let the page copy. The text is selected: copy it with Ctrl+C (\u{2318}C).";
/// Where a download led to a page that nobody sees.
pub const DOWNLOAD_FAILED: &str = "The download did not begin.";
/// Leads to that page.
pub const DOWNLOAD_ANSWER: &str = "See why, in a new window";
/// The page was made without knowing for whom.
pub fn nobody_known() -> Problem {
    Problem::new(
        ProblemKind::Internal,
        "Something went wrong",
        "The portal does not know for whom this page was made.",
        "Reload the page; if it stays, tell your administrator.",
    )
}
/// Where code that comes with its first use did not come: the network, or a portal that was updated meanwhile.
pub const PART_IS_MISSING: &str =
    "A part of this page could not be loaded. Check the connection and try again; if it stays, reload the page.";
/// On a page that only redirects.
pub const DOWNLOAD_STARTS: &str = "The download starts.";

/// A bucket or folder with nothing in it.
pub fn empty(prefix: &Prefix, has_marker: bool) -> (&'static str, &'static str) {
    match (prefix.is_root(), has_marker) {
        (true, _) => ("This bucket is empty", "Drop files here to put the first ones in."),
        (false, true) => ("This folder is empty", "Drop files here to put the first ones in."),
        (false, false) => (
            "Nothing is stored here",
            "S3 holds no names below this one. The files may have been moved or deleted, or the address may have a slip in it. \
             A folder comes into being with its first file.",
        ),
    }
}

/// A filter that leaves nothing.
pub const NO_MATCH: (&str, &str) =
    ("No names start so", "The filter looks at the beginning of names and tells small letters from capitals.");

/// A page beyond the last entry.
pub const EMPTY_PAGE: (&str, &str) = ("Nothing more", "What stood on this page has been moved or deleted.");

/// `3 folders, 197 files`, and that there is more where there is.
pub fn count(folders: usize, files: usize, more: bool) -> String {
    let mut out = String::new();
    push_count(&mut out, folders, "folder");
    push_count(&mut out, files, "file");
    if more && out.is_empty() {
        out.push_str("Nothing to show here, but more follows");
    } else if more {
        out.push_str(" shown, more follow");
    }
    out
}

fn push_count(out: &mut String, number: usize, noun: &str) {
    if number == 0 {
        return;
    }
    if !out.is_empty() {
        out.push_str(", ");
    }
    out.push_str(&number.to_string());
    out.push(' ');
    out.push_str(noun);
    if number != 1 {
        out.push('s');
    }
}

/// `1 hour`, `7 days`, `90 minutes`.
pub fn duration(seconds: u64) -> String {
    let (number, noun) = match seconds {
        s if s >= 86_400 && s.is_multiple_of(86_400) => (s / 86_400, "day"),
        s if s >= 3600 && s.is_multiple_of(3600) => (s / 3600, "hour"),
        s if s >= 60 && s.is_multiple_of(60) => (s / 60, "minute"),
        s => (s, "second"),
    };
    let plural = if number == 1 { "" } else { "s" };
    [number.to_string().as_str(), " ", noun, plural].concat()
}

/// After a link was made; `until` in the reader's own words for an instant.
pub fn link_ready(copied: bool, until: &str) -> String {
    [if copied { "Link copied. Works until " } else { "Link ready. Works until " }, until, " (your time)."].concat()
}

/// The accessible name of a button or link that acts on one object.
pub fn about(action: &str, name: &str) -> String {
    [action, " ", name].concat()
}

/// Names the table.
pub fn caption(place: &str) -> String {
    ["Folders and files in ", place].concat()
}

/// A page that is none.
pub fn page_not_found() -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        "No such page",
        "The portal has no page at this address.",
        "Check the address, or start from the first page.",
    )
}

/// Nobody is behind the request.
pub fn not_signed_in() -> Problem {
    Problem::new(
        ProblemKind::SignInRequired,
        "Not signed in",
        "The portal does not know who you are.",
        "Sign in through your company\u{2019}s sign-in page and try again.",
    )
}

/// The address of a page is broken.
pub fn bad_address(bad: BadAddress) -> Problem {
    match bad {
        BadAddress::NotAPrefix => no_prefix(),
        BadAddress::NotText => broken_address("It holds bytes that are no text."),
        BadAddress::Missing => broken_address("It does not say which file."),
        BadAddress::NotAKey => {
            broken_address("S3 holds names of 1 to 1,024 bytes, and the name in it is not of that length.")
        }
    }
}

/// A prefix that is none.
pub fn no_prefix() -> Problem {
    broken_address("The address of a folder ends with a slash and has at most 1,024 bytes.")
}

fn broken_address(detail: &str) -> Problem {
    Problem::new(
        ProblemKind::InvalidRequest,
        "The address is not complete",
        detail,
        "Follow a link of the portal instead of typing the address.",
    )
}

/// The prefix of the portal's own records.
pub fn reserved() -> Problem {
    Problem::new(
        ProblemKind::Forbidden,
        "Kept for the portal itself",
        ["Names below \u{201c}", RESERVED_PREFIX, "\u{201d} hold the portal\u{2019}s own records."].concat(),
        "Choose another folder.",
    )
}

/// S3 did not take the continuation token; keeps the incident of what it said.
pub fn broken_page(reported: Problem) -> Problem {
    let problem = Problem::new(
        ProblemKind::InvalidRequest,
        "This page of the list is no longer there",
        "S3 does not know where the page begins: the address was changed on its way, or S3 has forgotten it.",
        "Start again from the first page of the folder.",
    );
    Problem { incident: reported.incident, ..problem }
}

/// A key that browsers change on the way.
pub fn no_browser_sends(key: &ObjectKey) -> Problem {
    Problem::new(
        ProblemKind::InvalidRequest,
        UNSENDABLE,
        [
            "Browsers take parts that are only \u{201c}.\u{201d} or \u{201c}..\u{201d} out of an address, so they cannot ask for \u{201c}",
            &format::visible(key.as_str()),
            "\u{201d}.",
        ]
        .concat(),
        "Open its folder and choose \u{201c}Get by command line\u{201d}.",
    )
}

/// S3 keeps the object in an archive and gives its bytes to nobody for now.
pub fn archived() -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        "The file is archived",
        "It lies in an archive of the storage, which gives nothing out until it has been restored.",
        "Ask the administrator of the bucket to restore it; that can take a day or two.",
    )
}

/// A link of no seconds.
pub fn link_without_life() -> Problem {
    Problem::new(
        ProblemKind::InvalidRequest,
        "The link would never work",
        "A link has to work for at least a second.",
        "Choose a longer time.",
    )
}

/// A token that is not ours or was changed.
pub fn link_unknown() -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        "This link is not valid",
        "The portal did not make it as it stands. A part may be missing, or it was changed.",
        "Copy the whole link once more, or ask the person who sent it for a new one.",
    )
}

/// A link after its end.
pub fn link_expired(expires_at: UnixMillis) -> Problem {
    Problem::new(
        ProblemKind::Expired,
        "This link has ended",
        ["It worked until ", &format::utc(expires_at), "."].concat(),
        "Ask the person who sent it for a new one.",
    )
}

/// The person who made the link may no longer read the object, or its bucket is no longer served.
pub fn link_withdrawn() -> Problem {
    Problem::new(
        ProblemKind::Forbidden,
        "This link no longer works",
        "The person who made it may no longer read the file, or the portal no longer serves it.",
        "Ask somebody who has the file.",
    )
}

/// The object was deleted.
pub fn shared_object_deleted() -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        "The file is no longer there",
        "It was deleted or moved after the link was made.",
        "Ask the person who sent the link where it is now.",
    )
}

/// The object's content is another one now.
pub fn shared_object_replaced() -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        "The file was replaced",
        "Another content was stored under its name after the link was made, and the link is not for that one.",
        "Ask the person who sent it for a new link.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tab_tells_the_page_and_how_far_an_upload_is() {
        assert_eq!(title("", None), "Causeway");
        assert_eq!(title("Files", None), "Files \u{b7} Causeway");
        assert_eq!(title("Files", Some(42)), "42 % \u{b7} Files \u{b7} Causeway");
    }

    #[test]
    fn counts_read_like_a_sentence() {
        assert_eq!(count(1, 0, false), "1 folder");
        assert_eq!(count(3, 197, true), "3 folders, 197 files shown, more follow");
        assert_eq!(count(0, 1, false), "1 file");
        assert_eq!(count(0, 0, true), "Nothing to show here, but more follows");
    }

    #[test]
    fn durations_are_exact() {
        for (seconds, words) in [
            (1, "1 second"),
            (60, "1 minute"),
            (90, "90 seconds"),
            (3600, "1 hour"),
            (86_400, "1 day"),
            (604_800, "7 days"),
        ] {
            assert_eq!(duration(seconds), words);
        }
        assert_eq!(duration(129_600), "36 hours");
    }

    #[test]
    fn an_ended_link_is_gone_and_says_when() {
        let problem = link_expired(UnixMillis(1_795_529_109_000));
        assert_eq!(problem.kind.status(), 410);
        assert!(problem.detail.contains("2026-11-24 14:05 UTC"), "{}", problem.detail);
    }

    #[test]
    fn a_broken_page_keeps_the_incident_to_quote() {
        let reported = Problem { incident: "abc".to_owned(), ..page_not_found() };
        assert_eq!(broken_page(reported).incident, "abc");
    }

    #[test]
    fn a_name_in_a_problem_hides_nothing() {
        let key = ObjectKey::parse("a/../\u{202e}x").unwrap_or_else(|_| unreachable!("a short text is a key"));
        assert!(no_browser_sends(&key).detail.contains("\u{27e8}202E\u{27e9}x"));
    }
}
