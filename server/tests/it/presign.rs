//! Presigned requests: what they say, who verifies them, who takes them, and how they are refused.

mod acceptance;
mod content;
mod lifetime;
mod signer;
mod tampering;
