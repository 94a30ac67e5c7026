//! An answer as a test looks at it.

use axum::body::Body;
use axum::http::{HeaderName, Response};
use domain::problem::Problem;
use http_body_util::BodyExt as _;

use super::accessible_text::accessible_text;

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    head: axum::http::response::Parts,
    body: Vec<u8>,
}

impl Answer {
    pub(super) async fn read(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        Self { head, body: body.collect().await.unwrap().to_bytes().to_vec() }
    }

    pub(crate) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// The header's text, or nothing where it is absent.
    pub(crate) fn header(&self, name: impl TryInto<HeaderName>) -> &str {
        let name = name.try_into().ok().expect("the name of a header");
        self.head.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub(crate) fn body(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Status and what a person reads or hears of the page; the request's id, another one each time, as `(id)`.
    pub(crate) fn page(&self) -> String {
        assert!(self.header("content-type").starts_with("text/html"), "no page: {}", self.body());
        let html = self.body();
        assert!(!html.contains(" style="), "an inline style, which the page's policy forbids");
        let mut text = accessible_text(&html);
        if let Some(id) = Some(self.header("x-request-id")).filter(|id| !id.is_empty()) {
            text = text.replace(id, "(id)");
        }
        format!("{}\n{text}", self.head.status)
    }

    /// Status and problem of a JSON answer, without the incident, which is another one each time.
    pub(crate) fn problem(&self) -> String {
        let problem: Problem =
            serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no problem: {}", self.body()));
        assert_eq!(self.header("cache-control"), "no-store");
        format!("{}\n{:?}: {}\n{}\n{}", self.head.status, problem.kind, problem.title, problem.detail, problem.advice)
    }

    /// Where the answer sends the browser.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status(), 307, "no redirect: {}", self.body());
        self.header("location")
    }
}
