//! A body that breaks off where a scripted fault says, as a connection that is cut does.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use s3s::{Body, StdError};

use crate::faults::Exchange;

/// The error that a cut body ends with.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut by a scripted fault")]
struct WasCut;

/// A body, and how much of it passes.
pub(super) struct Cut {
    body: Body,
    passed: u64,
    limit: Limit,
}

enum Limit {
    /// Known before the first byte.
    Bytes(u64),
    /// Noted in the exchange once the operation is known, before its body is read.
    Exchange(Arc<Exchange>),
}

/// The answer, cut after so many bytes of its body. Of a body that is known to be empty nobody asks for the next
/// byte, and such an answer would leave whole: here its length is not known, and its status one that has a body.
pub(super) fn answer(mut response: Response<Body>, limit: u64) -> Response<Body> {
    if response.body().size_hint().exact() == Some(0) {
        response.headers_mut().remove(CONTENT_LENGTH);
        if matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            *response.status_mut() = StatusCode::OK;
        }
    }
    response.map(|body| Body::http_body_unsync(Cut { body, passed: 0, limit: Limit::Bytes(limit) }))
}

impl Cut {
    pub(super) fn request(body: Body, exchange: Arc<Exchange>) -> Self {
        Self { body, passed: 0, limit: Limit::Exchange(exchange) }
    }

    fn limit(&self) -> Option<u64> {
        match &self.limit {
            Limit::Bytes(limit) => Some(*limit),
            Limit::Exchange(exchange) => exchange.request_limit(),
        }
    }
}

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let limit = self.limit();
        if limit.is_some_and(|limit| self.passed >= limit) {
            return Poll::Ready(Some(Err(Box::new(WasCut))));
        }
        let frame = std::task::ready!(http_body::Body::poll_frame(Pin::new(&mut self.body), context));
        let Some(Ok(frame)) = frame else {
            // A body that ends before its limit is cut at its end.
            return Poll::Ready(match (frame, limit) {
                (None, Some(_)) => Some(Err(Box::new(WasCut))),
                (other, _) => other,
            });
        };
        let frame = match (frame.into_data(), limit) {
            (Ok(mut bytes), Some(limit)) => {
                let room = usize::try_from(limit - self.passed).unwrap_or(usize::MAX);
                bytes.truncate(room);
                Frame::data(bytes)
            }
            (Ok(bytes), None) => Frame::data(bytes),
            (Err(frame), _) => frame,
        };
        self.passed += frame.data_ref().map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or_default());
        Poll::Ready(Some(Ok(frame)))
    }

    fn size_hint(&self) -> SizeHint {
        let hint = http_body::Body::size_hint(&self.body);
        match self.limit {
            Limit::Bytes(_) if hint.exact() == Some(0) => SizeHint::default(),
            _ => hint,
        }
    }
}
