//! Reads the rest of a refused request's body, so that the one who sends it gets to the answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use s3s::{Body, StdError};

/// How much is read for nothing at most: the largest body that a browser sends in one piece here,
/// twice. 128 MiB.
const MOST_BYTES: usize = 128 * 1024 * 1024;

/// How long at most.
const LONGEST: Duration = Duration::from_secs(30);

/// A request's body. Dropped before its end, it is read on in the background: a connection that is
/// closed while the client still sends is reset, and the answer that says why is lost with it.
pub(super) struct Drain {
    body: Option<Body>,
}

impl Drain {
    pub(super) fn new(body: Body) -> Self {
        Self { body: (!body.is_end_stream()).then_some(body) }
    }
}

impl http_body::Body for Drain {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = std::task::ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            // Ended or broken: there is nothing to read on.
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(LONGEST, read_on(body)));
        }
    }
}

async fn read_on(mut body: Body) {
    let mut left = MOST_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
