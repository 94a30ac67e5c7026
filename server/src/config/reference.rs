//! The reference page of all settings, made from the table that the reader uses.

use std::fmt::Write as _;

use super::variables::{Default, SECTIONS};

/// `docs/configuration.md`, in Markdown.
pub fn reference() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         Causeway reads these environment variables once, when it starts. What is not set has the default; what is set to\n\
         nothing counts as not set. If anything is wrong, the server says everything that is wrong, with the value found and\n\
         the value expected, and does not start. A `CAUSEWAY_` name that is not on this page has no effect, and the log says so.\n\n\
         This page is made by `causeway settings` from the table that the server itself reads, and a test holds it against it.\n",
    );
    for section in SECTIONS {
        let _ = write!(page, "\n## {}\n\n| variable | default | meaning |\n|---|---|---|\n", section.title);
        for variable in section.variables {
            let default = match variable.default {
                Default::Text(text) => format!("`{text}`"),
                Default::Derived(words) => words.to_owned(),
            };
            let _ = writeln!(page, "| `{}` | {default} | {} |", variable.name, variable.meaning);
        }
    }
    page
}
