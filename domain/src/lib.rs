//! The values and rules of Causeway, free of IO, clocks and frameworks.
//!
//! The same code runs in the server and, as WebAssembly, in the browser: keys and prefixes, S3's limits,
//! the store port, grants, share links, upload tickets and the upload engine. Time is always an argument.

pub mod access;
pub mod key;
pub mod limits;
pub mod listing;
pub mod presign;
pub mod problem;
pub mod seal;
pub mod share;
pub mod store;
pub mod units;
pub mod upload;
