//! `plico verify`: check a receipt or a dossier, offline.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure};

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico verify ricevuta.pdf --policy comune.policy --document domanda.pdf --json"
)]
pub struct Options {
    /// The receipt or dossier
    file: PathBuf,
    /// Whom you trust: origins, keys, witnesses, quorum and roots. Without it the verdict is incomplete
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A document that the receipt should name (may be repeated)
    #[arg(long, value_name = "FILE")]
    document: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(_options: &Options) -> Result<Exit, Failure> {
    Err(Failure::not_available("verify"))
}
