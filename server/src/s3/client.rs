//! The SDK's clients for the portal's own calls, with their time limits and retries spelled out.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use domain::upload::wire::CLIENT_WAITS_LONGER_S;

use super::endpoint::SigningHosts;
use super::{Connection, S3Settings};

/// How long a connection may take to be made. S3 lies in the same network.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long one attempt of an ordinary call may take: listings and heads take tens of milliseconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(8);
// The last call for an upload begins in time, and its answer has to find the client still there.
const _: () = assert!(ATTEMPT_TIMEOUT.as_secs() < CLIENT_WAITS_LONGER_S);

/// How long an ordinary call may take with all its attempts; below what a person waits for a page.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);

/// Attempts of a call that may be sent again, the first one counted.
const ATTEMPTS: u32 = 3;

/// The longest pause between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(2);

/// How long S3 may take to make an object of its parts: minutes for the largest, and the load balancer closes a
/// connection without bytes after 300 s. A client that got no answer asks again.
const COMPLETE_CALL_TIMEOUT: Duration = Duration::from_secs(280);

/// Two clients on one pool of connections, which is one as long as both have the same limit to connect: the SDK keeps
/// a pool for each.
pub(crate) struct Clients {
    /// Sends again what may be sent again.
    pub(crate) repeatable: Client,
    /// Sends once: an attempt without an answer may have had its effect.
    pub(crate) once: Client,
}

impl Clients {
    pub(crate) fn new(settings: &S3Settings, hosts: &SigningHosts) -> Self {
        let base = base(&settings.region).credentials_provider(settings.credentials.clone());
        let base = match &settings.connection {
            Connection::Aws => base.http_client(https()),
            Connection::Endpoint { url, path_style } => {
                base.http_client(https()).endpoint_url(url).force_path_style(*path_style)
            }
            Connection::InProcess(http_client) => {
                base.http_client(http_client.clone()).endpoint_resolver(hosts.clone())
            }
        };
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let base = base.timeout_config(timeouts);
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(MAX_BACKOFF);
        Self {
            repeatable: Client::from_conf(base.clone().retry_config(retries).build()),
            once: Client::from_conf(base.retry_config(RetryConfig::disabled()).build()),
        }
    }
}

/// What every client of ours has in common.
///
/// Checksums only where an operation demands one: on a presigned request the SDK's default of an ever-present CRC
/// becomes a query parameter with the CRC of an empty body, which no upload can fulfil.
pub(crate) fn base(region: &str) -> Builder {
    Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .disable_s3_express_session_auth(true)
        // The portal reads no object bytes: no answer is long enough to stall, and each attempt has its limit.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

/// The limits of a call that S3 itself may need minutes for.
pub(crate) fn patient() -> Builder {
    Builder::new().timeout_config(
        TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(COMPLETE_CALL_TIMEOUT)
            .operation_timeout(COMPLETE_CALL_TIMEOUT)
            .build(),
    )
}

/// HTTPS by rustls and ring, trusting what the operating system trusts; plain HTTP where the endpoint says so.
pub(crate) fn https() -> aws_sdk_s3::config::SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}
