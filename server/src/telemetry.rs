//! Logs: for people or as JSON, without what libraries would tell about signatures.

use std::io::{self, IsTerminal as _};

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt, layer::SubscriberExt as _};

use crate::config::{Log, LogFormat};

/// Libraries whose finer levels show whole requests with signatures, tokens or credentials.
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
    // The configuration has checked the text. The wall stands beside the operator's filter and not in it: there, a
    // directive for a longer target or for a span of ours would take precedence.
    let filter = EnvFilter::builder().parse_lossy(&log.filter).and(filter_fn(tells_no_secrets));
    let lines = fmt::layer().with_writer(writer);
    let lines = match log.format {
        LogFormat::Pretty => lines.with_target(false).with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    Box::new(Registry::default().with(lines.with_filter(filter)))
}

fn tells_no_secrets(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || !TALKATIVE.contains(&library)
}

fn message(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
