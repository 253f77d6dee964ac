//! Types of certificate: what they say, what an office fills in, how long they are good.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::certificate::{CertificateType, parse_fields};
use plico_desk::{Actor, FieldError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::actor;
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/amministrazione/certificati";
const NEW: &str = "/amministrazione/certificati/nuovo";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route(NEW, get(blank).post(add))
        .route("/amministrazione/certificati/{code}", get(show).post(change))
}

#[derive(Serialize)]
struct TypesPage {
    rows: Vec<Row>,
    add: &'static str,
}

impl Page for TypesPage {
    const TEMPLATE: &'static str = "page/admin/certificates.html";
    const NAV: &'static str = "certificates";
}

#[derive(Serialize)]
struct Row {
    url: String,
    name: String,
    months: Option<u32>,
    active: bool,
}

#[derive(Serialize)]
struct TypePage {
    new: bool,
    action: String,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for TypePage {
    const TEMPLATE: &'static str = "page/admin/certificate.html";
    const NAV: &'static str = "certificates";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    code: String,
    name: String,
    name_en: String,
    text: String,
    fields: String,
    validity_months: String,
    stamp_exemption: String,
    fee: String,
    #[serde(deserialize_with = "super::ticked")]
    abroad: bool,
    retention_years: String,
    #[serde(deserialize_with = "super::ticked")]
    offered: bool,
}

impl From<CertificateType> for Given {
    fn from(kind: CertificateType) -> Self {
        let fields: Vec<String> =
            kind.fields.iter().map(|field| format!("{}: {}", field.code, field.label)).collect();
        Self {
            code: kind.code,
            name: kind.name,
            name_en: kind.name_en,
            text: kind.text,
            fields: fields.join("\n"),
            validity_months: kind.validity_months.map_or_else(String::new, |months| months.to_string()),
            stamp_exemption: kind.stamp_exemption,
            fee: kind.fee,
            abroad: kind.abroad,
            retention_years: kind.retention_years.to_string(),
            offered: kind.offered,
        }
    }
}

impl Given {
    /// The type, and what of it cannot be read.
    fn read(&self) -> (CertificateType, Vec<FieldError>) {
        let mut errors = Vec::new();
        let months = self.validity_months.trim();
        let validity_months = months.parse().ok();
        if !months.is_empty() && validity_months.is_none() {
            errors.push(FieldError::of("validity_months", "number"));
        }
        let fields = parse_fields(&self.fields);
        if fields.is_none() {
            errors.push(FieldError::of("fields", "certificate_fields"));
        }
        let kind = CertificateType {
            code: self.code.trim().into(),
            name: self.name.trim().into(),
            name_en: self.name_en.trim().into(),
            text: self.text.trim().replace("\r\n", "\n"),
            fields: fields.unwrap_or_default(),
            validity_months,
            stamp_exemption: self.stamp_exemption.trim().into(),
            fee: self.fee.trim().into(),
            abroad: self.abroad,
            retention_years: self.retention_years.trim().parse().unwrap_or(0),
            offered: self.offered,
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
    app.desk.all_offices(&actor).await?;
    let words = Words::of(&app, &context);
    let rows = app.desk.certificate_types(&actor.administration).await?.into_iter().map(|kind| Row {
        url: format!("{BASE}/{}", kind.code),
        name: words.certificate_name(&kind),
        months: kind.validity_months,
        active: kind.offered,
    });
    app.shell.page(&context, &TypesPage { rows: rows.collect(), add: NEW })
}

fn page(app: &App, context: &Context, new: bool, form: Given, errors: Vec<Wrong>) -> Result<Response, Error> {
    let wrong = !errors.is_empty();
    let action = if new { NEW.into() } else { format!("{BASE}/{}", form.code) };
    app.shell.form(context, &TypePage { new, action, form, errors }, wrong)
}

async fn blank(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.all_offices(&actor).await?;
    let form = Given {
        validity_months: "6".into(),
        retention_years: "10".into(),
        offered: true,
        ..Given::default()
    };
    page(&app, &context, true, form, Vec::new())
}

async fn show(State(app): State<App>, context: Context, Path(code): Path<String>) -> Result<Response, Error> {
    let kind = known(&app, &actor(&app, &context).await?, &code).await?;
    page(&app, &context, false, kind.into(), Vec::new())
}

async fn known(app: &App, actor: &Actor, code: &str) -> Result<CertificateType, Error> {
    app.desk.all_offices(actor).await?;
    let kind = app.desk.certificate_type(&actor.administration, code).await?;
    Ok(kind.ok_or_else(Refusal::not_found)?)
}

async fn add(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let taken = app.desk.certificate_type(&actor.administration, form.code.trim()).await?.is_some();
    let errors = if taken { vec![FieldError::of("code", "taken")] } else { Vec::new() };
    save(&app, &context, &actor, true, form, errors).await
}

async fn change(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
    Form(mut form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    known(&app, &actor, &code).await?;
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
        match invalid(app.desk.save_certificate_type(actor, kind).await)? {
            Ok(()) => return Ok(done(BASE, "salvato").into_response()),
            Err(unfit) => errors = unfit,
        }
    }
    page(app, context, new, form, Words::of(app, context).wrong(&errors))
}
