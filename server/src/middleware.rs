//! What happens to every request before and after its handler; [`crate::router`] says in which order.

pub mod access_log;
pub mod body_limit;
pub mod cross_site;
pub mod hosts;
pub mod panic;
pub mod programs;
pub mod security_headers;
pub mod shed;
pub mod sign_in;
pub mod timeout;
