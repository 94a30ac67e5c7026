//! What the site answers, by what people and programs do.

mod api_uploads;
mod api_urls;
mod assets;
mod conditions;
mod cross_site;
mod downloads;
mod faults;
mod headers;
mod health;
mod hosts;
mod identity;
mod limits;
mod listing;
mod log;
mod permissions;
mod reserved;
mod share_links;
