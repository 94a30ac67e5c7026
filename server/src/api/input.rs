//! What a call brings: a query or a JSON body, refused as a problem where it cannot be read.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use domain::problem::{Problem, ProblemKind};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;

/// The parameters of a GET.
pub(crate) struct Asked<T>(pub(crate) T);

/// The body of a POST.
pub(crate) struct Told<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let read: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        read.map(|Query(value)| Self(value))
            .map_err(|rejection| not_understood(rejection.status(), rejection.body_text()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Told<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let read: Result<Json<T>, JsonRejection> = Json::from_request(request, state).await;
        read.map(|Json(value)| Self(value))
            .map_err(|rejection| not_understood(rejection.status(), rejection.body_text()))
    }
}

fn not_understood(status: http::StatusCode, why: String) -> Refusal {
    Refusal::new(
        status,
        Problem::new(
            ProblemKind::InvalidRequest,
            "Not understood",
            why,
            "Reload the page if this is one of the portal's own; the portal may have been updated.",
        ),
    )
}
