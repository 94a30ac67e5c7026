//! Scripted faults: what a test makes go wrong, where, how often, and the proof that it did.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode, S3Result};

use crate::uri;

/// Which requests a fault strikes. Every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct Fault {
    operation: Option<String>,
    key: Option<String>,
    part: Option<u16>,
    skip: u32,
    times: Option<u32>,
}

impl Fault {
    /// Any request.
    #[must_use]
    pub fn on_any() -> Self {
        Self::default()
    }

    /// Requests of one operation, by S3's name: `UploadPart`, `CompleteMultipartUpload`.
    #[must_use]
    pub fn on(operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..Self::default() }
    }

    /// Only keys that contain this text.
    #[must_use]
    pub fn key(mut self, contained: &str) -> Self {
        self.key = Some(contained.to_owned());
        self
    }

    /// Only this part number.
    #[must_use]
    pub fn part(mut self, number: u16) -> Self {
        self.part = Some(number);
        self
    }

    /// Lets the first `count` matching requests pass.
    #[must_use]
    pub fn after(mut self, count: u32) -> Self {
        self.skip = count;
        self
    }

    /// Strikes `count` times and then no more. Without it: every time.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = Some(count);
        self
    }

    fn matches(&self, operation: &str, key: &str, part: Option<u16>) -> bool {
        self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && self.key.as_deref().is_none_or(|wanted| key.contains(wanted))
            && self.part.is_none_or(|wanted| part == Some(wanted))
    }
}

/// What happens to a request that is struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Answers an error instead of doing anything.
    Error {
        /// HTTP status, 400 to 599.
        status: u16,
        /// S3's error code, for example `SlowDown`.
        code: String,
    },
    /// Answers 200 with an `<Error>` body and does nothing, as Complete and Copy can on S3.
    ErrorWithin200 {
        /// S3's error code, for example `InternalError`.
        code: String,
    },
    /// Waits, and then goes on as usual.
    Delay(Duration),
    /// Breaks the connection off after so many bytes of the request's body; nothing is done. Leaves `HEAD` alone, as
    /// below.
    DropRequest {
        /// Bytes taken in before the break.
        after_bytes: u64,
    },
    /// Does what was asked and breaks the connection off after so many bytes of the answer's body;
    /// with 0, and of an answer without a body, not even the status leaves. Leaves `HEAD` alone and counts none of
    /// it: its answer has no body that could break off.
    DropAnswer {
        /// Bytes let out before the break.
        after_bytes: u64,
    },
}

impl Action {
    /// Whether a request of this operation can be struck.
    fn can_strike(&self, operation: &str) -> bool {
        let cuts = matches!(self, Self::DropRequest { .. } | Self::DropAnswer { .. });
        !(cuts && operation.starts_with("Head"))
    }
}

/// The faults scripted for one S3. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The one check that a request pays while nothing is scripted.
    scripted: AtomicBool,
    scripts: Mutex<Vec<Arc<Scripted>>>,
}

#[derive(Debug)]
struct Scripted {
    fault: Fault,
    action: Action,
    matched: AtomicU32,
    fired: AtomicU32,
}

/// A scripted fault's counters.
#[derive(Debug, Clone)]
pub struct Script {
    scripted: Arc<Scripted>,
}

impl Script {
    /// How often the fault struck: a test that relies on it asserts this.
    #[must_use]
    pub fn fired(&self) -> u32 {
        self.scripted.fired.load(Ordering::SeqCst)
    }

    /// How many requests it looked at and found to be its own, the skipped ones too.
    #[must_use]
    pub fn matched(&self) -> u32 {
        self.scripted.matched.load(Ordering::SeqCst)
    }
}

impl Faults {
    /// Adds a fault. Of several that match a request, the first added strikes.
    pub fn script(&self, fault: Fault, action: Action) -> Script {
        let scripted = Arc::new(Scripted { fault, action, matched: AtomicU32::new(0), fired: AtomicU32::new(0) });
        self.scripts().push(Arc::clone(&scripted));
        self.inner.scripted.store(true, Ordering::SeqCst);
        Script { scripted }
    }

    /// Removes every fault. Counters in hand stay readable.
    pub fn clear(&self) {
        self.scripts().clear();
        self.inner.scripted.store(false, Ordering::SeqCst);
    }

    /// One request's account of faults, where any are scripted.
    pub(crate) fn exchange(&self) -> Option<Arc<Exchange>> {
        self.inner
            .scripted
            .load(Ordering::Relaxed)
            .then(|| Arc::new(Exchange { faults: self.clone(), struck: Mutex::default() }))
    }

    fn scripts(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Scripted>>> {
        self.inner.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, operation: &str, key: &str, part: Option<u16>) -> Option<Action> {
        self.scripts().iter().find_map(|script| {
            if !script.fault.matches(operation, key, part) || !script.action.can_strike(operation) {
                return None;
            }
            let seen = script.matched.fetch_add(1, Ordering::SeqCst);
            let turn = seen.checked_sub(script.fault.skip)?;
            if script.fault.times.is_some_and(|times| turn >= times) {
                return None;
            }
            script.fired.fetch_add(1, Ordering::SeqCst);
            Some(script.action.clone())
        })
    }
}

/// What strikes one request, noted where the operation is known, carried out where its bodies are.
#[derive(Debug)]
pub(crate) struct Exchange {
    faults: Faults,
    struck: Mutex<VecDeque<Action>>,
}

impl Exchange {
    /// Looks for a fault for this request and begins it.
    ///
    /// # Errors
    /// The scripted one; it ends the request before anything is done.
    pub(crate) async fn strike(&self, operation: &str, key: &str, query: Option<&str>) -> S3Result {
        let part = uri::parameter(query, "partNumber").and_then(|number| number.parse().ok());
        let Some(action) = self.faults.next(operation, key, part) else {
            return Ok(());
        };
        self.struck().push_back(action.clone());
        match action {
            Action::Delay(delay) => {
                tokio::time::sleep(delay).await;
                Ok(())
            }
            Action::Error { status, code } => {
                let mut error = scripted_error(&code);
                error.set_status_code(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
                Err(error)
            }
            Action::ErrorWithin200 { code } => {
                let mut error = scripted_error(&code);
                error.set_status_code(StatusCode::OK);
                Err(error)
            }
            Action::DropRequest { after_bytes: 0 } => Err(scripted_error("RequestTimeout")),
            Action::DropRequest { .. } | Action::DropAnswer { .. } => Ok(()),
        }
    }

    /// After how many bytes the request's body breaks off.
    pub(crate) fn request_limit(&self) -> Option<u64> {
        self.struck().iter().find_map(|action| match action {
            Action::DropRequest { after_bytes } => Some(*after_bytes),
            _ => None,
        })
    }

    /// After how many bytes the answer's body breaks off.
    pub(crate) fn answer_limit(&self) -> Option<u64> {
        self.struck().iter().find_map(|action| match action {
            Action::DropRequest { .. } => Some(0),
            Action::DropAnswer { after_bytes } => Some(*after_bytes),
            _ => None,
        })
    }

    fn struck(&self) -> std::sync::MutexGuard<'_, VecDeque<Action>> {
        self.struck.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn scripted_error(code: &str) -> S3Error {
    let code = code.parse::<S3ErrorCode>().unwrap_or(S3ErrorCode::InternalError);
    S3Error::with_message(code, "A scripted fault.")
}
