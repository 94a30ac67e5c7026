//! The upload engine against a simulated network, portal and S3 under a virtual clock.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails best where it stands")]

mod cancels;
mod conflicts;
mod plans;
mod portal;
mod random;
mod rules;
mod scenarios;
mod sim;
mod sources;
mod troubles;
