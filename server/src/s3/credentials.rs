//! Where the portal's own credentials come from.

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::provider_config::ProviderConfig;
use aws_sdk_s3::config::{Credentials, Region, SharedCredentialsProvider};

use super::client::https;

/// The ordinary chain: environment, profile, web identity, ECS task role, EC2 instance role, in the SDK's order.
pub async fn chain(region: &str) -> SharedCredentialsProvider {
    let region = Region::new(region.to_owned());
    let provider = ProviderConfig::default().with_region(Some(region.clone())).with_http_client(https());
    let chain = DefaultCredentialsChain::builder().configure(provider).region(region).build().await;
    SharedCredentialsProvider::new(chain)
}

/// One pair of keys that never ends: the embedded S3's own.
pub fn fixed(access_key_id: &str, secret_access_key: &str) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(access_key_id, secret_access_key, None, None, "fixed"))
}
