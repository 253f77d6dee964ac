//! `plico backup`: the data in one file (useless alone), the keys in another with a shorter life.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Exit, Failure, Place};

/// Options of `backup`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico backup create /backup/plico.tar --keys /safe/plico.keys --data-dir /var/lib/plico\n  \
                        plico backup verify /backup/plico.tar --keys /safe/plico.keys"
)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a backup while the service runs
    #[command(
        after_help = "Example:\n  plico backup create plico.tar --keys plico.keys --data-dir /var/lib/plico"
    )]
    Create {
        /// File to write the data to
        file: PathBuf,
        /// File to write the keys to; keep it elsewhere
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Restore a backup to a temporary place and compare
    #[command(after_help = "Example:\n  plico backup verify plico.tar --keys plico.keys")]
    Verify {
        /// File with the data
        file: PathBuf,
        /// File with the keys
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
    },
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    match &options.action {
        Action::Create { file: _, keys: _, place } => {
            place.load()?;
            Err(Failure::not_available("backup create"))
        }
        Action::Verify { .. } => Err(Failure::not_available("backup verify")),
    }
}
