//! Where the server listens, and who could reach it there.

use std::net::{IpAddr, SocketAddr};

use super::parse;
use super::reader::Reader;
use super::variables as var;

/// Where the server listens.
pub(super) struct Listen {
    pub(super) address: SocketAddr,
    /// As it is written, where others than this machine would reach it; told of a slip too, so that one does not hide
    /// what else is missing.
    pub(super) open: Option<String>,
}

impl Listen {
    pub(super) fn read(read: &mut Reader<'_>) -> Self {
        let written = read.text(&var::LISTEN);
        let address = read.value(&var::LISTEN, parse::listen);
        let open = written.filter(|text| {
            let ip = text.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| ip_of_slip(text).ok_or(()));
            !ip.map_or_else(|()| text.starts_with("localhost"), |ip| ip.is_loopback())
        });
        Self { address, open }
    }
}

/// The address in what is none for want of a port, or for too much of one.
fn ip_of_slip(text: &str) -> Option<IpAddr> {
    let bare = |host: &str| host.trim_matches(['[', ']']).parse().ok();
    bare(text).or_else(|| bare(text.rsplit_once(':')?.0))
}
