//! `plico user`: local operator and administrator accounts.

use clap::{Args, Subcommand};

use super::{Exit, Failure, Place};

/// Options of `user`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico user add anna.bassi --role administrator --data-dir /var/lib/plico"
)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create an account and print its one-time link
    #[command(after_help = "Example:\n  plico user add anna.bassi --role operator")]
    Add {
        /// Name to sign in with
        name: String,
        /// operator, records_manager, auditor, administrator or hub_administrator
        #[arg(long)]
        role: String,
        #[command(flatten)]
        place: Place,
    },
    /// Print a new one-time link: to choose a password and a second factor again
    #[command(after_help = "Example:\n  plico user link anna.bassi")]
    Link {
        /// Whose
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// List accounts
    #[command(after_help = "Example:\n  plico user list")]
    List {
        #[command(flatten)]
        place: Place,
    },
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let (command, place) = match &options.action {
        Action::Add { name: _, role: _, place } => ("user add", place),
        Action::Link { name: _, place } => ("user link", place),
        Action::List { place } => ("user list", place),
    };
    place.load()?;
    Err(Failure::not_available(command))
}
