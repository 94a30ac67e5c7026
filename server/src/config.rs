//! What the operator decides: read once from `CAUSEWAY_*`, checked as a whole, and typed from then on.
//!
//! Nothing else in the product reads the environment. [`Config::from_lookup`] takes a function instead of the
//! process's environment, so that a test is a map and not a mutex.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

mod buckets;
mod identity;
mod link_keys;
mod listen;
mod origin;
mod parse;
mod reader;
mod reference;
mod storage;
pub mod variables;

pub use self::buckets::Bucket;
pub use self::identity::{HeaderIdentity, Identity, SharedSecret};
pub use self::link_keys::LinkKeys;
use self::listen::Listen;
pub use self::origin::{Authority, Origin, Scheme};
use self::reader::Reader;
pub use self::reader::{ConfigError, Finding};
pub use self::reference::reference;
pub use self::storage::Storage;
use self::variables as var;
use crate::api::MAX_EXPIRATION_S;

/// The whole configuration, resolved and consistent.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server listens; port 0 for any that is free. `CAUSEWAY_LISTEN`, default 127.0.0.1:3000.
    pub listen: SocketAddr,
    /// Scheme, host and port that people type. `CAUSEWAY_PORTAL_ORIGIN`, default `http://localhost:` and the port.
    pub portal: Origin,
    /// Built assets: the folder with `assets.json`. `CAUSEWAY_SITE_ROOT`, default `target/site`.
    pub site_root: PathBuf,
    /// In the order they are shown; never empty. `CAUSEWAY_BUCKETS`, default one bucket `files`.
    pub buckets: Vec<Bucket>,
    /// Which S3. `CAUSEWAY_STORAGE` and what belongs to it.
    pub storage: Storage,
    /// What seals links and tickets. `CAUSEWAY_LINK_KEYS`, default generated and kept in the data directory.
    pub link_keys: LinkKeys,
    /// How long signed things live.
    pub lifetimes: Lifetimes,
    /// Who people are. `CAUSEWAY_IDENTITY` and what belongs to it.
    pub identity: Identity,
    /// What is logged, and how.
    pub log: Log,
    /// What one server takes on.
    pub limits: Limits,
}

/// How long signed things live, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Longest life of a share link. `CAUSEWAY_MAX_LINK_S`, default 7 days.
    pub max_link_s: u64,
    /// Longest life of a presigned URL that the API hands out. `CAUSEWAY_MAX_PRESIGN_S`, default 12 hours.
    pub max_presign_s: u64,
    /// Life of an upload's URLs. `CAUSEWAY_UPLOAD_URL_TTL_S`, default 15 minutes.
    pub upload_url_s: u64,
    /// How long an upload can be gone on with. `CAUSEWAY_UPLOAD_TICKET_TTL_S`, default 6 days.
    pub upload_ticket_s: u64,
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// Directives of tracing's filter. `CAUSEWAY_LOG`, default `info`.
    pub filter: String,
    /// For people or for machines. `CAUSEWAY_LOG_FORMAT`, default `pretty`.
    pub format: LogFormat,
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One readable line an event.
    Pretty,
    /// One JSON object an event.
    Json,
}

/// What one server takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest time until an answer begins. `CAUSEWAY_REQUEST_TIMEOUT_S`, default 30 s.
    pub request_timeout: Duration,
    /// Longest wait for a request's head. It runs on idle connections as well, so it has to be longer than the load
    /// balancer's idle timeout: whoever closes first must not be the server. `CAUSEWAY_HEADER_TIMEOUT_S`, default 320 s.
    pub header_timeout: Duration,
    /// How long requests are still taken after SIGTERM. `CAUSEWAY_DRAIN_S`, default 10 s.
    pub drain: Duration,
    /// Longest wait for open requests after that. `CAUSEWAY_SHUTDOWN_TIMEOUT_S`, default 20 s.
    pub shutdown_timeout: Duration,
    /// Longest body that the portal reads; objects never pass through it. `CAUSEWAY_MAX_BODY_BYTES`, default 1 MiB.
    pub max_body_bytes: usize,
    /// Most requests answered at once. `CAUSEWAY_MAX_CONCURRENT_REQUESTS`, default 512.
    pub max_concurrent_requests: usize,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(&|name| std::env::var_os(name))
    }

    /// The portal's own origin alone, for what is to be set up before everything else is decided.
    ///
    /// # Errors
    /// [`ConfigError`] where it is wrong.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn portal_from_env() -> Result<Origin, ConfigError> {
        let mut read = Reader::new(&|name| std::env::var_os(name));
        let listen = Listen::read(&mut read);
        let portal = portal_origin(&mut read, &listen);
        read.finish(portal)
    }

    /// Names in the process's environment that look like settings and are none: a slip of the pen, mostly. They are no
    /// mistake by themselves, as orchestrators and our own commands put names of that kind there too.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn unknown_names() -> Vec<String> {
        unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
    }

    /// Reads what `lookup` answers for each name of [`variables::SECTIONS`].
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let mut read = Reader::new(lookup);
        let listen = Listen::read(&mut read);
        let portal = portal_origin(&mut read, &listen);
        let storage = Storage::read(&mut read);
        let buckets = buckets::read(&mut read, &portal, storage.as_ref());
        let config = Self {
            listen: listen.address,
            site_root: read.value(&var::SITE_ROOT, parse::path),
            link_keys: link_keys::read(&mut read, storage.as_ref()),
            lifetimes: Lifetimes::read(&mut read),
            identity: Identity::read(&mut read, &listen, &portal),
            log: Log::read(&mut read),
            limits: Limits::read(&mut read),
            portal,
            buckets,
            // Where it is wrong nothing starts with this.
            storage: storage.unwrap_or_else(|| Storage::Embedded { data_dir: PathBuf::new() }),
        };
        read.finish(config)
    }

    /// The same with the port that the system chose, where the configuration left it open.
    #[must_use]
    pub fn on_port(mut self, port: u16) -> Self {
        self.listen.set_port(port);
        self.portal = self.portal.on_port(port);
        let scheme = self.portal.scheme();
        for bucket in &mut self.buckets {
            bucket.public_host = bucket.public_host.clone().on_port(port).of_scheme(scheme);
            bucket.signing_host = bucket.signing_host.clone().on_port(port).of_scheme(scheme);
        }
        self
    }

    /// Scheme, host and port of a bucket's files host, as browsers call it.
    pub fn files_origin(&self, bucket: &Bucket) -> Origin {
        Origin::new(self.portal.scheme(), bucket.public_host.clone())
    }
}

fn unknown(names: impl Iterator<Item = String>) -> Vec<String> {
    let is_known = |name: &String| {
        variables::SECTIONS.iter().flat_map(|section| section.variables).any(|known| known.name == *name)
    };
    let mut unknown: Vec<String> = names.filter(|name| name.starts_with("CAUSEWAY_") && !is_known(name)).collect();
    unknown.sort_unstable();
    unknown
}

/// The portal's own origin. Browsers resolve `localhost` to loopback by themselves, so it needs no decision there.
fn portal_origin(read: &mut Reader<'_>, listen: &Listen) -> Origin {
    if let Some(origin) = read.optional(&var::PORTAL_ORIGIN, Origin::parse) {
        return origin;
    }
    if listen.open.is_some() && !read.is_set(&var::PORTAL_ORIGIN) {
        read.wrong(&var::PORTAL_ORIGIN, "the address people type, as the server does not listen on loopback alone");
    }
    Origin::new(Scheme::Http, Authority::localhost(listen.address.port()))
}

impl Lifetimes {
    fn read(read: &mut Reader<'_>) -> Self {
        let lifetimes = Self {
            max_link_s: read.value(&var::MAX_LINK_S, parse::seconds(60, WEEK_S)),
            max_presign_s: read.value(&var::MAX_PRESIGN_S, parse::seconds(1, MAX_EXPIRATION_S)),
            upload_url_s: read.value(&var::UPLOAD_URL_TTL_S, parse::seconds(60, MAX_EXPIRATION_S)),
            upload_ticket_s: read.value(&var::UPLOAD_TICKET_TTL_S, parse::seconds(3600, WEEK_S)),
        };
        if lifetimes.upload_url_s > lifetimes.upload_ticket_s {
            read.wrong(
                &var::UPLOAD_URL_TTL_S,
                "no more than CAUSEWAY_UPLOAD_TICKET_TTL_S: a URL does not outlive its upload",
            );
        }
        lifetimes
    }
}

/// The longest that S3 lets a signature live, and that a bucket keeps unfinished uploads by our rule.
const WEEK_S: u64 = domain::limits::MAX_PRESIGN_S;

/// The longest body of the portal's own pages: a call to create 100 uploads with keys of 1,024 bytes, each byte escaped
/// in JSON. 1 MiB, with room to spare.
const MIN_BODY_BYTES: usize = 1024 * 1024;

impl Log {
    fn read(read: &mut Reader<'_>) -> Self {
        Self {
            filter: read.value(&var::LOG, parse::log_filter),
            format: read.value(&var::LOG_FORMAT, parse::log_format),
        }
    }
}

impl Limits {
    fn read(read: &mut Reader<'_>) -> Self {
        Self {
            request_timeout: read.value(&var::REQUEST_TIMEOUT_S, parse::duration(1, 300)),
            header_timeout: read.value(&var::HEADER_TIMEOUT_S, parse::duration(1, 4000)),
            drain: read.value(&var::DRAIN_S, parse::duration(0, 120)),
            shutdown_timeout: read.value(&var::SHUTDOWN_TIMEOUT_S, parse::duration(1, 120)),
            max_body_bytes: read.value(&var::MAX_BODY_BYTES, parse::count(MIN_BODY_BYTES, 16 * 1024 * 1024)),
            max_concurrent_requests: read.value(&var::MAX_CONCURRENT_REQUESTS, parse::count(1, 100_000)),
        }
    }
}

#[cfg(test)]
mod tests;
