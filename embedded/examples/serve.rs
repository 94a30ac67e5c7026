//! Serves a folder as an S3 on a loopback port: `serve <folder> [port]`.
//!
//! Prints one line with its address when it is ready. Bucket `data`, access key `local`, secret
//! `local-secret`, region `us-east-1`; path style.
#![allow(clippy::print_stdout, reason = "its one line of output is how it is used")]

use std::collections::HashMap;
use std::path::PathBuf;

use embedded::{Credentials, Embedded, Settings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: serve <folder> [port]")?;
    let port: u16 = arguments.next().as_deref().unwrap_or("0").parse()?;
    let s3 = Embedded::open(Settings {
        data_dir: PathBuf::from(folder),
        region: "us-east-1".to_owned(),
        credentials: Credentials { access_key_id: "local".to_owned(), secret_access_key: "local-secret".to_owned() },
        hosts: HashMap::new(),
        buckets: vec!["data".to_owned()],
    })
    .await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, axum::Router::new().fallback_service(s3.service())).await?;
    Ok(())
}
