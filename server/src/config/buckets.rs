//! The buckets that are served, and the two hosts of each.

use std::collections::HashSet;

use domain::access::BucketName;
use serde::Deserialize;

use super::origin::{Authority, Origin};
use super::reader::{Expected, Parsed, Reader};
use super::storage::Storage;
use super::variables as var;

/// A bucket and its two hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// S3's name.
    pub name: BucketName,
    /// What people read.
    pub label: String,
    /// The host that browsers call for the objects' bytes.
    pub public_host: Authority,
    /// The host that S3 sees and that is signed: another one where the load balancer rewrites it.
    pub signing_host: Authority,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBucket {
    name: String,
    label: Option<String>,
    public_host: String,
    signing_host: Option<String>,
}

/// `storage`: `None` where it is wrong, and so not known.
pub(super) fn read(read: &mut Reader<'_>, portal: &Origin, storage: Option<&Storage>) -> Vec<Bucket> {
    let Some(buckets) = read.several(&var::BUCKETS, |text| parse(text, portal)) else {
        if storage.is_some_and(|storage| !storage.is_embedded()) && !read.is_set(&var::BUCKETS) {
            read.wrong(&var::BUCKETS, "the buckets to serve, as a JSON list");
        }
        return vec![default_bucket(portal)];
    };
    let amazon_region = storage.and_then(|storage| storage.amazon_region(read)).map(str::to_owned);
    let is_embedded = storage.is_some_and(Storage::is_embedded);
    for expected in misfits(&buckets, portal, is_embedded, amazon_region.as_deref()) {
        read.wrong(&var::BUCKETS, expected);
    }
    buckets
}

/// The bucket of the embedded storage: below the portal's own host, which browsers resolve by themselves where it is
/// `localhost`.
fn default_bucket(portal: &Origin) -> Bucket {
    let host = portal.authority().below("files");
    Bucket {
        name: BucketName("files".to_owned()),
        label: "Files".to_owned(),
        public_host: host.clone(),
        signing_host: host,
    }
}

/// The buckets that can be read, and what is wrong with each of the others.
fn parse(text: &str, portal: &Origin) -> Parsed<Vec<Bucket>> {
    let entries: Vec<serde_json::Value> = match serde_json::from_str(text) {
        Ok(entries) => entries,
        Err(error) => return Parsed { value: Vec::new(), wrong: vec![no_list(&error.to_string())] },
    };
    if entries.is_empty() {
        return Parsed { value: Vec::new(), wrong: vec!["at least one bucket".to_owned()] };
    }
    let (mut value, mut wrong) = (Vec::new(), Vec::new());
    for (at, entry) in entries.into_iter().enumerate() {
        match serde_json::from_value::<RawBucket>(entry) {
            Ok(raw) => value.extend(raw.resolve(portal, &mut wrong)),
            Err(error) => wrong.push(no_list(&format!("number {}: {error}", at + 1))),
        }
    }
    Parsed { value, wrong }
}

fn no_list(why: &str) -> Expected {
    format!(
        "a JSON list such as [{{\"name\":\"files\",\"label\":\"Files\",\"public_host\":\"files.corp.example\"}}] ({why})"
    )
}

impl RawBucket {
    /// The bucket, unless something is wrong with it.
    fn resolve(self, portal: &Origin, wrong: &mut Vec<Expected>) -> Option<Bucket> {
        let is_named = is_bucket_name(&self.name);
        if !is_named {
            wrong.push(format!(
                "\u{201c}{}\u{201d} to be a bucket name: 3 to 63 lower-case letters, digits, \u{201c}-\u{201d} and \u{201c}.\u{201d}",
                self.name
            ));
        }
        let mut host = |field: &str, text: &str| {
            let host = Authority::parse(text).map(|host| host.of_scheme(portal.scheme()));
            if host.is_none() {
                wrong.push(format!(
                    "{field} of \u{201c}{}\u{201d} to be a host, with a port if it has one, not \u{201c}{text}\u{201d}",
                    self.name
                ));
            }
            host
        };
        let public_host = host("public_host", &self.public_host);
        let signing_host =
            self.signing_host.as_deref().map_or_else(|| public_host.clone(), |text| host("signing_host", text));
        let label = self.label.filter(|label| !label.trim().is_empty()).unwrap_or_else(|| self.name.clone());
        let (public_host, signing_host) = (public_host?, signing_host?);
        is_named.then_some(Bucket { name: BucketName(self.name), label, public_host, signing_host })
    }
}

/// What does not fit together, each as what was expected. What only follows from something that is said already is not
/// said again.
fn misfits(buckets: &[Bucket], portal: &Origin, is_embedded: bool, amazon_region: Option<&str>) -> Vec<Expected> {
    let mut misfits = Vec::new();
    let (mut names, mut public_hosts, mut signing_hosts) = (HashSet::new(), HashSet::new(), HashSet::new());
    for bucket in buckets {
        let Bucket { name, public_host, signing_host, .. } = bucket;
        let is_new = names.insert(name);
        if !is_new {
            misfits.push(format!("each bucket once, and \u{201c}{name}\u{201d} is there twice"));
        }
        if public_host.host() == portal.authority().host() {
            // Another port would not do: cookies are sent to all ports of a host.
            misfits.push(format!(
                "every public_host to be a host of its own, and \u{201c}{public_host}\u{201d} is also the portal\u{2019}s"
            ));
        }
        // A bucket that is there twice has its hosts twice.
        let shares_public_host = !public_hosts.insert(public_host) && is_new;
        if shares_public_host && public_host.host() != portal.authority().host() {
            misfits.push(format!(
                "every public_host to be a host of its own, and \u{201c}{public_host}\u{201d} is also another bucket\u{2019}s"
            ));
        }
        let shares_signing_host = !signing_hosts.insert(signing_host.host()) && is_new;
        if shares_signing_host && !(shares_public_host && public_host == signing_host) {
            // What is signed for one bucket would be stored in the other.
            misfits.push(format!(
                "every signing_host to differ from the others in more than the port, and \u{201c}{signing_host}\u{201d} does not: S3 reads the bucket from it"
            ));
        }
        if is_embedded && public_host != signing_host {
            misfits.push(format!(
                "signing_host of \u{201c}{name}\u{201d} to equal its public_host: nothing rewrites hosts before the embedded storage"
            ));
        }
        if let Some(region) = amazon_region
            && !amazon_finds(name, signing_host, region)
        {
            misfits.push(format!(
                "signing_host of \u{201c}{name}\u{201d} to be {name} or {name}.s3.{region}.amazonaws.com: Amazon S3 reads the bucket from it, not from \u{201c}{signing_host}\u{201d}"
            ));
        }
    }
    misfits
}

/// Whether Amazon S3 takes this Host for this bucket: the bucket's own name, or its name before the endpoint's.
/// Source: S3 user guide, virtual hosting of buckets.
fn amazon_finds(bucket: &BucketName, host: &Authority, region: &str) -> bool {
    let host = host.to_string();
    host == bucket.0 || host.strip_prefix(&bucket.0).is_some_and(|rest| rest.starts_with(&format!(".s3.{region}.")))
}

/// Source: S3 user guide, bucket naming rules.
fn is_bucket_name(name: &str) -> bool {
    let ends_well = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))
        && ends_well(name.chars().next())
        && ends_well(name.chars().next_back())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}
