//! What `cargo leptos watch` runs in cargo's place to build the server: it knows one browser
//! crate only, so the uploader and the manifest are made here, before the server starts anew.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::bindgen::{self, Linked};
use crate::site::{self, write_manifest};
use crate::wasm::{self, FRONTEND, Mode, UPLOADER};
use crate::workspace::Workspace;

/// Runs cargo with `cargo_args`, then puts the uploader and the manifest beside what `cargo
/// leptos` has written.
pub(crate) fn build_server(workspace: &Workspace, cargo_args: &[&str]) -> Result<()> {
    let status = Command::new("cargo").args(cargo_args).status().context("could not start cargo")?;
    ensure!(status.success(), "cargo could not build the server");

    site::give_up(workspace)?;
    let [uploader] = wasm::compile(workspace, Mode::Dev, [UPLOADER])?;
    let wasm = fs::read(&uploader).with_context(|| format!("could not read {}", uploader.display()))?;
    let module = bindgen::generate(wasm, UPLOADER.served_as, Linked::Alone)?;
    let site = workspace.site();
    let path = |name: &str, extension: &str| format!("/pkg/{name}.{extension}");
    let (frontend, uploader) = (FRONTEND.served_as, UPLOADER.served_as);
    let wasm = bindgen::wasm_name(uploader);
    fs::create_dir_all(site.join("pkg"))
        .and_then(|()| fs::write(site.join("pkg").join(&wasm), module.wasm))
        .and_then(|()| {
            let js = module.js + bindgen::START_BY_ITSELF;
            fs::write(site.join("pkg").join(uploader).with_extension("js"), js)
        })
        .with_context(|| format!("could not write to {}", site.display()))?;
    // Without hashes: `cargo leptos watch` rewrites its assets under names that stay.
    write_manifest(
        &site,
        &json!({
            "js": path(frontend, "js"),
            "wasm": path(frontend, "wasm"),
            "css": path(frontend, "css"),
            "uploader_js": path(uploader, "js"),
            "uploader_wasm": format!("/pkg/{wasm}"),
        }),
    )
}
