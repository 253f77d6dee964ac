//! `plico key`: the administrations' keys: what there is, new ones, and what their file is sealed with.

mod protect;

use clap::{Args, Subcommand};
use plico_archive::EpochState;
use plico_record::actor::Actor;

use super::{Exit, Failure, Place, console, runtime, say};

/// Options of `key`.
#[derive(Debug, Args)]
#[command(
    after_help = "The running service does the work; `plico key status` says what is pending.\n\nExample:\n  plico key rotate --config /etc/plico/plico.toml"
)]
pub struct Options {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Say how the key file is kept, under which epoch everything is wrapped and what is pending: 0 nothing, 2 something
    #[command(after_help = "Example:\n  plico key status --config /etc/plico/plico.toml")]
    Status {
        #[command(flatten)]
        place: Place,
    },
    /// Order new keys: everything is wrapped again under them, then the old ones are destroyed
    #[command(after_help = "Example:\n  plico key rotate --config /etc/plico/plico.toml")]
    Rotate {
        #[command(flatten)]
        place: Place,
    },
    /// Seal the key file with a passphrase or by a token, or keep it in the clear; the service must be stopped
    Protect(protect::Options),
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    match &options.act {
        Act::Status { place } => status(place),
        Act::Rotate { place } => rotate(place),
        Act::Protect(options) => protect::run(options),
    }
}

fn rotate(place: &Place) -> Result<Exit, Failure> {
    let config = place.load()?.config;
    runtime()?.block_on(async {
        let desk = console::desk(&config).await?;
        let actor = Actor::console("", &console::user());
        let states = desk.order_rotation(&actor).await.map_err(console::failed)?;
        console::recorded(desk.console_used(&console::user(), "key rotate").await)?;
        for state in &states {
            say(&format!("{}: epoch {} is ordered", name(state), state.newest + 1));
        }
        say("the running service wraps everything again and then destroys the old keys: `plico key status`");
        Ok(Exit::Good)
    })
}

fn status(place: &Place) -> Result<Exit, Failure> {
    let config = place.load()?.config;
    runtime()?.block_on(async {
        let desk = console::desk(&config).await?;
        let protection = desk.archive().key_protection().await;
        let protection = protection.map_err(|error| Failure::fault("the keys do not open").because(error))?;
        say(&format!("the key file {} is {protection}", config.key_file().display()));
        let actor = Actor::console("", &console::user());
        let states = desk.key_states(&actor).await.map_err(console::failed)?;
        let mut pending = false;
        for state in &states {
            pending |= !state.older.is_empty();
            say(&line(state));
        }
        Ok(if pending { Exit::Incomplete } else { Exit::Good })
    })
}

fn name(state: &EpochState) -> &str {
    if state.administration.is_empty() { "installation" } else { &state.administration }
}

fn line(state: &EpochState) -> String {
    let EpochState { newest, older, pending, .. } = state;
    if older.is_empty() {
        return format!("{}: epoch {newest}, no older key exists", name(state));
    }
    let older: Vec<String> = older.iter().map(ToString::to_string).collect();
    format!(
        "{}: epoch {newest}; {pending} wrapped keys are to be wrapped again, then the keys of epoch {} are destroyed",
        name(state),
        older.join(", ")
    )
}
