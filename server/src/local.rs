//! An S3 inside the server, for one machine: opened from a folder that also keeps the secrets that belong to it.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// The Region that signatures name; any would do.
const REGION: &str = "us-east-1";

/// Below the data folder: what nobody but the server reads.
const SECRETS: &str = "secrets.json";

/// Below the data folder: the objects.
const OBJECTS: &str = "s3";

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
    let path = data_dir.join(SECRETS);
    let secrets = Secrets::load_or_make(&path)?;
    let own_key = secrets.seal_key().ok_or(LocalError::Damaged { path })?;
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
    fn load_or_make(path: &Path) -> Result<Self, LocalError> {
        let failed = |source| LocalError::Secrets { path: path.to_owned(), source };
        match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| LocalError::Damaged { path: path.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secrets = Self::make().map_err(failed)?;
                secrets.save(path).map_err(failed)?;
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
    fn save(&self, path: &Path) -> io::Result<()> {
        let beside = path.with_extension("new");
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(PRIVATE_FILE).open(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        fs::rename(beside, path)
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
