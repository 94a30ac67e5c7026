//! Signed GETs for the person who asks.

use domain::access::{BucketName, Grant, Identity, Read};
use domain::key::ObjectKey;
use domain::listing::ObjectMeta;
use domain::presign::{Disposition, SignedUrl};

use super::{Portal, asks_by_head, report};
use crate::error::ApiError;
use crate::words;

/// Life of a signed GET, in seconds: long enough for the browser's own pause and resume.
pub(crate) const DOWNLOAD_EXPIRES_IN_S: u64 = 3600;

/// A URL that saves the object under its own name.
pub(crate) async fn open(
    portal: &Portal,
    identity: &Identity,
    bucket: &BucketName,
    key: ObjectKey,
) -> Result<SignedUrl, ApiError> {
    if !key.travels_by_url() {
        return Err(ApiError(words::no_browser_sends(&key)));
    }
    sign(portal, identity, bucket, key).await
}

/// The same as a line for a shell, for keys that browsers change on the way.
pub(crate) async fn curl_command(
    portal: &Portal,
    identity: &Identity,
    bucket: &BucketName,
    key: ObjectKey,
) -> Result<String, ApiError> {
    let output = output_name(&key);
    let url = sign(portal, identity, bucket, key).await?;
    Ok(["curl --path-as-is --fail --output ", &quoted(&output), " ", &quoted(url.expose())].concat())
}

async fn sign(
    portal: &Portal,
    identity: &Identity,
    bucket: &BucketName,
    key: ObjectKey,
) -> Result<SignedUrl, ApiError> {
    let grant = portal.authorize::<Read>(identity, bucket, key)?;
    // S3 answers a signed GET of nothing with an XML page; the portal says it in words.
    let meta = portal.store.head_object(&grant, None).await.map_err(|error| report("HeadObject", &error))?;
    within_reach(&meta)?;
    url_for_the_asker(portal, &grant, None, DOWNLOAD_EXPIRES_IN_S).await
}

/// No URL is signed that S3 would refuse.
pub(crate) fn within_reach(meta: &ObjectMeta) -> Result<(), ApiError> {
    if meta.archived { Err(ApiError(words::archived())) } else { Ok(()) }
}

/// A URL that saves the object, signed for the method by which the page was asked for: who follows the redirect asks S3
/// by the same.
pub(crate) async fn url_for_the_asker(
    portal: &Portal,
    grant: &Grant<Read>,
    version_id: Option<&str>,
    expires_in_s: u64,
) -> Result<SignedUrl, ApiError> {
    let store = &portal.store;
    let signed = if asks_by_head() {
        store.presign_head(grant, version_id, Disposition::Attachment, expires_in_s).await
    } else {
        store.presign_get(grant, version_id, Disposition::Attachment, expires_in_s).await
    };
    Ok(signed.map_err(|error| report("presign GetObject", &error))?.url)
}

/// A name that a shell's user can have in the current folder, whatever the key.
fn output_name(key: &ObjectKey) -> String {
    let name: String = key.name().chars().filter(|c| !c.is_control() && *c != '/').collect();
    match name.as_str() {
        "" | "." | ".." => "download".to_owned(),
        // By itself it means standard output.
        "-" => "./-".to_owned(),
        _ => name,
    }
}

/// A word of a POSIX shell that stands for exactly this text.
fn quoted(text: &str) -> String {
    ["'", &text.replace('\'', r"'\''"), "'"].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where a value is missing")]

    use super::*;

    #[test]
    fn a_shell_takes_any_name_as_one_word() {
        assert_eq!(quoted("it's $HOME `x`"), r"'it'\''s $HOME `x`'");
    }

    #[test]
    fn the_saved_name_never_leaves_the_current_folder() {
        for (key, name) in [
            ("a/..", "download"),
            ("a/../", "download"),
            ("../b.txt", "b.txt"),
            ("a/\n", "download"),
            ("//", "download"),
            ("a/-", "./-"),
        ] {
            assert_eq!(output_name(&ObjectKey::parse(key).unwrap()), name, "{key:?}");
        }
    }
}
