//! Carries packages to the preserver and answers back: files in a folder, which whoever keeps the machine moves on (SFTP, a
//! share). `<folder>/<ipa code>/versamenti` is taken away by the preserver, `<folder>/<ipa code>/esiti` is filled by it. An
//! answer that was heard gets `.letto` behind its name, one that nobody understands `.ignoto`.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use plico_archive::read::body::{self, Body};
use plico_archive::{ActError, ArchiveError};
use plico_courier::preserver::MOST_BYTES;
use plico_desk::daily::ClosedDay;
use plico_desk::preservation::{Heard, Package};
use plico_desk::{Actor, Outcome, Refusal};
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

/// Hands over what waits and hears what was answered, for every body. Done again it does what is left. What fails of one day
/// or file, or of one body, holds up no other: it is told at the end.
pub async fn carry(app: &App) -> (Carried, Vec<CarryError>) {
    let (mut carried, mut faults) = (Carried::default(), Vec::new());
    let Some(folder) = folder(app) else { return (carried, faults) };
    let bodies = match body::bodies(app.desk.archive().database()).await {
        Ok(bodies) => bodies,
        Err(error) => return (carried, vec![CarryError::Desk(error)]),
    };
    for body in bodies {
        match app.desk.days_to_hand_over(&body).await {
            Ok(days) => {
                for day in days {
                    match first(app, folder, &body, day).await {
                        Ok(()) => carried.handed += 1,
                        Err(fault) => faults.push(fault),
                    }
                }
            }
            Err(fault) => faults.push(fault.into()),
        }
        let place = place(folder, &body, "esiti");
        match aside(move || listed(&place, "xml")).await {
            Ok(answers) => {
                for path in answers {
                    if let Err(fault) = hear(app, &body, path, &mut carried).await {
                        faults.push(fault);
                    }
                }
            }
            Err(fault) => faults.push(fault),
        }
    }
    (carried, faults)
}

async fn first(app: &App, folder: &Path, body: &Body, day: ClosedDay) -> Result<(), CarryError> {
    let package = app.desk.first_package(body, day).await?;
    put(folder, body, &package).await?;
    Ok(app.desk.package_handed_over(&Actor::system(&body.id), &package).await?)
}

/// Hands over a day once more.
pub async fn again(app: &App, actor: &Actor, day: &str) -> Result<Outcome<()>, CarryError> {
    let Some(folder) = folder(app) else { return Ok(not_found()) };
    let body = body::body(app.desk.archive().database(), &actor.administration).await;
    let Some(body) = body.map_err(CarryError::Desk)? else { return Ok(not_found()) };
    let package = match app.desk.package_again(actor, &body, day).await {
        Ok(package) => package,
        Err(error) => return Ok(Err(error)),
    };
    put(folder, &body, &package).await?;
    Ok(app.desk.package_handed_over(actor, &package).await)
}

fn not_found<T>() -> Outcome<T> {
    Err(ActError::Refused(Refusal::NotFound))
}

/// The file is whole and durable before anybody says that it was handed over; a crash between leaves the same bytes to be
/// put there again.
async fn put(folder: &Path, body: &Body, package: &Package) -> Result<(), CarryError> {
    let path = place(folder, body, "versamenti").join(&package.name);
    let bytes = package.bytes.clone();
    aside(move || Ok(AtomicFile::at(&path)?.replace(&bytes)?)).await
}

/// Files on a share may take their time: never on a thread that serves others.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CarryError> + Send + 'static,
) -> Result<T, CarryError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(CarryError::Folder("a file".into(), io::Error::other(error))))
}

async fn hear(app: &App, body: &Body, path: PathBuf, carried: &mut Carried) -> Result<(), CarryError> {
    let file = path.clone();
    let bytes = aside(move || read(&file).map_err(told(&file))).await?;
    let heard = app.desk.preserver_answered(body, &bytes).await?;
    match heard {
        Heard::Strange => {
            tracing::warn!(file = %path.display(), "an answer of the preserver that nobody understands");
            carried.strange += 1;
        }
        Heard::Kept => carried.heard += 1,
        Heard::Known => {}
    }
    let suffix = if heard == Heard::Strange { STRANGE } else { READ };
    aside(move || put_by(&path, suffix)).await
}

/// An answer, as much of it as one may have and a byte more: what is longer is none.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    use rustix::fs::{Mode, OFlags, open};
    // Whoever may put files there gives us no other of the machine to read, and none that never ends.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = fs::File::from(open(path, flags, Mode::empty())?);
    let mut bytes = Vec::new();
    file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Gives a file that was heard another name, numbered where an earlier one has it.
fn put_by(path: &Path, suffix: &str) -> Result<(), CarryError> {
    let named = |number: u32| {
        let mut name = path.to_owned().into_os_string();
        name.push(if number > 1 { format!(".{number}.{suffix}") } else { format!(".{suffix}") });
        PathBuf::from(name)
    };
    let free = (1..=9999).map(named).find(|name| fs::symlink_metadata(name).is_err());
    Ok(set_aside(path, &free.unwrap_or_else(|| named(u32::MAX)))?)
}

/// How many answers to a body nobody understands.
pub async fn strange(app: &App, body: &Body) -> usize {
    let Some(folder) = folder(app) else { return 0 };
    let place = place(folder, body, "esiti");
    aside(move || listed(&place, STRANGE)).await.map_or(0, |found| found.len())
}

fn told(path: &Path) -> impl FnOnce(io::Error) -> CarryError + '_ {
    move |error| CarryError::Folder(path.display().to_string(), error)
}

/// Files with an ending, links to others left out.
fn listed(place: &Path, ending: &str) -> Result<Vec<PathBuf>, CarryError> {
    let files = match fs::read_dir(place) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(told(place)(error)),
    };
    let mut found = Vec::new();
    for file in files {
        let file = file.map_err(told(place))?;
        let path = file.path();
        let ends = path.extension().is_some_and(|known| known.eq_ignore_ascii_case(ending));
        if ends && file.file_type().map_err(told(place))?.is_file() {
            found.push(path);
        }
    }
    found.sort();
    found.truncate(ANSWERS);
    Ok(found)
}
