//! One entry of the register, with its corrections; corrected and annulled by the records manager.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use plico_archive::read::registry::Change;
use plico_desk::Actor;
use plico_desk::ledger::EntryView;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::actor;
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/registro/{year}/{number}", get(show))
        .route("/ufficio/registro/{year}/{number}/rettifica", post(rectify))
        .route("/ufficio/registro/{year}/{number}/annulla", get(ask).post(annul))
        .route("/ufficio/registro/{year}/{number}/segnatura", get(mark))
}

#[derive(Serialize)]
struct EntryPage {
    entry: Entry,
    changes: Vec<Changed>,
    message: Option<String>,
    mark: Option<String>,
    acts: Acts,
    form: Correction,
    errors: Vec<Wrong>,
}

impl Page for EntryPage {
    const TEMPLATE: &'static str = "page/office/entry.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Entry {
    number: String,
    area: String,
    at: i64,
    presented_ms: Option<i64>,
    direction: String,
    parties: String,
    subject: String,
    office: String,
    digest: String,
    documents: usize,
    annulled: Option<Annulled>,
}

#[derive(Serialize)]
struct Annulled {
    at: i64,
    reason: String,
    authorisation: String,
    by: String,
}

#[derive(Serialize)]
struct Changed {
    at: i64,
    field: String,
    old: String,
    new: String,
    reason: String,
    by: String,
}

impl From<Change> for Changed {
    fn from(change: Change) -> Self {
        Self {
            at: change.instant_ms,
            field: change.field,
            old: change.old,
            new: change.new,
            reason: change.reason,
            by: change.author_name,
        }
    }
}

#[derive(Serialize)]
struct Acts {
    rectify: Option<String>,
    annul: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Correction {
    field: String,
    new: String,
    reason: String,
}

fn base(entry: &EntryView) -> String {
    format!("/ufficio/registro/{}/{}", entry.entry.year, entry.entry.number)
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path((year, number)): Path<(i32, i64)>,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let view = app.desk.register_entry(&actor, year, number).await?;
    app.desk.looked(&actor, "register", &view.entry.text(), "").await?;
    page(&app, &context, &actor, view, Correction::default(), Vec::new())
}

fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    view: EntryView,
    mut form: Correction,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let base = base(&view);
    let corrects = view.corrects && view.annulment.is_none();
    if form.field.is_empty() {
        form.field = "subject".into();
    }
    let EntryView { entry, changes, documents, annulment, message, content, .. } = view;
    let opens = message && (content || super::reads_by_mandate(actor));
    let wrong = !errors.is_empty();
    let page = EntryPage {
        message: opens.then(|| format!("{}/{}", super::desk_of(actor), entry.message)),
        mark: content.then(|| format!("{base}/segnatura")),
        acts: Acts {
            rectify: corrects.then(|| format!("{base}/rettifica")),
            annul: corrects.then(|| format!("{base}/annulla")),
        },
        entry: Entry {
            number: entry.text(),
            area: entry.area,
            at: entry.registered_ms,
            presented_ms: entry.presented_ms,
            direction: entry.direction,
            parties: entry.parties,
            subject: entry.subject,
            office: entry.office,
            digest: entry.digest,
            documents,
            annulled: annulment.map(|annulment| Annulled {
                at: annulment.at,
                reason: annulment.reason,
                authorisation: annulment.authorisation,
                by: annulment.by,
            }),
        },
        changes: changes.into_iter().map(Changed::from).collect(),
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn rectify(
    State(app): State<App>,
    context: Context,
    Path((year, number)): Path<(i32, i64)>,
    Form(form): Form<Correction>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let view = app.desk.register_entry(&actor, year, number).await?;
    let outcome = app.desk.rectify(&actor, &view.entry.message, &form.field, &form.new, &form.reason).await;
    match invalid(outcome)? {
        Ok(()) => Ok(done(&base(&view), "rettificato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, view, form, wrong)
        }
    }
}

#[derive(Serialize)]
pub(super) struct AnnulPage {
    pub(super) entry: Short,
    pub(super) action: String,
    pub(super) back: String,
    pub(super) form: Annulment,
    pub(super) errors: Vec<Wrong>,
}

impl Page for AnnulPage {
    const TEMPLATE: &'static str = "page/office/annul.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
pub(super) struct Short {
    pub(super) number: String,
    pub(super) subject: String,
    pub(super) parties: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Annulment {
    pub(super) reason: String,
    pub(super) authorisation: String,
}

fn asking(
    app: &App,
    context: &Context,
    view: EntryView,
    form: Annulment,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let back = base(&view);
    let page = AnnulPage {
        action: format!("{back}/annulla"),
        back,
        entry: Short { number: view.entry.text(), subject: view.entry.subject, parties: view.entry.parties },
        form,
        errors,
    };
    app.shell.page(context, &page)
}

async fn ask(
    State(app): State<App>,
    context: Context,
    Path((year, number)): Path<(i32, i64)>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let view = app.desk.register_entry(&actor, year, number).await?;
    if !view.corrects {
        return Err(Refusal::forbidden().into());
    }
    if view.annulment.is_some() {
        return Ok(Redirect::to(&base(&view)).into_response());
    }
    asking(&app, &context, view, Annulment::default(), Vec::new())
}

async fn annul(
    State(app): State<App>,
    context: Context,
    Path((year, number)): Path<(i32, i64)>,
    Form(form): Form<Annulment>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let view = app.desk.register_entry(&actor, year, number).await?;
    let outcome = app.desk.annul(&actor, &view.entry.message, &form.reason, &form.authorisation).await;
    match invalid(outcome)? {
        Ok(()) => Ok(done(&base(&view), "annullato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            let mut response = asking(&app, &context, view, form, wrong)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

/// The copy with the registration mark.
async fn mark(
    State(app): State<App>,
    context: Context,
    Path((year, number)): Path<(i32, i64)>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let view = app.desk.register_entry(&actor, year, number).await?;
    if !view.content {
        return Err(Refusal::not_found().into());
    }
    let bytes = app.desk.marked_copy(&actor, &view.entry.message, context.lang()).await?;
    Ok(super::files::inline("application/pdf", axum::body::Body::from(bytes)))
}
