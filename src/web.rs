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
pub mod list;
pub mod office;
pub mod public;
pub mod receive;
pub mod sign_in;
pub mod words;

use axum::Router;
use axum::http::StatusCode;
use plico_archive::ActError;
use plico_archive::read::body;
use plico_desk::{Actor, Refusal as Refused};
use plico_record::actor::{Role, Who};
use plico_record::part::LoginPart;

use crate::app::App;
use crate::http::render::{Body, Me};
use crate::http::session::Session;
use crate::http::{Context, Error, Refusal};

/// Every page.
pub fn router(app: &App) -> Router {
    Router::new()
        .merge(public::router())
        .merge(sign_in::router())
        .merge(citizen::router())
        .merge(office::router())
        .merge(auditor::router())
        .merge(admin::router())
        .with_state(app.clone())
}

/// Shows the body's name on every page, from now on: at start, and when it changes.
pub async fn show_body(app: &App) -> Result<(), Error> {
    let administration = sign_in::administration(app).await?;
    let database = app.desk.archive().database();
    let setting =
        async |name: &str| body::setting(database, &administration.id, name).await.map_err(Error::fault);
    let text = async |name: &str| {
        let value = setting(name).await?.and_then(|value| value.as_str().map(str::to_owned));
        Ok::<_, Error>(value.filter(|text| !text.is_empty()))
    };
    app.shell.pages().set_body(Body {
        name: administration.name.clone(),
        email: text("body.email").await?,
        phone: text("body.phone").await?,
        accessibility_url: text("body.accessibility_url").await?,
    });
    if let Some(limits) = setting("limits").await? {
        admin::limits::apply(app, limits);
    }
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
    let session = context.signed_in()?;
    let login = login_part(session);
    let actor = match app.desk.operator_actor(&session.account, Some(login.clone())).await? {
        Some(actor) => Some(actor),
        None => app.desk.person_actor(&session.account, session.acting_for.as_deref(), Some(login)).await?,
    };
    // An account that was closed meanwhile is signed out, not an error.
    let actor = actor.ok_or_else(Refusal::sign_in)?;
    context.set_me(me(app, &actor).await?);
    Ok(actor)
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
    })
}

impl From<ActError<Refused>> for Error {
    fn from(error: ActError<Refused>) -> Self {
        match error {
            ActError::Refused(refused) => refusal(&refused).into(),
            ActError::Fault(fault) if fault.is_full() => Refusal::unavailable("disk-full", 300).into(),
            ActError::Fault(fault) => Self::fault(fault),
        }
    }
}

/// A refusal of the desk as an answer; its texts are in the catalogues under `problem-<code>-title` and `-text`.
fn refusal(refused: &Refused) -> Refusal {
    let status = match refused {
        Refused::NotFound => return Refusal::not_found(),
        Refused::Forbidden => return Refusal::forbidden(),
        Refused::ReasonNeeded | Refused::NotOpened | Refused::NotServed => StatusCode::FORBIDDEN,
        Refused::Invalid(_) | Refused::EmptyFile | Refused::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Refused::TooManyFiles(_) | Refused::FileTooLarge(_) | Refused::MessageTooLarge(_) => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        Refused::Unfit(_) | Refused::CaseClosed | Refused::SentAlready(_) | Refused::Exists => {
            StatusCode::CONFLICT
        }
    };
    let answer = Refusal::new(status, refused.code());
    match refused {
        Refused::TooManyFiles(most) => answer.with("limit", most),
        Refused::FileTooLarge(bytes) | Refused::MessageTooLarge(bytes) => answer.with("limit", bytes),
        _ => answer,
    }
}
