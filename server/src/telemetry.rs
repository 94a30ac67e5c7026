//! Logs: for people or as JSON, without what libraries would tell about signatures.

use std::io::{self, IsTerminal as _};

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Log, LogFormat};

/// Libraries whose finer levels show whole requests with signatures, tokens or credentials. They stay at `info`
/// whatever the operator asks for.
const TALKATIVE: &[&str] = &[
    "aws_config",
    "aws_credential_types",
    "aws_runtime",
    "aws_sdk_s3",
    "aws_sigv4",
    "aws_smithy_http_client",
    "aws_smithy_runtime",
    "aws_smithy_runtime_api",
    "hyper",
    "hyper_util",
    "leptos_axum",
    "s3s",
    "server_fn",
    "tower_http",
];

/// Logs to standard error from now on, panics included.
pub fn start(log: &Log) {
    // Another subscriber is there already only in tests, which have their own.
    let _ = tracing::subscriber::set_global_default(subscriber(log, io::stderr));
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked: {}", message(panic.payload()));
    }));
}

/// What [`start`] installs, with another place to write to.
pub fn subscriber<W>(log: &Log, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt().with_env_filter(filter(&log.filter)).with_writer(writer);
    match log.format {
        LogFormat::Pretty => Box::new(builder.with_target(false).with_ansi(io::stderr().is_terminal()).finish()),
        LogFormat::Json => Box::new(builder.json().flatten_event(true).with_span_list(false).finish()),
    }
}

fn filter(wish: &str) -> EnvFilter {
    // The configuration has checked the text; a later directive for a target overrides an earlier one.
    let quiet = TALKATIVE.iter().map(|target| format!("{target}=info"));
    let directives = std::iter::once(wish.to_owned()).chain(quiet).collect::<Vec<_>>().join(",");
    EnvFilter::builder().parse_lossy(directives)
}

fn message(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
