//! Asks the linker for what the build step needs to split the page's WebAssembly.

fn main() {
    // Only the relocations tell which function calls which, so that parts can be taken out after linking.
    println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
    println!("cargo::rerun-if-changed=build.rs");
}
