//! The server of Causeway: configuration, middleware, identity, the S3 adapter and the HTTP API around the pages.
//!
//! It holds no object bytes and no database. Routes and layers are in [`router`], settings in [`config`], and
//! [`start`] puts the parts together.

pub mod access;
pub mod answer;
pub mod api;
pub mod assets;
pub mod cli;
pub mod config;
pub mod cors;
mod headers;
pub mod health;
pub mod identity;
#[cfg(feature = "embedded")]
pub mod local;
pub mod middleware;
pub mod router;
pub mod s3;
pub mod serve;
pub mod shutdown;
pub mod start;
pub mod state;
pub mod telemetry;
