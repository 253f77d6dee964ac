//! A case file with its whole history, and as a dossier for a stated reason.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_record::authority::Deed;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path};
use crate::web::actor;
use crate::web::auditor::dossier;
use crate::web::list::{Case, Event};
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/revisore/fascicoli/{id}", get(show))
        .route("/revisore/fascicoli/{id}/dossier", get(dossier::show).post(export))
        .route("/revisore/fascicoli/{id}/dossier/{file}", get(dossier::file))
}

#[derive(Serialize)]
struct CasePage {
    case: Case,
    rows: Vec<Row>,
    events: Vec<Event>,
    export: String,
    /// Where one that was packed lies.
    dossier: Option<String>,
    form: Given,
    errors: Vec<Wrong>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    reason: String,
}

impl Page for CasePage {
    const TEMPLATE: &'static str = "page/auditor/case.html";
    const NAV: &'static str = "search";
}

#[derive(Serialize)]
struct Row {
    url: String,
    number: Option<String>,
    at: i64,
    direction: String,
    subject: String,
    parties: String,
    state: String,
}

async fn show(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    page(&app, &context, &actor, &id, Given::default(), Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    plico_desk::Desk::admit(actor, Deed::Search)?;
    let case = app.desk.case(actor, Deed::ReadMetadata, id).await?;
    app.desk.looked(actor, "case_file", id, "").await?;
    let mut rows = Vec::new();
    for row in app.desk.case_messages(actor, id).await? {
        rows.push(Row {
            url: format!("/revisore/messaggi/{}", row.id),
            number: row.registration_number(),
            at: row.instant_ms,
            parties: app.desk.counterpart(&row).await?,
            direction: row.flow().into(),
            subject: row.subject,
            state: row.state,
        });
    }
    let page = CasePage {
        case: Case::from(&case),
        rows,
        events: Event::told(Words::of(app, context), app.desk.case_chronicle(actor, id).await?),
        export: dossier::address(id),
        dossier: (app.desk.kept_dossier(actor, id).await?.is_some() || dossier::is_packing(actor, id))
            .then(|| dossier::address(id)),
        form,
        errors,
    };
    let wrong = !page.errors.is_empty();
    app.shell.form(context, &page, wrong)
}

/// The dossier is packed aside; the reason was recorded before. Whoever asks again meanwhile is led to the same.
async fn export(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Search)?;
    let plan = match invalid(app.desk.dossier(&actor, &id, &given.reason).await)? {
        Ok(plan) => plan,
        Err(errors) => {
            let errors = Words::of(&app, &context).wrong(&errors);
            return page(&app, &context, &actor, &id, given, errors).await;
        }
    };
    dossier::pack(&app, actor, &id, plan, given.reason);
    Ok(Redirect::to(&dossier::address(&id)).into_response())
}
