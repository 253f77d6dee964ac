//! Mailboxes that are read, as one file each in the configured folder describes them: each is looked into, waited at, and looked
//! into again.

mod sent;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plico_archive::read::body;
use plico_archive::{ActError, ArchiveError};
use plico_courier::email::{EmailSettings, Security};
use plico_courier::mailbox::{Found, Mailbox as Line, MailboxError, MailboxSettings, Mark, Mode};
use plico_courier::pec::Sender;
use plico_courier::pec::read::read as read_mail;
use plico_courier::pec::verify::Providers;
use plico_database::DatabaseError;
use plico_desk::exchange::Speaks;
use plico_desk::mail::{Mailbox, Taken};
use plico_desk::{Desk, Outcome, Refusal};
use plico_record::day::LegalDay;
use plico_registry::exchange::Generation;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::{Config, Secret};
use crate::web::receive::scanner;
use crate::work::describe;

/// So long it is waited for news before it is looked again: servers end a longer wait.
const WAIT: Duration = Duration::from_mins(5);
/// After a failure.
const PAUSE: Duration = Duration::from_mins(1);

/// Why the mailboxes cannot be read. Each says which file.
#[derive(Debug, thiserror::Error)]
pub enum MailboxesError {
    /// Folder or file cannot be read.
    #[error("mailbox.folder: {0} cannot be read: check the path and its permissions")]
    Unreadable(String, #[source] std::io::Error),
    /// Not TOML, or not with these keys.
    #[error("mailbox.folder: {0} is not a description of a mailbox")]
    Syntax(String, #[source] Box<toml::de::Error>),
    /// The bodies cannot be read.
    #[error("mailbox.folder: the bodies cannot be read")]
    Bodies(#[source] ArchiveError),
    /// A value is no good.
    #[error("mailbox.folder: {0}: {1}")]
    Wrong(String, String),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Way {
    Tls,
    Starttls,
    None,
}

impl Way {
    fn security(&self) -> Security {
        match self {
            Self::Tls => Security::Tls,
            Self::Starttls => Security::StartTls,
            Self::None => Security::None,
        }
    }
}

/// How it sends; without it nothing is sent from there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sends {
    host: String,
    #[serde(default = "smtps")]
    port: u16,
    #[serde(default = "tls")]
    security: Way,
    #[serde(default)]
    user: String,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    authority: Option<PathBuf>,
    #[serde(default = "seconds")]
    timeout_seconds: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Reading {
    Own,
    Observe,
}

/// A file of the folder. Its name without `.toml` is the mailbox's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    address: String,
    /// IPA code of the body whose it is; may be left out where there is one body.
    #[serde(default)]
    body: String,
    /// Name of the office that gets what comes in.
    office: String,
    /// Code of the kind that it is registered as.
    kind: String,
    host: String,
    #[serde(default = "imaps")]
    port: u16,
    #[serde(default = "tls")]
    security: Way,
    user: String,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    authority: Option<PathBuf>,
    /// `own`: what was taken in is moved to `done`; `observe`: nothing is moved or marked, ever.
    mode: Reading,
    #[serde(default = "inbox")]
    folder: String,
    #[serde(default = "done")]
    done: String,
    /// File with the SHA-256 of the certificates of certified mail's providers, one a line.
    #[serde(default)]
    providers: Option<PathBuf>,
    #[serde(default = "largest")]
    largest_mb: u32,
    #[serde(default = "seconds")]
    timeout_seconds: u64,
    /// Folder where what the office sends with another program lies; only ever observed.
    #[serde(default)]
    sent: String,
    /// First day of what is taken from there: what was sent before was delivered as it was.
    #[serde(default)]
    sent_since: String,
    #[serde(default)]
    smtp: Option<Sends>,
    #[serde(default)]
    segnatura: Named,
}

/// How our registry presents itself to those of other bodies.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    /// By which rules the marks of letters are written: 2001, 2001r, 2013 or 3.
    #[serde(default)]
    version: String,
    /// Code of our area; left out: that of the registry area.
    #[serde(default)]
    aoo: String,
    /// Code of our register; left out: the same.
    #[serde(default)]
    register: String,
}

fn smtps() -> u16 {
    465
}
fn imaps() -> u16 {
    993
}
fn tls() -> Way {
    Way::Tls
}
fn inbox() -> String {
    "INBOX".into()
}
fn done() -> String {
    "Protocollate".into()
}
fn largest() -> u32 {
    60
}
fn seconds() -> u64 {
    60
}

/// A mailbox that is read.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Whose it is.
    pub mailbox: Mailbox,
    /// How it sends, where it does.
    pub smtp: Option<EmailSettings>,
    /// How our registry presents itself to those of other bodies.
    pub speaks: Speaks,
    settings: MailboxSettings,
    mode: Mode,
    folder: String,
    done: String,
    sent: String,
    sent_since: Option<LegalDay>,
    providers: Providers,
}

/// The mailboxes of the configured folder.
pub async fn read(config: &Config, desk: &Desk) -> Result<Vec<Watched>, MailboxesError> {
    let Some(folder) = &config.mailbox.folder else { return Ok(Vec::new()) };
    let unreadable = |path: &Path, error| MailboxesError::Unreadable(path.display().to_string(), error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let database = desk.archive().database();
    let bodies = body::bodies(database).await.map_err(MailboxesError::Bodies)?;
    let mut mailboxes = Vec::with_capacity(files.len());
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, error))?;
        mailboxes.push(one(&file, &text, &bodies, desk).await?);
    }
    Ok(mailboxes)
}

async fn one(file: &Path, text: &str, bodies: &[body::Body], desk: &Desk) -> Result<Watched, MailboxesError> {
    let shown = file.display().to_string();
    let wrong = |what: &str| MailboxesError::Wrong(shown.clone(), what.to_owned());
    let mut said: Described =
        toml::from_str(text).map_err(|error| MailboxesError::Syntax(shown.clone(), Box::new(error)))?;
    let body = match bodies {
        [only] if said.body.is_empty() => only,
        _ => bodies
            .iter()
            .find(|body| body.ipa_code == said.body)
            .ok_or_else(|| wrong("body is not the IPA code of a body of this installation"))?,
    };
    let database = desk.archive().database();
    let offices = body::offices(database, &body.id).await.map_err(MailboxesError::Bodies)?;
    let office = offices.into_iter().find(|office| office.name == said.office);
    let office = office.ok_or_else(|| wrong("office is not the name of an office of the body"))?;
    match desk.kind(&body.id, &said.kind).await {
        Ok(Some(_)) => {}
        Ok(None) => return Err(wrong("kind is not the code of a kind of message")),
        Err(ActError::Fault(error)) => return Err(MailboxesError::Bodies(error)),
        Err(ActError::Refused(refusal)) => return Err(wrong(&refusal.to_string())),
    }
    said.password.resolve().map_err(|error| MailboxesError::Unreadable(shown.clone(), error))?;
    let beside = file.parent().unwrap_or(Path::new(""));
    let content = |path: &Path| {
        let path = beside.join(path);
        fs::read(&path).map_err(|error| MailboxesError::Unreadable(path.display().to_string(), error))
    };
    let smtp = match said.smtp.take() {
        Some(mut sends) => {
            sends.password.resolve().map_err(|error| MailboxesError::Unreadable(shown.clone(), error))?;
            let authority = sends.authority.as_deref().map(content).transpose()?;
            let settings = outgoing(sends, authority, &said.address, desk.public_url());
            // Read at start: what is wrong is said before a letter waits for it.
            Sender::new(&settings).map_err(|error| wrong(&format!("smtp: {}", describe(&error))))?;
            Some(settings)
        }
        None => None,
    };
    let generation = match said.segnatura.version.as_str() {
        "" => Generation::Y2013,
        version => Generation::parse(version)
            .ok_or_else(|| wrong("segnatura.version is none of 2001, 2001r, 2013 and 3"))?,
    };
    let sent_since = LegalDay::parse(&said.sent_since);
    if !said.sent.is_empty() && sent_since.is_none() {
        return Err(wrong("sent needs sent_since, the first day of what is taken from there (YYYY-MM-DD)"));
    }
    let listed = said.providers.as_deref().map(content).transpose()?.unwrap_or_default();
    Ok(Watched {
        speaks: Speaks { generation, area: said.segnatura.aoo, register: said.segnatura.register },
        mailbox: Mailbox {
            name: file.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned(),
            administration: body.id.clone(),
            address: said.address,
            office: office.id,
            kind: said.kind,
            // Where another registry reads the mailbox, it is that one that answers.
            answers: smtp.is_some() && matches!(said.mode, Reading::Own),
        },
        smtp,
        settings: MailboxSettings {
            host: said.host,
            port: said.port,
            security: said.security.security(),
            user: said.user,
            password: said.password.expose().to_owned(),
            authority_pem: said.authority.as_deref().map(content).transpose()?,
            timeout: Duration::from_secs(said.timeout_seconds.max(1)),
            largest: said.largest_mb.saturating_mul(1024 * 1024),
        },
        mode: match said.mode {
            Reading::Own => Mode::Own,
            Reading::Observe => Mode::Observe,
        },
        folder: said.folder,
        done: said.done,
        sent: said.sent,
        sent_since,
        providers: Providers::new(
            String::from_utf8_lossy(&listed).lines().map(str::trim).filter(|line| !line.is_empty()),
        ),
    })
}

fn outgoing(sends: Sends, authority_pem: Option<Vec<u8>>, address: &str, public_url: &str) -> EmailSettings {
    let machine = public_url.split("://").nth(1).unwrap_or_default();
    EmailSettings {
        host: sends.host,
        port: sends.port,
        security: sends.security.security(),
        credentials: (!sends.user.is_empty()).then(|| (sends.user, sends.password.expose().to_owned())),
        authority_pem,
        // The body's name as it is when a letter leaves.
        from_name: String::new(),
        from_address: address.to_owned(),
        reply_to: None,
        hello_name: machine.split([':', '/']).next().unwrap_or("localhost").to_owned(),
        timeout: Duration::from_secs(sends.timeout_seconds.max(1)),
    }
}

/// Whether a mailbox can be opened, and what is taken in can be moved away; the folder for it is made.
pub async fn check(watched: &Watched) -> Result<(), MailboxError> {
    let mut line = Line::open(&watched.settings, &watched.folder, watched.mode).await?;
    if !watched.sent.is_empty() {
        Line::open(&watched.settings, &watched.sent, Mode::Observe).await?;
    }
    if watched.mode == Mode::Own {
        line.may_move().await?;
        line.make_folder(&watched.done).await?;
    }
    Ok(())
}

/// Why a look ended early.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The server.
    #[error(transparent)]
    Server(#[from] MailboxError),
    /// The archive.
    #[error("what came in could not be kept: {0}")]
    Archive(String),
}

fn kept<T>(outcome: Outcome<T>) -> Result<T, LookError> {
    outcome.map_err(|error| match error {
        ActError::Fault(fault) => LookError::Archive(describe(&fault)),
        ActError::Refused(Refusal::Invalid(_)) => LookError::Archive("the message was refused".into()),
        ActError::Refused(refusal) => LookError::Archive(refusal.to_string()),
    })
}

/// Looks into a mailbox once: what is new is taken in, and moved away where it is ours. Answers how many became messages.
pub async fn look(app: &App, watched: &Watched) -> Result<usize, LookError> {
    let mut line = Line::open(&watched.settings, &watched.folder, watched.mode).await?;
    let taken = look_into(app, watched, &mut line).await?;
    Ok(taken + sent::look(app, watched).await?)
}

async fn look_into(app: &App, watched: &Watched, line: &mut Line) -> Result<usize, LookError> {
    let (desk, mailbox) = (&app.desk, &watched.mailbox);
    let state = kept(desk.mailbox_state(&mailbox.name).await)?;
    let mark = state.and_then(|state| {
        let (validity, last_uid) = (state.validity.try_into().ok()?, state.last_uid.try_into().ok()?);
        Some(Mark { validity, last_uid })
    });
    let news = line.since(mark).await?;
    let mut last = if news.started_over { 0 } else { mark.map_or(0, |mark| mark.last_uid) };
    let mut taken = 0;
    for found in news.messages {
        taken += usize::from(take(app, watched, line, news.validity, found).await?);
        last = last.max(found.uid);
        kept(desk.save_mailbox_state(mailbox, (news.validity, last), "").await)?;
    }
    kept(desk.save_mailbox_state(mailbox, (news.validity, last), "").await)?;
    // After everything was taken in: what cannot be moved keeps nothing out.
    let unmoved = kept(desk.unmoved(&mailbox.name, news.validity).await)?;
    if !unmoved.is_empty() {
        line.make_folder(&watched.done).await?;
    }
    for row in unmoved {
        let uid = row.uid.try_into().unwrap_or_default();
        line.put_away(uid, &watched.done).await?;
        kept(desk.moved(&mailbox.name, news.validity, uid).await)?;
    }
    Ok(taken)
}

/// Whether a mailbox of the actor's body sends certified mail.
pub fn sends(app: &App, actor: &plico_desk::Actor) -> bool {
    let mut all = app.mailboxes.get().into_iter().flatten();
    all.any(|watched| watched.smtp.is_some() && watched.mailbox.administration == actor.administration)
}

/// Takes one mail; whether it became a message.
async fn take(
    app: &App,
    watched: &Watched,
    line: &mut Line,
    validity: u32,
    found: Found,
) -> Result<bool, LookError> {
    let (desk, mailbox, place) = (&app.desk, &watched.mailbox, (validity, found.uid));
    let raw = match line.fetch(found).await {
        Ok(raw) => raw,
        // Somebody else moved it: it is his.
        Err(MailboxError::Gone) => return Ok(false),
        Err(MailboxError::TooLarge(_)) => {
            kept(desk.leave_mail(mailbox, place, "large", "").await)?;
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };
    let (mail, subject) = match read_mail(&raw, &watched.providers) {
        Ok(mail) => {
            let subject = mail.content.as_ref().map(|content| content.subject.clone()).unwrap_or_default();
            (mail, subject)
        }
        Err(error) => {
            kept(desk.leave_mail(mailbox, place, "unreadable", &error.to_string()).await)?;
            return Ok(false);
        }
    };
    let scanner = scanner(app.shell.config());
    let outcome = match desk.take_in_mail(mailbox, &raw, mail, &scanner).await {
        // This one cannot be kept, whenever it is tried: it waits for a person, and the others do not wait for it.
        Err(ActError::Fault(
            error @ (ArchiveError::Database(DatabaseError::Unstorable | DatabaseError::OutOfRange { .. })
            | ArchiveError::Corrupt(_)),
        )) => {
            tracing::error!(mailbox = %mailbox.name, why = %describe(&error), "a mail cannot be kept");
            kept(desk.leave_mail(mailbox, place, "unreadable", &subject).await)?;
            return Ok(false);
        }
        outcome => outcome,
    };
    let became = match kept(outcome)? {
        Taken::Left(what) => {
            kept(desk.leave_mail(mailbox, place, what, &subject).await)?;
            return Ok(false);
        }
        Taken::Message(_) => true,
        Taken::Known | Taken::Receipt => false,
    };
    if watched.mode == Mode::Own {
        kept(desk.leave_mail(mailbox, place, "unmoved", &subject).await)?;
    }
    Ok(became)
}

/// Looks into a mailbox, waits at it, and looks again, until it is told to stop.
pub async fn follow(app: App, watched: Watched, stop: CancellationToken) {
    loop {
        let pause = tokio::select! {
            looked = look_and_wait(&app, &watched) => match looked {
                Ok(()) => continue,
                Err(error) => {
                    let why = describe(&error);
                    tracing::warn!(mailbox = %watched.mailbox.name, %why, "a mailbox cannot be read");
                    note(&app, &watched, &why).await;
                    PAUSE
                }
            },
            () = stop.cancelled() => return,
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn look_and_wait(app: &App, watched: &Watched) -> Result<(), LookError> {
    let mut line = Line::open(&watched.settings, &watched.folder, watched.mode).await?;
    look_into(app, watched, &mut line).await?;
    sent::look(app, watched).await?;
    line.wait(WAIT).await?;
    Ok(())
}

/// Keeps why it could not be read, beside how far it was.
async fn note(app: &App, watched: &Watched, why: &str) {
    let state = app.desk.mailbox_state(&watched.mailbox.name).await.ok().flatten();
    let at = state.map_or((0, 0), |state| {
        (state.validity.try_into().unwrap_or_default(), state.last_uid.try_into().unwrap_or_default())
    });
    if app.desk.save_mailbox_state(&watched.mailbox, at, why).await.is_err() {
        tracing::warn!(mailbox = %watched.mailbox.name, "what is wrong with a mailbox could not be kept");
    }
}
