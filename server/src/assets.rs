//! The built assets: where they are, and how browsers may keep them.

use std::fs;
use std::path::{Path, PathBuf};

use app::ssr::Assets;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response_with_state;
use axum::response::Response;
use tower_http::services::{ServeDir, ServeFile};

/// The list of assets that the build writes.
const MANIFEST: &str = "assets.json";

/// The folder whose files have their content's hash in their name.
const HASHED: &str = "pkg";

/// For files with a hash in their name: what is there never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

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
    let hashed = ServeDir::new(site_root.join(HASHED))
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let hashed = Router::new().nest_service(&format!("/{HASHED}"), hashed);
    let named = named_assets(site_root).into_iter().fold(Router::new(), |router, name| {
        let asset = ServeFile::new(site_root.join(&name)).precompressed_br().precompressed_gzip();
        router.route_service(&format!("/{name}"), asset)
    });
    let keep = |cache| map_response_with_state(Keep { cache, policy: HeaderValue::try_from(policy).ok() }, mark);
    hashed.layer(keep(FOR_EVER)).merge(named.layer(keep(FOR_A_WHILE)))
}

/// What an asset's answer says about itself.
#[derive(Clone, Debug)]
struct Keep {
    cache: HeaderValue,
    policy: Option<HeaderValue>,
}

async fn mark(State(keep): State<Keep>, mut response: Response) -> Response {
    let is_there = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    // An asset that is missing today, in the midst of a deploy, may be there tomorrow.
    headers.insert(header::CACHE_CONTROL, if is_there { keep.cache } else { HeaderValue::from_static("no-store") });
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(policy) = keep.policy {
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
