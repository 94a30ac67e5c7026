//! The upload engine: plan, states and queue; and what travels between browser and portal.
//!
//! The engine is a value. It does no IO, reads no clock and spawns nothing: a driver gives it what happened with
//! [`UploadQueue::handle`], does what [`UploadQueue::poll_output`] says, and calls again at the instant that
//! [`UploadQueue::poll_timeout`] names.

pub mod answer;
pub mod error;
pub mod fingerprint;
pub mod io;
pub mod message;
mod multipart;
mod pace;
pub mod panel;
pub mod plan;
mod queue;
mod rate;
pub mod retry;
mod settings;
mod stall;
mod state;
pub mod view;
pub mod wire;

pub use queue::UploadQueue;
pub use settings::Settings;
