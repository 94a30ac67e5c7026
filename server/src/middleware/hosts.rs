//! Tells the portal's host, the files hosts and all others apart, before anything else looks at a request.
//!
//! A host that is not ours is refused: that ends DNS rebinding, where somebody else's name leads to this machine.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, body::Body};
use tower::ServiceExt as _;

use super::access_log::name_place;
use crate::answer::{Asker, sentence};
use crate::config::{Authority, Config, Origin};
use crate::headers::only;
use crate::health;

/// The hosts of one server and what answers on each.
#[derive(Clone, Debug)]
pub struct Hosts {
    portal: Origin,
    files: Arc<HashSet<Authority>>,
    portal_router: Router,
    files_router: Router,
}

/// Where a request wants to go.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Portal,
    Files,
    /// The machine's own address, where a name would do.
    Address,
    HealthCheck,
    Unknown,
}

impl Hosts {
    /// `files_router` answers on the buckets' public hosts; without it they are somebody else's, as all others.
    pub fn new(config: &Config, portal_router: Router, files_router: Option<Router>) -> Self {
        let scheme = config.portal.scheme();
        let files = match files_router {
            Some(_) => config.buckets.iter().map(|bucket| bucket.public_host.clone().of_scheme(scheme)).collect(),
            None => HashSet::new(),
        };
        Self {
            portal: config.portal.clone(),
            files: Arc::new(files),
            portal_router,
            files_router: files_router.unwrap_or_default(),
        }
    }

    fn place(&self, request: &Request) -> Place {
        match self.host(request) {
            Some(host) if host == *self.portal.authority() => Place::Portal,
            Some(host) if self.files.contains(&host) => Place::Files,
            // Load balancers call a target by its address.
            _ if health::is_health_check(request.uri().path()) => Place::HealthCheck,
            Some(host) if host.is_loopback_address() && self.portal.authority().host() == "localhost" => Place::Address,
            _ => Place::Unknown,
        }
    }

    /// The one host that the request names; `None` where it names none, several, or something that is none.
    fn host(&self, request: &Request) -> Option<Authority> {
        let host = Authority::parse(only(request.headers(), &header::HOST).ok().flatten()?.to_str().ok()?)?;
        match request.uri().authority() {
            Some(target) if Authority::parse(target.as_str())? != host => None,
            _ => Some(host.of_scheme(self.portal.scheme())),
        }
    }
}

/// Hands the request to whoever answers on its host.
pub async fn dispatch(State(hosts): State<Hosts>, request: Request) -> Response {
    // `CONNECT host:port` and `OPTIONS *` have no path, and nothing behind this expects that.
    if !request.uri().path().starts_with('/') {
        name_place("(no path)");
        return told(&request, StatusCode::BAD_REQUEST, "The request names no path.");
    }
    match hosts.place(&request) {
        Place::Portal | Place::HealthCheck => answered(hosts.portal_router, request).await,
        Place::Files => {
            name_place("(files host)");
            answered(hosts.files_router, request).await
        }
        Place::Address => {
            name_place("(address)");
            to_localhost(&hosts.portal, &request)
        }
        Place::Unknown => {
            name_place("(unknown host)");
            let text = format!("This server does not answer under that host name. The portal is at {}.", hosts.portal);
            told(&request, StatusCode::MISDIRECTED_REQUEST, &text)
        }
    }
}

/// A sentence with the id under which the log has the request.
fn told(request: &Request, status: StatusCode, text: &str) -> Response {
    sentence(status, format!("{text} Incident {}.", Asker::of(request).incident()))
}

async fn answered(router: Router, request: Request<Body>) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// 307 keeps the method, and unlike 308 no browser keeps it for whatever runs on this port tomorrow.
fn to_localhost(portal: &Origin, request: &Request) -> Response {
    let rest = request.uri().path_and_query().map_or("/", |rest| rest.as_str());
    let Ok(location) = HeaderValue::try_from(format!("{portal}{rest}")) else {
        return told(request, StatusCode::BAD_REQUEST, "The address cannot be read.");
    };
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::TEMPORARY_REDIRECT, headers).into_response()
}
