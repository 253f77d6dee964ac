//! `plico rebuild`: make everything derived again.

use clap::Args;

use super::{Exit, Failure, Place, console, runtime, say};
use crate::app;

/// Options of `rebuild`.
#[derive(Debug, Args)]
#[command(after_help = "Stop the service first.\n\nExample:\n  plico rebuild --data-dir /var/lib/plico")]
pub struct Options {
    #[command(flatten)]
    place: Place,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    runtime()?.block_on(async {
        let open = async || {
            let archive = app::open_archive(&config).await;
            archive.map_err(|error| Failure::fault("the archive cannot be opened").because(error))
        };
        // Opened once to know that nobody else has it; then the index may go, and is built from the beginning.
        open().await?.close().await;
        let index = app::paths(&config).search();
        plico_vault::clear_away(&index).map_err(|error| {
            Failure::fault(format!("{} cannot be removed", index.display())).because(error)
        })?;
        let desk = console::over(&config, open().await?)?;
        let fault = |error| Failure::fault("the archive cannot be rebuilt").because(error);
        let events = desk.archive().rebuild().await.map_err(fault)?;
        let indexed = desk.archive().index_events().await.map_err(fault)?;
        desk.console_used(&console::user(), "rebuild").await.map_err(console::failed)?;
        desk.archive().sign_checkpoints().await.map_err(fault)?;
        say(&format!("rebuilt from {events} events; {indexed} indexed"));
        Ok(Exit::Good)
    })
}
