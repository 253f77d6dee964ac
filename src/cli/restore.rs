//! `plico restore`: a backup into an empty folder, read-only until continuity is shown.

mod heard;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use plico_archive::backup;
use plico_archive::succession::{self, Succeeded};

use super::{Exit, Failure, Place, console, runtime, say};
use crate::app;
use crate::clock::SystemClock;
use crate::config::Config;

/// Options of `restore`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 goes on; 2 read-only, because continuity is not shown.\n\nExample:\n  plico restore /backup/plico.tar --keys /safe/plico.keys --into /var/lib/plico\n  \
                  plico restore /backup/plico.tar --keys /safe/plico.keys --into /var/lib/plico --successor"
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
    /// Configuration file: with `database.url` the rows go to that server's empty database
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The signer's state is lost: ask this mirror where the logs ended (may be repeated)
    #[arg(long, value_name = "URL")]
    mirror: Vec<String>,
    /// The signer's state is lost: ask the witnesses of `evidence.policy` where the logs ended
    #[arg(long, requires = "config")]
    witnesses: bool,
    /// Continuity cannot be shown: start the next log, citing the last known checkpoint
    #[arg(long)]
    successor: bool,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let place = Place { data_dir: Some(options.into.clone()), config: options.config.clone() };
    let config = place.load()?.config;
    runtime()?.block_on(async {
        let paths = app::paths(&config);
        let restored =
            backup::restore(&options.file, &options.keys, &paths, Arc::new(SystemClock), app::entropy())
                .await
                .map_err(|error| Failure::fault("the backup was not restored").because(error))?;
        say(&format!("{} files restored into {}", restored.files, config.data_dir.display()));
        let whole = match &restored.listed {
            Some(listed) => super::backup::content(listed),
            None => Exit::Good,
        };
        if restored.listed.is_none() && !config.blobs.bucket.is_empty() {
            say("its content is in the folder: before you start the service, `plico move --blobs bucket`");
        }
        if restored.read_only.is_empty() {
            say("nothing was signed beyond it: the archive goes on where it stopped");
            record(&config, "the signer's state agrees with the restored logs").await?;
            return Ok(whole);
        }
        let mut read_only = restored.read_only;
        if options.witnesses || !options.mirror.is_empty() {
            let archive = plico_archive::Archive::open_beside(&paths, Arc::new(SystemClock), app::entropy())
                .await
                .map_err(|error| Failure::fault("the restored archive does not open").because(error))?;
            let heard = heard::ask(&archive, &config, &options.mirror, options.witnesses).await;
            archive.close().await;
            read_only = backup::agree(&paths, &heard?, Arc::new(SystemClock), app::entropy())
                .await
                .map_err(|error| Failure::fault("the signer's state cannot be begun").because(error))?;
            if read_only.is_empty() {
                say("they last saw exactly what is restored: the archive goes on; what was signed after they looked would be a second history");
                record(
                    &config,
                    "the signer's state was lost; witnesses or mirrors agree with the restored logs",
                )
                .await?;
                return Ok(Exit::Good);
            }
        }
        for origin in &read_only {
            say(&format!("READ-ONLY {origin}: continuity with what was last signed is not shown"));
        }
        if !options.successor {
            say(&format!(
                "bring the signer's state to {} and restore again;",
                config.signer_state().display()
            ));
            say("where it is lost, restore again and ask who saw the logs: --mirror URL, --witnesses;");
            say("where more was signed than the backup holds, restore again with --successor");
            return Ok(Exit::Incomplete);
        }
        let begun = succession::begin(&paths, Arc::new(SystemClock), app::entropy())
            .await
            .map_err(|error| Failure::fault("no successor was begun").because(error))?;
        begun.iter().for_each(tell);
        let origins: Vec<&str> = begun.iter().map(|log| log.origin.as_str()).collect();
        record(&config, &format!("not shown; successors begun: {}", origins.join(", "))).await?;
        say(&format!(
            "copy {} to where its copies are kept: it holds the new keys",
            config.key_file().display()
        ));
        Ok(Exit::Good)
    })
}

/// The restore is the first thing that the archive remembers.
async fn record(config: &Config, continuity: &str) -> Result<(), Failure> {
    let desk = console::desk(config).await?;
    console::recorded(desk.backup_restored(&console::user(), continuity).await)
}

fn tell(log: &Succeeded) {
    let before = &log.predecessor;
    say(&format!("SUCCESSOR {} after {} at {} events", log.origin, before.origin, before.size));
    for signed in &before.signed {
        say(&format!(
            "  {} was signed at {} events: what lies beyond the backup is lost",
            signed.origin, signed.size
        ));
    }
    if before.signed.is_empty() {
        say("  the signer's state is not at hand: nobody can say how much is lost");
    }
    for gap in &before.reserved {
        say(&format!("  {} {}: the numbers {}-{} are left out", gap.area, gap.year, gap.first, gap.last));
    }
}
