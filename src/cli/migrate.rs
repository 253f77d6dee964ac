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
    /// On PostgreSQL, as the tables' owner: let this role serve the archive. It can then change nothing that is final
    #[arg(long, value_name = "ROLE", conflicts_with = "check")]
    grant: Option<String>,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    let location = config.location();
    if location.file().is_some_and(|file| !file.exists()) {
        return Err(Failure::usage(format!("there is no archive in {}", config.data_dir.display())));
    }
    runtime()?.block_on(async {
        let database = Database::open(location, Mode::Existing)
            .await
            .map_err(|error| Failure::fault("the database cannot be opened").because(error))?;
        let fault = |error| Failure::fault("the database cannot be migrated").because(error);
        let pending = migration::pending(&database).await.map_err(fault)?;
        for step in pending {
            say(&format!("{:04} {}", step.number, step.name));
        }
        if pending.is_empty() && options.grant.is_none() {
            say("nothing to do");
            return Ok(Exit::Good);
        }
        if options.check {
            return Ok(Exit::Incomplete);
        }
        let done = migration::apply(&database, SystemClock.now_ms()).await.map_err(fault)?;
        grant(&database, options.grant.as_deref()).await?;
        database.close().await;
        if done.is_empty() {
            return Ok(Exit::Good);
        }
        let to = done.last().map_or(0, |step| step.number);
        let desk = console::desk(&config).await?;
        desk.schema_migrated(&console::user(), to).await.map_err(console::failed)?;
        say("done");
        Ok(Exit::Good)
    })
}

/// To the roles that were granted to before, whose new tables these are too, and to this one.
async fn grant(database: &Database, role: Option<&str>) -> Result<(), Failure> {
    let fault = |error| Failure::fault("the database cannot be granted").because(error);
    let mut roles = database.granted().await.map_err(fault)?;
    roles.extend(role.map(str::to_owned));
    roles.sort();
    roles.dedup();
    for role in roles {
        database.grant(&role).await.map_err(fault)?;
        say(&format!("{role} may serve the archive, and change nothing that is final"));
    }
    Ok(())
}
