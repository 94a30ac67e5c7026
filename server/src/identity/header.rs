//! A trusted proxy signs people in and passes their names on, with a secret that proves that it is the proxy.

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue};
use domain::access::Identity;
use subtle::ConstantTimeEq as _;

use super::{IdentitySource, Unidentified};
use crate::config::HeaderIdentity;
use crate::headers::only;

/// Longest name of a person or group, in bytes: longer than any account name or address.
const MAX_NAME_BYTES: usize = 320;

/// Longest list of groups, in bytes: half of what one header may hold on the way.
const MAX_GROUPS_BYTES: usize = 8 * 1024;

/// Believes the names of a proxy that knows the secret.
#[derive(Clone, Debug)]
pub struct TrustedProxy(HeaderIdentity);

impl TrustedProxy {
    /// With the headers and the secret that the operator agreed on with the proxy.
    pub fn new(settings: HeaderIdentity) -> Self {
        Self(settings)
    }

    fn check_secret(&self, headers: &HeaderMap) -> Result<(), Unidentified> {
        let found = only(headers, &self.0.secret_header)?.ok_or(Unidentified::SecretMissing)?;
        // The lengths may differ in the open: the length of the secret is not what keeps it.
        if found.as_bytes().ct_eq(self.0.secret.expose()).into() { Ok(()) } else { Err(Unidentified::SecretWrong) }
    }
}

#[async_trait]
impl IdentitySource for TrustedProxy {
    async fn identify(&self, headers: &HeaderMap) -> Result<Identity, Unidentified> {
        self.check_secret(headers)?;
        let user = only(headers, &self.0.user)?.ok_or(Unidentified::NobodyNamed)?;
        let groups = only(headers, &self.0.groups)?;
        Ok(Identity { user: name(text(user, MAX_NAME_BYTES)?)?, groups: groups.map_or(Ok(Vec::new()), group_names)? })
    }
}

fn group_names(value: &HeaderValue) -> Result<Vec<String>, Unidentified> {
    text(value, MAX_GROUPS_BYTES)?.split(',').filter(|group| !group.trim().is_empty()).map(name).collect()
}

fn text(value: &HeaderValue, max_bytes: usize) -> Result<&str, Unidentified> {
    if value.len() > max_bytes {
        return Err(Unidentified::Unreadable);
    }
    std::str::from_utf8(value.as_bytes()).map_err(|_| Unidentified::Unreadable)
}

fn name(text: &str) -> Result<String, Unidentified> {
    let name = text.trim();
    if name.is_empty() {
        return Err(Unidentified::NobodyNamed);
    }
    if name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        return Err(Unidentified::Unreadable);
    }
    Ok(name.to_owned())
}
