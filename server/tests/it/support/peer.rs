//! The independent S3 server that ignored tests are given.

use std::net::SocketAddr;

/// Its keys and region, as `make test` starts it.
pub(crate) const ACCESS_KEY_ID: &str = "testak";
/// See [`ACCESS_KEY_ID`].
pub(crate) const SECRET_ACCESS_KEY: &str = "testsk";
/// See [`ACCESS_KEY_ID`].
pub(crate) const REGION: &str = "default";

/// Where it listens.
#[expect(clippy::disallowed_methods, reason = "which servers there are is known to whoever starts the tests")]
pub(crate) fn address() -> SocketAddr {
    let url =
        std::env::var("CAUSEWAY_TEST_PEER").expect("CAUSEWAY_TEST_PEER is not set: `end2end/s3-peer/s3-peer start`");
    let address = url.strip_prefix("http://").and_then(|rest| rest.trim_end_matches('/').parse().ok());
    address.unwrap_or_else(|| panic!("CAUSEWAY_TEST_PEER is http://address:port, not {url}"))
}
