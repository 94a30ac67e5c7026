//! What a person is told when something fails: what happened, what was done about it, what to do.

use serde::{Deserialize, Serialize};

use crate::limits::MAX_OBJECT_SIZE;
use crate::problem::{Problem, ProblemKind};
use crate::units::ByteSize;

/// Something that is tried again by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The connection to S3 broke or was not made.
    Network,
    /// No byte moved for too long.
    Stalled,
    /// S3 asks for fewer requests; with its code.
    StorageBusy(String),
    /// S3 failed; with its code or status.
    StorageFailed(String),
    /// S3 refuses even permissions that were just renewed.
    PermissionRefused,
    /// No answer of the portal's own arrived: it is away, or something between answered in its place.
    PortalUnreachable,
    /// The portal answers that it cannot now; with its words.
    PortalFailed(Problem),
    /// The browser cannot read the file.
    SourceAway,
}

impl Trouble {
    /// A sentence without what is done about it: "S3 is busy (SlowDown)."
    pub fn words(&self) -> String {
        match self {
            Self::Network => "The connection to the storage broke.".to_owned(),
            Self::Stalled => "No data got through for a while.".to_owned(),
            Self::StorageBusy(code) => format!("The storage is busy ({code})."),
            Self::StorageFailed(code) => format!("The storage had a fault ({code})."),
            Self::PermissionRefused => "The storage refuses the renewed upload permission.".to_owned(),
            Self::PortalUnreachable => "The portal's answer did not arrive.".to_owned(),
            Self::PortalFailed(problem) => problem.detail.clone(),
            Self::SourceAway => "The file on your computer cannot be read just now.".to_owned(),
        }
    }
}

/// Why an upload stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum UploadError {
    /// The person's computer has other bytes there now.
    #[error("the file changed while it was uploaded")]
    FileChanged,
    /// The file could not be read for some minutes: its drive is away, it was moved, or it changed.
    #[error("the file cannot be read")]
    SourceAway,
    /// More than S3 stores in one object.
    #[error("{} bytes are more than one object can hold", .0.0)]
    TooLarge(ByteSize),
    /// The portal refused, with its own words.
    #[error("the portal refused: {}", .0.title)]
    Refused(Problem),
    /// S3 refused for good.
    #[error("S3 refused with status {status} {code}")]
    StorageRefused {
        /// HTTP status.
        status: u16,
        /// S3's code; empty where it gave none.
        code: String,
    },
    /// The same trouble for too long.
    #[error("gave up after {minutes} minutes of trouble")]
    GaveUp {
        /// The last of it.
        trouble: Trouble,
        /// For how long it was tried.
        minutes: u64,
    },
    /// The upload vanished or met a conflict each time that it was begun again.
    #[error("the upload was begun again too often")]
    StartedOverTooOften,
    /// S3 refuses the name as taken, and the portal may not tell by what: the person may write there and not read.
    #[error("the name is taken by something unseen")]
    NameTakenUnseen,
    /// Parts that S3 said it stored were not there at the end, again and again.
    #[error("parts were missing at the end, again and again")]
    PartsKeepMissing,
    /// The portal's answer does not fit what was asked.
    #[error("the portal's answer does not fit")]
    AnswerDoesNotFit,
}

impl UploadError {
    /// What happened, in a sentence.
    pub fn what_happened(&self) -> String {
        match self {
            Self::FileChanged => "The file on your computer changed during the upload.".to_owned(),
            Self::SourceAway => "The file on your computer could not be read for some minutes.".to_owned(),
            Self::TooLarge(_) => {
                let tib = MAX_OBJECT_SIZE.0 / ByteSize::gib(1).0 / 1024;
                format!("The file is larger than the storage can hold in one piece (about {tib} TiB).")
            }
            Self::Refused(problem) => problem.detail.clone(),
            Self::StorageRefused { status, code } if code.is_empty() => {
                format!("The storage refused the upload (status {status}).")
            }
            Self::StorageRefused { code, .. } => format!("The storage refused the upload ({code})."),
            Self::GaveUp { trouble, .. } => trouble.words(),
            Self::StartedOverTooOften => "The upload was interrupted from outside several times.".to_owned(),
            Self::NameTakenUnseen => "The name is taken by something that you may not see.".to_owned(),
            Self::PartsKeepMissing => "The storage lost parts of the file several times.".to_owned(),
            Self::AnswerDoesNotFit => "The portal gave an answer that does not fit this upload.".to_owned(),
        }
    }

    /// What was done about it, in a sentence. `kept`: the storage holds parts of the file.
    pub fn what_was_done(&self, kept: bool) -> String {
        match self {
            Self::FileChanged => "Nothing was stored, so that no mixture of two files can arise.".to_owned(),
            Self::SourceAway if kept => "The upload stopped; what had arrived is kept.".to_owned(),
            Self::SourceAway => "The upload stopped before the file was stored.".to_owned(),
            Self::TooLarge(_) => "Nothing was sent.".to_owned(),
            Self::Refused(_) | Self::StorageRefused { .. } | Self::AnswerDoesNotFit if kept => {
                "The upload stopped; what had arrived is kept.".to_owned()
            }
            Self::Refused(_) | Self::StorageRefused { .. } | Self::AnswerDoesNotFit => {
                "The upload stopped before the file was stored.".to_owned()
            }
            Self::GaveUp { minutes, .. } if kept => {
                format!("It was tried again for {minutes} minutes; what had arrived is kept.")
            }
            Self::GaveUp { minutes, .. } => format!("It was tried again for {minutes} minutes."),
            Self::StartedOverTooOften => "It was begun again each time, and now it stopped.".to_owned(),
            Self::NameTakenUnseen => "The upload stopped; what is there stays as it is.".to_owned(),
            Self::PartsKeepMissing => "They were sent again each time; nothing incomplete was stored.".to_owned(),
        }
    }

    /// What to do, in a sentence. `kept` as above.
    pub fn what_to_do(&self, kept: bool) -> String {
        match self {
            Self::FileChanged => "Add the file again as it is now.".to_owned(),
            Self::SourceAway => {
                "If it is on a drive that was away, connect that and try again. If the file was moved or \
                                 changed, add it again as it is now."
                    .to_owned()
            }
            Self::TooLarge(_) => "Split the file and upload the pieces.".to_owned(),
            Self::Refused(problem) => problem.advice.clone(),
            Self::StorageRefused { .. } => {
                "Try again; if it stays, show this message to those who run the portal.".to_owned()
            }
            Self::GaveUp { .. } if kept => {
                "Try again when the connection is better: it goes on where it stopped.".to_owned()
            }
            Self::GaveUp { .. } => "Try again when the connection is better.".to_owned(),
            Self::NameTakenUnseen => {
                "Rename the file and add it again, or ask those who run the portal what has the name.".to_owned()
            }
            Self::StartedOverTooOften | Self::PartsKeepMissing => {
                "Try again later, or show this message to those who run the portal.".to_owned()
            }
            Self::AnswerDoesNotFit => "Reload the page and add the file again.".to_owned(),
        }
    }

    /// An id to quote; empty where there is none.
    pub fn incident(&self) -> &str {
        match self {
            Self::Refused(problem) | Self::GaveUp { trouble: Trouble::PortalFailed(problem), .. } => &problem.incident,
            _ => "",
        }
    }

    /// Whether trying again makes sense without changing anything at the file.
    pub fn can_retry(&self) -> bool {
        match self {
            Self::FileChanged | Self::TooLarge(_) | Self::NameTakenUnseen => false,
            Self::Refused(problem) => problem.kind != ProblemKind::InvalidRequest,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_says_what_happened_what_was_done_and_what_to_do() {
        let problem = Problem {
            incident: "7f3a".to_owned(),
            ..Problem::new(ProblemKind::Forbidden, "Not allowed", "You may not write there.", "Ask for leave.")
        };
        let gave_up = |trouble| UploadError::GaveUp { trouble, minutes: 10 };
        let errors = [
            UploadError::FileChanged,
            UploadError::SourceAway,
            UploadError::TooLarge(ByteSize(u64::MAX)),
            UploadError::Refused(problem.clone()),
            UploadError::StorageRefused { status: 403, code: "AccessDenied".to_owned() },
            UploadError::StorageRefused { status: 501, code: String::new() },
            gave_up(Trouble::Network),
            gave_up(Trouble::Stalled),
            gave_up(Trouble::StorageBusy("SlowDown".to_owned())),
            gave_up(Trouble::StorageFailed("status 500".to_owned())),
            gave_up(Trouble::PermissionRefused),
            gave_up(Trouble::PortalUnreachable),
            gave_up(Trouble::SourceAway),
            gave_up(Trouble::PortalFailed(problem)),
            UploadError::StartedOverTooOften,
            UploadError::NameTakenUnseen,
            UploadError::PartsKeepMissing,
            UploadError::AnswerDoesNotFit,
        ];
        for error in errors {
            for kept in [false, true] {
                for sentence in [error.what_happened(), error.what_was_done(kept), error.what_to_do(kept)] {
                    assert!(sentence.len() > 10 && sentence.ends_with('.'), "{error:?}: {sentence:?}");
                }
            }
            let lost = [error.what_was_done(false), error.what_to_do(false)].concat();
            assert!(!lost.contains("kept") && !lost.contains("where it stopped"), "{lost}");
            let quoted = if format!("{error:?}").contains("7f3a") { "7f3a" } else { "" };
            assert_eq!(error.incident(), quoted);
            let json = serde_json::to_string(&error).expect("serialisable");
            assert_eq!(serde_json::from_str::<UploadError>(&json).expect("the same"), error);
        }
    }

    #[test]
    fn trying_again_is_offered_only_where_it_can_help() {
        let refused = |kind| UploadError::Refused(Problem::new(kind, "", "", ""));
        assert!(!UploadError::FileChanged.can_retry());
        assert!(!UploadError::TooLarge(ByteSize(1)).can_retry());
        assert!(!refused(ProblemKind::InvalidRequest).can_retry());
        assert!(refused(ProblemKind::Forbidden).can_retry());
        assert!(UploadError::SourceAway.can_retry());
        assert!(UploadError::GaveUp { trouble: Trouble::Network, minutes: 10 }.can_retry());
    }
}
