//! `plico serve`: the web interface and the API.

use clap::Args;

use super::{Exit, Failure, Place, runtime};
use crate::config::Config;
use crate::http;

/// Options of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico serve --config /etc/plico/plico.toml")]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let values = options.listen.iter().map(|listen| ("listen", listen.clone())).collect();
    serve(options.place.load_with(&Config::default(), values)?.config)
}

/// Serves until told to stop.
fn serve(config: Config) -> Result<Exit, Failure> {
    http::log::start(&config.log)
        .map_err(|error| Failure::usage("log.filter cannot be read").because(error))?;
    runtime()?
        .block_on(async {
            let archive = crate::app::open_archive(&config).await?;
            crate::app::run(config, false, archive).await
        })
        .map_err(|error| Failure::fault("cannot serve").because(error))?;
    Ok(Exit::Good)
}
