//! Which host a bucket has: the one that browsers call, and the one that S3 sees and signatures are made for.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_s3::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use domain::access::BucketName;
use http::Uri;
use http::uri::Authority;

/// A bucket and its two hosts. They are the same where the bucket is named like its host; they differ where the load
/// balancer rewrites the Host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketHosts {
    /// S3's name of the bucket.
    pub bucket: BucketName,
    /// What browsers call: scheme, host and port, without a trailing slash.
    pub public_origin: String,
    /// What S3 sees as Host, with a port where it is not the scheme's own.
    pub signing_host: String,
}

/// Hosts that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is nothing to serve.
    #[error("no bucket is configured")]
    NoBucket,
    /// Two entries for one bucket.
    #[error("bucket {0} is configured twice")]
    Twice(BucketName),
    /// No `http://` or `https://`, no host, or something behind the host and port.
    #[error("bucket {bucket}: \u{201c}{found}\u{201d} is no origin such as https://files.corp.example")]
    PublicOrigin {
        /// Whose.
        bucket: BucketName,
        /// The text given.
        found: String,
    },
    /// No host, or something beside a host and a port.
    #[error("bucket {bucket}: \u{201c}{found}\u{201d} is no host such as files.corp.example or localhost:3000")]
    SigningHost {
        /// Whose.
        bucket: BucketName,
        /// The text given.
        found: String,
    },
}

/// The hosts of one bucket, checked.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    /// `https://files.corp.example`.
    pub(crate) public_origin: String,
    /// `https://signing.host`: the public scheme, so that a default port is left out of both or of neither.
    pub(crate) signing_origin: String,
}

/// Answers every bucket's signing host, whatever the operation.
#[derive(Clone, Debug)]
pub(crate) struct SigningHosts(Arc<HashMap<String, Hosts>>);

impl SigningHosts {
    pub(crate) fn new(buckets: &[BucketHosts]) -> Result<Self, SettingsError> {
        if buckets.is_empty() {
            return Err(SettingsError::NoBucket);
        }
        let mut hosts = HashMap::new();
        for entry in buckets {
            if hosts.insert(entry.bucket.0.clone(), check(entry)?).is_some() {
                return Err(SettingsError::Twice(entry.bucket.clone()));
            }
        }
        Ok(Self(Arc::new(hosts)))
    }

    pub(crate) fn of(&self, bucket: &str) -> Option<&Hosts> {
        self.0.get(bucket)
    }
}

/// The SDK writes only the key into a request's path; which bucket is meant is up to the endpoint. Here that is the
/// Host alone.
impl ResolveEndpoint for SigningHosts {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        let bucket = params.bucket().unwrap_or_default();
        EndpointFuture::ready(match self.of(bucket) {
            Some(hosts) => Ok(Endpoint::builder().url(hosts.signing_origin.clone()).build()),
            None => Err(format!("bucket {bucket} has no signing host").into()),
        })
    }
}

fn check(entry: &BucketHosts) -> Result<Hosts, SettingsError> {
    let (bucket, origin) = (&entry.bucket, &entry.public_origin);
    let wrong_origin = || SettingsError::PublicOrigin { bucket: bucket.clone(), found: origin.clone() };
    let uri: Uri = origin.parse().map_err(|_| wrong_origin())?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong_origin());
    };
    if authority.as_str().contains('@') || *origin != format!("{scheme}://{authority}") {
        return Err(wrong_origin());
    }
    let signing: Option<Authority> = entry.signing_host.parse().ok();
    let signing = signing
        .filter(|host| !host.as_str().contains('@'))
        .ok_or_else(|| SettingsError::SigningHost { bucket: bucket.clone(), found: entry.signing_host.clone() })?;
    Ok(Hosts {
        public_origin: origin.clone(),
        signing_origin: format!("{scheme}://{}", signing.as_str().to_ascii_lowercase()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(public_origin: &str, signing_host: &str) -> BucketHosts {
        BucketHosts {
            bucket: BucketName("files".to_owned()),
            public_origin: public_origin.to_owned(),
            signing_host: signing_host.to_owned(),
        }
    }

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port_and_nothing_else() {
        for good in ["https://files.corp.example", "http://files.localhost:3000", "http://127.0.0.1:9000"] {
            assert!(check(&entry(good, "files.corp.example")).is_ok(), "{good}");
        }
        for bad in [
            "",
            "files.corp.example",
            "ftp://files",
            "https://",
            "https://a/",
            "https://a/b",
            "https://u@a",
            "https://a?b",
        ] {
            assert!(matches!(check(&entry(bad, "a")), Err(SettingsError::PublicOrigin { .. })), "{bad}");
        }
        for bad in ["", "https://a", "a/b", "u@a", "a b"] {
            assert!(matches!(check(&entry("https://a", bad)), Err(SettingsError::SigningHost { .. })), "{bad}");
        }
    }

    #[test]
    fn a_bucket_is_configured_once() {
        let files = entry("https://a", "a");
        assert_eq!(SigningHosts::new(&[]).err(), Some(SettingsError::NoBucket));
        assert_eq!(SigningHosts::new(&[files.clone(), files.clone()]).err(), Some(SettingsError::Twice(files.bucket)));
    }

    #[test]
    fn a_signing_host_is_signed_as_browsers_send_it_in_lower_case() {
        let hosts = check(&entry("https://a", "Files.Corp.Example:8443")).expect("the entry is right");
        assert_eq!(hosts.signing_origin, "https://files.corp.example:8443");
    }
}
