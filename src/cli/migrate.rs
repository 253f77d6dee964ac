//! `plico migrate`: bring the database to this program's version.

use clap::Args;

use super::{Exit, Failure, Place};

/// Options of `migrate`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico migrate --check --data-dir /var/lib/plico")]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Only say what would be done: 0 nothing, 2 something
    #[arg(long)]
    check: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    options.place.load()?;
    Err(Failure::not_available("migrate"))
}
