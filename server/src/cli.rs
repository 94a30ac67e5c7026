//! What the program is asked to do, and the small things it does besides serving.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::config::{Config, ConfigError};

/// Said where the arguments are not understood.
pub const USAGE: &str = "\
usage: causeway               serve; settings come from CAUSEWAY_\u{2026} variables
       causeway settings      print what can be set, in Markdown
       causeway cors          print what every bucket has to allow the portal's pages, for aws s3api put-bucket-cors
       causeway healthcheck   ask the server on this machine whether it lives";

/// What the program is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve until told to stop.
    Serve,
    /// Ask the server on this machine whether it lives: the container's health check, which has no curl.
    HealthCheck,
    /// Print the reference page of the settings.
    Settings,
    /// Print the buckets' CORS rules.
    Cors,
}

impl Command {
    /// `None` where the arguments are not understood.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let command = match arguments.next() {
            None => Self::Serve,
            Some(word) => match word.to_str()? {
                "healthcheck" => Self::HealthCheck,
                "settings" => Self::Settings,
                "cors" => Self::Cors,
                _ => return None,
            },
        };
        arguments.next().is_none().then_some(command)
    }
}

/// Why the server counts as dead.
#[derive(Debug, thiserror::Error)]
pub enum HealthCheckError {
    /// The settings, which tell where it listens, cannot be read.
    #[error("Causeway cannot be asked: {0}")]
    Config(#[from] ConfigError),
    /// Nothing answers there.
    #[error("Causeway does not answer on {address}: {source}")]
    Silent {
        /// Where it should listen.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something answers, and not with 200.
    #[error("Causeway is not well on {address}: {status}")]
    Unwell {
        /// Where it listens.
        address: SocketAddr,
        /// The first line of the answer.
        status: String,
    },
}

/// Longest wait for the answer, below the shortest interval that orchestrators use.
const HEALTH_CHECK_TIMEOUT: Duration = Duration::from_secs(4);

/// Longest status line worth reading, in bytes.
const STATUS_LINE_BYTES: u64 = 64;

/// Asks `/healthz` where the settings say that the server listens.
///
/// # Errors
/// [`HealthCheckError`] unless the answer is 200.
pub async fn health_check() -> Result<(), HealthCheckError> {
    let address = reachable(Config::from_env()?.listen);
    let silent = |source| HealthCheckError::Silent { address, source };
    let status = tokio::time::timeout(HEALTH_CHECK_TIMEOUT, status_line(address))
        .await
        .map_err(|_| silent(std::io::ErrorKind::TimedOut.into()))?
        .map_err(silent)?;
    if status.split(' ').nth(1) == Some("200") { Ok(()) } else { Err(HealthCheckError::Unwell { address, status }) }
}

async fn status_line(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut head = Vec::new();
    stream.take(STATUS_LINE_BYTES).read_to_end(&mut head).await?;
    Ok(String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned())
}

/// An address to call: a server that listens everywhere also listens on loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

    use super::*;

    fn parsed(arguments: &[&str]) -> Option<Command> {
        Command::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn no_argument_means_serve_and_an_unknown_one_means_nothing() {
        assert_eq!(parsed(&[]), Some(Command::Serve));
        assert_eq!(parsed(&["healthcheck"]), Some(Command::HealthCheck));
        assert_eq!(parsed(&["settings"]), Some(Command::Settings));
        assert_eq!(parsed(&["cors"]), Some(Command::Cors));
        assert_eq!(parsed(&["serve"]), None);
        assert_eq!(parsed(&["settings", "more"]), None);
        let no_text = std::os::unix::ffi::OsStringExt::from_vec(vec![0xff]);
        assert_eq!(Command::parse([no_text].into_iter()), None);
    }

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_loopback() {
        assert_eq!(reachable("0.0.0.0:80".parse().unwrap()), "127.0.0.1:80".parse().unwrap());
        assert_eq!(reachable("[::]:80".parse().unwrap()), "[::1]:80".parse().unwrap());
        assert_eq!(reachable("10.1.2.3:80".parse().unwrap()), "10.1.2.3:80".parse().unwrap());
    }
}
