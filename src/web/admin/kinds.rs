//! Kinds of message and their terms.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::kind::Kind;
use plico_desk::{Actor, FieldError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::actor;
use crate::web::list::{Choice, Done, classes, done, offices, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/amministrazione/tipi";
const NEW: &str = "/amministrazione/tipi/nuovo";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route(NEW, get(blank).post(add))
        .route("/amministrazione/tipi/{code}", get(show).post(change))
}

#[derive(Serialize)]
struct KindsPage {
    rows: Vec<Row>,
    add: &'static str,
}

impl Page for KindsPage {
    const TEMPLATE: &'static str = "page/admin/kinds.html";
    const NAV: &'static str = "kinds";
}

#[derive(Serialize)]
struct Row {
    url: String,
    name: String,
    office: String,
    term: Option<u32>,
    active: bool,
}

#[derive(Serialize)]
struct KindPage {
    new: bool,
    action: String,
    form: Given,
    offices: Vec<Choice>,
    document_types: Vec<Choice>,
    classes: Vec<Choice>,
    errors: Vec<Wrong>,
}

impl Page for KindPage {
    const TEMPLATE: &'static str = "page/admin/kind.html";
    const NAV: &'static str = "kinds";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    code: String,
    name: String,
    name_en: String,
    help: String,
    document_type: String,
    office: String,
    term_days: String,
    silence: String,
    remedies: String,
    retention_years: String,
    #[serde(deserialize_with = "super::ticked")]
    confidential: bool,
    #[serde(deserialize_with = "super::ticked")]
    offered: bool,
    class: String,
}

impl From<Kind> for Given {
    fn from(kind: Kind) -> Self {
        Self {
            code: kind.code,
            name: kind.name,
            name_en: kind.name_en,
            help: kind.help,
            document_type: kind.document_type,
            office: kind.office.unwrap_or_default(),
            term_days: kind.term_days.map_or_else(String::new, |days| days.to_string()),
            silence: kind.silence,
            remedies: kind.remedies,
            retention_years: kind.retention_years.to_string(),
            confidential: kind.confidential,
            offered: kind.offered,
            class: kind.class,
        }
    }
}

impl Given {
    /// The kind, and the numbers that are none.
    fn read(&self) -> (Kind, Vec<FieldError>) {
        let mut errors = Vec::new();
        let term = self.term_days.trim();
        let term_days = term.parse().ok();
        if !term.is_empty() && term_days.is_none() {
            errors.push(FieldError::of("term_days", "number"));
        }
        let retention = self.retention_years.trim().parse().ok().filter(|years| (1..=9999).contains(years));
        if retention.is_none() {
            errors.push(FieldError::of("retention_years", "number"));
        }
        let kind = Kind {
            code: self.code.trim().into(),
            name: self.name.trim().into(),
            name_en: self.name_en.trim().into(),
            help: self.help.trim().into(),
            document_type: self.document_type.clone(),
            office: Some(self.office.clone()).filter(|office| !office.is_empty()),
            term_days,
            silence: self.silence.clone(),
            remedies: self.remedies.trim().into(),
            retention_years: retention.unwrap_or(10),
            confidential: self.confidential,
            offered: self.offered,
            class: self.class.clone(),
        };
        (kind, errors)
    }
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let words = Words::of(&app, &context);
    let offices = app.desk.all_offices(&actor).await?;
    let rows = app.desk.kinds(&actor.administration).await?.into_iter().map(|kind| Row {
        url: format!("{BASE}/{}", kind.code),
        name: words.kind_name(&kind),
        office: offices
            .iter()
            .find(|office| Some(&office.id) == kind.office.as_ref())
            .map_or_else(|| words.t("kind-any-office"), |office| office.name.clone()),
        term: kind.term_days,
        active: kind.offered,
    });
    app.shell.page(&context, &KindsPage { rows: rows.collect(), add: NEW })
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    new: bool,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let wrong = !errors.is_empty();
    let page = KindPage {
        new,
        action: if new { NEW.into() } else { format!("{BASE}/{}", form.code) },
        offices: offices(app, actor).await?,
        document_types: ["istanza", "dichiarazione", "segnalazione", "comunicazione"]
            .map(|kind| Choice::new(kind, words.t(&format!("document-type-{kind}"))))
            .into(),
        classes: classes(app, actor).await?,
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn blank(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.all_offices(&actor).await?;
    let form = Given {
        document_type: "istanza".into(),
        term_days: "30".into(),
        silence: "none".into(),
        remedies: String::new(),
        retention_years: "10".into(),
        offered: true,
        ..Given::default()
    };
    page(&app, &context, &actor, true, form, Vec::new()).await
}

async fn show(State(app): State<App>, context: Context, Path(code): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.all_offices(&actor).await?;
    let kind = app.desk.kind(&actor.administration, &code).await?.ok_or_else(Refusal::not_found)?;
    page(&app, &context, &actor, false, kind.into(), Vec::new()).await
}

async fn add(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let taken = app.desk.kind(&actor.administration, form.code.trim()).await?.is_some();
    let errors =
        if taken || form.code.trim() == "nuovo" { vec![FieldError::of("code", "taken")] } else { vec![] };
    save(&app, &context, &actor, true, form, errors).await
}

async fn change(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
    Form(mut form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.all_offices(&actor).await?;
    app.desk.kind(&actor.administration, &code).await?.ok_or_else(Refusal::not_found)?;
    form.code = code;
    save(&app, &context, &actor, false, form, Vec::new()).await
}

async fn save(
    app: &App,
    context: &Context,
    actor: &Actor,
    new: bool,
    form: Given,
    mut errors: Vec<FieldError>,
) -> Result<Response, Error> {
    let (kind, unread) = form.read();
    errors.extend(unread);
    if errors.is_empty() {
        match invalid(app.desk.save_kind(actor, kind).await)? {
            Ok(()) => return Ok(done(BASE, "salvato").into_response()),
            Err(unfit) => errors = unfit,
        }
    }
    let wrong = Words::of(app, context).wrong(&errors);
    page(app, context, actor, new, form, wrong).await
}
