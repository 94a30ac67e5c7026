//! `GET /api/put_url`: a presigned upload for scripts, of an object whose size is known.

use std::collections::BTreeMap;

use axum::Json;
use domain::access::Write;
use domain::key::{NewObjectKey, ObjectKey};
use domain::limits::MAX_PART_SIZE;
use domain::presign::SignedUrl;
use domain::problem::{Problem, ProblemKind};
use domain::store::{NewObject, Overwrite};
use domain::units::{ByteSize, UnixMillis};
use serde::{Deserialize, Serialize};

use super::caller::{Caller, Look};
use super::expiration;
use super::get_url::{bucket_or_first, named, unusable};
use super::input::Asked;
use super::refusal::Refusal;
use super::uploads::content_type;

/// The parameters. All are text, so that a wrong one is refused in words.
#[derive(Deserialize)]
pub(crate) struct PutUrl {
    key: Option<String>,
    size_bytes: Option<String>,
    expiration: Option<String>,
    bucket: Option<String>,
    content_type: Option<String>,
    overwrite: Option<String>,
}

/// Where to send the bytes.
#[derive(Serialize)]
pub(crate) struct Answer {
    s3_presigned_url: SignedUrl,
    /// To be sent as they are.
    headers: BTreeMap<String, String>,
    /// The key as it will be: the one asked for, in NFC.
    key: ObjectKey,
    /// The true end: that of the credentials that signed, where it comes before the one asked for.
    expires_at: UnixMillis,
}

pub(crate) async fn handle(caller: Caller, Asked(asked): Asked<PutUrl>) -> Result<Json<Answer>, Refusal> {
    let expires_in_s = expiration::parse(asked.expiration.as_deref(), caller.limits.max_presign_s)?;
    let size_bytes = size(asked.size_bytes.as_deref())?;
    let replace = overwrite(asked.overwrite.as_deref())?;
    let key = NewObjectKey::parse(&named(asked.key)?).map_err(|error| unusable(&error))?.key().clone();
    let bucket = bucket_or_first(&caller, asked.bucket);
    let grant = caller.authorize::<Write>(&bucket, key.clone())?;
    if !replace && let Look::There(_) = caller.look(&bucket, &key).await? {
        return Err(taken(&key));
    }
    let object = NewObject {
        size_bytes,
        content_type: content_type(asked.content_type.as_deref().unwrap_or_default()),
        overwrite: if replace { Overwrite::Always } else { Overwrite::Never },
        mark: None,
    };
    let request = caller
        .portal
        .store
        .presign_put(&grant, &object, expires_in_s)
        .await
        .map_err(|error| caller.report("presign PutObject", &error))?;
    let headers = request.headers.into_iter().collect();
    Ok(Json(Answer { s3_presigned_url: request.url, headers, key, expires_at: request.expires_at }))
}

fn size(text: Option<&str>) -> Result<ByteSize, Refusal> {
    let digits = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let size = digits.and_then(|text| text.parse().ok()).map(ByteSize);
    size.filter(|size| *size <= MAX_PART_SIZE).ok_or_else(|| {
        Refusal::invalid(
            "Bad size",
            format!("\u{201c}size_bytes\u{201d} is the object's exact size, from 0 to {} bytes.", MAX_PART_SIZE.0),
            "Larger objects go by the page.",
        )
    })
}

fn overwrite(text: Option<&str>) -> Result<bool, Refusal> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::invalid(
            "Bad overwrite",
            "\u{201c}overwrite\u{201d} is true or false.",
            "Leave it out to keep what is there.",
        )),
    }
}

fn taken(key: &ObjectKey) -> Refusal {
    Problem::new(
        ProblemKind::Conflict,
        "The name is taken",
        format!("There is an object \u{201c}{key}\u{201d} already."),
        "Choose another key, or add overwrite=true to replace it.",
    )
    .into()
}
