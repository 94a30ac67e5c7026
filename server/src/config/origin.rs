//! Origins and authorities: where the portal, the files hosts and S3 are, compared as browsers compare them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::reader::Expected;

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS: one machine, or a trusted network.
    Http,
    /// With TLS, which the load balancer ends.
    Https,
}

impl Scheme {
    /// As it stands in a URL, without `://`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A host in lower case and, where it is not the scheme's own, a port: the shape of a Host header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authority {
    host: String,
    port: Option<u16>,
}

impl Authority {
    /// `localhost` on a port.
    pub(super) fn localhost(port: u16) -> Self {
        Self { host: "localhost".to_owned(), port: Some(port) }
    }

    /// A name below this host, on the same port: `files.localhost:3000` of `localhost:3000`.
    pub(super) fn below(&self, label: &str) -> Self {
        Self { host: format!("{label}.{}", self.host), port: self.port }
    }

    /// Takes `host`, `host:port`, `1.2.3.4:port`, `[::1]:port`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.rfind(':') {
            Some(colon) if !text.ends_with(']') => (&text[..colon], Some(parse_port(&text[colon + 1..])?)),
            _ => (text, None),
        };
        is_host(host).then(|| Self { host: host.to_ascii_lowercase(), port })
    }

    /// Without its port, in lower case; IPv6 addresses in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The same as a request of that scheme means it: the scheme's own port goes without saying.
    #[must_use]
    pub fn of_scheme(mut self, scheme: Scheme) -> Self {
        if self.port == Some(scheme.default_port()) {
            self.port = None;
        }
        self
    }

    /// Whether this is an address of the machine itself, not its name.
    pub fn is_loopback_address(&self) -> bool {
        let v6 = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        match v6 {
            Some(v6) => v6.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
            None => self.host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
        }
    }

    /// Whether nothing but this machine is meant: one of its own addresses, or a name that is resolved to one
    /// everywhere. Source: RFC 6761, section 6.3.
    pub(super) fn is_of_this_machine(&self) -> bool {
        self.host == "localhost" || self.host.ends_with(".localhost") || self.is_loopback_address()
    }

    pub(super) fn on_port(mut self, port: u16) -> Self {
        if self.port == Some(0) {
            self.port = Some(port);
        }
        self
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn parse_port(text: &str) -> Option<u16> {
    // `u16` would also take `+80`.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Longest host name and longest label. Source: RFC 1035, section 2.3.4.
const MAX_HOST_BYTES: usize = 253;
const MAX_LABEL_BYTES: usize = 63;

fn is_host(text: &str) -> bool {
    if let Some(v6) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return v6.parse::<Ipv6Addr>().is_ok();
    }
    text.len() <= MAX_HOST_BYTES && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL_BYTES).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Scheme, host and port: what browsers call an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    authority: Authority,
}

impl Origin {
    /// Leaves out the port where it is the scheme's own.
    pub fn new(scheme: Scheme, authority: Authority) -> Self {
        Self { scheme, authority: authority.of_scheme(scheme) }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Expected> {
        let expected = || "a scheme and a host, such as https://portal.corp.example, and nothing after them".to_owned();
        let (scheme, rest) = text.split_once("://").ok_or_else(expected)?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(expected()),
        };
        let authority = Authority::parse(rest.strip_suffix('/').unwrap_or(rest)).ok_or_else(expected)?;
        Ok(Self::new(scheme, authority))
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host and port.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(super) fn on_port(self, port: u16) -> Self {
        Self::new(self.scheme, self.authority.on_port(port))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority)
    }
}
