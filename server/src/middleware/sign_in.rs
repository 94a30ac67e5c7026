//! Finds out who is behind a request, and keeps nobody from seeing anything.

use std::sync::Arc;

use app::words;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::access_log::name_user;
use crate::answer::{Answers, Asker};
use crate::identity::IdentitySource;

/// The one page of the portal that shows itself to anyone: the link is the permission.
pub(crate) const SHARE_LINK: &str = "/s/{token}";

/// Who tells people apart, and how strangers are told.
#[derive(Clone)]
pub struct SignIn {
    /// The operator's choice.
    pub source: Arc<dyn IdentitySource>,
    /// How they are told.
    pub answers: Answers,
}

/// Puts the identity into the request, or answers 401: never a redirect, which looks like a CORS error to a script.
pub async fn require(State(sign_in): State<SignIn>, mut request: Request, next: Next) -> Response {
    match sign_in.source.identify(request.headers()).await {
        Ok(identity) => {
            name_user(&identity.user);
            request.extensions_mut().insert(identity);
            next.run(request).await
        }
        Err(_) if is_share_link(&request) => next.run(request).await,
        Err(why) => {
            tracing::warn!(%why, "nobody is signed in");
            sign_in.answers.problem(&Asker::of(&request), words::not_signed_in())
        }
    }
}

/// Some mail programs end a link with a slash.
fn is_share_link(request: &Request) -> bool {
    request.extensions().get::<MatchedPath>().is_some_and(|route| route.as_str().trim_end_matches('/') == SHARE_LINK)
}
