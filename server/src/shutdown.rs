//! When to stop, and how: first nothing new, then what is open, then the end.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::config::Limits;

/// How the server is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// By SIGTERM: a load balancer goes on sending requests for a while.
    Terminate,
    /// By a person at the keyboard, who waits.
    Interrupt,
}

/// How long each step may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long requests are still taken.
    pub drain: Duration,
    /// How long open requests are waited for after that.
    pub close: Duration,
}

impl Pace {
    /// For a person at the keyboard nothing is drained: no load balancer has to notice.
    pub fn of(stop: Stop, limits: &Limits) -> Self {
        let drain = match stop {
            Stop::Terminate => limits.drain,
            Stop::Interrupt => Duration::ZERO,
        };
        Self { drain, close: limits.shutdown_timeout }
    }
}

/// Every signal to stop from now on: the first begins the end, a second hastens it.
///
/// # Errors
/// Where the system takes no signal handlers.
pub fn signals() -> std::io::Result<mpsc::Receiver<Stop>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (told, stops) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let stop = tokio::select! {
                _ = terminate.recv() => Stop::Terminate,
                _ = interrupt.recv() => Stop::Interrupt,
            };
            if told.send(stop).await.is_err() {
                return;
            }
        }
    });
    Ok(stops)
}
