//! `plico openapi`: print the OpenAPI document.

use clap::Args;

use super::{Exit, Failure};

/// Options of `openapi`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico openapi > openapi/plico.json")]
pub struct Options {}

/// Runs it.
pub fn run(_options: &Options) -> Result<Exit, Failure> {
    Err(Failure::not_available("openapi"))
}
