//! Asks the linker for what the build step needs to split the page's WebAssembly.

fn main() {
    // Only the relocations tell which function calls which, so that parts can be taken out after linking.
    // Another target's linker does not know the word.
    #[allow(clippy::disallowed_methods, reason = "it is how cargo tells a build script what it builds for")]
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
