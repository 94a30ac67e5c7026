//! From text to the plain values of the configuration; an error says what was expected.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::EnvFilter;

use super::LogFormat;
use super::reader::Expected;

pub(super) fn listen(text: &str) -> Result<SocketAddr, Expected> {
    text.parse().map_err(|_| "an address and a port, such as 127.0.0.1:3000".to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for all parsers")]
pub(super) fn path(text: &str) -> Result<PathBuf, Expected> {
    Ok(PathBuf::from(text))
}

pub(super) fn boolean(text: &str) -> Result<bool, Expected> {
    text.parse().map_err(|_| "true or false".to_owned())
}

pub(super) fn seconds(min: u64, max: u64) -> impl Fn(&str) -> Result<u64, Expected> {
    move |text| {
        text.parse()
            .ok()
            .filter(|seconds| (min..=max).contains(seconds))
            .ok_or_else(|| format!("a whole number of seconds from {min} to {max}"))
    }
}

pub(super) fn duration(min_s: u64, max_s: u64) -> impl Fn(&str) -> Result<Duration, Expected> {
    move |text| seconds(min_s, max_s)(text).map(Duration::from_secs)
}

pub(super) fn count(min: usize, max: usize) -> impl Fn(&str) -> Result<usize, Expected> {
    move |text| {
        text.parse()
            .ok()
            .filter(|count| (min..=max).contains(count))
            .ok_or_else(|| format!("a whole number from {min} to {max}"))
    }
}

pub(super) fn log_filter(text: &str) -> Result<String, Expected> {
    match EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("a level (error, warn, info, debug, trace) or directives such as info,server=debug".to_owned()),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, Expected> {
    match text {
        "pretty" => Ok(LogFormat::Pretty),
        "json" => Ok(LogFormat::Json),
        _ => Err("pretty or json".to_owned()),
    }
}
