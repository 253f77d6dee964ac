//! `plico fsck`: check the whole archive.

use std::path::PathBuf;

use clap::Args;
use plico_archive::fsck::Check;
use plico_journal::Checkpoint;

use super::{Exit, Failure, Place, Told, console, runtime, say};

/// Options of `fsck`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 clean; 1 something is wrong.\n\nExample:\n  plico fsck --data-dir /var/lib/plico --checkpoint kept-in-2025.txt"
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// A checkpoint that somebody kept: the log must go on from it (may be repeated)
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// Leaves, tiles, checkpoints and what others said of them, and nothing else: parts and content stay closed, the tables are not rebuilt
    #[arg(long)]
    log_only: bool,
    /// Bring damaged and missing content back from the replica
    #[arg(long, conflicts_with = "log_only")]
    repair: bool,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    let kept = options.checkpoint.iter().map(kept).collect::<Result<Vec<_>, _>>()?;
    let outcome = runtime()?.block_on(async {
        let desk = console::desk(&config).await?;
        if options.repair && !desk.archive().vault().has_replica() {
            return Err(Failure::usage(
                "there is no replica to repair from: name one in the configuration (replica.*)",
            ));
        }
        let told = Told::default();
        let progress = |log: &str, read: u64, all: u64| told.tell(read, all, log);
        let check =
            Check { kept: &kept, log_only: options.log_only, repair: options.repair, progress: &progress };
        let outcome = desk.archive().fsck_as(&check).await;
        let outcome = outcome.map_err(|error| Failure::fault("the archive cannot be read").because(error))?;
        if options.repair {
            let command = format!("fsck --repair: {} brought back from the replica", outcome.mended.len());
            console::recorded(desk.console_used(&console::user(), &command).await)?;
        }
        Ok(outcome)
    })?;
    if options.json {
        let json = serde_json::to_string(&outcome);
        say(&json.map_err(|error| Failure::fault("cannot write the report").because(error))?);
    } else {
        for finding in &outcome.mended {
            say(&format!("MENDED {}: {}; brought back from the replica", finding.place, finding.what));
        }
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

/// Whose checkpoint it is, and whether the log's key signed it, its holder has looked at before he kept it.
fn kept(file: &PathBuf) -> Result<Checkpoint, Failure> {
    let shown = file.display();
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::usage(format!("{shown} cannot be read")).because(error))?;
    let parsed = Checkpoint::parse_note(&bytes);
    let (checkpoint, _) = parsed.map_err(|error| {
        Failure::usage(format!("{shown} is not a checkpoint, as /log/…/checkpoint gives it")).because(error)
    })?;
    Ok(checkpoint)
}
