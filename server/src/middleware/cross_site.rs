//! Refuses changes that another site's page asks for in a person's name.
//!
//! Browsers tell where a request comes from, so no token is needed:
//!
//! | the request carries | it is taken |
//! |---|---|
//! | `Authorization: Bearer` and no cookie | yes: a page cannot make a browser send that |
//! | `Sec-Fetch-Site` | if it is `same-origin`, or `none`: the person did it, not a page |
//! | else `Origin` | if it is exactly the portal's |
//! | neither, and no cookie | yes: no browser; scripts can post |
//! | neither, and a cookie | no: a browser whose word was taken away on the way |

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::{Problem, ProblemKind};
use std::sync::Arc;

use crate::answer::{Answers, Asker};
use crate::headers::only;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whose changes are taken, and how the others are told.
#[derive(Clone, Debug)]
pub struct CrossSite {
    /// The portal's origin as browsers write it.
    pub portal_origin: Arc<str>,
    /// How refusals are told.
    pub answers: Answers,
}

/// Lets reading methods pass, and changes from the portal's own pages and from scripts.
pub async fn refuse(State(rule): State<CrossSite>, request: Request, next: Next) -> Response {
    if is_safe(request.method()) || is_trusted(request.headers(), &rule.portal_origin) {
        return next.run(request).await;
    }
    tracing::warn!("refused a change that another site asked for");
    rule.answers.problem(
        &Asker::of(&request),
        Problem::new(
            ProblemKind::Forbidden,
            "Refused",
            "The request came from another site than the portal.",
            "Open the portal itself and try again there.",
        ),
    )
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_trusted(headers: &HeaderMap, portal_origin: &str) -> bool {
    let has_cookie = headers.contains_key(header::COOKIE);
    if is_bearer(headers) && !has_cookie {
        return true;
    }
    if headers.contains_key(SEC_FETCH_SITE) {
        return only_text(headers, &SEC_FETCH_SITE).is_some_and(|site| matches!(site, "same-origin" | "none"));
    }
    if headers.contains_key(header::ORIGIN) {
        return only_text(headers, &header::ORIGIN) == Some(portal_origin);
    }
    !has_cookie
}

fn is_bearer(headers: &HeaderMap) -> bool {
    only_text(headers, &header::AUTHORIZATION)
        .and_then(|value| value.split_once(' '))
        .is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty())
}

/// The header's text where it is there exactly once.
fn only_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    only(headers, name).ok().flatten()?.to_str().ok()
}
