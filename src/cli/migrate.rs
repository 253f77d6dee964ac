//! `plico migrate`: bring the database to this program's version.

use clap::Args;
use plico_database::{Database, Mode, migration};

use super::{Exit, Failure, Place, console, runtime, say};
use crate::clock::{Clock as _, SystemClock};

/// Options of `migrate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Stop the service and make a backup first.\n\nExample:\n  plico migrate --check --data-dir /var/lib/plico"
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Only say what would be done: 0 nothing, 2 something
    #[arg(long)]
    check: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    let file = config.data_dir.join("plico.db");
    if !file.exists() {
        return Err(Failure::usage(format!("there is no archive in {}", config.data_dir.display())));
    }
    runtime()?.block_on(async {
        let database = Database::open(&file, Mode::Existing)
            .await
            .map_err(|error| Failure::fault("the database cannot be opened").because(error))?;
        let fault = |error| Failure::fault("the database cannot be migrated").because(error);
        let pending = migration::pending(&database).await.map_err(fault)?;
        for step in pending {
            say(&format!("{:04} {}", step.number, step.name));
        }
        if pending.is_empty() {
            say("nothing to do");
            return Ok(Exit::Good);
        }
        if options.check {
            return Ok(Exit::Incomplete);
        }
        let done = migration::apply(&database, SystemClock.now_ms()).await.map_err(fault)?;
        database.close().await;
        let to = done.last().map_or(0, |step| step.number);
        let desk = console::desk(&config).await?;
        desk.schema_migrated(&console::user(), to).await.map_err(console::failed)?;
        say("done");
        Ok(Exit::Good)
    })
}
