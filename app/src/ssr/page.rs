//! The headers of every page and server function, and redirects.

use domain::presign::SignedUrl;
use http::{HeaderValue, StatusCode, header, request};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use leptos_router::components::provide_server_redirect;

use super::{Portal, RequestId};
use crate::overview::OverviewSource;
use crate::reply::Reply;

/// Sets what every page and every answer of a server function is sent with, and lets pages set their status.
///
/// To be called where the server provides its context, after [`Portal`]. Does nothing where there is no response.
pub fn set_page_headers() {
    let (Some(response), Some(portal)) = (use_context::<ResponseOptions>(), use_context::<Portal>()) else { return };
    let policy = page_security_policy(use_nonce().as_deref(), &portal);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.insert_header(header::REFERRER_POLICY, HeaderValue::from_static(referrer_policy()));

    let reply = response.clone();
    provide_context(Reply::new(&request_id(), move |status| {
        if let Ok(status) = StatusCode::from_u16(status) {
            reply.set_status(status);
        }
    }));
    provide_context(OverviewSource::new(super::overview));
    // The framework's own redirects answer 200 to a client that does not ask for HTML, such as `curl -L`.
    provide_server_redirect(redirect);
}

/// The request's own id, so that a person's words lead to the request in the log.
fn request_id() -> String {
    use_context::<request::Parts>()
        .and_then(|parts| parts.extensions.get::<RequestId>().map(|id| id.0.clone()))
        .unwrap_or_default()
}

/// What a page may load and show; without a nonce no script runs.
fn page_security_policy(nonce: Option<&str>, portal: &Portal) -> String {
    let files = files_origins(portal);
    let scripts = nonce
        .map_or_else(|| "'none'".to_owned(), |nonce| format!("'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'"));
    format!(
        "default-src 'none'; style-src 'self'; script-src {scripts}; connect-src 'self' {files}; \
         img-src 'self' {files} blob: data:; media-src {files}; frame-src 'self' {files} blob:; \
         worker-src 'self' blob:; base-uri 'none'; form-action 'self' {files}; frame-ancestors 'none'"
    )
}

/// What a script's own answer allows the worker that it becomes: its WebAssembly, the portal and S3, and nothing to show.
pub fn worker_security_policy(portal: &Portal) -> String {
    let files = files_origins(portal);
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' {files}; frame-ancestors 'none'"
    )
}

fn files_origins(portal: &Portal) -> String {
    portal.buckets.iter().map(|bucket| bucket.files_origin.as_str()).collect::<Vec<_>>().join(" ")
}

/// Sends the browser on to the files host. The signed URL stands in the header and nowhere else.
pub(crate) fn redirect_to(url: &SignedUrl) {
    redirect(url.expose());
}

fn redirect(location: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    match HeaderValue::from_str(location) {
        Ok(location) => {
            response.set_status(StatusCode::TEMPORARY_REDIRECT);
            response.insert_header(header::LOCATION, location);
        }
        // The address itself is a secret and stays out of the log.
        Err(_) => {
            tracing::error!("an address to redirect to is no header value");
            response.set_status(StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
}

/// A share link's address is a secret, so it is told to nobody, not even to the portal's own pages.
fn referrer_policy() -> &'static str {
    let shared = use_context::<request::Parts>().is_some_and(|parts| parts.uri.path().starts_with("/s/"));
    if shared { "no-referrer" } else { "same-origin" }
}
