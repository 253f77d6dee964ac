//! `plico demo`: a filled town on this machine.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure, runtime, say};
use crate::config::{Config, Loaded};
use crate::demo::{self, Persona};
use crate::{app, http};

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
    /// Keep its rows in this database of PostgreSQL, empty the first time: an address, or `file:PATH` that holds it
    #[arg(long, value_name = "URL", conflicts_with = "reset")]
    database: Option<String>,
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
    if let Some(url) = &options.database {
        values.push(("database.url", url.clone()));
    }
    let config = Loaded::without_file(&Config::demo(), &values)?.config;
    http::log::start(&config.log)
        .map_err(|error| Failure::usage("log.filter cannot be read").because(error))?;
    runtime()?.block_on(async {
        let archive = demo::ready(&config, options.reset, say)
            .await
            .map_err(|error| Failure::fault("there is no demo").because(error))?;
        let personas = demo::personas(&archive)
            .await
            .map_err(|error| Failure::fault("there is no demo").because(error))?;
        welcome(&config, &personas);
        let config = demo::believing(config);
        app::run(config, true, archive).await.map_err(|error| Failure::fault("cannot serve").because(error))
    })?;
    Ok(Exit::Good)
}

fn welcome(config: &Config, personas: &[Persona]) {
    say(&format!("Comune di Borgo San Plico (PROVA): {}", config.public_url));
    say("Choose at the sign-in page whom to be:");
    for persona in personas {
        let others: Vec<&str> = persona.may_act_for.iter().map(|(_, name)| name.as_str()).collect();
        let others =
            if others.is_empty() { String::new() } else { format!(", also for {}", others.join(", ")) };
        say(&format!("  {:<18} {}{others}", persona.name, persona.role.replace('_', " ")));
    }
    say(&format!("Data: {}   Ctrl-C stops; --reset starts over", config.data_dir.display()));
}
