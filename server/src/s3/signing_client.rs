//! A client that signs, bound to one set of credentials so that their end is known for every URL it makes.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Credentials, IdentityCache, ProvideCredentials, SharedCredentialsProvider};
use domain::store::StoreError;
use domain::units::UnixMillis;
use tokio::sync::Mutex;

use super::client::{base, https};
use super::endpoint::SigningHosts;

/// With less life left than this, new credentials are asked for: 15 minutes, the life of a part's URL, so that
/// an upload's URLs are not cut short where the source renews early enough.
const RENEW_BEFORE_MS: u64 = 15 * 60 * 1000;

/// Between two questions for new credentials while the old ones still hold: 30 s. Some sources answer the same ones
/// until shortly before their end.
const ASK_AGAIN_AFTER_MS: u64 = 30 * 1000;

/// A client and the end of what it signs with.
#[derive(Clone)]
pub(crate) struct Signing {
    pub(crate) client: Client,
    /// `None` for keys without an end.
    pub(crate) credentials_end: Option<UnixMillis>,
}

struct Held {
    signing: Arc<Signing>,
    asked_at: UnixMillis,
}

/// Holds the current client; makes the next one before the credentials end.
pub(crate) struct SigningClient {
    region: String,
    provider: SharedCredentialsProvider,
    hosts: SigningHosts,
    held: RwLock<Option<Held>>,
    /// One question at a time.
    renewal: Mutex<()>,
}

impl SigningClient {
    pub(crate) fn new(region: &str, provider: SharedCredentialsProvider, hosts: SigningHosts) -> Self {
        Self { region: region.to_owned(), provider, hosts, held: RwLock::new(None), renewal: Mutex::new(()) }
    }

    /// A client whose credentials hold at `now`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where no valid credentials are to be had.
    pub(crate) async fn at(&self, now: UnixMillis) -> Result<Arc<Signing>, StoreError> {
        if let Some(signing) = self.fresh(now) {
            return Ok(signing);
        }
        let _one_at_a_time = self.renewal.lock().await;
        if let Some(signing) = self.fresh(now) {
            return Ok(signing);
        }
        let renewed = self.provider.provide_credentials().await;
        let signing = match renewed {
            Ok(credentials) if end_of(&credentials).is_none_or(|end| end > now) => Arc::new(self.with(credentials)),
            Ok(_) => self.held_until(now).ok_or_else(|| unavailable("the credentials to sign with have ended"))?,
            Err(error) => {
                let held = self.held_until(now);
                tracing::warn!(
                    error = chain(&error),
                    still_signing = held.is_some(),
                    "no new credentials to sign with"
                );
                held.ok_or_else(|| unavailable(error))?
            }
        };
        let held = Held { signing: Arc::clone(&signing), asked_at: now };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(signing)
    }

    /// What is held, if there is no reason to ask for more.
    fn fresh(&self, now: UnixMillis) -> Option<Arc<Signing>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let held = held.as_ref()?;
        let Some(end) = held.signing.credentials_end else { return Some(Arc::clone(&held.signing)) };
        let early = now.plus_ms(RENEW_BEFORE_MS) < end;
        let just_asked = now < end && now.ms_since(held.asked_at) < ASK_AGAIN_AFTER_MS;
        (early || just_asked).then(|| Arc::clone(&held.signing))
    }

    /// What is held, if it holds at all.
    fn held_until(&self, now: UnixMillis) -> Option<Arc<Signing>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let signing = &held.as_ref()?.signing;
        signing.credentials_end.is_none_or(|end| end > now).then(|| Arc::clone(signing))
    }

    fn with(&self, credentials: Credentials) -> Signing {
        let credentials_end = end_of(&credentials);
        let config = base(&self.region)
            .credentials_provider(credentials)
            // The credentials are at hand: a cache would only take a lock for each URL.
            .identity_cache(IdentityCache::no_cache())
            .endpoint_resolver(self.hosts.clone())
            .http_client(https())
            .build();
        Signing { client: Client::from_conf(config), credentials_end }
    }
}

fn end_of(credentials: &Credentials) -> Option<UnixMillis> {
    let since_epoch = credentials.expiry()?.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Some(UnixMillis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)))
}

fn unavailable(why: impl Into<domain::store::Source>) -> StoreError {
    StoreError::Unavailable(why.into())
}

fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
