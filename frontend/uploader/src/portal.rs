//! Calls to the portal: JSON both ways, each within a time limit, each with the portal's clock.

use domain::units::{UnixMillis, whole};
use domain::upload::answer::{read_portal_answer, read_retry_after};
use domain::upload::io::ControlFailure;
use domain::upload::wire::{CLIENT_WAITS_LONGER_S, COMPLETE_ENDS_AFTER_S, create_answered_within_s};
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::{AbortController, RequestCache, RequestRedirect, ResponseType};

use crate::clock::Timer;

/// Longest wait for the answer to a call that asks little of S3: 60 s, twice as long as the portal works on one unless
/// it is set up otherwise.
const ANSWER_WITHIN_S: u64 = 60;

/// What the portal is asked.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    /// Leave for so many uploads.
    Create {
        uploads: usize,
    },
    Presign,
    Complete,
    Abort,
}

impl Call {
    fn path(self) -> &'static str {
        match self {
            Self::Create { .. } => "/api/uploads/create",
            Self::Presign => "/api/uploads/presign",
            Self::Complete => "/api/uploads/complete",
            Self::Abort => "/api/uploads/abort",
        }
    }

    fn within_s(self) -> u64 {
        match self {
            Self::Create { uploads } => create_answered_within_s(uploads),
            Self::Complete => COMPLETE_ENDS_AFTER_S + CLIENT_WAITS_LONGER_S,
            Self::Presign | Self::Abort => ANSWER_WITHIN_S,
        }
    }
}

/// What came of a call.
pub(crate) struct Answer<T> {
    /// When the portal answered, by its own clock.
    pub(crate) server_date: Option<UnixMillis>,
    /// How long the portal asks not to be called.
    pub(crate) wait_ms: Option<u64>,
    /// What it answered.
    pub(crate) result: Result<T, ControlFailure>,
}

/// Asks the portal, and always comes back within the call's limit.
pub(crate) async fn ask<T: DeserializeOwned>(call: Call, body: impl Serialize) -> Answer<T> {
    let unreachable = Answer { server_date: None, wait_ms: None, result: Err(ControlFailure::Unreachable) };
    let Some(limit) = TimeLimit::of_s(call.within_s()) else { return unreachable };
    let Ok(request) = limit.put_on(Request::post(call.path())).redirect(RequestRedirect::Manual).json(&body) else {
        return unreachable;
    };
    let Ok(response) = request.send().await else { return unreachable };
    let wait_ms = response.headers().get("retry-after").and_then(|value| read_retry_after(&value));
    Answer { server_date: date(&response), wait_ms, result: read(&response).await }
}

/// Whether the portal says that it is well.
pub(crate) async fn is_well() -> bool {
    let Some(limit) = TimeLimit::of_s(ANSWER_WITHIN_S) else { return false };
    let request = limit.put_on(Request::get("/healthz")).cache(RequestCache::NoStore);
    request.send().await.is_ok_and(|response| response.ok())
}

async fn read<T: DeserializeOwned>(response: &Response) -> Result<T, ControlFailure> {
    // The portal's API never redirects: who does so leads to where people sign in.
    if response.type_() == ResponseType::Opaqueredirect {
        return Err(ControlFailure::SignInRequired);
    }
    let text = response.text().await.map_err(|_| ControlFailure::Unreachable)?;
    read_portal_answer(response.status(), &text)
}

fn date(response: &Response) -> Option<UnixMillis> {
    let date = js_sys::Date::parse(&response.headers().get("date")?);
    date.is_finite().then(|| UnixMillis(whole(date)))
}

/// Breaks a request off when its time is over; to be kept until the answer is read.
struct TimeLimit {
    controller: AbortController,
    _timer: Timer,
}

impl TimeLimit {
    fn of_s(limit_s: u64) -> Option<Self> {
        let controller = AbortController::new().ok()?;
        let timer = Timer::after_ms(limit_s * 1000, {
            let controller = controller.clone();
            move || controller.abort()
        })?;
        Some(Self { controller, _timer: timer })
    }

    fn put_on(&self, request: RequestBuilder) -> RequestBuilder {
        request.abort_signal(Some(&self.controller.signal()))
    }
}
