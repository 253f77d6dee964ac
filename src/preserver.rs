//! Carries packages to the preserver and answers back: files in a folder, which whoever keeps the machine moves on (SFTP, a
//! share). `<folder>/<ipa code>/versamenti` is taken away by the preserver, `<folder>/<ipa code>/esiti` is filled by it. An
//! answer that was heard gets `.letto` behind its name, one that nobody understands `.ignoto`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plico_archive::read::body::{self, Body};
use plico_archive::{ActError, ArchiveError};
use plico_courier::preserver::MOST_BYTES;
use plico_desk::preservation::{Heard, Package};
use plico_desk::{Outcome, Refusal};
use plico_vault::{AtomicFile, VaultError, set_aside};

use crate::app::App;

/// Answers of one run: the next takes the others.
const ANSWERS: usize = 1_000;
const STRANGE: &str = "ignoto";
const READ: &str = "letto";

/// Why a run did not end.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// The folder cannot be written or read.
    #[error("preserver.folder: {0} cannot be used: check the path and its permissions")]
    Folder(String, #[source] io::Error),
    /// A package cannot be written.
    #[error("preserver.folder: a package cannot be written")]
    Write(#[from] VaultError),
    /// The desk failed.
    #[error("the desk could not say what is to be handed over")]
    Desk(#[source] ArchiveError),
    /// The desk refused.
    #[error("the desk refused: {0}")]
    Refused(Refusal),
}

impl From<ActError<Refusal>> for CarryError {
    fn from(error: ActError<Refusal>) -> Self {
        match error {
            ActError::Fault(fault) => Self::Desk(fault),
            ActError::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

/// What one run did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// Packages handed over.
    pub handed: usize,
    /// Answers heard.
    pub heard: usize,
    /// Answers that nobody understands.
    pub strange: usize,
}

fn place(folder: &Path, body: &Body, what: &str) -> PathBuf {
    folder.join(plico_package::name::clean(&body.ipa_code)).join(what)
}

/// Whether packages are carried at all.
pub fn folder(app: &App) -> Option<&Path> {
    app.shell.config().preserver.folder.as_deref()
}

/// Hands over what waits and hears what was answered, for every body. Done again it does what is left.
pub async fn carry(app: &App) -> Result<Carried, CarryError> {
    let mut carried = Carried::default();
    let Some(folder) = folder(app) else { return Ok(carried) };
    for body in body::bodies(app.desk.archive().database()).await.map_err(CarryError::Desk)? {
        while let Some(package) = app.desk.next_package(&body).await? {
            put(folder, &body, &package).await?;
            app.desk.package_handed_over(&body, &package).await?;
            carried.handed += 1;
        }
        hear(app, folder, &body, &mut carried).await?;
    }
    Ok(carried)
}

/// Hands over a day once more.
pub async fn again(app: &App, actor: &plico_desk::Actor, day: &str) -> Result<Outcome<()>, CarryError> {
    let Some(folder) = folder(app) else { return Ok(not_found()) };
    let body = body::body(app.desk.archive().database(), &actor.administration).await;
    let Some(body) = body.map_err(CarryError::Desk)? else { return Ok(not_found()) };
    let package = match app.desk.package_again(actor, &body, day).await {
        Ok(package) => package,
        Err(error) => return Ok(Err(error)),
    };
    put(folder, &body, &package).await?;
    app.desk.package_handed_over(&body, &package).await?;
    Ok(Ok(()))
}

fn not_found<T>() -> Outcome<T> {
    Err(ActError::Refused(Refusal::NotFound))
}

/// The file is whole and durable before anybody says that it was handed over; a crash between leaves the same bytes to be
/// put there again.
async fn put(folder: &Path, body: &Body, package: &Package) -> Result<(), CarryError> {
    let path = place(folder, body, "versamenti").join(&package.name);
    let bytes = package.bytes.clone();
    let written = tokio::task::spawn_blocking(move || AtomicFile::at(&path)?.replace(&bytes)).await;
    match written {
        Ok(written) => Ok(written?),
        Err(error) => Err(CarryError::Folder(body.ipa_code.clone(), io::Error::other(error))),
    }
}

async fn hear(app: &App, folder: &Path, body: &Body, carried: &mut Carried) -> Result<(), CarryError> {
    let place = place(folder, body, "esiti");
    for path in listed(&place, "xml")? {
        let told = |error| CarryError::Folder(path.display().to_string(), error);
        let size = fs::metadata(&path).map_err(told)?.len();
        let heard = if size > MOST_BYTES as u64 {
            Heard::Strange
        } else {
            app.desk.preserver_answered(body, &fs::read(&path).map_err(told)?).await?
        };
        let suffix = if heard == Heard::Strange { STRANGE } else { READ };
        let mut name = path.clone().into_os_string();
        name.push(format!(".{suffix}"));
        set_aside(&path, Path::new(&name))?;
        match heard {
            Heard::Strange => {
                tracing::warn!(file = %path.display(), "an answer of the preserver that nobody understands");
                carried.strange += 1;
            }
            Heard::Kept => carried.heard += 1,
            Heard::Known => {}
        }
    }
    Ok(())
}

/// How many answers to a body nobody understands.
pub fn strange(app: &App, body: &Body) -> usize {
    let Some(folder) = folder(app) else { return 0 };
    listed(&place(folder, body, "esiti"), STRANGE).map_or(0, |found| found.len())
}

fn listed(place: &Path, ending: &str) -> Result<Vec<PathBuf>, CarryError> {
    let told = |error| CarryError::Folder(place.display().to_string(), error);
    let files = match fs::read_dir(place) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(told(error)),
    };
    let mut found = Vec::new();
    for file in files {
        let path = file.map_err(told)?.path();
        if path.extension().is_some_and(|known| known.eq_ignore_ascii_case(ending)) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    found.truncate(ANSWERS);
    Ok(found)
}
