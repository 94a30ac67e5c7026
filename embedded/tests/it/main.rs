//! Checks on the wire: raw HTTP requests with a signer of their own, and S3's documented answers.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test that cannot go on is to fail where it stands")]

mod conditions;
mod cors;
mod durability;
mod faults;
mod keys;
mod killed;
mod listing;
mod multipart;
mod objects;
mod settings;
mod signatures;
mod support;
mod synced;
mod tagging;
mod versions;
