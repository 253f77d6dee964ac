//! `plico demo`: a filled town on this machine.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure, serve};
use crate::config::{Config, Loaded};

/// Options of `demo`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico demo --listen 127.0.0.1:8080 --data-dir demo-data\n  plico demo --reset   # start over"
)]
pub struct Options {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Folder of the demo archive
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Throw the demo archive away and fill a new one
    #[arg(long)]
    reset: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let mut values = Vec::new();
    if let Some(listen) = &options.listen {
        values.push(("listen", listen.clone()));
        values.push(("public_url", format!("http://{listen}")));
    }
    if let Some(dir) = &options.data_dir {
        values.push(("data_dir", dir.to_string_lossy().into_owned()));
    }
    let config = Loaded::without_file(&Config::demo(), &values)?.config;
    serve::serve(config, true)
}
