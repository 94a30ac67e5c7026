//! The numbers of the engine that a deployment or a test may choose.

/// How the queue behaves. The defaults suit a company network with HTTP/1.1 or HTTP/2 to the load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Transfers in flight at the beginning, over all uploads. Default 3.
    pub transfers_at_first: u16,
    /// Most transfers in flight on HTTP/1.1: browsers open six connections to a host. Default 6.
    pub max_transfers_http1: u16,
    /// Most transfers in flight on HTTP/2, where the load balancer's stream window of 64 KiB limits each. Default 16.
    pub max_transfers_http2: u16,
    /// Most calls to the portal at a time that lead to transfers, and as many that end uploads. Default 4.
    pub max_calls: usize,
    /// An upload stops after so much continuous failure, in milliseconds, while the browser is online and the portal
    /// is well. Default 10 minutes.
    pub give_up_after_ms: u64,
    /// An upload stops when its file cannot be read for so long, in milliseconds, while the browser is online: a network
    /// drive is back by then or needs a person. Default 3 minutes.
    pub source_away_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            transfers_at_first: 3,
            max_transfers_http1: 6,
            max_transfers_http2: 16,
            max_calls: 4,
            give_up_after_ms: 10 * 60 * 1000,
            source_away_ms: 3 * 60 * 1000,
        }
    }
}
