//! A whole site in the test's process: the router, an S3 that checks signatures, and a folder that goes away.

mod accessible_text;
mod answer;
mod log;
pub(crate) mod odd_keys;
pub(crate) mod peer;
pub(crate) mod sigv4;
pub(crate) mod wire;

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::Arc;

use app::ssr::Portal;
use aws_sdk_s3::config::SharedCredentialsProvider;
use aws_sdk_s3::types::StorageClass;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use domain::access::{BucketName, Identity, Policy, Read, Write, authorize};
use domain::key::ObjectKey;
use domain::presign::{Disposition, PresignedRequest};
use domain::store::{NewObject, ObjectStore, Overwrite};
use domain::units::{ByteSize, UnixMillis};
use embedded::{Action, Embedded, Fault, Script};
use server::access::Everyone;
use server::config::{Config, Storage};
use server::health::Readiness;
use server::s3::{BucketHosts, Connection, S3Settings, S3Store, credentials, in_process};
use server::state::{Site, wall_clock};
use server::{local, router};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) use self::answer::Answer;
pub(crate) use self::log::{filtered, logged};

/// Where the portal of a test is.
pub(crate) const PORTAL: &str = "localhost:3000";
/// Where its bucket is.
pub(crate) const FILES: &str = "files.localhost:3000";
/// What a proxy has to know in tests with header identity.
pub(crate) const PROXY_SECRET: &str = "the-proxy-knows-this-0123456789abcdef";
/// The settings of header identity.
pub(crate) const BEHIND_PROXY: &[(&str, &str)] =
    &[("CAUSEWAY_IDENTITY", "header"), ("CAUSEWAY_IDENTITY_SECRET", PROXY_SECRET)];

/// A site, its S3 and its folder.
pub(crate) struct TestSite {
    router: Router,
    s3: Embedded,
    /// What pages use: to seal tokens as the site would.
    pub(crate) portal: Portal,
    site: Site,
    folder: TempDir,
}

impl TestSite {
    /// As a newcomer starts it.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With other settings.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        Self::altered(settings, |_| {}).await
    }

    /// The same with parts of another make.
    pub(crate) async fn altered(settings: &[(&str, &str)], alter: impl FnOnce(&mut Site)) -> Self {
        log::capture();
        let folder = tempfile::tempdir().unwrap();
        let site_root = folder.path().join("site");
        build_assets(&site_root);
        let mut map: HashMap<String, String> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        map.insert("CAUSEWAY_SITE_ROOT".to_owned(), site_root.display().to_string());
        map.insert("CAUSEWAY_DATA_DIR".to_owned(), folder.path().join("data").display().to_string());
        let config = Config::from_lookup(&|name| map.get(name).map(OsString::from)).unwrap();
        let Storage::Embedded { data_dir } = config.storage.clone() else { panic!("tests bring their own S3") };
        let (storage, s3) = local::open(&config, &data_dir, wall_clock()).await.unwrap();
        let mut site = Site::new(config, storage, wall_clock()).unwrap();
        alter(&mut site);
        Self { router: router::router(&site), s3, portal: site.portal.clone(), site, folder }
    }

    /// The same site and the same S3, where another policy decides.
    pub(crate) fn under(mut self, policy: Arc<dyn Policy>) -> Self {
        self.site.portal.policy = policy;
        Self { router: router::router(&self.site), portal: self.site.portal.clone(), ..self }
    }

    /// To begin a shutdown.
    pub(crate) fn readiness(&self) -> &Readiness {
        &self.site.readiness
    }

    /// Puts an object of `size` bytes, as a browser would.
    pub(crate) async fn with_object(self, key: &str, size: usize) -> Self {
        self.put(key, &"x".repeat(size)).await;
        self
    }

    /// Puts an object through the files host, under a signature that is checked there.
    pub(crate) async fn put(&self, key: &str, content: &str) {
        let grant = authorize::<Write>(&Everyone, &somebody(), &bucket(), ObjectKey::parse(key).unwrap())
            .expect("not reserved");
        let object = NewObject {
            size_bytes: ByteSize(content.len().try_into().unwrap()),
            content_type: "text/plain".to_owned(),
            overwrite: Overwrite::Always,
            mark: None,
        };
        let signed = self.portal.store.presign_put(&grant, &object, 60).await.unwrap();
        // Signed, and set by every client; there is none here.
        let request = of_signed(&signed).header(header::CONTENT_LENGTH, content.len());
        let answer = self.send(request.body(Body::from(content.to_owned())).unwrap()).await;
        assert_eq!(answer.status(), 200, "{key:?}: {}", answer.body());
    }

    /// A signed GET of an object.
    pub(crate) async fn sign_get(&self, key: &str, expires_in_s: u64) -> PresignedRequest {
        let grant =
            authorize::<Read>(&Everyone, &somebody(), &bucket(), ObjectKey::parse(key).unwrap()).expect("not reserved");
        self.portal.store.presign_get(&grant, None, Disposition::Attachment, expires_in_s).await.unwrap()
    }

    /// Puts an object by the S3's own keys, which the portal would not.
    pub(crate) async fn put_behind_the_portal(&self, key: &str, content: &str) {
        self.put_as(StorageClass::Standard, key, content).await;
    }

    /// The same in a class that the portal does not choose.
    pub(crate) async fn put_as(&self, class: StorageClass, key: &str, content: &str) {
        let secrets = std::fs::read(self.folder.path().join("data/secrets.json")).unwrap();
        let secrets: serde_json::Value = serde_json::from_slice(&secrets).unwrap();
        let secret = |name: &str| secrets[name].as_str().unwrap().to_owned();
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::v2026_01_12())
            .region(aws_sdk_s3::config::Region::new("us-east-1"))
            .endpoint_url("http://127.0.0.1")
            .force_path_style(true)
            .credentials_provider(credentials::fixed(&secret("access_key_id"), &secret("secret_access_key")))
            .http_client(in_process::client(self.s3.clone()))
            .build();
        let body = content.as_bytes().to_vec().into();
        let put = aws_sdk_s3::Client::from_conf(config).put_object().bucket(bucket().0).key(key).body(body);
        put.storage_class(class).send().await.unwrap();
    }

    /// What the S3's own clock brings about, by another clock: uploads that it discards.
    pub(crate) async fn discarded_by(&self, now: UnixMillis) -> usize {
        self.s3.run_lifecycle(now.0.try_into().unwrap()).await.unwrap()
    }

    /// Makes the S3 fail in a way.
    pub(crate) fn disturb(&self, fault: Fault, action: Action) -> Script {
        self.s3.faults().script(fault, action)
    }

    /// What a browser gets from the portal.
    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.send(browser(Method::GET, address).body(Body::empty()).unwrap()).await
    }

    /// What a browser gets where a redirect sent it.
    pub(crate) async fn follow(&self, location: &str) -> Answer {
        self.send(of_url(Method::GET, location).body(Body::empty()).unwrap()).await
    }

    /// What a client gets that asks only what it would get, and follows a redirect in the same way.
    pub(crate) async fn head_and_follow(&self, address: &str) -> Answer {
        let asked = self.send(script(Method::HEAD, address).body(Body::empty()).unwrap()).await;
        self.send(of_url(Method::HEAD, asked.location()).body(Body::empty()).unwrap()).await
    }

    /// What the site answers to a request, whatever it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        answer_of(self.router.clone(), request).await
    }
}

/// What a router answers.
pub(crate) async fn answer_of(router: Router, request: Request<Body>) -> Answer {
    Answer::read(router.oneshot(request).await.unwrap()).await
}

/// A request as a browser sends it from one of the portal's own pages.
pub(crate) fn browser(method: Method, address: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(address)
        .header(header::HOST, PORTAL)
        .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
        .header("sec-fetch-site", "same-origin")
}

/// A request as a script sends it.
pub(crate) fn script(method: Method, address: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(address).header(header::HOST, PORTAL).header(header::ACCEPT, "*/*")
}

/// A request for a whole URL, split as on the wire.
pub(crate) fn of_url(method: Method, url: &str) -> axum::http::request::Builder {
    let (authority, address) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    Request::builder().method(method).uri(format!("/{address}")).header(header::HOST, authority)
}

/// A signed request as it has to be sent.
pub(crate) fn of_signed(signed: &PresignedRequest) -> axum::http::request::Builder {
    let builder = of_url(signed.method.parse().unwrap(), signed.url.expose());
    signed.headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value))
}

/// Another S3 for the portal than the one in the process.
pub(crate) fn another_s3(
    site: &Site,
    credentials: SharedCredentialsProvider,
    connection: Connection,
) -> Arc<dyn ObjectStore> {
    let hosts =
        BucketHosts { bucket: bucket(), public_origin: format!("http://{FILES}"), signing_host: FILES.to_owned() };
    let settings = S3Settings {
        region: "us-east-1".to_owned(),
        credentials,
        connection,
        buckets: vec![hosts],
        clock: site.portal.clock.clone(),
    };
    Arc::new(S3Store::new(settings).unwrap())
}

/// The bucket of every test.
pub(crate) fn bucket() -> BucketName {
    BucketName("files".to_owned())
}

fn somebody() -> Identity {
    Identity { user: "ada".to_owned(), groups: Vec::new() }
}

/// What the build writes, as far as the server looks at it.
fn build_assets(site_root: &std::path::Path) {
    let pkg = site_root.join("pkg");
    std::fs::create_dir_all(&pkg).unwrap();
    for (name, content) in [
        ("causeway.0f0f0f0f0f0f0f0f.js", "export default () => {};"),
        ("causeway.0f0f0f0f0f0f0f0f.js.br", "as brotli"),
        ("causeway.0f0f0f0f0f0f0f0f.js.gz", "as gzip"),
        ("causeway.0f0f0f0f0f0f0f0f.wasm", "\0asm"),
        ("causeway.0f0f0f0f0f0f0f0f.css", "body{}"),
        ("uploader.0f0f0f0f0f0f0f0f.js", "postMessage(1);"),
        ("uploader.0f0f0f0f0f0f0f0f.wasm", "\0asm"),
        // As `make dev` writes them.
        ("causeway.js", "export default () => {};"),
        ("causeway_bg.wasm", "\0asm"),
    ] {
        std::fs::write(pkg.join(name), content).unwrap();
    }
    std::fs::write(site_root.join("favicon.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
    std::fs::write(
        site_root.join("assets.json"),
        r#"{"js":"/pkg/causeway.0f0f0f0f0f0f0f0f.js","wasm":"/pkg/causeway.0f0f0f0f0f0f0f0f.wasm","css":"/pkg/causeway.0f0f0f0f0f0f0f0f.css","uploader_js":"/pkg/uploader.0f0f0f0f0f0f0f0f.js","uploader_wasm":"/pkg/uploader.0f0f0f0f0f0f0f0f.wasm"}"#,
    )
    .unwrap();
}
