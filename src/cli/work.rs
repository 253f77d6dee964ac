//! `plico work`: do only the work behind the interface.

use clap::Args;

use super::{Exit, Failure, Place, runtime};
use crate::clock::SystemClock;
use crate::{app, http, work};

/// Options of `work`.
#[derive(Debug, Args)]
#[command(
    after_help = "Receipts and notices, beside the process that serves; that one signs and indexes.\n\nExample:\n  plico work --config /etc/plico/plico.toml"
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    http::log::start(&config.log)
        .map_err(|error| Failure::usage("log.filter cannot be read").because(error))?;
    runtime()?.block_on(async {
        let fault = |error| Failure::fault("cannot work").because(error);
        let archive = app::open_beside(&config).await.map_err(fault)?;
        let demo = archive.is_demo().await.map_err(|error| fault(error.into()))?;
        let app = app::assemble(config, demo, &archive, std::sync::Arc::new(SystemClock)).map_err(fault)?;
        app::connect(&app).await.map_err(fault)?;
        let working = work::start_jobs(&app);
        http::server::asked_to_stop().await;
        working.stop().await;
        Ok(Exit::Good)
    })
}
