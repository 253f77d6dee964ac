//! Pages: one file a page, below `citizen`, `office`, `auditor`, `admin`, `public`. A page reads a form, calls one act
//! of the desk, and answers with a page or a redirection; it never writes otherwise.
//!
//! What several pages need: [`words`] (texts the server writes), [`mod@file`] (a document as shown), [`receive`] (a file on
//! its way in), [`download`] (on its way out).

pub mod admin;
pub mod auditor;
pub mod citizen;
pub mod confirm;
pub mod download;
pub mod file;
pub mod gate;
pub mod list;
pub mod office;
pub mod offline;
pub mod outage;
pub mod programs;
pub mod public;
pub mod receive;
pub mod sign_in;
pub mod signatures;
pub mod words;

use axum::Router;
use axum::http::StatusCode;
use plico_archive::read::body;
use plico_archive::{ActError, ArchiveError};
use plico_desk::signing::Remote;
use plico_desk::{Actor, Refusal as Refused};
use plico_record::actor::{Role, Who};
use plico_record::part::LoginPart;

use self::gate::Area;
use crate::app::App;
use crate::http::render::{Body, Me};
use crate::http::session::Session;
use crate::http::{Context, Error, Refusal};

/// Every page.
pub fn router(app: &App) -> Router {
    Router::new()
        .merge(public::router())
        .merge(sign_in::router())
        .merge(programs::router())
        .merge(citizen::router().merge(signatures::of_people()))
        .merge(gate::behind(Area::Office, app, office::router().merge(signatures::of_office())))
        .merge(gate::behind(Area::Auditor, app, auditor::router().merge(signatures::of_auditor())))
        .merge(gate::behind(Area::Administrator, app, admin::router()))
        .with_state(app.clone())
}

/// Shows each body's name and addresses on its pages, from now on: at start, and when they change.
pub async fn show_bodies(app: &App) -> Result<(), Error> {
    let database = app.desk.archive().database();
    let mut shown = Vec::new();
    for known in sign_in::bodies(app).await? {
        let text = async |name: &str| {
            let value = body::setting(database, &known.id, name).await.map_err(Error::fault)?;
            let value = value.and_then(|value| value.as_str().map(str::to_owned));
            Ok::<_, Error>(value.filter(|text| !text.is_empty()))
        };
        let body = Body {
            name: known.name.clone(),
            email: text("body.email").await?,
            phone: text("body.phone").await?,
            accessibility_url: text("body.accessibility_url").await?,
        };
        let limits = body::setting(database, &known.id, "limits").await.map_err(Error::fault)?;
        if let Some(limits) = limits {
            admin::limits::apply(app, &known.id, limits);
        }
        shown.push((known.id, body));
    }
    app.shell.pages().set_bodies(shown);
    Ok(())
}

/// The login part of what a session does.
fn login_part(session: &Session) -> LoginPart {
    login_of(&session.kind, &session.level, session.created_ms, &session.evidence)
}

/// The login part of a way to sign in.
fn login_of(kind: &str, level: &str, at: i64, evidence: &[u8]) -> LoginPart {
    let method = if kind == "gateway" { "proxy" } else { kind };
    LoginPart {
        v: 1,
        method: method.into(),
        level: level.into(),
        at,
        evidence: serde_json::from_slice(evidence).unwrap_or_default(),
    }
}

/// Who is signed in, as an actor of the desk; also what pages show of him.
pub async fn actor(app: &App, context: &Context) -> Result<Actor, Error> {
    if let Some(actor) = context.actor() {
        return Ok(actor.clone());
    }
    let session = context.signed_in()?;
    let login = login_part(session);
    let actor = match app.desk.operator_actor(&session.account, Some(login.clone())).await? {
        Some(actor) => Some(actor),
        None => person(app, session, login).await?,
    };
    // An account that was closed meanwhile is signed out, not an error.
    let actor = actor.ok_or_else(Refusal::sign_in)?;
    context.set_me(me(app, &actor).await?);
    context.set_actor(actor.clone());
    Ok(actor)
}

/// A person, for whom he works. When that has ended he is told, and works for himself from then on: what he was about to
/// do was meant for somebody else.
async fn person(app: &App, session: &Session, login: LoginPart) -> Result<Option<Actor>, Error> {
    let desk = &app.desk;
    let acting_for = session.acting_for.as_deref();
    let actor = desk.person_actor(&session.account, acting_for, Some(login.clone())).await?;
    if actor.is_some() || acting_for.is_none() {
        return Ok(actor);
    }
    if desk.person_actor(&session.account, None, Some(login)).await?.is_none() {
        return Ok(None);
    }
    app.shell.sessions().act_for(&session.id, None).await.map_err(Error::fault)?;
    Err(Refusal::ended().into())
}

/// Says who is signed in, if anybody is, on a page for everybody.
pub async fn greet(app: &App, context: &Context) -> Result<(), Error> {
    if context.session().is_some() {
        match actor(app, context).await {
            Err(Error::Refusal(refusal)) if refusal.code == "sign-in" => {}
            other => drop(other?),
        }
    }
    Ok(())
}

/// The role whose navigation somebody gets: an administrator who also works in an office gets the office's.
fn role_of(actor: &Actor) -> (&'static str, &'static str) {
    match &actor.who {
        Who::Staff { roles, .. } => {
            if roles.contains(&Role::Operator) || roles.contains(&Role::RecordsManager) {
                ("office", "/ufficio")
            } else if roles.contains(&Role::Auditor) {
                ("auditor", "/revisore")
            } else {
                ("admin", "/amministrazione")
            }
        }
        _ => ("citizen", "/area-personale"),
    }
}

async fn me(app: &App, actor: &Actor) -> Result<Me, Error> {
    let (role, home) = role_of(actor);
    let acting_for = match &actor.who {
        Who::Person { on_behalf_of: Some(other), .. } => {
            app.desk.person_actor(other, None, None).await?.map(|person| person.name)
        }
        _ => None,
    };
    let office = match &actor.who {
        Who::Staff { offices, roles, .. } if roles.contains(&Role::Operator) => {
            let all = app.desk.open_offices(&actor.administration).await?;
            all.into_iter().find(|office| offices.contains(&office.id)).map(|office| office.name)
        }
        _ => None,
    };
    Ok(Me {
        name: actor.name.clone(),
        role,
        acting_for,
        office,
        home,
        records_manager: actor.has(Role::RecordsManager),
        reads_only: plico_desk::Desk::only_reads(actor),
        unread: match actor.who {
            Who::Person { .. } => app.desk.unopened(actor).await?,
            _ => 0,
        },
    })
}

impl From<ActError<Refused>> for Error {
    fn from(error: ActError<Refused>) -> Self {
        match error {
            ActError::Refused(refused) => refusal(&refused).into(),
            ActError::Fault(fault) if fault.is_full() => Refusal::unavailable("disk-full", 300).into(),
            ActError::Fault(fault) if fault.is_store() => {
                tracing::error!(why = %crate::work::describe(&fault), "the object store does not work");
                Refusal::unavailable("store", 60).into()
            }
            ActError::Fault(ArchiveError::Clock) => Refusal::unavailable("clock", 600).into(),
            ActError::Fault(ArchiveError::ReadOnly) => Refusal::unavailable("read-only", 3600).into(),
            ActError::Fault(fault) => Self::fault(fault),
        }
    }
}

/// A refusal of the desk as an answer; its texts are in the catalogues under `problem-<code>-title` and `-text`.
fn refusal(refused: &Refused) -> Refusal {
    let status = match refused {
        Refused::NotFound => return Refusal::not_found(),
        Refused::NoEvidenceYet => StatusCode::NOT_FOUND,
        Refused::Destroyed { .. } => StatusCode::GONE,
        Refused::Forbidden => return Refusal::forbidden(),
        Refused::ReasonNeeded | Refused::NotOpened | Refused::NotServed => StatusCode::FORBIDDEN,
        Refused::Invalid(_) | Refused::EmptyFile | Refused::KeyReused | Refused::NotSigned(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Refused::TooManyFiles(_) | Refused::FileTooLarge(_) | Refused::MessageTooLarge(_) => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        Refused::Unfit(_)
        | Refused::CaseClosed
        | Refused::SentAlready(_)
        | Refused::Exists
        | Refused::Held
        | Refused::NotSignedYet
        | Refused::RegisteredElsewhere
        | Refused::SignatureStale
        | Refused::TooManyDrafts(_) => StatusCode::CONFLICT,
        Refused::NotAnswering(_) => StatusCode::BAD_GATEWAY,
        Refused::Remote(Remote::Silent | Remote::Client) => StatusCode::BAD_GATEWAY,
        Refused::Remote(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refused::SealUnusable => StatusCode::SERVICE_UNAVAILABLE,
    };
    let answer = Refusal::new(status, refused.code());
    match refused {
        Refused::Destroyed { authority, number, date } => {
            answer.with("authority", authority).with("number", number).with("date", date)
        }
        Refused::NotAnswering(words) => answer.with("words", words),
        Refused::TooManyFiles(most) | Refused::TooManyDrafts(most) => answer.with("limit", most),
        Refused::FileTooLarge(bytes) | Refused::MessageTooLarge(bytes) => answer.with("limit", bytes),
        _ => answer,
    }
}
