//! Writes the site: assets under names that carry a hash of their bytes, `public/` beside them,
//! and the manifest that tells the server those names.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::bindgen::{self, BrowserModule, Linked};
use crate::compress::compress;
use crate::split;
use crate::stamp::{Stamp, entries};
use crate::style;
use crate::wasm::{self, BrowserCrate, FRONTEND, Mode, UPLOADER};
use crate::workspace::Workspace;

/// The manifest's name in the site's folder.
pub(crate) const MANIFEST: &str = "assets.json";

/// What parts that are loaded later are called; their hashes tell them apart.
const LATE: &str = "late";

/// Hexadecimal digits of a hash in a name: 64 bits tell a site's few versions apart.
const HASH_DIGITS: usize = 16;

/// Builds the site, or finds it up to date.
pub(crate) fn build(workspace: &Workspace, mode: Mode) -> Result<()> {
    let [frontend, uploader] = wasm::compile(workspace, mode, [FRONTEND, UPLOADER])?;
    let optimizer = match mode {
        Mode::Dev => None,
        Mode::Release => wasm::optimizer(workspace),
    };
    let style = workspace.root.join("style");
    let public = workspace.root.join("public");
    let this_program = std::env::current_exe()?;
    let stamp = Stamp::of(&format!("{mode:?} {optimizer:?}"), &[&frontend, &uploader, &style, &public, &this_program])?;
    let kept_stamp = workspace.site_stamp();
    let folder = workspace.site();
    if stamp.is_kept_in(&kept_stamp) && folder.join(MANIFEST).exists() {
        println!("site: up to date");
        return Ok(());
    }

    let mut site = Site { folder, mode, written: BTreeSet::new() };
    let small = |wasm: Vec<u8>| optimizer.as_ref().map_or(Ok(wasm.clone()), |program| wasm::optimize(program, &wasm));

    let parts = split::split(&frontend, FRONTEND.served_as)?;
    let mut frontend = bindgen::generate(parts.main.clone(), FRONTEND.served_as, Linked::ToLateParts)?;
    parts.join_loaders(&mut frontend, FRONTEND.served_as)?;
    for part in parts.late {
        let path = site.add_hashed(LATE, "wasm", &small(part.wasm)?)?;
        frontend.refer_to(&part.file_name, &path)?;
    }
    frontend.wasm = small(frontend.wasm)?;
    let (js, wasm) = site.add_module(FRONTEND, frontend)?;

    let uploader = fs::read(&uploader).with_context(|| format!("could not read {}", uploader.display()))?;
    let mut uploader = bindgen::generate(uploader, UPLOADER.served_as, Linked::Alone)?;
    uploader.js.push_str(bindgen::START_BY_ITSELF);
    uploader.wasm = small(uploader.wasm)?;
    let (uploader_js, uploader_wasm) = site.add_module(UPLOADER, uploader)?;
    let css = site.add_hashed(FRONTEND.served_as, "css", style::join(&style)?.as_bytes())?;
    site.add_public(&public)?;
    site.add_manifest(&json!({
        "js": js,
        "wasm": wasm,
        "css": css,
        "uploader_js": uploader_js,
        "uploader_wasm": uploader_wasm,
    }))?;
    site.remove_leftovers()?;
    if mode == Mode::Release && optimizer.is_none() {
        println!("site: wasm-opt not found, so the WebAssembly is about a tenth larger than need be");
    }
    println!("site: {} files in {}", site.written.len(), site.folder.display());
    stamp.keep_in(&kept_stamp)
}

/// Something else is about to write into the site's folder: the next [`build`] makes it anew.
pub(crate) fn give_up(workspace: &Workspace) -> Result<()> {
    let stamp = workspace.site_stamp();
    match fs::remove_file(&stamp) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", stamp.display()))
        }
        _ => Ok(()),
    }
}

/// A site in the making.
struct Site {
    folder: PathBuf,
    mode: Mode,
    /// Everything that belongs to it; what else lies in the folder is of an earlier build.
    written: BTreeSet<PathBuf>,
}

impl Site {
    /// Adds a crate's two assets and answers their URL paths, the JavaScript's first.
    fn add_module(&mut self, browser_crate: BrowserCrate, mut module: BrowserModule) -> Result<(String, String)> {
        let name = browser_crate.served_as;
        let wasm = self.add_hashed(name, "wasm", &module.wasm)?;
        module.refer_to(&bindgen::wasm_name(name), &wasm)?;
        let js = self.add_hashed(name, "js", module.js.as_bytes())?;
        Ok((js, wasm))
    }

    /// Adds an asset under a name with its hash and answers its URL path.
    fn add_hashed(&mut self, name: &str, extension: &str, bytes: &[u8]) -> Result<String> {
        let digest = Sha256::digest(bytes);
        let mut hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        hash.truncate(HASH_DIGITS);
        let path = format!("pkg/{name}.{hash}.{extension}");
        self.add(Path::new(&path), bytes)?;
        Ok(format!("/{path}"))
    }

    /// Adds everything below `public`, under its own name.
    fn add_public(&mut self, public: &Path) -> Result<()> {
        for path in entries(public)? {
            let bytes = fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
            self.add(path.strip_prefix(public)?, &bytes)?;
        }
        Ok(())
    }

    /// Puts the manifest in place in one step, once everything that it names is there.
    fn add_manifest(&mut self, manifest: &serde_json::Value) -> Result<()> {
        write_manifest(&self.folder, manifest)?;
        self.written.insert(self.folder.join(MANIFEST));
        Ok(())
    }

    fn add(&mut self, name: &Path, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        if self.mode == Mode::Release {
            let extension = name.extension().and_then(|name| name.to_str());
            for copy in compress(extension.unwrap_or_default(), bytes)? {
                let mut beside = path.clone().into_os_string();
                beside.push(".");
                beside.push(copy.ending);
                self.write(PathBuf::from(beside), &copy.bytes)?;
            }
        }
        self.write(path, bytes)
    }

    fn write(&mut self, path: PathBuf, bytes: &[u8]) -> Result<()> {
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, bytes))
            .with_context(|| format!("could not write {}", path.display()))?;
        self.written.insert(path);
        Ok(())
    }

    fn remove_leftovers(&self) -> Result<()> {
        for path in entries(&self.folder)? {
            if !self.written.contains(&path) {
                fs::remove_file(&path).with_context(|| format!("could not remove {}", path.display()))?;
            }
        }
        Ok(())
    }
}

/// Writes `assets.json` into `folder`, so that a reader finds the old one or the new one.
pub(crate) fn write_manifest(folder: &Path, manifest: &serde_json::Value) -> Result<()> {
    let (whole, unfinished) = (folder.join(MANIFEST), folder.join("assets.json.new"));
    fs::write(&unfinished, format!("{manifest:#}\n"))
        .and_then(|()| fs::rename(&unfinished, &whole))
        .with_context(|| format!("could not write {}", whole.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn module(wasm: &[u8]) -> BrowserModule {
        BrowserModule { js: "load('uploader_bg.wasm')".to_owned(), wasm: wasm.to_owned() }
    }

    fn site(folder: &Path) -> Site {
        Site { folder: folder.to_owned(), mode: Mode::Release, written: BTreeSet::new() }
    }

    #[test]
    fn a_site_that_something_else_wrote_into_is_not_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: folder.path().to_owned(), target: folder.path().to_owned() };
        let stamp = Stamp::of("dev", &[]).unwrap();
        stamp.keep_in(&workspace.site_stamp()).unwrap();
        for _ in 0..2 {
            give_up(&workspace).unwrap();
            assert!(!stamp.is_kept_in(&workspace.site_stamp()));
        }
    }

    #[test]
    fn another_wasm_gets_both_assets_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let (js, wasm) = site(folder.path()).add_module(UPLOADER, module(b"one")).unwrap();
        let (other_js, other_wasm) = site(folder.path()).add_module(UPLOADER, module(b"two")).unwrap();
        assert_ne!((&js, &wasm), (&other_js, &other_wasm));
        let loader = fs::read_to_string(folder.path().join(js.trim_start_matches('/'))).unwrap();
        assert!(wasm.ends_with(loader.trim_start_matches("load('").trim_end_matches("')")), "{loader} loads {wasm}");
    }

    #[test]
    fn javascript_that_loads_no_wasm_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let silent = BrowserModule { js: "load(wasm)".to_owned(), wasm: Vec::new() };
        assert!(site(folder.path()).add_module(UPLOADER, silent).is_err());
    }

    #[test]
    fn what_an_earlier_build_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let long = "a { color: red }\n".repeat(200);
        let old = site(folder.path()).add_hashed("causeway", "css", long.as_bytes()).unwrap();
        let mut site = site(folder.path());
        let new = site.add_hashed("causeway", "css", long.replace("red", "tan").as_bytes()).unwrap();
        site.add_manifest(&json!({ "css": new })).unwrap();
        site.remove_leftovers().unwrap();
        let kept: Vec<_> = entries(folder.path()).unwrap();
        let names = kept.iter().map(|path| path.strip_prefix(folder.path()).unwrap().display().to_string());
        let new = new.trim_start_matches('/');
        let expected = [MANIFEST.to_owned(), new.to_owned(), format!("{new}.br"), format!("{new}.gz")];
        assert_eq!(names.collect::<Vec<_>>(), expected, "{old} was left");
    }
}
