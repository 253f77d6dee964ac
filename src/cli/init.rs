//! `plico init`: create an archive.

use clap::Args;

use super::{Exit, Failure, Place};

/// Options of `init`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico init --data-dir /var/lib/plico --domain archivio.comune.example.it --code c_x000"
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Domain in the names of the logs; it never changes afterwards
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// IPA code of the first administration
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Name of the first administration
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    options.place.load()?;
    Err(Failure::not_available("init"))
}
