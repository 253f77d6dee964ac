//! `plico move`: the archive's database to another engine, and back.

use std::sync::Arc;

use clap::Args;
use plico_archive::Paths;
use plico_archive::moving::move_to;
use plico_database::Location;

use super::{Exit, Failure, Place, console, runtime, say};
use crate::app;
use crate::clock::SystemClock;

/// Options of `move`.
#[derive(Debug, Args)]
#[command(
    after_help = "Stop the service and make a backup first; files stay where they are. A password is better in the environment \
                  (PGPASSWORD) than in the address.\n\nExample:\n  plico move --to postgres://plico@db.borgo.example/plico --data-dir /var/lib/plico\n  \
                  plico move --to file --config /etc/plico.toml"
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// The empty database of a PostgreSQL server, or `file` for a file of SQLite in the data folder
    #[arg(long, value_name = "URL")]
    to: String,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    let from = config.location();
    if from.file().is_some_and(|file| !file.exists()) {
        return Err(Failure::usage(format!("there is no archive in {}", config.data_dir.display())));
    }
    let to = match options.to.as_str() {
        "file" => Paths::file_in(&config.data_dir),
        url => match url.parse() {
            Ok(to @ Location::Server(_)) => to,
            // Any other file would be one that no configuration finds.
            _ => {
                return Err(Failure::usage(
                    "--to is neither `file` nor an address like postgres://user@host/database",
                ));
            }
        },
    };
    if from.file().is_some() && to.file().is_some() {
        return Err(Failure::usage("the archive is in a file already"));
    }
    runtime()?.block_on(async {
        let paths = app::paths(&config);
        say(&format!("moving {from} to {to}: nobody writes meanwhile"));
        let moved = move_to(&paths, to.clone(), Arc::new(SystemClock), app::entropy())
            .await
            .map_err(|error| Failure::fault("nothing was moved").because(error))?;
        say(&format!("{} rows of {} tables are the same there", moved.rows, moved.tables));
        for (origin, events) in &moved.logs {
            say(&format!("{origin}: {events} events, and the root that was signed"));
        }
        if let Some(left) = &moved.left {
            say(&format!(
                "the old file is {}: remove it when a backup of the new one is made",
                left.display()
            ));
        } else {
            say("the old database is read-only: drop it when a backup of the new one is made");
        }
        let archive = plico_archive::Archive::open_beside(
            &Paths { database: to.clone(), ..paths },
            Arc::new(SystemClock),
            app::entropy(),
        )
        .await
        .map_err(|error| Failure::fault("the moved archive does not open").because(error))?;
        let desk = console::over(&config, archive)?;
        console::recorded(desk.console_used(&console::user(), &format!("move to {to}")).await)?;
        if to.file().is_some() {
            say("now take database.url out of the configuration, and start the service");
        } else {
            say("now set database.url in the configuration, and start the service");
        }
        Ok(Exit::Good)
    })
}
