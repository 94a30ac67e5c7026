//! No sign-in: one local user, on a server that only this machine can reach.

use async_trait::async_trait;
use axum::http::HeaderMap;
use domain::access::Identity;

use super::{IdentitySource, Unidentified};

/// Everyone is the one local user. The configuration allows it on loopback alone.
#[derive(Clone, Copy, Debug)]
pub struct LocalUser;

#[async_trait]
impl IdentitySource for LocalUser {
    async fn identify(&self, _: &HeaderMap) -> Result<Identity, Unidentified> {
        Ok(Identity { user: "local".to_owned(), groups: Vec::new() })
    }
}
