//! Joins the style sheets into one, in the order that `style/main.css` imports them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

const MAIN: &str = "main.css";

/// Reads the folder's `main.css`, puts each imported sheet in its line's place, and takes the
/// comments out.
///
/// Fails when a sheet is missing, or lies in the folder and nobody imports it.
pub(crate) fn join(folder: &Path) -> Result<String> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))
    };
    let mut joined = String::new();
    let mut imported = BTreeSet::from([MAIN.to_owned()]);
    for line in read(MAIN)?.lines() {
        let Some(import) = Import::parse(line) else {
            joined.push_str(line);
            joined.push('\n');
            continue;
        };
        let sheet = read(import.name)?;
        ensure!(
            !sheet.lines().any(|line| Import::parse(line).is_some()),
            "{} imports another sheet; only {MAIN} does that",
            import.name
        );
        joined.push_str(&match import.layer {
            Some(layer) => format!("@layer {layer} {{\n{sheet}}}\n"),
            None => sheet,
        });
        imported.insert(import.name.to_owned());
    }
    let present = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .filter(|name| name.as_ref().is_ok_and(|name| name.ends_with(".css")))
        .collect::<Result<BTreeSet<_>>>()?;
    let forgotten: Vec<_> = present.difference(&imported).cloned().collect();
    ensure!(forgotten.is_empty(), "{MAIN} does not import {}", forgotten.join(", "));
    Ok(without_comments(&joined))
}

/// A line `@import "name.css";` or `@import "name.css" layer(name);`.
struct Import<'a> {
    name: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Import<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let rest = line.trim().strip_prefix("@import \"")?;
        let (name, rest) = rest.split_once('"')?;
        let rest = rest.strip_suffix(';')?.trim();
        let layer = match rest {
            "" => None,
            _ => Some(rest.strip_prefix("layer(")?.strip_suffix(')')?),
        };
        Some(Self { name, layer })
    }
}

/// Takes out comments, indentation and empty lines; strings and `url(…)` stay as they are.
fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(first) = rest.chars().next() {
        let verbatim = if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            // Two words that a comment kept apart must stay apart.
            if !kept.ends_with(char::is_whitespace) && !rest.starts_with(char::is_whitespace) {
                kept.push_str("/**/");
            }
            continue;
        } else if first == '"' || first == '\'' {
            string_length(rest, first)
        } else if rest.starts_with("url(") {
            rest.find(')').map_or(rest.len(), |end| end + 1)
        } else {
            first.len_utf8()
        };
        let (taken, after) = rest.split_at(verbatim);
        kept.push_str(taken);
        rest = after;
    }
    let lines = kept.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold(String::new(), |sheet, line| sheet + line + "\n")
}

/// The bytes of the string that `css` starts with, both its quotes counted.
fn string_length(css: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in css.char_indices().skip(1) {
        if !escaped && character == quote {
            return at + 1;
        }
        escaped = !escaped && character == '\\';
    }
    css.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_stay() {
        let css = "/* head */\na { /* in */\n  content: \"/* \\\" kept */\";\n}\n\nb{background:url(data:x/*y)}\n";
        assert_eq!(without_comments(css), "a {\ncontent: \"/* \\\" kept */\";\n}\nb{background:url(data:x/*y)}\n");
    }

    #[test]
    fn words_that_a_comment_kept_apart_stay_apart() {
        assert_eq!(without_comments("a{margin:1px/*x*/2px}"), "a{margin:1px/**/2px}\n");
    }

    #[test]
    fn sheets_are_joined_in_the_order_of_their_imports() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("main.css", "@layer a;\n@import \"z.css\" layer(a);\n@import \"b.css\";\n");
        write("z.css", "z {}\n");
        write("b.css", "b {}\n");
        assert_eq!(join(folder.path()).unwrap(), "@layer a;\n@layer a {\nz {}\n}\nb {}\n");
        write("alone.css", "");
        let forgotten = join(folder.path()).unwrap_err();
        assert_eq!(forgotten.to_string(), "main.css does not import alone.css");
    }

    #[test]
    fn an_import_may_name_its_layer() {
        let import = Import::parse("  @import \"list.css\" layer(parts);").unwrap();
        assert_eq!((import.name, import.layer), ("list.css", Some("parts")));
        assert!(Import::parse("@import url(elsewhere.css);").is_none());
    }
}
