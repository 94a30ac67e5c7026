//! What only a browser can do; called from effects and event handlers alone.

pub(crate) mod clipboard;
pub(crate) mod download;
pub(crate) mod focus;
pub(crate) mod intl;
pub(crate) mod links;
pub(crate) mod panel;
pub(crate) mod wake_lock;
