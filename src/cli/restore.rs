//! `plico restore`: a backup into an empty folder, read-only until continuity is shown.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure};

/// Options of `restore`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico restore /backup/plico.tar --keys /safe/plico.keys --into /var/lib/plico"
)]
pub struct Options {
    /// File with the data
    file: PathBuf,
    /// File with the keys
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// Empty folder to restore into
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// Continuity cannot be shown: start the next log, citing the last known checkpoint
    #[arg(long)]
    successor: bool,
}

/// Runs it.
pub fn run(_options: &Options) -> Result<Exit, Failure> {
    Err(Failure::not_available("restore"))
}
