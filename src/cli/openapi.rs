//! `plico openapi`: print the OpenAPI document.

use clap::Args;

use super::{Exit, Failure, say};
use crate::api::document::document;
use crate::config::Config;

/// Options of `openapi`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico openapi > openapi/plico-v1.json\n  plico openapi --url https://posta.comune.example.it"
)]
pub struct Options {
    /// How people reach the installation, without a path
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let url = options.url.clone().unwrap_or_else(|| Config::default().public_url);
    let document = serde_json::to_string_pretty(&document(url.trim_end_matches('/')));
    say(&document.map_err(|error| Failure::fault("the document cannot be written").because(error))?);
    Ok(Exit::Good)
}
