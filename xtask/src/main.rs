//! Builds what the browser loads: `cargo xtask build` makes the site that the server serves.

mod bindgen;
mod compress;
mod site;
mod split;
mod stamp;
mod style;
mod wasm;
mod watch;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::wasm::Mode;
use crate::workspace::Workspace;

const USAGE: &str = "\
cargo xtask build [--release]   build the site into target/site
cargo xtask watched <args>      what `cargo leptos watch` runs instead of cargo for the server
cargo xtask bindgen <args>      stands in for the wasm-bindgen program, with the locked version";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}.");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<()> {
    match args {
        ["build"] => site::build(&Workspace::find()?, Mode::Dev),
        ["build", "--release"] => site::build(&Workspace::find()?, Mode::Release),
        ["watched", cargo_args @ ..] => watch::build_server(&Workspace::find()?, cargo_args),
        ["bindgen", bindgen_args @ ..] => bindgen::stand_in(bindgen_args),
        [] | ["help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("`{}` is not one of its commands; `cargo xtask help` lists them", args.join(" ")),
    }
}
