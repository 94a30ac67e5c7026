//! S3 behind the domain's store port: the AWS SDK for the portal's own calls, and signatures for browsers'.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{SharedCredentialsProvider, SharedHttpClient};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, EncodingType};
use domain::access::{BucketName, Grant, List, Read, Write};
use domain::key::ObjectKey;
use domain::listing::{ContinuationToken, ListingFilter, ListingPage, ObjectMeta, UploadMark};
use domain::presign::{Disposition, PresignedRequest};
use domain::store::{NewObject, ObjectStore, Overwrite, StoreError, StoredObject, StoredPart};
use domain::units::{ByteSize, PartNumber, UnixMillis};

mod blank_keys;
mod client;
mod convert;
pub mod credentials;
pub mod disposition;
mod endpoint;
mod error;
#[cfg(feature = "embedded")]
pub mod in_process;
mod list_parts;
mod presign;
mod signing_keys;
mod sigv4;

pub use endpoint::{BucketHosts, SettingsError};

use client::Clients;
use error::{invalid, store_error, upload_error};
use presign::Presigner;

/// The wall clock as the rest of the server has it.
pub type Clock = Arc<dyn Fn() -> UnixMillis + Send + Sync>;

/// How the portal itself reaches S3. Browsers always go by the files host.
#[derive(Clone, Debug)]
pub enum Connection {
    /// AWS's own endpoint of the region.
    Aws,
    /// An endpoint that was named, for example `http://127.0.0.1:9000`.
    Endpoint {
        /// Scheme, host and port.
        url: String,
        /// Whether the bucket stands in the path instead of the host.
        path_style: bool,
    },
    /// Without a socket, into an S3 in this process. Its bucket is told from the Host, which is the signing host.
    InProcess(SharedHttpClient),
}

/// What the adapter needs to know.
#[derive(Clone)]
pub struct S3Settings {
    /// The region that signatures name.
    pub region: String,
    /// Where credentials come from; see [`credentials`].
    pub credentials: SharedCredentialsProvider,
    /// How the portal itself reaches S3.
    pub connection: Connection,
    /// The buckets and their hosts.
    pub buckets: Vec<BucketHosts>,
    /// The time that is signed.
    pub clock: Clock,
}

/// S3 by the AWS SDK.
pub struct S3Store {
    clients: Clients,
    presigner: Presigner,
}

impl S3Store {
    /// Prepares the clients; nothing is sent yet.
    ///
    /// # Errors
    /// [`SettingsError`], naming the bucket and what is wrong with its hosts.
    pub fn new(settings: S3Settings) -> Result<Self, SettingsError> {
        let hosts = endpoint::SigningHosts::new(&settings.buckets)?;
        Ok(Self { clients: Clients::new(&settings, &hosts), presigner: Presigner::new(&settings, hosts) })
    }

    /// For calls that change nothing, or the same however often they are sent.
    pub(crate) fn repeatable(&self) -> &Client {
        &self.clients.repeatable
    }

    /// For changes whose outcome would be unknown if they were sent twice.
    fn once(&self) -> &Client {
        &self.clients.once
    }

    async fn head(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        version_id: Option<&str>,
    ) -> Result<ObjectMeta, StoreError> {
        let output = self
            .repeatable()
            .head_object()
            .bucket(&bucket.0)
            .key(blank_keys::for_the_sdk(key))
            .set_version_id(version_id.map(str::to_owned))
            .customize()
            .mutate_request(blank_keys::restored(key))
            .send()
            .await
            .map_err(store_error)?;
        convert::object_meta(key.clone(), output)
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn list_objects_v2(
        &self,
        grant: &Grant<List>,
        filter: &ListingFilter,
        from: Option<&ContinuationToken>,
        max_keys: u16,
    ) -> Result<ListingPage, StoreError> {
        if filter.prefix != *grant.resource() {
            return Err(invalid("the filter's prefix is not the one that was granted"));
        }
        if filter.starts_with.contains('/') {
            return Err(invalid("the filter reaches below the prefix that was granted"));
        }
        let output = self
            .repeatable()
            .list_objects_v2()
            .bucket(&grant.bucket().0)
            .prefix(format!("{}{}", filter.prefix, filter.starts_with))
            .delimiter("/")
            .encoding_type(EncodingType::Url)
            .max_keys(i32::from(max_keys.clamp(1, domain::limits::MAX_LIST_ENTRIES)))
            .set_continuation_token(from.map(|token| token.0.clone()))
            .send()
            .await
            .map_err(store_error)?;
        convert::listing_page(output)
    }

    async fn head_object(&self, grant: &Grant<Read>, version_id: Option<&str>) -> Result<ObjectMeta, StoreError> {
        self.head(grant.bucket(), grant.resource(), version_id).await
    }

    async fn presign_get(
        &self,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        self.presigner.get(grant, version_id, &disposition, expires_in_s).await
    }

    async fn presign_head(
        &self,
        grant: &Grant<Read>,
        version_id: Option<&str>,
        disposition: Disposition,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        self.presigner.head(grant, version_id, &disposition, expires_in_s).await
    }

    async fn presign_put(
        &self,
        grant: &Grant<Write>,
        object: &NewObject,
        expires_in_s: u64,
    ) -> Result<PresignedRequest, StoreError> {
        self.presigner.put(grant, object, expires_in_s).await
    }

    async fn presign_parts(
        &self,
        grant: &Grant<Write>,
        upload_id: &str,
        parts: &[(PartNumber, ByteSize)],
        expires_in_s: u64,
    ) -> Result<Vec<PresignedRequest>, StoreError> {
        self.presigner.parts(grant, upload_id, parts, expires_in_s).await
    }

    async fn create_multipart_upload(
        &self,
        grant: &Grant<Write>,
        content_type: &str,
        mark: &UploadMark,
    ) -> Result<String, StoreError> {
        // No checksum algorithm is declared: S3 would then refuse parts that come without one.
        let output = self
            .once()
            .create_multipart_upload()
            .bucket(&grant.bucket().0)
            .key(grant.resource().as_str())
            .content_type(content_type)
            .metadata(convert::MARK, &mark.0)
            .send()
            .await
            .map_err(store_error)?;
        output.upload_id.filter(|id| !id.is_empty()).ok_or_else(|| error::unexpected("no upload id was given"))
    }

    async fn list_parts(&self, grant: &Grant<Write>, upload_id: &str) -> Result<Vec<StoredPart>, StoreError> {
        list_parts::all(self.repeatable(), grant, upload_id).await
    }

    async fn complete_multipart_upload(
        &self,
        grant: &Grant<Write>,
        upload_id: &str,
        parts: &[StoredPart],
        overwrite: &Overwrite,
    ) -> Result<StoredObject, StoreError> {
        let mut parts = parts.to_vec();
        parts.sort_unstable_by_key(|part| part.number);
        let parts = parts
            .into_iter()
            .map(|part| CompletedPart::builder().part_number(i32::from(part.number.get())).e_tag(part.etag.0).build());
        let (if_none_match, if_match) = presign::conditions(overwrite);
        let output = self
            .once()
            .complete_multipart_upload()
            .bucket(&grant.bucket().0)
            .key(grant.resource().as_str())
            .upload_id(upload_id)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build())
            .set_if_none_match(if_none_match)
            .set_if_match(if_match)
            .customize()
            .config_override(client::patient())
            .send()
            .await
            .map_err(store_error)?;
        if let Some(object) = convert::stored_object(output) {
            return Ok(object);
        }
        // Stored all the same: some stores leave the ETag to the next question.
        let meta = self.head(grant.bucket(), grant.resource(), None).await?;
        Ok(StoredObject { etag: meta.etag, version_id: meta.version_id })
    }

    async fn abort_multipart_upload(&self, grant: &Grant<Write>, upload_id: &str) -> Result<(), StoreError> {
        self.repeatable()
            .abort_multipart_upload()
            .bucket(&grant.bucket().0)
            .key(grant.resource().as_str())
            .upload_id(upload_id)
            .send()
            .await
            .map_err(upload_error)?;
        Ok(())
    }

    async fn head_bucket(&self, bucket: &BucketName) -> Result<(), StoreError> {
        self.repeatable().head_bucket().bucket(&bucket.0).send().await.map_err(store_error)?;
        Ok(())
    }
}
