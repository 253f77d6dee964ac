//! `plico work`: do only the work behind the interface.

use clap::Args;

use super::{Exit, Failure, Place};

/// Options of `work`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico work --config /etc/plico/plico.toml")]
pub struct Options {
    #[command(flatten)]
    place: Place,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    options.place.load()?;
    Err(Failure::not_available("work"))
}
