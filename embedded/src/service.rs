//! The HTTP service: everything around the protocol that `s3s` leaves to the one who runs it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_RANGE, CONTENT_TYPE, HOST, RANGE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::S3ServiceBuilder;
use s3s::{Body, S3Error, S3Result};

use crate::access::{OneKey, SignedOnly};
use crate::api::Api;
use crate::cors::{self, CorsRule, CorsRules};
use crate::faults::{Exchange, Faults};
use crate::host::{Addressing, BucketNames, Hosts};
use crate::{OpenError, Settings, authorization, id, uri, xml_text};

mod cut;
mod digest;
mod drain;

use cut::Cut;
pub(crate) use digest::Digest;
use drain::Drain;

/// The name under which each answer carries its request's id.
const REQUEST_ID: &str = "x-amz-request-id";

/// The S3 as a service over HTTP requests. Cheap to clone.
#[derive(Clone)]
pub struct S3Service {
    inner: Arc<Inner>,
}

struct Inner {
    protocol: s3s::service::S3Service,
    region: String,
    hosts: Hosts,
    cors: Arc<CorsRules>,
    faults: Faults,
}

impl S3Service {
    pub(crate) fn new(api: Api, cors: Arc<CorsRules>, faults: Faults, settings: Settings) -> Result<Self, OpenError> {
        let hosts = Hosts::new(settings.hosts);
        let mut config = S3Config::default();
        let region = settings.region;
        config.expected_region = Some(region.parse().map_err(|_| OpenError::Region(region.clone()))?);
        config.sig_v4_allowed_services = vec!["s3".to_owned()];
        config.allow_post_signature = false;
        let mut builder = S3ServiceBuilder::new(api);
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        builder.set_auth(OneKey(settings.credentials));
        builder.set_access(SignedOnly);
        builder.set_host(hosts.clone());
        builder.set_validation(BucketNames);
        let inner = Inner { protocol: builder.build(), region, hosts, cors, faults };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let rules = self.rules(&request);
        let rules = rules.as_ref().map(|rules| rules.as_slice());
        if request.method() == Method::OPTIONS {
            return finish(preflight(rules, &request));
        }
        let head = request.method() == Method::HEAD;
        let headers = cors::answer(rules, request.method(), request.headers());
        let exchange = self.inner.faults.exchange();
        let mut response = self.protocol(request, exchange.as_ref()).await;
        if let Some(headers) = headers {
            response.headers_mut().extend(headers);
        }
        if head {
            response = as_head(response);
        }
        let response = finish(response);
        match exchange.and_then(|exchange| exchange.answer_limit()) {
            Some(limit) => cut::answer(response, limit),
            None => response,
        }
    }

    async fn protocol(&self, mut request: Request<Body>, exchange: Option<&Arc<Exchange>>) -> Response<Body> {
        match uri::canonical(request.uri()) {
            Some(canonical) => *request.uri_mut() = canonical,
            None => return error(s3s::s3_error!(InvalidURI)),
        }
        ignore_unusable_range(&mut request);
        request =
            request.map(|body| if body.bytes().is_some() { body } else { Body::http_body_unsync(Drain::new(body)) });
        if let Err(failure) = admissible(&request, &self.inner.region) {
            return error(failure);
        }
        request = digest::collect(request).await;
        if let Some(exchange) = exchange {
            request.extensions_mut().insert(Arc::clone(exchange));
            let exchange = Arc::clone(exchange);
            request = request.map(|body| Body::http_body_unsync(Cut::request(body, exchange)));
        }
        match self.inner.protocol.call(request).await {
            Ok(response) => response,
            Err(failure) => {
                tracing::error!(%failure, "the protocol layer failed");
                error(s3s::s3_error!(InternalError))
            }
        }
    }

    /// The CORS rules of the bucket that a request is for.
    fn rules(&self, request: &Request<Body>) -> Option<Arc<Vec<CorsRule>>> {
        let host = match request.headers().get(HOST) {
            Some(host) => host.to_str().ok()?,
            None => request.uri().authority()?.as_str(),
        };
        let bucket = match self.inner.hosts.addressing(host) {
            Addressing::Bucket(bucket) => bucket,
            Addressing::Path => request.uri().path().split('/').nth(1)?,
            Addressing::Unknown => return None,
        };
        self.inner.cors.of(bucket)
    }
}

impl<B> tower_service::Service<Request<B>> for S3Service
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        let request = request.map(Body::http_body_unsync);
        Box::pin(async move { Ok(service.answer(request).await) })
    }
}

impl std::fmt::Debug for S3Service {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("S3Service").finish_non_exhaustive()
    }
}

fn preflight(rules: Option<&[CorsRule]>, request: &Request<Body>) -> Response<Body> {
    match cors::preflight(rules, request.headers()) {
        Ok(headers) => {
            let mut response = Response::new(Body::empty());
            *response.headers_mut() = headers;
            response
        }
        Err(failure) => error(failure),
    }
}

/// What is refused before it is looked at as an operation.
fn admissible(request: &Request<Body>, region: &str) -> S3Result<()> {
    match *request.method() {
        Method::GET | Method::PUT | Method::POST | Method::DELETE | Method::HEAD => {
            authorization::check(request, region)
        }
        _ => Err(s3s::s3_error!(MethodNotAllowed)),
    }
}

fn error(failure: S3Error) -> Response<Body> {
    failure.to_http_response().unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// HEAD's answers have no body, errors neither; and a stretch of an object is 206, which the
/// protocol layer answers to GET alone.
fn as_head(mut response: Response<Body>) -> Response<Body> {
    if response.status() == StatusCode::OK && response.headers().contains_key(CONTENT_RANGE) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response.map(|_| Body::empty())
}

/// A range that S3 cannot use is as good as none: S3 answers the whole. The protocol layer would
/// refuse it. A range that is signed must stay for the signature's sake.
fn ignore_unusable_range(request: &mut Request<Body>) {
    let unusable = request
        .headers()
        .get(RANGE)
        .is_some_and(|value| !value.to_str().is_ok_and(|text| s3s::dto::Range::parse(text).is_ok()));
    if unusable && !uri::signs(request, RANGE.as_str()) {
        request.headers_mut().remove(RANGE);
    }
}

/// What every answer gets: an id, and its XML with the characters that the writer could not take.
fn finish(mut response: Response<Body>) -> Response<Body> {
    if let Ok(id) = HeaderValue::from_str(&id::random()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let xml = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/xml");
    match response.body().bytes() {
        Some(document) if xml => response.map(|_| Body::from(xml_text::release(document))),
        _ => response,
    }
}
