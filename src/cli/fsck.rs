//! `plico fsck`: check the whole archive.

use clap::Args;

use super::{Exit, Failure, Place, console, runtime, say};

/// Options of `fsck`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 clean; 1 something is wrong.\n\nExample:\n  plico fsck --data-dir /var/lib/plico --json"
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    let outcome = runtime()?.block_on(async {
        let desk = console::desk(&config).await?;
        let outcome = desk.archive().fsck().await;
        outcome.map_err(|error| Failure::fault("the archive cannot be read").because(error))
    })?;
    if options.json {
        let json = serde_json::to_string(&outcome);
        say(&json.map_err(|error| Failure::fault("cannot write the report").because(error))?);
    } else {
        for finding in &outcome.findings {
            say(&format!("WRONG {}: {}", finding.place, finding.what));
        }
        say(&format!(
            "{}: {} events, {} parts, {} blobs, {} tiles, {} checkpoints",
            if outcome.clean { "clean" } else { "NOT clean" },
            outcome.events,
            outcome.parts,
            outcome.blobs,
            outcome.tiles,
            outcome.checkpoints
        ));
    }
    Ok(if outcome.clean { Exit::Good } else { Exit::False })
}
