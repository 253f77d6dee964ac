//! `plico rebuild`: make everything derived again.

use clap::Args;

use super::{Exit, Failure, Place};

/// Options of `rebuild`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico rebuild --data-dir /var/lib/plico")]
pub struct Options {
    #[command(flatten)]
    place: Place,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    options.place.load()?;
    Err(Failure::not_available("rebuild"))
}
