//! `plico restore`: a backup into an empty folder, read-only until continuity is shown.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use plico_archive::backup;

use super::{Exit, Failure, Place, console, runtime, say};
use crate::app;
use crate::clock::SystemClock;

/// Options of `restore`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 goes on; 2 read-only, because continuity is not shown.\n\nExample:\n  plico restore /backup/plico.tar --keys /safe/plico.keys --into /var/lib/plico"
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
pub fn run(options: &Options) -> Result<Exit, Failure> {
    if options.successor {
        return Err(Failure::not_available("restore --successor"));
    }
    let place = Place { data_dir: Some(options.into.clone()), config: None };
    let config = place.load()?.config;
    runtime()?.block_on(async {
        let paths = app::paths(&config);
        let restored =
            backup::restore(&options.file, &options.keys, &paths, Arc::new(SystemClock), app::entropy())
                .await
                .map_err(|error| Failure::fault("the backup was not restored").because(error))?;
        say(&format!("{} files restored into {}", restored.files, config.data_dir.display()));
        if restored.read_only.is_empty() {
            let desk = console::desk(&config).await?;
            let shown = "the signer's state agrees with the restored logs";
            desk.backup_restored(&console::user(), shown).await.map_err(console::failed)?;
            say("nothing was signed beyond it: the archive goes on where it stopped");
            return Ok(Exit::Good);
        }
        for origin in &restored.read_only {
            say(&format!("READ-ONLY {origin}: continuity with what was last signed is not shown"));
        }
        say(&format!("bring the signer's state to {} and restore again", config.signer_state().display()));
        Ok(Exit::Incomplete)
    })
}
