//! Who is behind a request: one small trait, one way of signing in each.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::HeaderMap;
use domain::access::Identity;

use crate::config;
use crate::headers::Repeated;

mod header;
mod none;

pub use self::header::TrustedProxy;
pub use self::none::LocalUser;

/// A way of telling who is behind a request.
#[async_trait]
pub trait IdentitySource: Send + Sync {
    /// The person, as the request's headers prove.
    ///
    /// # Errors
    /// [`Unidentified`], for the log; the person only learns that nobody is signed in.
    async fn identify(&self, headers: &HeaderMap) -> Result<Identity, Unidentified>;
}

/// Why nobody is behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unidentified {
    /// The proxy's secret is not there: the request came around the proxy, or the proxy is not set up.
    #[error("the secret of the proxy is missing")]
    SecretMissing,
    /// The proxy's secret is another one.
    #[error("the secret of the proxy is wrong")]
    SecretWrong,
    /// The proxy signed nobody in.
    #[error("the request names nobody")]
    NobodyNamed,
    /// Two headers where one belongs: whoever sent the first wants to be taken for somebody.
    #[error("a header of the proxy is there more than once")]
    Ambiguous,
    /// A name that cannot be one.
    #[error("a header of the proxy cannot be read")]
    Unreadable,
}

impl From<Repeated> for Unidentified {
    fn from(_: Repeated) -> Self {
        Self::Ambiguous
    }
}

/// The way that the operator chose.
pub fn source(identity: &config::Identity) -> Arc<dyn IdentitySource> {
    match identity {
        config::Identity::None => Arc::new(LocalUser),
        config::Identity::Header(header) => Arc::new(TrustedProxy::new(header.clone())),
    }
}
