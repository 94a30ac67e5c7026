//! Takes out of the page's WebAssembly what comes with its first use: every function marked `#[wasm_split]`, with all
//! that nothing else needs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use wasm_split_cli_support::{Options, transform};

use crate::bindgen::{BrowserModule, wasm_name};

/// The name by which the main part imports the functions that load the others.
const LOADERS: &str = "./late.js";

/// A page's code in parts.
pub(crate) struct Parts {
    /// What is loaded first; wasm-bindgen has yet to make its JavaScript.
    pub(crate) main: Vec<u8>,
    /// What is loaded later.
    pub(crate) late: Vec<LatePart>,
    /// The functions that load it, as an ES module.
    loaders: String,
}

/// A part that is loaded later.
pub(crate) struct LatePart {
    /// The file name by which the loaders ask for it.
    pub(crate) file_name: String,
    pub(crate) wasm: Vec<u8>,
}

/// Splits the compiler's `.wasm`, linked with its relocations.
pub(crate) fn split(input: &Path, served_as: &str) -> Result<Parts> {
    let whole = fs::read(input).with_context(|| format!("could not read {}", input.display()))?;
    let scratch = tempfile::tempdir()?;
    let main = scratch.path().join("main.wasm");
    let mut options = Options::new(&whole);
    options.output_dir = scratch.path();
    options.main_out_path = &main;
    options.main_module = served_as;
    options.link_name = LOADERS;
    let split = transform(options).map_err(|error| anyhow!("{} could not be split: {error:#}", input.display()))?;
    let late = split.split_modules.iter().map(|path| {
        let file_name = path.file_name().and_then(|name| name.to_str()).context("a part has no name")?;
        Ok(LatePart { file_name: file_name.to_owned(), wasm: fs::read(path)? })
    });
    Ok(Parts {
        late: late.collect::<Result<_>>()?,
        main: fs::read(&main)?,
        loaders: fs::read_to_string(scratch.path().join(LOADERS))?,
    })
}

impl Parts {
    /// Puts the loaders into the JavaScript of the main part. As modules of their own, each would name the other by a
    /// hash of what it holds, that name among it.
    pub(crate) fn join_loaders(&self, module: &mut BrowserModule, served_as: &str) -> Result<()> {
        let imports_main = format!("import {{ initSync }} from \"{served_as}\";");
        let (import, name) = module
            .js
            .lines()
            .find_map(|line| {
                let name = line.strip_prefix("import * as ")?.strip_suffix(&format!(" from \"{LOADERS}\""))?;
                Some((line.to_owned(), name.to_owned()))
            })
            .with_context(|| format!("{} does not import the loaders", wasm_name(served_as)))?;
        ensure!(self.loaders.contains(&imports_main), "the loaders do not import the main part");
        let mut exported = Vec::new();
        let mut loaders = String::new();
        for line in self.loaders.lines().filter(|line| *line != imports_main) {
            let inner = line.strip_prefix("export const ");
            exported.extend(inner.and_then(|inner| inner.split_whitespace().next()));
            loaders.extend([line.strip_prefix("export ").unwrap_or(line), "\n"]);
        }
        module.js =
            format!("{}\n{loaders}const {name} = {{ {} }};\n", module.js.replace(&import, ""), exported.join(", "));
        Ok(())
    }
}
