//! The parts of a running site, put together from the configuration and an opened storage.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use app::ssr::{Bucket, Portal};
use axum::Router;
use domain::seal::Keyring;
use domain::store::ObjectStore;
use domain::units::UnixMillis;

use crate::access::Everyone;
use crate::assets::{self, AssetsError};
use crate::config::Config;
use crate::health::Readiness;
use crate::identity::{self, IdentitySource};
use crate::s3::Clock;

/// A storage that can be used.
pub struct Storage {
    /// S3 for the portal.
    pub store: Arc<dyn ObjectStore>,
    /// Seals links and tickets.
    pub keyring: Keyring,
    /// Answers on the files hosts, where the S3 is inside the server.
    pub files: Option<Router>,
}

/// Everything that the routes need.
#[derive(Clone)]
pub struct Site {
    /// What the operator decided.
    pub config: Config,
    /// What pages and API use.
    pub portal: Portal,
    /// Tells who is behind a request.
    pub identity: Arc<dyn IdentitySource>,
    /// Whether new requests should come here.
    pub readiness: Readiness,
    /// Answers on the files hosts, where the S3 is inside the server.
    pub files: Option<Router>,
}

impl Site {
    /// Puts the parts together; the assets have to be built.
    ///
    /// # Errors
    /// [`AssetsError`] where they are not.
    pub fn new(config: Config, storage: Storage, clock: Clock) -> Result<Self, AssetsError> {
        let buckets: Arc<[Bucket]> = config
            .buckets
            .iter()
            .map(|bucket| Bucket {
                name: bucket.name.clone(),
                label: bucket.label.clone(),
                files_origin: config.files_origin(bucket).to_string(),
            })
            .collect();
        let names = buckets.iter().map(|bucket| bucket.name.clone()).collect();
        Ok(Self {
            portal: Portal {
                store: storage.store.clone(),
                policy: Arc::new(Everyone),
                buckets,
                keyring: Arc::new(storage.keyring),
                portal_origin: config.portal.to_string().into(),
                max_link_s: config.lifetimes.max_link_s,
                assets: Arc::new(assets::load(&config.site_root)?),
                clock,
            },
            identity: identity::source(&config.identity),
            readiness: Readiness::new(storage.store, names),
            files: storage.files,
            config,
        })
    }
}

/// The machine's own clock.
pub fn wall_clock() -> Clock {
    Arc::new(|| {
        // A clock before 1970 is wrong anyway; signatures made by it would be refused.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    })
}
