//! Who is let in: one access key, and nobody without a signature; and what no request may ask of a bucket here.

use std::sync::Arc;

use http::HeaderMap;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};

use crate::Credentials;
use crate::api::OWNER;
use crate::faults::Exchange;
use crate::service::Digest;

/// The one pair of keys.
#[derive(Debug)]
pub(crate) struct OneKey(pub(crate) Credentials);

#[async_trait::async_trait]
impl S3Auth for OneKey {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.0.access_key_id {
            Ok(SecretKey::from(self.0.secret_access_key.as_str()))
        } else {
            Err(s3_error!(InvalidAccessKeyId))
        }
    }
}

/// Signed requests only; and the place where scripted faults strike, since here the operation is
/// known and the signature checked, and nothing done yet.
#[derive(Debug)]
pub(crate) struct SignedOnly;

#[async_trait::async_trait]
impl S3Access for SignedOnly {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        if request.credentials().is_none() {
            return Err(s3_error!(AccessDenied));
        }
        refuse_headers(request.headers())?;
        if let Some(digest) = request.extensions_mut().get::<Digest>() {
            digest.check()?;
        }
        let exchange = request.extensions_mut().get::<Arc<Exchange>>().cloned();
        match exchange {
            Some(exchange) => {
                let key = request.s3_path().get_object_key().unwrap_or_default();
                exchange.strike(request.s3_op().name(), key, request.uri().query()).await
            }
            None => Ok(()),
        }
    }
}

/// Headers that ask for what buckets here do not have. To pass them over would tell a writer that an object is
/// shared, or locked, or in the right account, when it is not.
fn refuse_headers(headers: &HeaderMap) -> S3Result<()> {
    let begins = |prefix: &str| headers.keys().any(|name| name.as_str().starts_with(prefix));
    let owners = ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"];
    if owners.iter().filter_map(|name| headers.get(*name)).any(|owner| owner != OWNER) {
        return Err(s3_error!(AccessDenied));
    }
    if begins("x-amz-grant-") {
        return Err(s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs"));
    }
    if begins("x-amz-object-lock-") {
        return Err(s3_error!(InvalidRequest, "Bucket is missing Object Lock Configuration"));
    }
    Ok(())
}
