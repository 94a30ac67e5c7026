//! Which bucket a Host header stands for: path style on our own addresses, else bucket by Host.

use std::collections::HashMap;

use s3s::host::{S3Host, VirtualHost};
use s3s::validation::NameValidation;
use s3s::{S3Result, path};

/// In front of a Host that is not known, to make a bucket's name of it that no bucket can have.
/// A request for it fails as on AWS: a wrong signature first, then the missing bucket.
const UNKNOWN: &str = "unknown host ";

/// The hosts that are served.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    buckets: HashMap<String, String>,
}

/// How a host addresses buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Addressing<'h> {
    /// The bucket is the path's first segment.
    Path,
    /// The host is the bucket.
    Bucket(&'h str),
    /// Not served.
    Unknown,
}

impl Hosts {
    /// From host names without port to buckets.
    pub(crate) fn new(buckets: HashMap<String, String>) -> Self {
        let buckets = buckets.into_iter().map(|(host, bucket)| (host.to_ascii_lowercase(), bucket)).collect();
        Self { buckets }
    }

    /// How `host` (with or without a port) addresses buckets.
    pub(crate) fn addressing(&self, host: &str) -> Addressing<'_> {
        let name = without_port(host).to_ascii_lowercase();
        if let Some(bucket) = self.buckets.get(&name) {
            return Addressing::Bucket(bucket);
        }
        let address = name.trim_start_matches('[').trim_end_matches(']');
        if name == "localhost" || address.parse::<std::net::IpAddr>().is_ok() {
            return Addressing::Path;
        }
        Addressing::Unknown
    }
}

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let virtual_host = VirtualHost::new(host);
        Ok(match self.addressing(host) {
            Addressing::Path => virtual_host,
            Addressing::Bucket(bucket) => virtual_host.with_bucket(bucket),
            Addressing::Unknown => virtual_host.with_bucket(format!("{UNKNOWN}{host}")),
        })
    }
}

/// S3's rules for bucket names, which an unknown host passes so that its signature is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BucketNames;

impl NameValidation for BucketNames {
    fn validate_bucket_name(&self, name: &str) -> bool {
        path::check_bucket_name(name) || name.starts_with(UNKNOWN)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::{Addressing, Hosts};

    #[test]
    fn a_host_is_compared_without_its_port_and_in_any_case() {
        let hosts = Hosts::new([("Files.localhost".to_owned(), "data".to_owned())].into());
        assert_eq!(hosts.addressing("FILES.localhost:3000"), Addressing::Bucket("data"));
        assert_eq!(hosts.addressing("files.localhost"), Addressing::Bucket("data"));
        assert_eq!(hosts.addressing("data"), Addressing::Unknown);
        assert_eq!(hosts.addressing("localhost:1"), Addressing::Path);
        assert_eq!(hosts.addressing("127.0.0.1:1"), Addressing::Path);
        assert_eq!(hosts.addressing("[::1]:1"), Addressing::Path);
        assert_eq!(hosts.addressing("::1"), Addressing::Path);
    }
}
