//! `plico ipa`: the list of public bodies and their certified mail, from a file of the open data of the IPA.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use plico_archive::ActError;
use plico_desk::ipa::MOST_BYTES;
use plico_desk::{Actor, Refusal};

use super::{Exit, Failure, Place, console, runtime, say};

/// Options of `ipa`.
#[derive(Debug, Args)]
#[command(
    after_help = "The file is the list of bodies (enti) that indicepa.gov.it publishes as open data, as CSV or as \
                  tab-separated text. It takes the place of the one before.\n\n\
                  Example:\n  plico ipa enti.csv --day 2026-11-20 --data-dir /var/lib/plico"
)]
pub struct Options {
    /// The file
    file: PathBuf,
    /// Day of the list, YYYY-MM-DD; default: today
    #[arg(long, value_name = "DAY")]
    day: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let unreadable = || Failure::usage(format!("{} cannot be read", options.file.display()));
    let size = fs::metadata(&options.file).map_err(|error| unreadable().because(error))?.len();
    if size > MOST_BYTES as u64 {
        return Err(Failure::usage(format!("{}: larger than any list of bodies", options.file.display())));
    }
    let bytes = fs::read(&options.file).map_err(|error| unreadable().because(error))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("{}: it is not in UTF-8", options.file.display())))?;
    let config = options.place.load()?.config;
    runtime()?.block_on(async {
        let desk = console::desk(&config).await?;
        let user = console::user();
        // The list is the same for every administration.
        let actor = Actor::console("", &user);
        let day = options.day.clone().unwrap_or_else(|| desk.today());
        let listed = match desk.read_ipa(&actor, &text, &day).await {
            Ok(listed) => listed,
            Err(ActError::Refused(Refusal::Invalid(errors))) => {
                let wrong = if errors.iter().any(|error| error.field == "day") {
                    format!("--day {day}: give a day like 2026-11-20, not in the future")
                } else {
                    "this is not the list of bodies: it needs the columns Codice_IPA and Denominazione_ente"
                        .into()
                };
                return Err(Failure::usage(wrong));
            }
            Err(error) => return Err(console::failed(error)),
        };
        desk.console_used(&user, "ipa").await.map_err(console::failed)?;
        say(&format!("{} bodies of {day}; {} lines without a code or a name", listed.bodies, listed.left));
        Ok(Exit::Good)
    })
}
