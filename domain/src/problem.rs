//! A problem as a person meets it: what happened, what was done about it, what to do, and an id to quote.

use serde::{Deserialize, Serialize};

/// Why a request was not answered as wished; what clients decide by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The request itself is wrong; sending it again will not help.
    InvalidRequest,
    /// Nobody is signed in. The queue is kept; sign in and go on.
    SignInRequired,
    /// This person may not do that here.
    Forbidden,
    /// No such bucket, object or page.
    NotFound,
    /// The multipart upload is gone: it was completed, discarded or swept.
    UploadNotFound,
    /// It was there and its time is over.
    Expired,
    /// Something else has that name already, or it changed meanwhile.
    Conflict,
    /// Parts are missing or do not have the planned size; the upload can go on.
    IncompleteUpload,
    /// Too much at once; try again later.
    Busy,
    /// S3 does not answer; nothing is lost; try again.
    StorageUnavailable,
    /// A fault of the portal.
    Internal,
}

impl ProblemKind {
    /// The HTTP status of an answer with this problem.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::SignInRequired => 401,
            Self::Forbidden => 403,
            Self::NotFound | Self::UploadNotFound => 404,
            Self::Conflict | Self::IncompleteUpload => 409,
            Self::Expired => 410,
            Self::Internal => 500,
            Self::StorageUnavailable => 502,
            Self::Busy => 503,
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Busy | Self::StorageUnavailable | Self::Internal)
    }
}

/// The body of every JSON error answer and the source of every error page. Holds nothing internal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What clients decide by.
    pub kind: ProblemKind,
    /// A few words.
    pub title: String,
    /// What happened, in a sentence.
    pub detail: String,
    /// What to do, in a sentence.
    pub advice: String,
    /// The id under which the log has the request, and the whole story where something failed; empty where no request
    /// reached the portal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub incident: String,
}

impl Problem {
    /// A problem whose incident whoever answers the request fills in.
    pub fn new(kind: ProblemKind, title: &str, detail: impl Into<String>, advice: &str) -> Self {
        Self {
            kind,
            title: title.to_owned(),
            detail: detail.into(),
            advice: advice.to_owned(),
            incident: String::new(),
        }
    }
}
