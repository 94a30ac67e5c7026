//! The document around the app: what stands in `<head>`, and the scripts that make the page alive.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use super::{Assets, Portal};
use crate::{App, Redirects};

/// The document of the portal that people work in. Its text is readable before any script has arrived.
pub fn shell() -> impl IntoView {
    let assets = use_context::<Portal>().map(|portal| portal.assets);
    let tags =
        assets.map(|assets| view! { <StyleTag css=assets.css.clone()/> <ScriptTags assets=assets.as_ref().clone()/> });
    view! { <Document tags><App/></Document> }
}

/// The document of what only redirects: it loads no script.
pub fn redirects_shell() -> impl IntoView {
    let assets = use_context::<Portal>().map(|portal| portal.assets);
    let tags = assets.map(|assets| view! { <StyleTag css=assets.css.clone()/> });
    view! { <Document tags><Redirects/></Document> }
}

#[component]
fn Document<T: IntoView + 'static>(
    /// What `<head>` loads.
    tags: T,
    children: Children,
) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {tags}
                <MetaTags/>
            </head>
            <body>{children()}</body>
        </html>
    }
}

#[component]
fn StyleTag(css: String) -> impl IntoView {
    view! { <link rel="stylesheet" href=css/> }
}

/// The glue and WASM, each fetched once and early.
///
/// Every attribute is such that the early fetch is the one that is used: a module is fetched without `crossorigin` (and
/// with the nonce, which `strict-dynamic` asks for), `fetch` of the WASM is matched by an anonymous `crossorigin`.
#[component]
fn ScriptTags(assets: Assets) -> impl IntoView {
    let Assets { js, wasm, css: _, uploader_js, uploader_wasm: _ } = assets;
    let nonce = use_nonce();
    // Both addresses come from our own build: letters, digits, `/`, `.`, `-` and `_`.
    let start = format!("import init,{{hydrate}}from\"{js}\";await init({{module_or_path:\"{wasm}\"}});hydrate();");
    view! {
        <link rel="modulepreload" href=js nonce=nonce.clone()/>
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=nonce inner_html=start></script>
        <meta name="uploader" content=uploader_js/>
    }
}
