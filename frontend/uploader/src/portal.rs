//! Calls to the portal: JSON both ways, each within a time limit, each with the portal's clock.

use domain::units::{UnixMillis, whole};
use domain::upload::answer::read_portal_answer;
use domain::upload::io::ControlFailure;
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::{AbortController, RequestCache, RequestRedirect, ResponseType};

use crate::clock::Timer;

/// Longest wait for an answer: 60 s, as long as load balancers commonly wait for their servers.
const ANSWER_WITHIN_MS: u64 = 60_000;

/// Longest wait for S3 to put an object together: 10 min. It may take minutes, says S3's API reference.
const COMPLETED_WITHIN_MS: u64 = 600_000;

/// What the portal is asked.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    Create,
    Presign,
    Complete,
    Abort,
}

impl Call {
    fn path(self) -> &'static str {
        match self {
            Self::Create => "/api/uploads/create",
            Self::Presign => "/api/uploads/presign",
            Self::Complete => "/api/uploads/complete",
            Self::Abort => "/api/uploads/abort",
        }
    }

    fn within_ms(self) -> u64 {
        match self {
            Self::Complete => COMPLETED_WITHIN_MS,
            _ => ANSWER_WITHIN_MS,
        }
    }
}

/// What came of a call.
pub(crate) struct Answer<T> {
    /// When the portal answered, by its own clock.
    pub(crate) server_date: Option<UnixMillis>,
    /// What it answered.
    pub(crate) result: Result<T, ControlFailure>,
}

/// Asks the portal, and always comes back within the call's limit.
pub(crate) async fn ask<T: DeserializeOwned>(call: Call, body: impl Serialize) -> Answer<T> {
    let unreachable = Answer { server_date: None, result: Err(ControlFailure::Unreachable) };
    let Some(limit) = TimeLimit::of_ms(call.within_ms()) else { return unreachable };
    let Ok(request) = limit.put_on(Request::post(call.path())).redirect(RequestRedirect::Manual).json(&body) else {
        return unreachable;
    };
    let Ok(response) = request.send().await else { return unreachable };
    Answer { server_date: date(&response), result: read(&response).await }
}

/// Whether the portal says that it is well.
pub(crate) async fn is_well() -> bool {
    let Some(limit) = TimeLimit::of_ms(ANSWER_WITHIN_MS) else { return false };
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
    fn of_ms(limit_ms: u64) -> Option<Self> {
        let controller = AbortController::new().ok()?;
        let timer = Timer::after_ms(limit_ms, {
            let controller = controller.clone();
            move || controller.abort()
        })?;
        Some(Self { controller, _timer: timer })
    }

    fn put_on(&self, request: RequestBuilder) -> RequestBuilder {
        request.abort_signal(Some(&self.controller.signal()))
    }
}
