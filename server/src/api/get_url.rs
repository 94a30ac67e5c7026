//! `GET /api/get_url`: a presigned download for scripts, as the AWS sample answers it.

use app::words;
use axum::Json;
use domain::access::{BucketName, Read};
use domain::key::ObjectKey;
use domain::presign::{Disposition, SignedUrl};
use domain::units::UnixMillis;
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::expiration;
use super::input::Asked;
use super::refusal::Refusal;

/// The parameters. All are text, so that a wrong one is refused in words.
#[derive(Deserialize)]
pub(crate) struct GetUrl {
    key: Option<String>,
    expiration: Option<String>,
    bucket: Option<String>,
}

/// The answer: the sample's name, and the end beside it.
#[derive(Serialize)]
pub(crate) struct Answer {
    s3_presigned_url: SignedUrl,
    /// The true end: that of the credentials that signed, where it comes before the one asked for.
    expires_at: UnixMillis,
}

pub(crate) async fn handle(caller: Caller, Asked(asked): Asked<GetUrl>) -> Result<Json<Answer>, Refusal> {
    let expires_in_s = expiration::parse(asked.expiration.as_deref(), caller.limits.max_presign_s)?;
    let key = ObjectKey::parse(named(asked.key)?).map_err(|error| unusable(&error))?;
    let bucket = bucket_or_first(&caller, asked.bucket);
    let grant = caller.authorize::<Read>(&bucket, key)?;
    let store = &caller.portal.store;
    let meta = store.head_object(&grant, None).await.map_err(|error| caller.report("HeadObject", &error))?;
    if meta.archived {
        return Err(words::archived().into());
    }
    let request = store
        .presign_get(&grant, None, Disposition::Attachment, expires_in_s)
        .await
        .map_err(|error| caller.report("presign GetObject", &error))?;
    Ok(Json(Answer { s3_presigned_url: request.url, expires_at: request.expires_at }))
}

/// The parameter `key`, which cannot be left out.
pub(super) fn named(key: Option<String>) -> Result<String, Refusal> {
    key.filter(|key| !key.is_empty()).ok_or_else(|| {
        Refusal::invalid("No key", "The parameter \u{201c}key\u{201d} is missing.", "Add the object's key.")
    })
}

pub(super) fn unusable(error: &domain::key::KeyError) -> Refusal {
    Refusal::invalid("This key cannot be used", format!("Not accepted: {error}."), "Use another key.")
}

/// The bucket that was named, or the first of the portal's.
pub(super) fn bucket_or_first(caller: &Caller, bucket: Option<String>) -> BucketName {
    let first = || caller.portal.buckets.first().map(|bucket| bucket.name.clone());
    bucket.map(BucketName).or_else(first).unwrap_or_else(|| BucketName(String::new()))
}
