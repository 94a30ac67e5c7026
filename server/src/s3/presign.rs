//! Signs requests for browsers: for the signing host, with every condition in the signature, shown on the public host.

use domain::access::{Action, Grant, Read, Write};
use domain::key::ObjectKey;
use domain::limits::MAX_PRESIGN_S;
use domain::presign::{Disposition, PresignedRequest, SignedUrl};
use domain::store::{NewObject, Overwrite, StoreError};
use domain::units::{ByteSize, PartNumber, UnixMillis};

use super::disposition::{SAVED_TYPE, attachment, inline, shown_type};
use super::endpoint::{Hosts, SigningHosts};
use super::error::{invalid, unavailable};
use super::signing_keys::{SigningKey, SigningKeys};
use super::sigv4::{Lifetime, Unsigned, signed_target};
use super::{Clock, S3Settings};

/// The query parameter that names the person in S3's access log. S3 ignores parameters that begin with `x-` and
/// logs them; being signed, it cannot be changed. Source: S3 user guide, server access log format.
const USER_PARAMETER: &str = "x-user";

/// Kept by the person's own browser, by nobody between.
const CACHE_CONTROL: &str = "private";

/// Signed, and set by the browser itself: how many bytes are sent is part of the permission.
const CONTENT_LENGTH: &str = "content-length";

/// Puts the upload's mark into the object's metadata, under the name of [`MARK`](super::convert::MARK).
const MARK_HEADER: &str = "x-amz-meta-causeway-upload";

/// Makes presigned requests.
pub(crate) struct Presigner {
    clock: Clock,
    region: String,
    hosts: SigningHosts,
    keys: SigningKeys,
}

/// What the requests of one batch share.
struct Batch<'a> {
    region: &'a str,
    hosts: &'a Hosts,
    key: SigningKey,
    user: &'a str,
    lifetime: Lifetime,
}

impl Presigner {
    pub(crate) fn new(settings: &S3Settings, hosts: SigningHosts) -> Self {
        Self {
            clock: settings.clock.clone(),
            region: settings.region.clone(),
            hosts,
            keys: SigningKeys::new(settings.credentials.clone()),
        }
    }

    pub(crate) async fn get(
        &self,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: &Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        self.read("GET", grant, version_id, disposition, expires_in_s).await
    }

    pub(crate) async fn head(
        &self,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: &Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        self.read("HEAD", grant, version_id, disposition, expires_in_s).await
    }

    async fn read(
        &self,
        method: &'static str,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: &Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        let key = grant.resource();
        let (disposition, content_type) = presentation(key, disposition);
        let mut query = vec![
            ("response-cache-control", CACHE_CONTROL.to_owned()),
            ("response-content-disposition", disposition),
            ("response-content-type", content_type.to_owned()),
        ];
        query.extend(version_id.map(|id| ("versionId", id.to_owned())));
        self.batch(grant, expires_in_s).await?.sign(method, key, query, Vec::new())
    }

    pub(crate) async fn put(
        &self,
        grant: &Grant<Write>,
        object: &NewObject,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        let (if_none_match, if_match) = conditions(&object.overwrite);
        let mut headers =
            vec![(CONTENT_LENGTH, object.size_bytes.0.to_string()), ("content-type", object.content_type.clone())];
        headers.extend(if_none_match.map(|etag| ("if-none-match", etag)));
        headers.extend(if_match.map(|etag| ("if-match", etag)));
        headers.extend(object.mark.as_ref().map(|mark| (MARK_HEADER, mark.0.clone())));
        self.batch(grant, expires_in_s).await?.sign("PUT", grant.resource(), Vec::new(), headers)
    }

    pub(crate) async fn parts(
        &self,
        grant: &Grant<Write>,
        upload_id: &str,
        parts: &[(PartNumber, ByteSize)],
        expires_in_s: u64,
    ) -> Result<Vec<PresignedRequest>, StoreError> {
        let batch = self.batch(grant, expires_in_s).await?;
        let sign = |(number, size): &(PartNumber, ByteSize)| {
            let query = vec![("partNumber", number.get().to_string()), ("uploadId", upload_id.to_owned())];
            batch.sign("PUT", grant.resource(), query, vec![(CONTENT_LENGTH, size.0.to_string())])
        };
        parts.iter().map(sign).collect()
    }

    /// One instant, one set of credentials and so one end for all requests of a batch.
    async fn batch<'a, A: Action>(&'a self, grant: &'a Grant<A>, wish_s: u64) -> Result<Batch<'a>, StoreError> {
        let now = (self.clock)();
        let key = self.keys.at(now).await?;
        // Signatures carry whole seconds: what is stated is counted from there.
        let starts_at = UnixMillis(now.0 / 1000 * 1000);
        let credentials_left_s = key.end.map_or(u64::MAX, |end| end.ms_since(starts_at) / 1000);
        if credentials_left_s == 0 {
            return Err(unavailable("the credentials to sign with end within this second"));
        }
        let expires_in_s = wish_s.min(credentials_left_s).min(MAX_PRESIGN_S);
        if expires_in_s == 0 {
            return Err(invalid("a presigned request needs a life of at least a second"));
        }
        let bucket = grant.bucket();
        let hosts = self.hosts.of(&bucket.0).ok_or_else(|| invalid(format!("bucket {bucket} has no hosts")))?;
        let lifetime = Lifetime { starts_at, expires_in_s };
        Ok(Batch { region: &self.region, hosts, key, user: grant.user(), lifetime })
    }
}

impl Batch<'_> {
    /// Signs for the signing host and answers the request as a browser sends it: on the public host, without the
    /// headers that a browser sets by itself.
    fn sign(
        &self,
        method: &'static str,
        key: &ObjectKey,
        mut query: Vec<(&'static str, String)>,
        mut headers: Vec<(&'static str, String)>,
    ) -> Result<PresignedRequest, StoreError> {
        query.push((USER_PARAMETER, self.user.to_owned()));
        let unsigned = Unsigned {
            method,
            origin: &self.hosts.signing_origin,
            key: key.as_str(),
            query: &query,
            headers: &headers,
        };
        let target = signed_target(&unsigned, &self.key.identity, self.region, self.lifetime)?;
        headers.retain(|(name, _)| *name != CONTENT_LENGTH);
        Ok(PresignedRequest {
            method: method.to_owned(),
            url: SignedUrl::new([&self.hosts.public_origin, target.as_str()].concat()),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            expires_at: self.lifetime.ends_at(),
        })
    }
}

/// Disposition and type to sign. What cannot be shown safely is saved, whatever was asked for.
fn presentation(key: &ObjectKey, disposition: &Disposition) -> (String, &'static str) {
    match disposition {
        Disposition::Attachment => (attachment(key), SAVED_TYPE),
        Disposition::Inline { content_type } => match shown_type(content_type) {
            Some(shown) => (inline(key), shown),
            None => (attachment(key), SAVED_TYPE),
        },
    }
}

/// `If-None-Match` and `If-Match`.
pub(crate) fn conditions(overwrite: &Overwrite) -> (Option<String>, Option<String>) {
    match overwrite {
        Overwrite::Never => (Some("*".to_owned()), None),
        Overwrite::IfMatch(etag) => (None, Some(etag.0.clone())),
        Overwrite::Always => (None, None),
    }
}
