//! The HTTP API: presigned URLs for scripts, and the uploads of browsers. JSON in, JSON out, problems too.

use std::time::Duration;

use app::ssr::Portal;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, map_response};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use domain::access::ActionKind;
use domain::problem::{Problem, ProblemKind};
use domain::upload::wire::{CLIENT_WAITS_LONGER_S, COMPLETE_ENDS_AFTER_S, CREATE_ENDS_AFTER_S};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};

mod caller;
mod expiration;
mod get_url;
mod input;
mod put_url;
mod refusal;
mod uploads;

use refusal::Refusal;

/// How long things live, as configured.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest life of a presigned URL that a script may ask for, in seconds; the configuration takes none above
    /// [`MAX_EXPIRATION_S`].
    pub max_presign_s: u64,
    /// Life of the URLs of one upload's PUTs, in seconds.
    pub part_url_ttl_s: u64,
    /// Life of an upload's ticket, in seconds: as long as the bucket keeps unfinished uploads.
    pub ticket_ttl_s: u64,
}

pub use expiration::MAX_EXPIRATION_S;

/// A route of the API and the action that it authorizes before it reaches S3.
#[derive(Clone, Copy)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The whole path.
    pub path: &'static str,
    /// What [`domain::access::authorize`] is asked for.
    pub action: ActionKind,
    /// How long an answer may take, where that is longer than the operator's limit for all others.
    pub patience: Option<Duration>,
    handler: fn() -> MethodRouter<Portal>,
}

/// Every route there is: [`router`] is made of this list.
pub const ROUTES: [Route; 7] = [
    url("/api/get_url", ActionKind::Read, || get(get_url::handle)),
    url("/api/put_url", ActionKind::Write, || get(put_url::handle)),
    // It ends by itself before, and answers what was begun.
    upload("/api/uploads/create", Some(CREATE_ENDS_AFTER_S + CLIENT_WAITS_LONGER_S), || post(uploads::create)),
    upload("/api/uploads/presign", None, || post(uploads::presign)),
    upload("/api/uploads/parts", None, || post(uploads::parts)),
    upload("/api/uploads/complete", Some(COMPLETE_ENDS_AFTER_S), || post(uploads::complete)),
    upload("/api/uploads/abort", None, || post(uploads::abort)),
];

const fn url(path: &'static str, action: ActionKind, handler: fn() -> MethodRouter<Portal>) -> Route {
    Route { method: "GET", path, action, patience: None, handler }
}

const fn upload(path: &'static str, ends_after_s: Option<u64>, handler: fn() -> MethodRouter<Portal>) -> Route {
    let patience = match ends_after_s {
        Some(seconds) => Some(Duration::from_secs(seconds)),
        None => None,
    };
    Route { method: "POST", path, action: ActionKind::Write, patience, handler }
}

/// How long the answer under this path may take, where that is longer than for all others.
pub(crate) fn patience(path: &str) -> Option<Duration> {
    ROUTES.iter().find(|route| route.path == path)?.patience
}

/// What every route's path begins with, and where [`router`] is nested.
pub const BASE: &str = "/api";

/// The API, to be nested at [`BASE`]. Asks the request's extensions for an [`domain::access::Identity`] and a
/// [`app::ssr::RequestId`].
pub fn router(limits: Limits) -> Router<Portal> {
    ROUTES
        .iter()
        .fold(Router::new(), |router, route| {
            router.route(route.path.strip_prefix(BASE).unwrap_or(route.path), (route.handler)())
        })
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        // One limit, the operator's: `middleware::body_limit` sees to it on every route.
        .layer(DefaultBodyLimit::disable())
        .layer(Extension(limits))
        .layer(from_fn(refusal::with_incident))
        .layer(map_response(unstored))
}

/// Answers hold signatures, tickets and what one person may see.
async fn unstored(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn no_such_route() -> Refusal {
    Refusal::from(Problem::new(
        ProblemKind::NotFound,
        "No such address",
        "The API has nothing under this address.",
        "See the documentation for the addresses there are.",
    ))
}

async fn no_such_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, wrong_method())
}

/// An address that is there and is not asked so.
pub(crate) fn wrong_method() -> Problem {
    Problem::new(
        ProblemKind::InvalidRequest,
        "Wrong method",
        "This address does not answer to this method.",
        "Reading is GET, changing is POST.",
    )
}

#[cfg(test)]
mod tests {
    use domain::upload::wire::{MAX_CREATES, create_answered_within_s, create_ends_after_s};

    use super::*;

    #[test]
    fn a_create_call_is_over_before_its_route_and_its_route_before_the_client() {
        let route_s = patience("/api/uploads/create").expect("it has patience of its own").as_secs();
        assert!(create_ends_after_s(MAX_CREATES) < route_s);
        assert!(route_s <= create_answered_within_s(MAX_CREATES));
    }
}
