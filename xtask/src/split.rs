//! Takes out of the page's WebAssembly what comes with its first use: every function marked `#[wasm_split]`, with all
//! that nothing else needs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use wasm_split_cli_support::{Options, transform};

use crate::bindgen::BrowserModule;

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
        ensure!(self.loaders.contains(&imports_main), "the loaders do not import the main part");
        let (mut exported, mut loaders) = (Vec::new(), String::new());
        for line in self.loaders.lines().filter(|line| *line != imports_main) {
            let inner = line.strip_prefix("export const ");
            exported.extend(inner.and_then(|inner| inner.split_whitespace().next()));
            loaders.extend([line.strip_prefix("export ").unwrap_or(line), "\n"]);
        }

        let from = format!(" from \"{LOADERS}\"");
        let imported = |line: &str| line.strip_prefix("import * as ")?.strip_suffix(&from).map(str::to_owned);
        // One for each function that is imported.
        let names: Vec<_> = module.js.lines().filter_map(imported).collect();
        ensure!(!names.is_empty(), "the main part does not import the loaders");
        let mut js: String =
            module.js.lines().filter(|line| imported(line).is_none()).flat_map(|line| [line, "\n"]).collect();
        js.push_str(&loaders);
        for name in names {
            js.push_str(&format!("const {name} = {{ {} }};\n", exported.join(", ")));
        }
        ensure!(!js.contains(&from), "the loaders are imported in a way that is not known");
        module.js = js;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn parts(loaders: &str) -> Parts {
        Parts { main: Vec::new(), late: Vec::new(), loaders: loaders.to_owned() }
    }

    fn module(js: &str) -> BrowserModule {
        BrowserModule { js: js.to_owned(), wasm: Vec::new() }
    }

    #[test]
    fn every_function_that_loads_a_part_is_there_once_the_loaders_are_joined() {
        let loaders = "import { initSync } from \"page\";\nconst chunk = 1;\nexport const one = f(\nchunk);\nexport const two = 2;\n";
        let mut page = module(
            "import * as import1 from \"./late.js\"\nimport * as import2 from \"./late.js\"\nuse(import1, import2);\n",
        );
        parts(loaders).join_loaders(&mut page, "page").unwrap();
        assert_eq!(
            page.js,
            "use(import1, import2);\nconst chunk = 1;\nconst one = f(\nchunk);\nconst two = 2;\n\
             const import1 = { one, two };\nconst import2 = { one, two };\n"
        );
    }

    #[test]
    fn loaders_that_nothing_imports_or_in_another_way_are_no_page() {
        let loaders = parts("import { initSync } from \"page\";\n");
        assert!(loaders.join_loaders(&mut module("use();"), "page").is_err());
        let other = "import * as a from \"./late.js\"\nimport { b } from \"./late.js\"\n";
        assert!(loaders.join_loaders(&mut module(other), "page").is_err());
        assert!(loaders.join_loaders(&mut module("import * as a from \"./late.js\"\n"), "other").is_err());
    }
}
