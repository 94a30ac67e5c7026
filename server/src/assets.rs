//! The built assets: where they are, and how browsers may keep them.

use std::fs;
use std::path::{Path, PathBuf};

use app::ssr::Assets;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::services::{ServeDir, ServeFile};

/// The list of assets that the build writes.
const MANIFEST: &str = "assets.json";

/// The folder of what the build makes.
const BUILT: &str = "pkg";

/// Hexadecimal digits of the hash in a built file's name. `make dev` writes names without one.
const HASH_DIGITS: usize = 16;

/// For files with their content's hash in their name: what is there never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// For built files under names that stay while their content changes: asked about each time.
const WHILE_IT_IS_THE_SAME: HeaderValue = HeaderValue::from_static("no-cache");

/// For files under a name of their own: one hour.
const FOR_A_WHILE: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// Why the assets cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    /// The list of assets cannot be read.
    #[error("{} cannot be read ({source}); build the assets (`cargo xtask build`) or set CAUSEWAY_SITE_ROOT to where they are", .path.display())]
    Unreadable {
        /// The list.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The list is not one.
    #[error("{} is no list of assets ({source}); build the assets again", .path.display())]
    Malformed {
        /// The list.
        path: PathBuf,
        /// What the parser said.
        source: serde_json::Error,
    },
}

/// Reads the list of assets.
///
/// # Errors
/// [`AssetsError`], which says how to mend it.
pub fn load(site_root: &Path) -> Result<Assets, AssetsError> {
    let path = site_root.join(MANIFEST);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(source) => return Err(AssetsError::Unreadable { path, source }),
    };
    serde_json::from_slice(&text).map_err(|source| AssetsError::Malformed { path, source })
}

/// The routes of all assets. A worker takes its policy from its own script's answer, so all of them carry `policy`.
pub fn routes(site_root: &Path, policy: &str) -> Router {
    let built = ServeDir::new(site_root.join(BUILT))
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let built = Router::new().nest_service(&format!("/{BUILT}"), built);
    let named = named_assets(site_root).into_iter().fold(Router::new(), |router, name| {
        let asset = ServeFile::new(site_root.join(&name)).precompressed_br().precompressed_gzip();
        router.route_service(&format!("/{name}"), asset)
    });
    built.merge(named).layer(from_fn_with_state(HeaderValue::try_from(policy).ok(), mark))
}

/// How long browsers may keep what is at this path without asking.
fn kept(path: &str) -> HeaderValue {
    match path.strip_prefix('/').and_then(|path| path.strip_prefix(BUILT)?.strip_prefix('/')) {
        Some(name) if has_hash(name) => FOR_EVER,
        Some(_) => WHILE_IT_IS_THE_SAME,
        None => FOR_A_WHILE,
    }
}

/// `causeway.0123456789abcdef.js`
fn has_hash(name: &str) -> bool {
    let is_hash = |piece: &str| piece.len() == HASH_DIGITS && piece.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.split('.').skip(1).any(is_hash)
}

/// Says how the answer may be kept, and under which policy it runs if it is a worker's script.
async fn mark(State(policy): State<Option<HeaderValue>>, request: Request, next: Next) -> Response {
    let cache = kept(request.uri().path());
    let mut response = next.run(request).await;
    let is_there = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    // An asset that is missing today, in the midst of a deploy, may be there tomorrow.
    headers.insert(header::CACHE_CONTROL, if is_there { cache } else { HeaderValue::from_static("no-store") });
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(policy) = policy {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What lies beside the hashed assets under a name of its own, such as the icon; without what the build keeps for the
/// server and for those who take an encoding.
fn named_assets(site_root: &Path) -> Vec<String> {
    let entries = fs::read_dir(site_root).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name != MANIFEST && !name.ends_with(".br") && !name.ends_with(".gz"))
        // Braces would mean a parameter to the router.
        .filter(|name| !name.starts_with('.') && !name.contains(['{', '}', ':', '*']))
        .collect()
}
