//! `plico backup`: the data in one file (useless alone), the keys in another with a shorter life.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use plico_archive::backup::Listed;
use plico_archive::{ArchiveError, backup};
use plico_vault::Stores;

use super::{Exit, Failure, Place, console, runtime, say};
use crate::app;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::unlock;

/// Options of `backup`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico backup create /backup/plico.tar --keys /safe/plico.keys --data-dir /var/lib/plico\n  \
                        plico backup verify /backup/plico.tar --keys /safe/plico.keys"
)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a backup while the service runs
    #[command(
        after_help = "Example:\n  plico backup create plico.tar --keys plico.keys --data-dir /var/lib/plico"
    )]
    Create {
        /// File to write the data to
        file: PathBuf,
        /// File to write the keys to; keep it elsewhere
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Restore a backup to a temporary place and compare
    #[command(after_help = "Example:\n  plico backup verify plico.tar --keys plico.keys")]
    Verify {
        /// File with the data
        file: PathBuf,
        /// File with the keys
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// Configuration file: `[keys]` says what opens sealed ones, `[blobs]` names the bucket of a backup that lists its content
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    match &options.action {
        Action::Create { file, keys, place } => create(&place.load()?.config, file, keys),
        Action::Verify { file, keys, config } => {
            let place = Place { data_dir: None, config: config.clone() };
            verify(&place.load()?.config, config.is_some(), file, keys)
        }
    }
}

fn create(config: &Config, file: &Path, keys: &Path) -> Result<Exit, Failure> {
    runtime()?.block_on(async {
        let desk = console::desk(config).await?;
        let made = desk
            .archive()
            .back_up(&app::paths(config), file, keys)
            .await
            .map_err(|error| Failure::fault("the backup was not made").because(error))?;
        let user = console::user();
        console::recorded(desk.backup_made(&user, &made.sha256, &made.sizes).await)?;
        say(&format!("{}  {}", made.sha256, file.display()));
        for (origin, size) in &made.sizes {
            say(&format!("{origin}: {size} events"));
        }
        say(&format!("{} files; the keys are in {}: keep them elsewhere", made.files, keys.display()));
        Ok(made.listed.as_ref().map_or(Exit::Good, content))
    })
}

/// What is said of content that stays in the bucket.
pub(super) fn content(listed: &Listed) -> Exit {
    for blob in &listed.missing {
        say(&format!("WRONG blob {blob}: it is needed and not in the bucket"));
    }
    say(&format!("{} pieces of content stay in the bucket, and are there: keep its replica", listed.found));
    if listed.missing.is_empty() { Exit::Good } else { Exit::False }
}

/// Everything is restored beside the data file and read again.
fn verify(config: &Config, configured: bool, file: &Path, keys: &Path) -> Result<Exit, Failure> {
    // Nothing is to be repaired, and nothing of this machine's is touched.
    let bucket = if configured { config.stores().bucket } else { None };
    let stores = Stores { bucket, ..Stores::default() };
    let mut scratch = file.as_os_str().to_owned();
    scratch.push(".verify.d");
    let outcome = runtime()?.block_on(async {
        let unlock = unlock::of(&config.keys);
        let (clock, entropy) = (Arc::new(SystemClock), app::entropy());
        backup::verify(stores, file, keys, Path::new(&scratch), unlock, clock, entropy).await
    });
    match outcome {
        Ok(outcome) if outcome.clean => {
            say(&format!("good: {} events, {} blobs", outcome.events, outcome.blobs));
            Ok(Exit::Good)
        }
        Ok(outcome) => {
            for finding in &outcome.findings {
                say(&format!("WRONG {}: {}", finding.place, finding.what));
            }
            Ok(Exit::False)
        }
        // What cannot be read is a backup that is not one.
        Err(error @ (ArchiveError::Setup(_) | ArchiveError::Corrupt(_) | ArchiveError::Stream(_))) => {
            say(&format!("WRONG {}: {error}", file.display()));
            Ok(Exit::False)
        }
        Err(error) => Err(Failure::fault("the backup cannot be checked").because(error)),
    }
}
