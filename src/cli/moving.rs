//! `plico move`: the archive's database to another engine, its content to a bucket, and back.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use plico_archive::Paths;
use plico_archive::moving::{Into, MovedBlobs, move_blobs, move_to};
use plico_database::Location;

use super::{Exit, Failure, Place, console, runtime, say};
use crate::app;
use crate::clock::SystemClock;
use crate::config::Config;

/// Options of `move`.
#[derive(Debug, Args)]
#[command(
    after_help = "Stop the service and make a backup first. With --blobs nothing is removed where the content was, and whoever is \
                  broken off goes on where he was. A password is better in the environment \
                  (PGPASSWORD) than in the address.\n\nExample:\n  plico move --to postgres://plico@db.borgo.example/plico --data-dir /var/lib/plico\n  \
                  plico move --to file --config /etc/plico.toml\n  \
                  plico move --blobs bucket --config /etc/plico.toml"
)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// The empty database of a PostgreSQL server, or `file` for a file of SQLite in the data folder
    #[arg(long, value_name = "URL", group = "what")]
    to: Option<String>,
    /// The content that is no row: to the bucket that the configuration names, or from it to the data folder
    #[arg(long, value_name = "WHERE", group = "what")]
    blobs: Option<Side>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Side {
    /// The bucket that `blobs.*` names
    Bucket,
    /// The data folder
    Folder,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    let from = config.location();
    if from.file().is_some_and(|file| !file.exists()) {
        return Err(Failure::usage(format!("there is no archive in {}", config.data_dir.display())));
    }
    if let Some(side) = options.blobs {
        let exit = content(&config, side)?;
        if options.to.is_none() || exit != Exit::Good {
            return Ok(exit);
        }
    }
    let to = match options.to.as_deref().unwrap_or_default() {
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

/// Content to the bucket, or back.
fn content(config: &Config, side: Side) -> Result<Exit, Failure> {
    if config.blobs.bucket.is_empty() {
        return Err(Failure::usage("name the bucket in the configuration first: the section `blobs`"));
    }
    let into = match side {
        Side::Bucket => Into::Bucket,
        Side::Folder => Into::Folder,
    };
    runtime()?.block_on(async {
        let tell = |shards: u16, moved: &MovedBlobs| {
            if shards.is_multiple_of(32) {
                say(&format!(
                    "{}%: {} copied, {} there already",
                    shards * 100 / 256,
                    moved.copied,
                    moved.there
                ));
            }
        };
        let moved = move_blobs(&app::paths(config), into, tell)
            .await
            .map_err(|error| Failure::fault("broken off: run it again, and it goes on").because(error))?;
        for finding in &moved.missing {
            say(&format!("WRONG {}: {}", finding.place, finding.what));
        }
        say(&format!("{} copied and read again, {} there already", moved.copied, moved.there));
        if !moved.missing.is_empty() {
            say("not all of it is there: run `plico fsck`, bring back what is missing, and run this again");
            return Ok(Exit::False);
        }
        // Read where it is now, whatever the configuration says.
        let mut paths = app::paths(config);
        if into == Into::Folder {
            paths.stores.bucket = None;
        }
        let archive = plico_archive::Archive::open_beside(&paths, Arc::new(SystemClock), app::entropy())
            .await
            .map_err(|error| Failure::fault("the moved archive does not open").because(error))?;
        let desk = console::over(config, archive)?;
        let command = format!("move --blobs {}", if into == Into::Bucket { "bucket" } else { "folder" });
        console::recorded(desk.console_used(&console::user(), &command).await)?;
        say(match into {
            Into::Bucket => {
                "now start the service; when a backup is made, remove `blobs` from the data folder"
            }
            Into::Folder => "now take `blobs.*` out of the configuration, and start the service",
        });
        Ok(Exit::Good)
    })
}
