//! `plico fsck`: check the whole archive.

use clap::Args;

use super::{Exit, Failure, Place};

/// Options of `fsck`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico fsck --data-dir /var/lib/plico --json")]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    options.place.load()?;
    Err(Failure::not_available("fsck"))
}
