//! Who calls, and what every route needs: the portal, the limits, the request's id, leave for each step.

use app::ssr::{Portal, RequestId, report_under};
use app::words;
use axum::extract::FromRequestParts;
use domain::access::{Action, BucketName, Grant, Identity, Read};
use domain::key::ObjectKey;
use domain::listing::ObjectMeta;
use domain::store::StoreError;
use http::request::Parts;
use tokio::time::Instant;

use super::Limits;
use super::refusal::Refusal;

/// The person behind a call and the portal that answers it.
pub(crate) struct Caller {
    pub(crate) portal: Portal,
    pub(crate) identity: Identity,
    pub(crate) limits: Limits,
    pub(crate) incident: String,
    /// When the call began to be read: its client's patience runs since before.
    pub(crate) began: Instant,
}

/// What a look at a key showed.
pub(crate) enum Look {
    /// An object is there.
    There(ObjectMeta),
    /// Nothing is there.
    Free,
    /// The person may not know. The conditions that S3 checks hold all the same.
    Hidden,
}

impl Caller {
    /// Leave to do one thing to one resource.
    pub(crate) fn authorize<A: Action>(&self, bucket: &BucketName, resource: A::Resource) -> Result<Grant<A>, Refusal> {
        Ok(self.portal.authorize::<A>(&self.identity, bucket, resource)?)
    }

    /// Logs a failure under this request's id and answers what the person may know.
    pub(crate) fn report(&self, operation: &'static str, error: &StoreError) -> Refusal {
        report_under(&self.incident, operation, error).into()
    }

    /// What is stored under a key, as far as the person may read it.
    pub(crate) async fn look(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Look, Refusal> {
        let Ok(grant) = self.authorize::<Read>(bucket, key.clone()) else { return Ok(Look::Hidden) };
        match self.portal.store.head_object(&grant, None).await {
            Ok(meta) => Ok(Look::There(meta)),
            Err(StoreError::NotFound(_)) => Ok(Look::Free),
            Err(error) => Err(self.report("HeadObject", &error)),
        }
    }
}

impl FromRequestParts<Portal> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Refusal> {
        let identity = parts.extensions.get::<Identity>().cloned().ok_or_else(words::not_signed_in)?;
        let limits = *parts.extensions.get::<Limits>().expect("the API's router adds its limits to every request");
        let incident = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        Ok(Self { portal: portal.clone(), identity, limits, incident, began: Instant::now() })
    }
}
