//! `plico backup`: the data in one file (useless alone), the keys in another with a shorter life.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use plico_archive::{ArchiveError, backup};

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
        /// Configuration file: `[keys]` says what opens sealed ones
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
            verify(&place.load()?.config, file, keys)
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
        Ok(Exit::Good)
    })
}

/// Everything is restored beside the data file and read again.
fn verify(config: &Config, file: &Path, keys: &Path) -> Result<Exit, Failure> {
    let mut scratch = file.as_os_str().to_owned();
    scratch.push(".verify.d");
    let outcome = runtime()?.block_on(async {
        let unlock = unlock::of(&config.keys);
        backup::verify(file, keys, Path::new(&scratch), unlock, Arc::new(SystemClock), app::entropy()).await
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
