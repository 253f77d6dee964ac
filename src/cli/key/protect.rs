//! `plico key protect`: what the key file is sealed with from now on.

use std::path::PathBuf;

use clap::Args;
use plico_archive::keys::{Protection, Wanted, protect};

use super::super::{Exit, Failure, Place, console, runtime, say};
use crate::{app, unlock};

/// Options of `key protect`.
#[derive(Debug, Args)]
#[command(
    after_help = "What opens the key file now, and where the token is, `[keys]` in the configuration says.\n\nExample:\n  plico key protect --passphrase-file /etc/plico/passphrase --config /etc/plico/plico.toml"
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct How {
    /// Seal it with the passphrase in this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Seal it by keys in the PKCS#11 token of the configuration
    #[arg(long)]
    pkcs11: bool,
    /// Keep it in the clear
    #[arg(long)]
    none: bool,
}

/// Runs it.
pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    let wanted = match &options.how.passphrase_file {
        Some(file) => Wanted::Passphrase(unlock::read(file).map_err(|error| {
            Failure::usage(format!("cannot read the passphrase from {}", file.display())).because(error)
        })?),
        None if options.how.pkcs11 => Wanted::Token,
        None => Wanted::Clear,
    };
    runtime()?.block_on(async {
        let desk = console::desk(&config).await?;
        console::recorded(desk.console_used(&console::user(), "key protect").await)?;
        drop(desk);
        let paths = app::paths(&config);
        let (before, now) = protect(&paths, wanted, &app::entropy())
            .await
            .map_err(|error| Failure::fault("the key file stays as it was").because(error))?;
        say(&format!("the key file {} was {before} and is now {now}", config.key_file().display()));
        for line in next(options, &before) {
            say(&line);
        }
        Ok(Exit::Good)
    })
}

/// What is to be done by hand.
fn next(options: &Options, before: &Protection) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(file) = &options.how.passphrase_file {
        lines.push(format!(
            "set `keys.passphrase_file` (now in {}) before the service starts",
            file.display()
        ));
        lines.push("keep the passphrase elsewhere too: without it nobody opens the keys".into());
    }
    if options.how.pkcs11 {
        lines.push("see that the token itself has a copy: without it nobody opens the keys".into());
    }
    match before {
        Protection::Clear => {
            lines.push("copies of the key file of before are in the clear: destroy them, and copy the new one; then `plico key rotate`".into());
        }
        Protection::Passphrase => {
            lines.push("copies of before open with the passphrase of before: copy the new file".into());
        }
        Protection::Token(label, _) => {
            lines.push(format!("copies of before open with the keys that stay in the token {label}: remove those with its own tool when no copy is to open any more"));
        }
    }
    lines
}
