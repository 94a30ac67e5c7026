//! The SDK's way into an S3 in this process, without a socket.

use std::fmt;

use aws_sdk_s3::config::SharedHttpClient;
use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::error::{BoxError, ConnectorError};
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use embedded::Embedded;
use http::header::HOST;
use http::{HeaderValue, Request};
use http_body_util::BodyExt as _;

/// A client for [`super::Connection::InProcess`].
pub fn client(embedded: Embedded) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(InProcess(embedded));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Clone)]
struct InProcess(Embedded);

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let embedded = self.0.clone();
        HttpConnectorFuture::new(async move {
            answer(&embedded, request).await.map_err(|error| ConnectorError::other(error, None))
        })
    }
}

/// Both bodies are taken whole: the portal's own calls carry lists and XML, never object bytes.
async fn answer(embedded: &Embedded, request: HttpRequest) -> Result<HttpResponse, BoxError> {
    let (mut head, body) = request.try_into_http1x()?.into_parts();
    if !head.headers.contains_key(HOST) {
        let host = head.uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
        head.headers.insert(HOST, HeaderValue::from_str(host)?);
    }
    let body = body.collect().await?.to_bytes();
    let response = embedded.call(Request::from_parts(head, embedded::body(body))).await;
    let (head, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(HttpResponse::try_from(http::Response::from_parts(head, SdkBody::from(body)))?)
}
