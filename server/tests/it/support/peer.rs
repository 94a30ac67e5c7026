//! The independent S3 server, where the tests were given one.

use std::net::SocketAddr;

/// Its keys and region, as `make test` starts it.
pub(crate) const ACCESS_KEY_ID: &str = "testak";
/// See [`ACCESS_KEY_ID`].
pub(crate) const SECRET_ACCESS_KEY: &str = "testsk";
/// See [`ACCESS_KEY_ID`].
pub(crate) const REGION: &str = "default";

/// Where it listens; without one, a line that cannot be overlooked.
#[expect(clippy::disallowed_methods, reason = "which servers there are is known to whoever starts the tests")]
pub(crate) fn address() -> Option<SocketAddr> {
    let Ok(url) = std::env::var("CAUSEWAY_TEST_PEER") else {
        eprintln!("\n*** SKIPPED: no independent S3 server. Set CAUSEWAY_TEST_PEER=http://127.0.0.1:PORT ***\n");
        return None;
    };
    let address = url.strip_prefix("http://").and_then(|rest| rest.trim_end_matches('/').parse().ok());
    Some(address.unwrap_or_else(|| panic!("CAUSEWAY_TEST_PEER is http://address:port, not {url}")))
}
