//! What the upload panel says, in one place, ready to be translated.

use domain::units::UnixMillis;
use domain::upload::error::UploadError;
use domain::upload::view::{Notice, Phase, Totals, UploadView};

use super::row::last_name;
use crate::uploads::Health;
pub(super) use crate::words::{TRY_AGAIN, about};

/// Opens the dialogue for files.
pub(super) const UPLOAD_FILES: &str = "Upload files";
/// Opens the dialogue for a folder.
pub(super) const UPLOAD_FOLDER: &str = "Upload folder";
/// Before the name of the place, while files are held over the window.
pub(super) const DROP_TO_UPLOAD: &str = "Drop files to upload to";
/// Names the panel.
pub(super) const UPLOADS: &str = "Uploads";
/// Lets the list go.
pub(super) const COLLAPSE: &str = "Hide the list of uploads";
/// Brings it back.
pub(super) const EXPAND: &str = "Show the list of uploads";
/// Holds uploads.
pub(super) const PAUSE: &str = "Pause";
/// Holds all of them.
pub(super) const PAUSE_ALL: &str = "Pause all";
/// Goes on after a pause.
pub(super) const RESUME: &str = "Resume";
/// Goes on with all of them.
pub(super) const RESUME_ALL: &str = "Resume all";
/// Gives up.
pub(super) const CANCEL: &str = "Cancel";
/// Goes on before the waiting time is over.
pub(super) const TRY_NOW: &str = "Try now";
/// Goes on with all that failed.
pub(super) const TRY_ALL_AGAIN: &str = "Try all again";
/// Takes away what is over.
pub(super) const CLEAR: &str = "Clear finished";
/// Takes away the words about what could not be done.
pub(super) const DISMISS: &str = "Dismiss";
/// Leads to the object.
pub(super) const SHOW_IN_FOLDER: &str = "Show in folder";
/// Names the bar of the whole queue.
pub(super) const PROGRESS: &str = "Progress of all uploads";
/// After a name.
pub(super) const EXISTS_ALREADY: &str = "exists already.";
/// The object that has the name.
pub(super) const THERE_NOW: &str = "There now";
/// The file that is to be uploaded.
pub(super) const YOURS: &str = "Yours";
/// Where somebody took the name while the upload ran.
pub(super) const SENT_ALREADY: &str = "It was stored there while yours was being sent. Keeping both sends yours again.";
/// The three answers.
pub(super) const REPLACE: &str = "Replace";
/// Both are kept, the new one under another name.
pub(super) const KEEP_BOTH: &str = "Keep both";
/// Nothing is uploaded.
pub(super) const SKIP: &str = "Skip";
/// An upload of a worker that is gone.
pub(super) const LOST: &str = "Not uploaded: the uploader stopped. Add the file again.";
/// The portal asks who this is.
pub(super) const SIGN_IN_NEEDED: &str =
    "The portal asks you to sign in again. Nothing is lost: the uploads go on when you have.";
/// Opens a window to do so.
pub(super) const SIGN_IN: &str = "Sign in";

/// Names the bar of one upload.
pub(super) fn progress_of(name: &str) -> String {
    about("Progress of", name)
}

/// `Cancel all 12`.
pub(super) fn cancel_all(count: u64) -> String {
    format!("Cancel all {count}")
}

/// `Do this for all 12`; for the last question it still holds for those to come.
pub(super) fn for_all(others: u64) -> String {
    match others {
        0 => "Do this for all that follow".to_owned(),
        others => format!("Do this for all {} and those that follow", others + 1),
    }
}

/// `and 12950 more; those that need you come first`
pub(super) fn hidden(count: usize) -> String {
    format!("and {count} more; those that need you come first")
}

/// Shows more rows.
pub(super) const SHOW_MORE: &str = "Show more";

/// What could not be read from the person's computer.
pub(super) fn unreadable(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => {
            format!("\u{201c}{}\u{201d} could not be read from your computer and is not uploaded.", last_name(name))
        }
        [name, ..] => format!(
            "\u{201c}{}\u{201d} and {} more could not be read from your computer and are not uploaded.",
            last_name(name),
            names.len() - 1
        ),
    }
}

/// What the worker's end means.
pub(super) fn health(health: Health) -> Option<&'static str> {
    match health {
        Health::Asleep | Health::Starting | Health::Running => None,
        Health::DidNotStart => Some(
            "The uploader could not be loaded, so nothing was uploaded. Check the connection, reload the page and add \
             the files again.",
        ),
        Health::Broke => Some(
            "The uploader stopped because of a fault. What is marked as uploaded is stored; the rest is not. Add the \
             rest again.",
        ),
    }
}

/// The panel's heading.
pub(super) fn summary(totals: &Totals, preparing: bool, health: Health) -> String {
    let going = totals.active;
    // What S3 holds of a cancelled upload is discarded over the same way.
    let waiting = going + totals.aborting;
    if health.is_lost() {
        return "Uploads stopped".to_owned();
    }
    if totals.sign_in_needed && waiting > 0 {
        return "Waiting for you to sign in".to_owned();
    }
    if totals.offline && waiting > 0 {
        return format!("Offline: {} waiting for the network", items(waiting));
    }
    if going > 0 {
        let left = totals.left_s.map(|seconds| [", ", &time_left(seconds)].concat()).unwrap_or_default();
        return format!("Uploading {}{left}", items(going));
    }
    if totals.conflicts > 0 {
        let waits = if totals.conflicts == 1 { "waits" } else { "wait" };
        return format!("{} {waits} for your decision", items(totals.conflicts));
    }
    if preparing {
        return "Preparing the upload".to_owned();
    }
    if only_cancels(totals, preparing, health) {
        return format!("Cancelling {}", items(totals.aborting));
    }
    if totals.failed > 0 {
        return format!("{} could not be uploaded", items(totals.failed));
    }
    if totals.paused > 0 {
        return format!("{} paused", items(totals.paused));
    }
    if totals.completed > 0 {
        format!("{} uploaded", items(totals.completed))
    } else {
        "Nothing was uploaded".to_owned()
    }
}

/// Whether nothing goes on or waits for somebody but cancels.
fn only_cancels(totals: &Totals, preparing: bool, health: Health) -> bool {
    let waits = totals.active + totals.conflicts > 0 || totals.sign_in_needed || totals.offline || preparing;
    totals.aborting > 0 && !waits && !health.is_lost()
}

/// The line below: `3 of 12 · 1.2 GB of 2.9 GB · 4.2 MB/s`.
pub(super) fn details(totals: &Totals, sent: &str, size: &str, rate: Option<&str>) -> String {
    if totals.uploads == 0 {
        return String::new();
    }
    let mut line = format!("{} of {} \u{b7} {sent} of {size}", totals.completed, totals.uploads);
    if let Some(rate) = rate.filter(|_| totals.active > 0) {
        line.push_str(" \u{b7} ");
        line.push_str(rate);
        line.push_str("/s");
    }
    if totals.failed > 0 {
        line.push_str(&format!(" \u{b7} {} failed", totals.failed));
    }
    line
}

/// What is said aloud: changes at each quarter and where something needs a person, not with every byte.
pub(super) fn announcement(totals: &Totals, preparing: bool, health: Health) -> String {
    if totals.uploads + totals.aborting == 0 && !health.is_lost() {
        return String::new();
    }
    let calm = Totals { left_s: None, ..totals.clone() };
    let mut words = summary(&calm, preparing, health);
    // The number of items would be said anew with each that ends.
    if only_cancels(totals, preparing, health) {
        words = "Cancelling".to_owned();
    }
    if totals.active > 0 && !totals.sign_in_needed {
        words = if totals.offline {
            "Offline: the uploads wait for the network".to_owned()
        } else {
            "Uploading".to_owned()
        };
        let quarter = totals.sent_permille() / 250 * 25;
        if quarter > 0 {
            words.push_str(&format!(", {quarter} percent"));
        }
        if totals.conflicts > 0 {
            words.push_str(", a decision is needed");
        }
    }
    if totals.failed > 0 && totals.active > 0 {
        words.push_str(", some failed");
    }
    words
}

/// What an upload does now; `sent` and `size` as text.
pub(super) fn state(view: &UploadView, sent: &str, size: &str, now: UnixMillis) -> String {
    match &view.phase {
        Phase::Queued => format!("Waiting \u{b7} {size}"),
        Phase::Preparing => format!("Preparing \u{b7} {size}"),
        Phase::Sending => format!("{sent} of {size}"),
        Phase::Retrying { at, attempt, trouble } => {
            let wait = match at.ms_since(now).div_ceil(1000) {
                0 => "Trying again now".to_owned(),
                seconds => format!("Trying again in {seconds} s"),
            };
            format!("{} {wait} (attempt {attempt}).", trouble.words())
        }
        Phase::Paused => format!("Paused \u{b7} {sent} of {size}"),
        Phase::Completing => "Putting the file together".to_owned(),
        Phase::Completed if view.key != view.wished_key => {
            format!("Uploaded under this name \u{b7} {size}")
        }
        Phase::Completed => format!("Uploaded \u{b7} {size}"),
        Phase::Conflict { .. } => "Waits for your decision".to_owned(),
        Phase::Failed { error, kept, .. } => failure(error, *kept),
        Phase::Cancelling => "Cancelling".to_owned(),
        Phase::Cancelled { stored_anyway: false } => "Cancelled".to_owned(),
        Phase::Cancelled { stored_anyway: true } => "Cancelled too late: it was stored already".to_owned(),
        Phase::Skipped => "Skipped: what was there stays".to_owned(),
    }
}

fn failure(error: &UploadError, kept: bool) -> String {
    let mut words = [&error.what_happened(), " ", &error.what_was_done(kept), " ", &error.what_to_do(kept)].concat();
    if !error.incident().is_empty() {
        words.push_str(&format!(" (Incident {})", error.incident()));
    }
    words
}

/// What the engine did by itself.
pub(super) fn notice(view: &UploadView) -> Option<&'static str> {
    if view.phase.is_over() {
        return None;
    }
    view.notice.map(|notice| match notice {
        Notice::PermissionRenewed => "The upload permission ran out and was renewed; the upload went on where it was.",
        Notice::StartedOver => "The storage had forgotten the upload; it was begun again.",
        Notice::SentAgainToKeepBoth => "Sent once more under another name, to keep both.",
    })
}

fn items(count: u64) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

/// `20 s left`, `2 min left`, `1 h 5 min left`: no finer than what can be known.
fn time_left(seconds: u64) -> String {
    match seconds {
        0..=5 => "a few seconds left".to_owned(),
        6..=55 => format!("{} s left", seconds.div_ceil(5) * 5),
        56..=3_570 => format!("{} min left", seconds.div_ceil(60).min(59)),
        _ => {
            let minutes = seconds.div_ceil(300) * 5;
            match minutes % 60 {
                0 => format!("{} h left", minutes / 60),
                rest => format!("{} h {rest} min left", minutes / 60),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::units::ByteSize;

    use super::*;

    fn totals(active: u64) -> Totals {
        Totals { uploads: 12, active, size_bytes: ByteSize(2_900), ..Totals::default() }
    }

    fn summary_of(totals: &Totals) -> String {
        summary(totals, false, Health::Running)
    }

    #[test]
    fn the_heading_tells_what_goes_on() {
        assert_eq!(summary_of(&Totals { left_s: Some(110), ..totals(3) }), "Uploading 3 items, 2 min left");
        assert_eq!(summary_of(&totals(1)), "Uploading 1 item");
        assert_eq!(summary_of(&Totals { offline: true, ..totals(2) }), "Offline: 2 items waiting for the network");
        assert_eq!(summary_of(&Totals { conflicts: 1, ..totals(0) }), "1 item waits for your decision");
        assert_eq!(summary_of(&Totals { failed: 2, completed: 10, ..totals(0) }), "2 items could not be uploaded");
        assert_eq!(summary_of(&Totals { completed: 12, ..totals(0) }), "12 items uploaded");
        assert_eq!(summary(&totals(3), false, Health::Broke), "Uploads stopped");
        assert_eq!(summary(&Totals::default(), true, Health::Running), "Preparing the upload");
    }

    #[test]
    fn a_heading_over_cancels_that_are_not_done_does_not_say_that_nothing_was_uploaded() {
        let cancelling = Totals { aborting: 3, ..Totals::default() };
        assert_eq!(summary_of(&cancelling), "Cancelling 3 items");
        let offline = Totals { offline: true, ..cancelling.clone() };
        assert_eq!(summary_of(&offline), "Offline: 3 items waiting for the network");
        let signed_out = Totals { sign_in_needed: true, ..cancelling.clone() };
        assert_eq!(summary_of(&signed_out), "Waiting for you to sign in");
        assert_eq!(summary_of(&Totals { aborting: 3, ..totals(2) }), "Uploading 2 items");
        assert_eq!(summary_of(&Totals { completed: 9, ..cancelling.clone() }), "Cancelling 3 items");
        assert_eq!(summary_of(&Totals { completed: 9, ..Totals::default() }), "9 items uploaded");
        let aloud = |totals: &Totals| announcement(totals, false, Health::Running);
        assert_eq!(aloud(&cancelling), "Cancelling");
        assert_eq!(aloud(&Totals { aborting: 2, ..cancelling }), "Cancelling", "not anew with each that ends");
        assert_eq!(aloud(&offline), "Offline: 3 items waiting for the network");
    }

    #[test]
    fn time_left_is_told_no_finer_than_it_is_known() {
        let cases = [
            (0, "a few seconds left"),
            (6, "10 s left"),
            (55, "55 s left"),
            (56, "1 min left"),
            (61, "2 min left"),
            (3_570, "59 min left"),
            (3_571, "1 h left"),
            (3_601, "1 h 5 min left"),
            (7_200, "2 h left"),
        ];
        for (seconds, words) in cases {
            assert_eq!(time_left(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn what_is_said_aloud_changes_only_at_quarters() {
        let at = |sent| {
            announcement(
                &Totals { sent_bytes: ByteSize(sent), left_s: Some(sent), ..totals(3) },
                false,
                Health::Running,
            )
        };
        assert_eq!(at(0), "Uploading");
        assert_eq!(at(724), at(0));
        assert_eq!(at(725), "Uploading, 25 percent");
        assert_eq!(at(1_449), at(725));
        let signed_out = Totals { sent_bytes: ByteSize(725), sign_in_needed: true, ..totals(3) };
        assert_eq!(announcement(&signed_out, false, Health::Running), "Waiting for you to sign in");
        assert_eq!(announcement(&Totals::default(), false, Health::Asleep), "");
    }
}
