//! From the environment to a running server, and one clear sentence where that fails.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::assets::AssetsError;
use crate::config::{self, Config, ConfigError, LinkKeys, LogFormat};
use crate::s3::{BucketHosts, Clock, Connection, S3Settings, S3Store, SettingsError, credentials};
use crate::state::{Site, Storage, wall_clock};
use crate::{router, serve, shutdown, telemetry};

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings are wrong.
    #[error("Causeway does not start: {0}")]
    Config(#[from] ConfigError),
    /// Somebody else listens there.
    #[error(
        "Causeway does not start: {0} is in use by another program; stop that one or set CAUSEWAY_LISTEN to another port"
    )]
    InUse(SocketAddr),
    /// Nobody may or can listen there.
    #[error("Causeway does not start: it cannot listen on {address}: {source}")]
    Listen {
        /// Where it should.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The assets are not built.
    #[error("Causeway does not start: {0}")]
    Assets(#[from] AssetsError),
    /// The S3 inside the server cannot be opened.
    #[cfg(feature = "embedded")]
    #[error("Causeway does not start: {0}")]
    Local(#[from] crate::local::LocalError),
    /// The hosts of the buckets do not fit.
    #[error("Causeway does not start: {0}")]
    Hosts(#[from] SettingsError),
    /// A part that this build leaves out is needed.
    #[cfg(not(feature = "embedded"))]
    #[error("Causeway does not start: {0}")]
    Missing(&'static str),
    /// The system takes no signal handlers.
    #[error("Causeway does not start: it cannot listen for signals: {0}")]
    Signals(io::Error),
}

/// Serves as the environment says until told to stop.
///
/// # Errors
/// [`StartError`], before anything is served.
pub async fn run() -> Result<(), StartError> {
    let config = Config::from_env()?;
    telemetry::start(&config.log);
    let unknown = Config::unknown_names().join(", ");
    if !unknown.is_empty() {
        tracing::warn!(unknown, "these names are no settings and have no effect; see `causeway settings`");
    }
    let listener = listen(config.listen).await?;
    let port = listener.local_addr().map_or(config.listen.port(), |address| address.port());
    let config = config.on_port(port);
    let clock = wall_clock();
    let storage = open_storage(&config, clock.clone()).await?;
    let site = Site::new(config, storage, clock)?;
    let stops = shutdown::signals().map_err(StartError::Signals)?;
    announce(&site.config);
    serve::serve(listener, router::router(&site), &site.config.limits, site.readiness.clone(), stops).await;
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::InUse(address),
        _ => StartError::Listen { address, source },
    })
}

async fn open_storage(config: &Config, clock: Clock) -> Result<Storage, StartError> {
    match &config.storage {
        #[cfg(feature = "embedded")]
        config::Storage::Embedded { data_dir } => {
            crate::local::open(config, data_dir, clock).await.map(|(storage, _)| storage).map_err(StartError::from)
        }
        // The configuration does not let it come so far.
        #[cfg(not(feature = "embedded"))]
        config::Storage::Embedded { .. } => Err(StartError::Missing("this build leaves the embedded storage out")),
        config::Storage::S3 { region, endpoint, path_style } => {
            let connection = match endpoint {
                Some(endpoint) => Connection::Endpoint { url: endpoint.to_string(), path_style: *path_style },
                None => Connection::Aws,
            };
            let LinkKeys::Given(keyring) = &config.link_keys else {
                unreachable!("the configuration takes no s3 without keys");
            };
            let store = S3Store::new(S3Settings {
                region: region.clone(),
                credentials: credentials::chain(region).await,
                connection,
                buckets: bucket_hosts(config),
                clock,
            })?;
            Ok(Storage { store: Arc::new(store), keyring: keyring.clone(), files: None })
        }
    }
}

/// The hosts of all buckets, as the S3 adapter wants them.
pub(crate) fn bucket_hosts(config: &Config) -> Vec<BucketHosts> {
    let hosts = config.buckets.iter().map(|bucket| BucketHosts {
        bucket: bucket.name.clone(),
        public_origin: config.files_origin(bucket).to_string(),
        signing_host: bucket.signing_host.to_string(),
    });
    hosts.collect()
}

/// The last line of the start: a plain one for people, an event for machines that read the log.
fn announce(config: &Config) {
    let files: Vec<String> = config.buckets.iter().map(|bucket| config.files_origin(bucket).to_string()).collect();
    let (portal, files) = (config.portal.to_string(), files.join(", "));
    match config.log.format {
        LogFormat::Pretty => println!("Causeway is running: portal {portal}, files {files}"),
        LogFormat::Json => tracing::info!(portal, files, "Causeway is running"),
    }
}
