//! Server functions: what pages ask the server for, by resource.
//!
//! Reads are GET and changes POST; the endpoints' names are fixed, so that a page from before a deploy goes on
//! working, with what it has loaded.

pub mod links;
pub mod objects;

use domain::access::ActionKind;

/// Every server function and the action for which it asks `authorize` for leave.
pub const SERVER_FUNCTIONS: &[(&str, ActionKind)] = &[
    ("/api/portal_overview", ActionKind::List),
    ("/api/list_objects", ActionKind::List),
    ("/api/open_download", ActionKind::Read),
    ("/api/curl_command", ActionKind::Read),
    ("/api/open_share_link", ActionKind::Read),
    ("/api/create_share_link", ActionKind::Share),
];
