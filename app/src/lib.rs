//! The portal as people see it: pages, components and server functions.
//!
//! The same code renders on the server and lives on in the browser. What only the server can do stands in `ssr` and is
//! named only inside the bodies of server functions; what only a browser can do is called from effects and event
//! handlers, which do not run on the server.

// A page's view is one type, and as deep as the page.
#![recursion_limit = "256"]

pub mod api;
mod browser;
#[allow(unreachable_pub, reason = "the component macro makes public items of components for this crate alone")]
pub mod components;
pub mod error;
pub mod format;
mod json;
pub mod overview;
#[allow(unreachable_pub, reason = "the component macro makes public items of components for this crate alone")]
mod pages;
mod remembered;
pub mod reply;
#[cfg(feature = "ssr")]
pub mod ssr;
mod title;
pub mod uploads;
pub mod urls;
pub mod words;

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{ParamSegment, SsrMode, StaticSegment};

use browser::download::Downloads;
use components::late::{Late, LateAlert, prepare_the_way_on};
use components::local::provide_reader;
use components::uploads::UploadLayer;
use overview::provide_overview;
use pages::{BucketsPage, DownloadPage, ListingPage, NotFoundPage, SharePage};
use title::provide_title;
use uploads::Uploads;

/// Whether this half runs on the server. Known while compiling, as `leptos::prelude::is_server` is not, so that the
/// browser loads nothing of what only the server does.
const ON_SERVER: bool = cfg!(feature = "ssr");

/// The portal that people work in. The server renders it, and `hydrate()` brings it to life.
#[component]
pub fn App() -> impl IntoView {
    provide_reader();
    provide_overview();
    Late::provide();
    provide_title(Uploads::provide().percent());
    Downloads::provide();
    Effect::new(prepare_the_way_on);
    view! {
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=StaticSegment("") view=BucketsPage ssr=SsrMode::Async/>
                <Route path=(StaticSegment("b"), ParamSegment("bucket")) view=ListingPage ssr=SsrMode::Async/>
            </FlatRoutes>
            <UploadLayer/>
            <LateAlert/>
        </Router>
    }
}

/// What only redirects, or says why not: rendered by the server and never brought to life. It loads no script, and what
/// the portal loads has none of it.
#[component]
pub fn Redirects() -> impl IntoView {
    provide_title(Signal::stored(None));
    view! {
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route
                    path=(StaticSegment("b"), ParamSegment("bucket"), StaticSegment("download"))
                    view=DownloadPage
                    ssr=SsrMode::Async
                />
                <Route path=(StaticSegment("s"), ParamSegment("token")) view=SharePage ssr=SsrMode::Async/>
            </FlatRoutes>
        </Router>
    }
}
