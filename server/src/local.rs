//! An S3 inside the server, for one machine: opened from a folder that also keeps the secrets that belong to it.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::ssr::error_chain;
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::seal::{Keyring, SealKey};
use embedded::{BucketError, CorsRule, Credentials, Embedded, OpenError};
use serde::{Deserialize, Serialize};

use crate::config::{Config, LinkKeys};
use crate::cors;
use crate::s3::{Clock, Connection, S3Settings, S3Store, SettingsError, credentials, in_process};
use crate::start::bucket_hosts;
use crate::state::Storage;

mod lifecycle;

/// The Region that signatures name; any would do.
const REGION: &str = "us-east-1";

/// Below the data folder: what nobody but the server reads.
const SECRETS: &str = "secrets.json";

/// Below the data folder: the objects.
const OBJECTS: &str = "s3";

/// Below the data folder: held while the secrets are made.
const SECRETS_LOCK: &str = "secrets.lock";

/// Readable and writable by the owner alone.
const PRIVATE_FILE: u32 = 0o600;
/// The same for a folder.
const PRIVATE_FOLDER: u32 = 0o700;

/// Why the S3 inside the server cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The data folder cannot be made.
    #[error("the data folder {} cannot be made: {source}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The secrets can be neither read nor written.
    #[error("the secrets in {} cannot be read or written: {source}", .path.display())]
    Secrets {
        /// Where they are kept.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The secrets are not as they were written.
    #[error("the secrets in {} are damaged; move it away to begin with new ones, which ends all links", .path.display())]
    Damaged {
        /// Where they are kept.
        path: PathBuf,
    },
    /// The objects cannot be opened.
    #[error("the embedded S3 cannot be opened: {0}")]
    Open(#[from] OpenError),
    /// The rules for browsers cannot be set.
    #[error("the embedded S3 takes no CORS rules: {0}")]
    Cors(#[from] BucketError),
    /// The rule for unfinished uploads cannot be set.
    #[error("the embedded S3 takes no lifecycle rule: {}", error_chain(.0))]
    Lifecycle(Box<aws_sdk_s3::Error>),
    /// The hosts do not fit.
    #[error("the hosts of the buckets do not fit: {0}")]
    Hosts(#[from] SettingsError),
}

/// What is generated once and kept: whoever has it can sign for this S3 and seal links.
#[derive(Serialize, Deserialize)]
struct Secrets {
    access_key_id: String,
    secret_access_key: String,
    link_key: String,
}

/// Opens the S3 and everything around it. The second value is the S3 itself, for those who want to disturb it.
///
/// # Errors
/// [`LocalError`], each with what it is about.
pub async fn open(config: &Config, data_dir: &Path, clock: Clock) -> Result<(Storage, Embedded), LocalError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_FOLDER)
        .create(data_dir)
        .map_err(|source| LocalError::Folder { path: data_dir.to_owned(), source })?;
    let secrets = Secrets::load_or_make(data_dir)?;
    let own_key = secrets.seal_key().ok_or_else(|| LocalError::Damaged { path: data_dir.join(SECRETS) })?;
    let s3 = Embedded::open(embedded::Settings {
        data_dir: data_dir.join(OBJECTS),
        region: REGION.to_owned(),
        credentials: Credentials {
            access_key_id: secrets.access_key_id.clone(),
            secret_access_key: secrets.secret_access_key.clone(),
        },
        hosts: config
            .buckets
            .iter()
            .map(|bucket| (bucket.public_host.host().to_owned(), bucket.name.0.clone()))
            .collect(),
        buckets: config.buckets.iter().map(|bucket| bucket.name.0.clone()).collect(),
    })
    .await?;
    for bucket in &config.buckets {
        s3.set_cors(&bucket.name.0, vec![cors_rule(&config.portal.to_string())]).await?;
    }
    let store = S3Store::new(S3Settings {
        region: REGION.to_owned(),
        credentials: credentials::fixed(&secrets.access_key_id, &secrets.secret_access_key),
        connection: Connection::InProcess(in_process::client(s3.clone())),
        buckets: bucket_hosts(config),
        clock,
    })?;
    for bucket in &config.buckets {
        let rule_set = lifecycle::discard_unfinished_uploads(store.repeatable(), &bucket.name).await;
        rule_set.map_err(|error| LocalError::Lifecycle(Box::new(error)))?;
    }
    let keyring = match &config.link_keys {
        LinkKeys::Given(keyring) => keyring.clone(),
        LinkKeys::KeptWithStorage => Keyring::new(own_key, Vec::new()),
    };
    let files = Router::new().fallback_service(s3.service());
    Ok((Storage { store: Arc::new(store), keyring, files: Some(files) }, s3))
}

fn cors_rule(portal_origin: &str) -> CorsRule {
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    CorsRule {
        id: None,
        allowed_origins: vec![portal_origin.to_owned()],
        allowed_methods: owned(cors::METHODS),
        allowed_headers: owned(cors::ALLOWED_HEADERS),
        expose_headers: owned(cors::EXPOSED_HEADERS),
        max_age_s: Some(cors::MAX_AGE_S),
    }
}

impl Secrets {
    /// One process at a time, so that of two first starts the second has the secrets of the first.
    fn load_or_make(folder: &Path) -> Result<Self, LocalError> {
        let path = folder.join(SECRETS);
        let failed = |source| LocalError::Secrets { path: path.clone(), source };
        let lock = fs::File::create(folder.join(SECRETS_LOCK)).map_err(failed)?;
        lock.lock().map_err(failed)?;
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| LocalError::Damaged { path: path.clone() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secrets = Self::make().map_err(failed)?;
                secrets.save(folder, &path).map_err(failed)?;
                Ok(secrets)
            }
            Err(error) => Err(failed(error)),
        }
    }

    fn make() -> io::Result<Self> {
        Ok(Self {
            access_key_id: format!("CAUSEWAY{}", hex(&random::<6>()?)),
            secret_access_key: STANDARD.encode(random::<30>()?),
            link_key: STANDARD.encode(random::<32>()?),
        })
    }

    /// Written beside and renamed, so that a crash leaves either nothing or all of it.
    fn save(&self, folder: &Path, path: &Path) -> io::Result<()> {
        let beside = path.with_extension("new");
        // One that a crash left may be readable by others: permissions are set only where a file is made.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        fs::rename(beside, path)?;
        fs::File::open(folder)?.sync_all()
    }

    fn seal_key(&self) -> Option<SealKey> {
        SealKey::new("local", STANDARD.decode(&self.link_key).ok()?).ok()
    }
}

fn random<const BYTES: usize>() -> io::Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn first_starts_at_once_agree_on_the_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<String> = std::thread::scope(|scope| {
            let start = || Secrets::load_or_make(folder.path()).unwrap().link_key;
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{} starts", keys.len());
    }

    #[test]
    fn secrets_are_the_owner_s_alone_whatever_a_crash_left() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join("secrets.new");
        fs::write(&left, "half").unwrap();
        fs::set_permissions(&left, fs::Permissions::from_mode(0o644)).unwrap();
        Secrets::load_or_make(folder.path()).unwrap();
        let mode = fs::metadata(folder.path().join(SECRETS)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, PRIVATE_FILE);
        assert!(!left.exists());
    }
}
