//! Signs requests for browsers: for the signing host, with every condition in the signature, shown on the public host.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::{PresignedRequest as SdkPresigned, PresigningConfig};
use domain::access::{Action, Grant, Read, Write};
use domain::key::ObjectKey;
use domain::limits::MAX_PRESIGN_S;
use domain::presign::{Disposition, PresignedRequest, SignedUrl};
use domain::store::{NewObject, Overwrite, StoreError};
use domain::units::{ByteSize, PartNumber, UnixMillis};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::disposition::{SAVED_TYPE, attachment, inline, shown_type};
use super::endpoint::{Hosts, SigningHosts};
use super::error::{invalid, store_error, unexpected};
use super::signing_client::{Signing, SigningClient};
use super::{Clock, S3Settings};

/// The query parameter that names the person in S3's access log. S3 ignores parameters that begin with `x-` and
/// logs them; being signed, it cannot be changed. Source: S3 user guide, server access log format.
const USER_PARAMETER: &str = "x-user";

/// Kept by the person's own browser, by nobody between.
const CACHE_CONTROL: &str = "private";

/// What SigV4 leaves unescaped in a query. Source: IAM user guide, create a signed request.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Makes presigned requests.
pub(crate) struct Presigner {
    clock: Clock,
    hosts: SigningHosts,
    signing: SigningClient,
}

/// What the requests of one batch share.
struct Batch<'a> {
    signing: Arc<Signing>,
    hosts: &'a Hosts,
    user: String,
    starts_at: UnixMillis,
    expires_in_s: u64,
}

impl Presigner {
    pub(crate) fn new(settings: &S3Settings, hosts: SigningHosts) -> Self {
        Self {
            clock: settings.clock.clone(),
            signing: SigningClient::new(&settings.region, settings.credentials.clone(), hosts.clone()),
            hosts,
        }
    }

    pub(crate) async fn get(
        &self,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: &Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        let key = grant.resource();
        let (disposition, content_type) = presentation(key, disposition);
        let batch = self.batch(grant, expires_in_s).await?;
        let signed = batch
            .signing
            .client
            .get_object()
            .bucket(&grant.bucket().0)
            .key(key.as_str())
            .set_version_id(version_id.map(str::to_owned))
            .response_content_disposition(disposition)
            .response_content_type(content_type)
            .response_cache_control(CACHE_CONTROL)
            .customize()
            .mutate_request(batch.name_person())
            .presigned(batch.config()?)
            .await;
        batch.shown(signed)
    }

    pub(crate) async fn put(
        &self,
        grant: &Grant<Write>,
        object: &NewObject,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        let batch = self.batch(grant, expires_in_s).await?;
        let (if_none_match, if_match) = conditions(&object.overwrite);
        let signed = batch
            .signing
            .client
            .put_object()
            .bucket(&grant.bucket().0)
            .key(grant.resource().as_str())
            .content_length(length(object.size_bytes)?)
            .content_type(&object.content_type)
            .set_if_none_match(if_none_match)
            .set_if_match(if_match)
            .customize()
            .mutate_request(batch.name_person())
            .presigned(batch.config()?)
            .await;
        batch.shown(signed)
    }

    pub(crate) async fn parts(
        &self,
        grant: &Grant<Write>,
        upload_id: &str,
        parts: &[(PartNumber, ByteSize)],
        expires_in_s: u64,
    ) -> Result<Vec<PresignedRequest>, StoreError> {
        let batch = self.batch(grant, expires_in_s).await?;
        let mut requests = Vec::with_capacity(parts.len());
        for (number, size) in parts {
            let signed = batch
                .signing
                .client
                .upload_part()
                .bucket(&grant.bucket().0)
                .key(grant.resource().as_str())
                .upload_id(upload_id)
                .part_number(i32::from(number.get()))
                .content_length(length(*size)?)
                .customize()
                .mutate_request(batch.name_person())
                .presigned(batch.config()?)
                .await;
            requests.push(batch.shown(signed)?);
        }
        Ok(requests)
    }

    /// One instant, one set of credentials and so one end for all requests of a batch.
    async fn batch<A: Action>(&self, grant: &Grant<A>, wish_s: u64) -> Result<Batch<'_>, StoreError> {
        let now = (self.clock)();
        let signing = self.signing.at(now).await?;
        // Signatures carry whole seconds: what is stated is counted from there.
        let starts_at = UnixMillis(now.0 / 1000 * 1000);
        let credentials_left_s = signing.credentials_end.map_or(u64::MAX, |end| end.ms_since(starts_at) / 1000);
        let expires_in_s = wish_s.min(credentials_left_s).min(MAX_PRESIGN_S);
        if expires_in_s == 0 {
            return Err(invalid("a presigned request needs a life of at least a second"));
        }
        let bucket = grant.bucket();
        let hosts = self.hosts.of(&bucket.0).ok_or_else(|| invalid(format!("bucket {bucket} has no hosts")))?;
        let user = utf8_percent_encode(grant.user(), UNRESERVED).to_string();
        Ok(Batch { signing, hosts, user, starts_at, expires_in_s })
    }
}

impl Batch<'_> {
    fn config(&self) -> Result<PresigningConfig, StoreError> {
        PresigningConfig::builder()
            .start_time(UNIX_EPOCH + Duration::from_millis(self.starts_at.0))
            .expires_in(Duration::from_secs(self.expires_in_s))
            .build()
            .map_err(invalid)
    }

    /// Adds the person to the query before it is signed.
    fn name_person(&self) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
        let parameter = format!("{USER_PARAMETER}={}", self.user);
        move |request| {
            let joint = if request.uri().contains('?') { '&' } else { '?' };
            let named = format!("{}{joint}{parameter}", request.uri());
            request.set_uri(named).expect("a URI stays one when unreserved characters are added to its query");
        }
    }

    /// The signed request as a browser sends it: on the public host, without the headers that it sets by itself.
    fn shown<E>(&self, signed: Result<SdkPresigned, SdkError<E, HttpResponse>>) -> Result<PresignedRequest, StoreError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let signed = signed.map_err(store_error)?;
        let target = signed.uri().strip_prefix(&self.hosts.signing_origin).filter(|rest| rest.starts_with('/'));
        let target = target.ok_or_else(|| unexpected("a request was signed for another host"))?;
        let own = |name: &str| name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case("content-length");
        Ok(PresignedRequest {
            method: signed.method().to_owned(),
            url: SignedUrl::new(format!("{}{target}", self.hosts.public_origin)),
            headers: signed
                .headers()
                .filter(|(name, _)| !own(name))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            expires_at: self.starts_at.plus_s(self.expires_in_s),
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

fn length(size: ByteSize) -> Result<i64, StoreError> {
    i64::try_from(size.0).map_err(|_| invalid(format!("{} bytes are more than S3 holds", size.0)))
}
