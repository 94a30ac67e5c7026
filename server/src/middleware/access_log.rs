//! Gives each request an id, a span and one line in the log.
//!
//! The line names the route and never the address: addresses hold share links, keys and signatures.

use app::ssr::RequestId;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

/// Under this name the answer carries the request's id; the same in a request is ignored.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Around everything, on all hosts.
pub async fn record(mut request: Request, next: Next) -> Response {
    let id = request_id();
    // An id from outside could make two requests look like one.
    request.headers_mut().remove(REQUEST_ID);
    request.extensions_mut().insert(RequestId(id.clone()));
    // A span's level says only whether there is one. Its lines need the id above all where little else is logged.
    let span =
        tracing::error_span!("request", request_id = id, method = %request.method(), route = Empty, user = Empty);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), duration_ms, "answered"));
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// On the portal's routes, where the route is known.
pub async fn name_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str);
    Span::current().record("route", route);
    next.run(request).await
}

/// Notes something that is no route in its place.
pub fn name_place(place: &'static str) {
    Span::current().record("route", place);
}

/// Notes who is behind the request.
pub fn name_user(user: &str) {
    Span::current().record("user", user);
}

/// Letters and digits that people do not mistake for each other when they read an id aloud.
/// Source: Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 80 random bits in 16 characters.
fn request_id() -> String {
    let mut random = [0_u8; 10];
    // Ids only have to differ, so a system without randomness is no reason to refuse anybody.
    if getrandom::fill(&mut random).is_err() {
        return "0000000000000000".to_owned();
    }
    let bits = random.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    (0..16).rev().map(|at| char::from(ALPHABET[usize::try_from(bits >> (at * 5) & 31).unwrap_or(0)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_sixteen_plain_characters_and_differ() {
        let ids: std::collections::HashSet<String> = (0..1000).map(|_| request_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 16 && id.bytes().all(|byte| ALPHABET.contains(&byte))));
    }
}
