//! The parts that pages are made of.

pub(crate) mod breadcrumbs;
pub(crate) mod erased;
pub(crate) mod filter;
pub(crate) mod late;
pub(crate) mod layout;
pub(crate) mod link_panel;
pub(crate) mod listing_table;
pub mod local;
pub(crate) mod problem;
pub mod uploads;
