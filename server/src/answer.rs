//! How a refusal or a fault outside of pages and API is told: as a page to browsers, as JSON to programs.

use std::sync::Arc;

use app::ssr::RequestId;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::problem::{Problem, ProblemKind};

/// Seconds after which a busy portal or S3 may be asked again: a little above the pause that S3's own clients make.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("2");

/// Below it live programs' addresses: they get JSON, never a page and never a redirect.
pub(crate) const API_PREFIX: &str = "/api/";

/// Who is asking, remembered before the request is handed on.
#[derive(Clone, Debug)]
pub struct Asker {
    reads_html: bool,
    incident: String,
}

impl Asker {
    /// Browsers say that they take HTML; whatever is below `/api/` is for programs.
    pub fn of(request: &Request) -> Self {
        let takes_html = request
            .headers()
            .get_all(header::ACCEPT)
            .iter()
            .any(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")));
        Self {
            reads_html: takes_html && !request.uri().path().starts_with(API_PREFIX),
            incident: request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        }
    }

    /// The id under which the log holds the request.
    pub fn incident(&self) -> &str {
        &self.incident
    }
}

/// Tells problems in the portal's look.
#[derive(Clone, Debug)]
pub struct Answers {
    stylesheet: Arc<str>,
}

impl Answers {
    /// With the address of the built style sheet.
    pub fn new(stylesheet: &str) -> Self {
        Self { stylesheet: stylesheet.into() }
    }

    /// The problem under its own status.
    pub fn problem(&self, asker: &Asker, problem: Problem) -> Response {
        let status = status_of(&problem);
        self.problem_with_status(asker, status, problem)
    }

    /// The problem under a status that says more than its kind.
    pub fn problem_with_status(&self, asker: &Asker, status: StatusCode, problem: Problem) -> Response {
        let problem = Problem { incident: asker.incident.clone(), ..problem };
        if !asker.reads_html {
            return as_json(status, &problem);
        }
        let page = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        marked(status, &problem, (page, self.page(&problem)).into_response())
    }

    fn page(&self, problem: &Problem) -> String {
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\">\
             <title>{title} \u{b7} Causeway</title><link rel=\"stylesheet\" href=\"{stylesheet}\"></head>\
             <body><header class=\"site\"><a class=\"brand\" href=\"/\">\
             <span class=\"icon icon-causeway\" aria-hidden=\"true\"></span>Causeway</a></header>\
             <main id=\"main\"><section class=\"notice problem\">\
             <span class=\"icon icon-large icon-alert\" aria-hidden=\"true\"></span>\
             <h1>{title}</h1><p>{detail}</p><p>{advice}</p>\
             <p class=\"incident\">Incident <code>{incident}</code></p></section></main></body></html>",
            title = escaped(&problem.title),
            detail = escaped(&problem.detail),
            advice = escaped(&problem.advice),
            incident = escaped(&problem.incident),
            stylesheet = escaped(&self.stylesheet),
        )
    }
}

/// Of an answer whose time is over.
pub(crate) fn takes_too_long() -> Problem {
    Problem::new(
        ProblemKind::StorageUnavailable,
        "This takes too long",
        "The storage did not answer in time, or the request itself took too long to arrive.",
        "Try again in a minute; if it stays, tell your administrator and quote the incident.",
    )
}

/// The status that a problem of this kind has.
pub(crate) fn status_of(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The problem for a program.
pub(crate) fn as_json(status: StatusCode, problem: &Problem) -> Response {
    marked(status, problem, axum::Json(problem).into_response())
}

fn marked(status: StatusCode, problem: &Problem, mut response: Response) -> Response {
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if problem.kind == ProblemKind::Busy {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER_S);
    }
    response
}

/// One plain sentence, for hosts on which there is no portal to look like.
pub fn sentence(status: StatusCode, text: impl Into<String>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, Body::from(text.into() + "\n")).into_response()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
