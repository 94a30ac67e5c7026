//! Shortens the names by which a WebAssembly and its JavaScript find each other. Most carry a hash that no compression
//! makes smaller, and each is transferred twice.

use std::collections::HashMap;

use anyhow::{Result, ensure};

/// Gives each of `names`, which stand in the WebAssembly, a short one, there and wherever `js` says it.
///
/// # Errors
/// The JavaScript does not know a name, or has another use for a short one.
pub(super) fn shorten<'a>(js: &mut String, names: impl IntoIterator<Item = &'a mut String>) -> Result<()> {
    let mut shortened: HashMap<String, (String, bool)> = HashMap::new();
    for (at, name) in names.into_iter().enumerate() {
        let short = format!("${at}");
        ensure!(!js.contains(&short), "{short} is a name of the JavaScript's own");
        let long = std::mem::replace(name, short.clone());
        // What is imported or exported twice goes by the same name in both places.
        *name = shortened.entry(long).or_insert((short, false)).0.clone();
    }

    let mut rewritten = String::with_capacity(js.len());
    for word in words(js) {
        match shortened.get_mut(word) {
            Some((short, is_found)) => {
                *is_found = true;
                rewritten.push_str(short);
            }
            None => rewritten.push_str(word),
        }
    }
    let unknown = shortened.iter().find(|(_, (_, is_found))| !is_found);
    ensure!(unknown.is_none(), "the JavaScript does not know {unknown:?}");
    *js = rewritten;
    Ok(())
}

/// `js` cut into its identifiers and what stands between them.
fn words(js: &str) -> impl Iterator<Item = &str> {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut rest = js;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c| is_inside(c) != is_inside(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn shortened(js: &str, names: &[&str]) -> Result<(String, Vec<String>)> {
        let (mut js, mut names) = (js.to_owned(), names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        shorten(&mut js, &mut names)?;
        Ok((js, names))
    }

    #[test]
    fn whole_names_change_on_both_sides_and_nothing_else_does() {
        let js = "const i = { log_0f: (a) => log(a), log_0f2() {} }; wasm.log_0f(1, wasm.kept);\n";
        let (js, names) = shortened(js, &["log_0f", "log_0f2", "log_0f"]).unwrap();
        assert_eq!(js, "const i = { $0: (a) => log(a), $1() {} }; wasm.$0(1, wasm.kept);\n");
        assert_eq!(names, ["$0", "$1", "$0"]);
    }

    #[test]
    fn a_name_that_only_one_side_knows_is_refused() {
        assert!(shortened("wasm.log_0f()", &["log_0e"]).is_err());
        assert!(shortened("wasm.log_0f($0)", &["log_0f"]).is_err());
    }
}
