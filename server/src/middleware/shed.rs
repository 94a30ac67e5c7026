//! Answers as many requests at once as the server can bear and sends the others away to come back.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::{Problem, ProblemKind};
use http_body_util::BodyExt as _;
use tokio::sync::Semaphore;

use crate::answer::{Answers, Asker};

/// Places for requests.
#[derive(Clone, Debug)]
pub struct Places {
    free: Arc<Semaphore>,
    answers: Answers,
}

impl Places {
    /// At most `count` requests at once.
    pub fn new(count: usize, answers: Answers) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), answers }
    }
}

/// Takes a place, or says that there is none. Waiting would only move the queue to where nobody sees it.
pub async fn shed(State(places): State<Places>, request: Request, next: Next) -> Response {
    let Ok(place) = places.free.clone().try_acquire_owned() else {
        return places.answers.problem(
            &Asker::of(&request),
            Problem::new(
                ProblemKind::Busy,
                "The portal is busy",
                "It answers as many requests as it can at the moment.",
                "Try again in a few seconds.",
            ),
        );
    };
    // The place is kept until the last byte: a page that is still being written is still work.
    next.run(request).await.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _until_the_body_is_dropped = &place;
            frame
        }))
    })
}
