//! `plico signature`: what a signed file holds, and whether its signatures do.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure};

/// Options of `signature`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico signature domanda.pdf.p7m --trust ca.pem --json")]
pub struct Options {
    /// The file
    file: PathBuf,
    /// The content that a detached signature signs
    #[arg(long, value_name = "CONTENT")]
    detached: Option<PathBuf>,
    /// Certificates to trust, PEM (may be repeated). Without any no signature can be called valid
    #[arg(long, value_name = "PEM")]
    trust: Vec<PathBuf>,
    /// Instant to judge at, RFC 3339; default: now
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(_options: &Options) -> Result<Exit, Failure> {
    Err(Failure::not_available("signature"))
}
