//! Checks on the wire: raw HTTP requests with a signer of their own, and S3's documented answers.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test that cannot go on is to fail where it stands")]

mod bytes;
mod clients;
mod conformance;
mod durability;
mod faults;
mod full;
mod killed;
mod lifecycle;
mod settings;
mod support;
mod synced;
