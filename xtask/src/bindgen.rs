//! Makes the JavaScript that loads a crate's WebAssembly, with the library of exactly the locked
//! wasm-bindgen: there is no program to install and none whose version could differ.

mod names;
mod streams;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// A crate as the browser loads it.
pub(crate) struct BrowserModule {
    /// The ES module; it refers to the WebAssembly by the name in [`wasm_name`].
    pub(crate) js: String,
    /// The WebAssembly, without names and debug information.
    pub(crate) wasm: Vec<u8>,
}

impl BrowserModule {
    /// Lets the JavaScript ask for `path`, a URL path beside its own, instead of `file_name`.
    ///
    /// # Errors
    /// It does not ask for that.
    pub(crate) fn refer_to(&mut self, file_name: &str, path: &str) -> Result<()> {
        ensure!(self.js.contains(file_name), "the JavaScript does not load {file_name}");
        self.js = self.js.replace(file_name, path.rsplit('/').next().unwrap_or(path));
        Ok(())
    }
}

/// The file name that the generated JavaScript gives the WebAssembly beside it.
pub(crate) fn wasm_name(served_as: &str) -> String {
    format!("{served_as}_bg.wasm")
}

/// Appended to the uploader's JavaScript, so that loading it as a Worker starts it. A browser may
/// deliver messages while the WebAssembly is still on its way: they are held until it listens.
pub(crate) const START_BY_ITSELF: &str = r#"
const early = [];
const hold = (event) => { event.stopImmediatePropagation(); early.push(event); };
self.addEventListener("message", hold);
await __wbg_init();
self.removeEventListener("message", hold);
for (const { data, ports } of early) self.dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
"#;

/// Whether other parts are loaded later, which link to what the first one exports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Linked {
    /// Everything is in this part.
    Alone,
    /// What the parts share stays exported, under the linker's own names.
    ToLateParts,
}

/// Takes the compiler's `.wasm` and answers what the browser is to load.
pub(crate) fn generate(wasm: Vec<u8>, served_as: &str, linked: Linked) -> Result<BrowserModule> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(served_as, wasm)
        .out_name(served_as)
        .keep_lld_exports(linked == Linked::ToLateParts)
        .demangle(false)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .omit_default_module_path(false)
                .remove_name_section(true)
                .remove_producers_section(true)
                .generate_output()
        })
        .and_then(|mut output| {
            // A snippet would be a further request under a name without a hash.
            ensure!(
                output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
                "it brings JavaScript snippets of its own, which the site does not serve"
            );
            let mut js = output.js().to_owned();
            streams::leave_out(&mut js)?;
            let glue = format!("./{served_as}_bg.js");
            let module = output.wasm_mut();
            let of_streams = module.exports.iter().filter(|export| streams::is_of_streams(&export.name));
            for export in of_streams.map(|export| export.id()).collect::<Vec<_>>() {
                module.exports.delete(export);
            }
            let imports = module.imports.iter_mut().filter(|import| import.module == glue);
            let imports = imports.map(|import| &mut import.name);
            // What the compiler named, and nobody else relies on.
            let exports = module.exports.iter_mut().map(|export| &mut export.name);
            let mut exports = exports.filter(|name| name.starts_with("_ZN")).peekable();
            ensure!(exports.peek().is_some(), "the compiler's names begin otherwise now");
            names::shorten(&mut js, imports.chain(exports))?;
            Ok(BrowserModule { js, wasm: module.emit_wasm() })
        })
        .with_context(|| format!("wasm-bindgen could not use {served_as}'s WebAssembly"))
}

/// Answers `cargo leptos`, which starts a program called `wasm-bindgen` that is on PATH.
pub(crate) fn stand_in(args: &[&str]) -> Result<()> {
    let value = |name: &str| args.iter().find_map(|arg| arg.strip_prefix(name));
    let input = args.iter().find(|arg| !arg.starts_with("--"));
    let (Some(input), Some(out_name), Some(out_dir)) = (input, value("--out-name="), value("--out-dir=")) else {
        bail!("bindgen needs --out-name=, --out-dir= and the file to read");
    };
    let wasm = fs::read(input).with_context(|| format!("could not read {input}"))?;
    let linked = if args.contains(&"--keep-lld-exports") { Linked::ToLateParts } else { Linked::Alone };
    let module = generate(wasm, out_name, linked)?;
    let out_dir = Path::new(out_dir);
    let js = out_dir.join(out_name).with_extension("js");
    let wasm = out_dir.join(wasm_name(out_name));
    fs::create_dir_all(out_dir)
        .and_then(|()| fs::write(&js, module.js))
        .and_then(|()| fs::write(&wasm, module.wasm))
        .with_context(|| format!("could not write to {}", out_dir.display()))
}
