//! What a page and its upload worker say to each other; each message is one JSON text.

use serde::{Deserialize, Serialize};

use super::io::{Choice, EntryId, HttpVersion, NewEntry, Scope};
use super::view::{Totals, UploadView};
use crate::access::BucketName;
use crate::key::Prefix;
use crate::units::UnixMillis;

/// From the page to the worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// How the browser reached the portal. Said first; the worker itself cannot see it.
    HttpVersion(HttpVersion),
    /// Uploads to add. Beside the text travel their `File`s in the same order, `null` for an empty folder.
    Start(Vec<NewEntry>),
    /// Hold.
    Pause(Scope),
    /// Go on after a pause.
    Resume(Scope),
    /// Give up and discard what S3 holds of it.
    Cancel(Scope),
    /// Go on after a failure.
    Retry(Scope),
    /// What to do where the name is taken.
    Decide(Scope, Choice),
    /// Forget what is over, and what failed for good with nothing kept.
    Clear,
    /// Somebody signed in again.
    SignedIn,
    /// Whether the browser has a network.
    Online(bool),
    /// How many uploads to show at most.
    ShowAtMost(usize),
    /// Whether a person points at the list now: while so, no row changes its place.
    HoldOrder(bool),
}

/// From the worker to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// The worker runs and hears commands.
    Ready,
    /// What changed since the last frame. At most [`FRAMES_PER_S`].
    Frame(Box<Frame>),
    /// The worker met a fault of its own and has stopped for good, with the fault's text for the console.
    Broken(String),
}

/// Most frames a second: a person sees no more, and thousands of uploads must not keep the page busy.
pub const FRAMES_PER_S: u64 = 10;

/// What the page needs in order to show the queue as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// This moment by the worker's clock, which all its instants are told by.
    pub now: UnixMillis,
    /// The queue in all.
    pub totals: Totals,
    /// Which uploads to show, in their order; absent where that is as before.
    pub shown: Option<Vec<EntryId>>,
    /// How many more there are.
    pub hidden: usize,
    /// Of all uploads, how many can be cleared.
    pub clearable: usize,
    /// The shown uploads that changed or are new.
    pub changed: Vec<UploadView>,
    /// The first upload that waits for a choice.
    pub conflict: Option<Box<UploadView>>,
    /// Where objects were stored since the last frame, each place once.
    pub stored: Vec<Place>,
}

/// Where something was stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// In which bucket.
    pub bucket: BucketName,
    /// Directly below which prefix.
    pub prefix: Prefix,
}
