//! What server functions and API routes ask the server for; compiled only into the server.

pub(crate) mod downloads;
pub(crate) mod links;
pub(crate) mod objects;
mod page;
mod shell;

use std::future::Future;
use std::sync::Arc;

pub(crate) use page::redirect_to;
pub use page::{set_page_headers, worker_security_policy};
pub use shell::{redirects_shell, shell};

use domain::access::{Action, BucketName, Denied, Grant, Identity, Policy, authorize};
use domain::key::RESERVED_PREFIX;
use domain::problem::{Problem, ProblemKind};
use domain::seal::Keyring;
use domain::store::{ObjectStore, StoreError};
use domain::units::UnixMillis;
use leptos::prelude::use_context;

use crate::api::objects::Overview;
use crate::error::ApiError;
use crate::{reply, words};

/// A bucket as people meet it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// S3's name; stands in addresses.
    pub name: BucketName,
    /// What people read.
    pub label: String,
    /// Scheme, host and port of its files host: what the page may connect to.
    pub files_origin: String,
}

/// The server's parts, shared by all requests. The server puts it into the context of pages and server functions
/// and into the state of API routes.
#[derive(Clone)]
pub struct Portal {
    /// S3.
    pub store: Arc<dyn ObjectStore>,
    /// Who may do what.
    pub policy: Arc<dyn Policy>,
    /// In the order they are shown; at least one.
    pub buckets: Arc<[Bucket]>,
    /// Seals links and tickets.
    pub keyring: Arc<Keyring>,
    /// `https://portal.corp.example`, without a trailing slash.
    pub portal_origin: Arc<str>,
    /// Longest life of a share link, in seconds.
    pub max_link_s: u64,
    /// Where the hashed assets are.
    pub assets: Arc<Assets>,
    /// The wall clock, passed in so that tests can turn it.
    pub clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
}

/// Addresses of the built assets, with their content hashes: the shape of `assets.json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Assets {
    /// The page's glue.
    pub js: String,
    /// The page's WASM.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
    /// The upload worker's glue; starts by itself as a module worker.
    pub uploader_js: String,
    /// The upload worker's WASM.
    pub uploader_wasm: String,
}

/// The id of this request, as the log knows it; put into the request's extensions by the server.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl Portal {
    /// The bucket of that name, if it is one of ours.
    ///
    /// # Errors
    /// A problem that says that there is no such bucket.
    pub fn bucket(&self, name: &BucketName) -> Result<&Bucket, ApiError> {
        self.buckets.iter().find(|bucket| bucket.name == *name).ok_or_else(|| {
            ApiError(Problem::new(
                ProblemKind::NotFound,
                "No such bucket",
                format!("The portal serves no bucket \u{201c}{name}\u{201d}."),
                "Choose one of the buckets on the first page.",
            ))
        })
    }

    /// Leave for `identity` to do one thing to one resource of one of our buckets.
    ///
    /// # Errors
    /// A problem that names the missing bucket or the missing permission.
    pub fn authorize<A: Action>(
        &self,
        identity: &Identity,
        bucket: &BucketName,
        resource: A::Resource,
    ) -> Result<Grant<A>, ApiError> {
        self.bucket(bucket)?;
        authorize(self.policy.as_ref(), identity, bucket, resource).map_err(|denied| denied_problem(&denied))
    }

    /// Whether [`Self::authorize`] would give leave, where the person has not asked for anything that could be denied.
    pub fn may<A: Action>(&self, identity: &Identity, bucket: &BucketName, resource: A::Resource) -> bool {
        authorize::<A>(self.policy.as_ref(), identity, bucket, resource).is_ok()
    }

    /// The time.
    pub fn now(&self) -> UnixMillis {
        (self.clock)()
    }
}

fn denied_problem(denied: &Denied) -> ApiError {
    let Denied { user, action, bucket, resource } = denied;
    tracing::info!(user, %action, %bucket, resource, "denied");
    if resource.starts_with(RESERVED_PREFIX) {
        return ApiError(words::reserved());
    }
    let place = if resource.is_empty() { "the whole bucket".to_owned() } else { format!("\u{201c}{resource}\u{201d}") };
    ApiError(Problem::new(
        ProblemKind::Forbidden,
        "Not permitted",
        format!("You do not have the permission to {action} {place} in {bucket}."),
        "Ask the administrator of the bucket if you need it.",
    ))
}

/// The portal, from the context of a page or a server function.
///
/// # Errors
/// An internal problem where the server forgot to provide it.
pub fn portal() -> Result<Portal, ApiError> {
    use_context::<Portal>().ok_or_else(missing_context)
}

/// The person behind the request in context.
///
/// # Errors
/// A problem that asks to sign in.
pub fn identity() -> Result<Identity, ApiError> {
    let identity = use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get::<Identity>().cloned());
    identity.ok_or_else(|| ApiError(words::not_signed_in()))
}

/// Whether the request in context is a HEAD: link previews, `curl --head`, `wget --spider`.
pub(crate) fn asks_by_head() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| parts.method == http::Method::HEAD)
}

/// Runs a server function and gives its answer the HTTP status of its problem, whether a page or a client asked, and
/// its problem the request's id: a person can quote it, and the log has the request under it.
pub(crate) async fn answered<T>(work: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    work.await.map_err(told)
}

/// Gives the answer the status of `error`, and the problem the request's id.
fn told(ApiError(problem): ApiError) -> ApiError {
    reply::set_status(problem.kind.status());
    ApiError(reply::quotable(problem))
}

/// Who is signed in and which buckets there are, for the request in context.
pub(crate) fn overview() -> Result<Overview, ApiError> {
    portal().and_then(|portal| Ok(objects::overview(&portal, &identity()?))).map_err(told)
}

fn missing_context() -> ApiError {
    tracing::error!("no portal in the context of a server function");
    ApiError(Problem::new(
        ProblemKind::Internal,
        "Something went wrong",
        "The portal is not set up.",
        "Tell your administrator.",
    ))
}

/// Logs the whole chain of an error once, under an incident id, and answers what a person may know of it.
///
/// A function and no `From`, so that `?` cannot skip the one log line.
pub fn report(operation: &'static str, error: &StoreError) -> ApiError {
    report_under(&reply::incident(), operation, error)
}

/// The same for an API route, which knows its request's id by itself.
pub fn report_under(incident: &str, operation: &'static str, error: &StoreError) -> ApiError {
    let (kind, title, detail, advice) = describe(error);
    let chain = error_chain(error);
    // What S3 denies it denies to the portal: people's own permissions end before S3 is asked.
    if kind.is_transient() || matches!(error, StoreError::AccessDenied(_)) {
        tracing::error!(incident, operation, error = chain, "S3 operation failed");
    } else {
        tracing::info!(incident, operation, error = chain, "S3 operation refused");
    }
    ApiError(Problem { incident: incident.to_owned(), ..Problem::new(kind, title, detail, advice) })
}

fn describe(error: &StoreError) -> (ProblemKind, &'static str, &'static str, &'static str) {
    match error {
        StoreError::NotFound(_) => (
            ProblemKind::NotFound,
            "Not found",
            "S3 holds nothing under this name.",
            "It may have been moved or deleted.",
        ),
        StoreError::UploadNotFound(_) => (
            ProblemKind::UploadNotFound,
            "The upload is gone",
            "S3 no longer knows this upload: it was completed, discarded or swept.",
            "Upload the file again.",
        ),
        StoreError::AccessDenied(_) => (
            ProblemKind::Forbidden,
            "S3 refused",
            "The portal itself may not do this in S3.",
            "Tell your administrator and quote the incident.",
        ),
        StoreError::PreconditionFailed(_) => (
            ProblemKind::Conflict,
            "The name is taken",
            "Something else was stored under this name meanwhile.",
            "Choose another name, or replace what is there.",
        ),
        StoreError::Throttled(_) => {
            (ProblemKind::Busy, "S3 is busy", "S3 asks for fewer requests.", "Try again in a few seconds.")
        }
        StoreError::Unavailable(_) => (
            ProblemKind::StorageUnavailable,
            "S3 does not answer",
            "The storage could not be reached, or met a fault of its own.",
            "Try again in a minute; if it stays, tell your administrator and quote the incident.",
        ),
        StoreError::InvalidRequest(_) | StoreError::PartsChanged(_) => (
            ProblemKind::InvalidRequest,
            "S3 refused the request",
            "S3 did not accept the request as it was.",
            "Go back to the start of the list and try again.",
        ),
        _ => (
            ProblemKind::Internal,
            "Something went wrong",
            "S3 answered in a way that the portal does not understand.",
            "Try again; if it stays, tell your administrator and quote the incident.",
        ),
    }
}

/// An error with its causes, on one line of the log.
pub fn error_chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
