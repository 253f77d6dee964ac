//! What commands over an archive share: opening it, and saying who is at the keyboard.

use std::sync::Arc;

use plico_archive::read::body::{self, Body};
use plico_archive::{ActError, Archive, ArchiveError};
use plico_desk::{Desk, Limits, Refusal};
use plico_locale::Catalogue;

use super::{Failure, say};
use crate::app;
use crate::config::Config;

/// The desk of an archive beside the process that may be serving it.
pub(super) async fn desk(config: &Config) -> Result<Desk, Failure> {
    let archive = app::open_beside(config)
        .await
        .map_err(|error| Failure::fault("the archive cannot be opened").because(error))?;
    over(config, archive)
}

/// A desk over an archive that is open.
pub(super) fn over(config: &Config, archive: Archive) -> Result<Desk, Failure> {
    let catalogue =
        Catalogue::load().map_err(|error| Failure::fault("this build is broken").because(error))?;
    let desk = Desk::new(archive, Arc::new(catalogue), Limits::default(), &config.public_url);
    Ok(desk
        .with_verifier(crate::http::assets::verifier().map(|file| file.bytes))
        .with_seal(crate::seal::configured(&config.seal), None))
}

/// The administration that is meant: the only one, or the one with this IPA code.
pub(super) async fn administration(desk: &Desk, code: Option<&str>) -> Result<Body, Failure> {
    let bodies = body::bodies(desk.archive().database())
        .await
        .map_err(|error| Failure::fault("the archive cannot be read").because(error))?;
    let several = bodies.len() > 1;
    let found = bodies.into_iter().find(|body| code.map_or(!several, |code| body.ipa_code == code));
    found.ok_or_else(|| match code {
        Some(code) => Failure::usage(format!("there is no administration {code}")),
        None => Failure::usage("this archive holds several administrations: say which with --body CODE"),
    })
}

/// The operating system's name of whoever is at the keyboard.
pub(super) fn user() -> String {
    let id = system_user();
    match std::env::var("SUDO_USER") {
        Ok(person) if !person.is_empty() && person != id => format!("{id} (sudo: {person})"),
        _ => id,
    }
}

#[cfg(unix)]
fn system_user() -> String {
    use std::os::unix::fs::MetadataExt as _;
    // Who owns this process is asked of the system; a variable can say anything.
    let Ok(meta) = std::fs::metadata("/proc/self") else { return "unknown".into() };
    let id = meta.uid().to_string();
    let names = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let line = names.lines().find(|line| line.split(':').nth(2) == Some(&id));
    line.and_then(|line| line.split(':').next()).map_or_else(|| format!("uid {id}"), ToOwned::to_owned)
}

#[cfg(not(unix))]
fn system_user() -> String {
    std::env::var("USERNAME").unwrap_or_else(|_| "unknown".into())
}

/// Where the clock is refused, what was done stands without its event: says so.
pub(super) fn recorded(outcome: Result<(), ActError<Refusal>>) -> Result<(), Failure> {
    match outcome {
        Err(ActError::Fault(fault @ ArchiveError::Clock)) => {
            say(&format!("done, and not recorded: {fault}"));
            Ok(())
        }
        other => other.map_err(failed),
    }
}

/// What an act's end means at the command line.
pub(super) fn failed(error: ActError<Refusal>) -> Failure {
    match error {
        ActError::Refused(Refusal::Invalid(fields)) => {
            let fields: Vec<String> = fields.iter().map(|f| format!("{} ({})", f.field, f.code)).collect();
            Failure::usage(format!("not accepted: {}", fields.join(", ")))
        }
        ActError::Refused(refusal) => Failure::usage(refusal.to_string()),
        ActError::Fault(fault) => Failure::fault("the archive could not do it").because(fault),
    }
}
