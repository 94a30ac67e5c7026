//! The credentials that URLs are signed with, held together with their end, so that it is known for every URL.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, UNIX_EPOCH};

use app::ssr::error_chain;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::identity::Identity;
use domain::store::StoreError;
use domain::units::UnixMillis;
use tokio::sync::Mutex;

use super::error::unavailable;

/// With less life left than this, new credentials are asked for: 15 minutes, the life of a part's URL, so that
/// an upload's URLs are not cut short where the source renews early enough.
const RENEW_BEFORE_MS: u64 = 15 * 60 * 1000;

/// Between two questions for new credentials while the old ones still hold: 30 s. Some sources answer the same ones
/// until shortly before their end.
const ASK_AGAIN_AFTER_MS: u64 = 30 * 1000;

/// Longest wait for an answer, as long as the SDK waits for its own calls: some sources have no limit of their own.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// What to sign with, and until when. Copies share it.
#[derive(Clone)]
pub(crate) struct SigningKey {
    /// AWS's credentials as its signing library takes them.
    pub(crate) identity: Identity,
    /// `None` for keys without an end.
    pub(crate) end: Option<UnixMillis>,
}

struct Held {
    key: SigningKey,
    asked_at: UnixMillis,
}

/// Holds the current key; asks for the next one before it ends.
pub(crate) struct SigningKeys {
    provider: SharedCredentialsProvider,
    held: RwLock<Option<Held>>,
    /// One question at a time.
    renewal: Mutex<()>,
}

impl SigningKeys {
    pub(crate) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, held: RwLock::new(None), renewal: Mutex::new(()) }
    }

    /// A key that holds at `now`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where no valid credentials are to be had.
    pub(crate) async fn at(&self, now: UnixMillis) -> Result<SigningKey, StoreError> {
        if let Some(key) = self.fresh(now) {
            return Ok(key);
        }
        let _one_at_a_time = match self.held_until(now) {
            // Nobody waits for the one who asks while there is something to sign with.
            Some(held) => match self.renewal.try_lock() {
                Ok(turn) => turn,
                Err(_) => return Ok(held),
            },
            None => self.renewal.lock().await,
        };
        if let Some(key) = self.fresh(now) {
            return Ok(key);
        }
        let key = match self.ask().await {
            Ok(credentials) if end_of(&credentials).is_none_or(|end| end > now) => {
                SigningKey { end: end_of(&credentials), identity: credentials.into() }
            }
            Ok(_) => self.held_until(now).ok_or_else(|| unavailable("the credentials to sign with have ended"))?,
            Err(error) => {
                let held = self.held_until(now);
                tracing::warn!(
                    error = error_chain(&error),
                    still_signing = held.is_some(),
                    "no new credentials to sign with"
                );
                held.ok_or_else(|| unavailable(error))?
            }
        };
        let held = Held { key: key.clone(), asked_at: now };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(key)
    }

    async fn ask(&self) -> Result<Credentials, CredentialsError> {
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.provider.provide_credentials()).await;
        answer.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(ANSWER_WITHIN)))
    }

    /// What is held, if there is no reason to ask for more.
    fn fresh(&self, now: UnixMillis) -> Option<SigningKey> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let held = held.as_ref()?;
        let Some(end) = held.key.end else { return Some(held.key.clone()) };
        let early = now.plus_ms(RENEW_BEFORE_MS) < end;
        let just_asked = now < end && now.ms_since(held.asked_at) < ASK_AGAIN_AFTER_MS;
        (early || just_asked).then(|| held.key.clone())
    }

    /// What is held, if it holds at all.
    fn held_until(&self, now: UnixMillis) -> Option<SigningKey> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let key = &held.as_ref()?.key;
        key.end.is_none_or(|end| end > now).then(|| key.clone())
    }
}

fn end_of(credentials: &Credentials) -> Option<UnixMillis> {
    let since_epoch = credentials.expiry()?.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Some(UnixMillis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)))
}
