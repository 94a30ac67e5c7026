//! The server's integration tests, one binary: routes over a real S3 in the process, the store's contract, signatures,
//! and the rules of the house.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod presign;
mod routes;
mod serving;
mod store_contract;
mod support;
mod tidy;
