//! Below `/api/` nobody is a form: whoever asks there is a program, and is answered in JSON.
//!
//! The framework takes a request that says `Accept: text/html` for a form without scripts and sends it back to its
//! Referer, whatever site that is, errors and all. None of our forms posts there.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use leptos::server_fn::axum::server_fn_paths;

use crate::answer::{API_PREFIX, Answers, Asker};
use crate::api;

/// Takes away what makes a program look like a form, and tells a wrong method in JSON.
pub async fn answer_in_json(State(answers): State<Answers>, mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(API_PREFIX) {
        return next.run(request).await;
    }
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.remove(header::REFERER);
    let asker = Asker::of(&request);
    if let Some(allowed) = method_besides_head(&request) {
        return wrong_method(&answers, &asker, HeaderValue::try_from(allowed.as_str()).ok());
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED && !is_json(response.headers()) {
        return wrong_method(&answers, &asker, response.headers().get(header::ALLOW).cloned());
    }
    response
}

/// The method of a server function that is asked by HEAD. The router would let it pass as a GET, and the framework,
/// which knows each function under one method alone, would not find it.
fn method_besides_head(request: &Request) -> Option<Method> {
    let path = request.uri().path();
    (request.method() == Method::HEAD)
        .then(|| server_fn_paths().find(|(known, _)| *known == path).map(|(_, method)| method))
        .flatten()
}

fn wrong_method(answers: &Answers, asker: &Asker, allowed: Option<HeaderValue>) -> Response {
    let mut response = answers.problem_with_status(asker, StatusCode::METHOD_NOT_ALLOWED, api::wrong_method());
    if let Some(allowed) = allowed {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}
