//! The program `causeway`: serves, unless asked for something smaller.

use std::process::ExitCode;

use server::cli::{Command, USAGE};
use server::config::{self, Config};
use server::{cli, cors, start};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Command::parse(std::env::args_os().skip(1)) {
        Some(Command::Serve) => start::run().await.map_err(|error| error.to_string()),
        Some(Command::HealthCheck) => cli::health_check().await.map_err(|error| error.to_string()),
        Some(Command::Settings) => {
            print!("{}", config::reference());
            Ok(())
        }
        Some(Command::Cors) => Config::portal_from_env()
            .map(|portal| println!("{}", cors::document(&portal)))
            .map_err(|error| error.to_string()),
        None => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
