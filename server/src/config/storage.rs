//! Which S3 the portal stands in front of.

use std::path::PathBuf;

use super::origin::Origin;
use super::parse;
use super::reader::{Reader, quoted};
use super::variables as var;

/// Which S3 the portal stands in front of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// An S3 inside the server, for one machine.
    Embedded {
        /// Objects, credentials and link keys. `CAUSEWAY_DATA_DIR`, default `causeway-data`.
        data_dir: PathBuf,
    },
    /// Amazon S3 or another server, with the ordinary credential chain.
    S3 {
        /// AWS Region. `CAUSEWAY_REGION`, default `AWS_REGION`, then `AWS_DEFAULT_REGION`.
        region: String,
        /// Where the portal's own calls go. `CAUSEWAY_S3_ENDPOINT`, default Amazon S3 in the Region.
        endpoint: Option<Origin>,
        /// Whether the bucket stands in the path there. `CAUSEWAY_S3_PATH_STYLE`, default false.
        path_style: bool,
    },
}

impl Storage {
    /// `None` where it is wrong: what belongs to it is read, and nothing is said for or against its being there.
    pub(super) fn read(read: &mut Reader<'_>) -> Option<Self> {
        if !read.is_set(&var::STORAGE) {
            let embedded = cfg!(feature = "embedded") && !read.is_set(&var::BUCKETS) && !read.is_set(&var::S3_ENDPOINT);
            return Some(if embedded { Self::read_embedded(read) } else { Self::read_s3(read) });
        }
        match read.optional(&var::STORAGE, is_embedded) {
            Some(true) => Some(Self::read_embedded(read)),
            Some(false) => Some(Self::read_s3(read)),
            None => {
                read.optional(&var::S3_ENDPOINT, Origin::parse);
                read.optional(&var::S3_PATH_STYLE, parse::boolean);
                read.optional(&var::REGION, parse_region);
                None
            }
        }
    }

    /// Amazon's Region, where the buckets are Amazon's and it is known.
    pub(super) fn amazon_region(&self, read: &Reader<'_>) -> Option<&str> {
        match self {
            // An endpoint that cannot be read is one all the same.
            Self::S3 { endpoint: None, region, .. } if !read.is_set(&var::S3_ENDPOINT) => {
                Some(region.as_str()).filter(|region| !region.is_empty())
            }
            _ => None,
        }
    }

    /// Whether the S3 is inside the server.
    pub fn is_embedded(&self) -> bool {
        matches!(self, Self::Embedded { .. })
    }

    fn read_embedded(read: &mut Reader<'_>) -> Self {
        read.without_effect(&[&var::S3_ENDPOINT, &var::S3_PATH_STYLE, &var::REGION], "CAUSEWAY_STORAGE=s3 beside it");
        Self::Embedded { data_dir: read.value(&var::DATA_DIR, parse::path) }
    }

    fn read_s3(read: &mut Reader<'_>) -> Self {
        read.without_effect(&[&var::DATA_DIR], "CAUSEWAY_STORAGE=embedded beside it");
        let endpoint = read.optional(&var::S3_ENDPOINT, Origin::parse);
        let path_style = read.value(&var::S3_PATH_STYLE, parse::boolean);
        if path_style && !read.is_set(&var::S3_ENDPOINT) {
            read.wrong(&var::S3_PATH_STYLE, "false with Amazon S3, or CAUSEWAY_S3_ENDPOINT beside it");
        }
        Self::S3 { region: region(read), endpoint, path_style }
    }
}

fn is_embedded(text: &str) -> Result<bool, String> {
    match text {
        "s3" => Ok(false),
        "embedded" if cfg!(feature = "embedded") => Ok(true),
        "embedded" => Err("s3: this build leaves the embedded storage out".to_owned()),
        _ => Err("s3 or embedded".to_owned()),
    }
}

fn region(read: &mut Reader<'_>) -> String {
    if read.is_set(&var::REGION) {
        return read.optional(&var::REGION, parse_region).unwrap_or_default();
    }
    let inherited = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| Some((name, read.foreign(name)?)));
    match inherited {
        Some((_, region)) if parse_region(&region).is_ok() => region,
        Some((name, found)) => {
            read.wrong(
                &var::REGION,
                format!("a Region, such as eu-central-1, here or in {name}, which is {}", quoted(&found)),
            );
            String::new()
        }
        None => {
            read.wrong(&var::REGION, "the Region of the buckets, such as eu-central-1, here or in AWS_REGION");
            String::new()
        }
    }
}

fn parse_region(text: &str) -> Result<String, String> {
    let is_region = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_region { Ok(text.to_owned()) } else { Err("a Region, such as eu-central-1".to_owned()) }
}
