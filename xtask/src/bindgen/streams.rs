//! Leaves out the streams that a server function could answer with, as none of ours does: a library of Leptos exports
//! them, so that nothing else would.

use std::ops::Range;

use anyhow::{Context, Result, ensure};

/// The classes, by which JavaScript would read such a stream, or write into one.
const CLASSES: [&str; 3] = ["IntoUnderlyingByteSource", "IntoUnderlyingSink", "IntoUnderlyingSource"];

/// Whether the WebAssembly exports `name` for one of the classes.
pub(super) fn is_of_streams(name: &str) -> bool {
    let name = name.strip_prefix("__wbg_").unwrap_or(name);
    CLASSES.iter().any(|class| name.starts_with(&format!("{}_", class.to_ascii_lowercase())))
}

/// Takes the classes out of `js`, where it has them.
///
/// # Errors
/// Something else in it makes use of them.
pub(super) fn leave_out(js: &mut String) -> Result<()> {
    for class in CLASSES {
        let Some(start) = js.find(&format!("export class {class} {{")) else { continue };
        let last = format!("{class}.prototype.free;\n");
        take(js, start, &last)?;
        let start = js.find(&format!("const {class}Finalization = "));
        take(js, start.with_context(|| format!("{class} is never freed"))?, "));\n")?;
        ensure!(!js.contains(class), "the JavaScript makes use of {class}");
    }
    Ok(())
}

/// Takes out what begins at `start` and ends with `last`.
fn take(js: &mut String, start: usize, last: &str) -> Result<()> {
    let length = js[start..].find(last).with_context(|| format!("nothing ends with {last:?}"))? + last.len();
    let taken: Range<usize> = start..start + length;
    js.replace_range(taken, "");
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    const WITH_STREAMS: &str = "one();\nexport class IntoUnderlyingSink {\nclose() {\n}\n}\n\
        if (Symbol.dispose) IntoUnderlyingSink.prototype[Symbol.dispose] = IntoUnderlyingSink.prototype.free;\n\
        two();\nconst IntoUnderlyingSinkFinalization = none\n? {}\n: \
        new FinalizationRegistry(ptr => wasm.__wbg_intounderlyingsink_free(ptr, 1));\nthree();\n";

    #[test]
    fn the_classes_go_and_the_rest_stays() {
        let mut js = WITH_STREAMS.to_owned();
        leave_out(&mut js).unwrap();
        assert_eq!(js, "one();\ntwo();\nthree();\n");
        leave_out(&mut js).unwrap();
        assert!(is_of_streams("__wbg_intounderlyingsink_free") && is_of_streams("intounderlyingsource_pull"));
        assert!(!is_of_streams("hydrate"));
    }

    #[test]
    fn a_class_that_is_used_is_not_left_out() {
        assert!(leave_out(&mut format!("{WITH_STREAMS}new IntoUnderlyingSink();\n")).is_err());
    }
}
