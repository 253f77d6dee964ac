//! Who signs in whose place.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::Actor;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};
use crate::web::actor;
use crate::web::confirm::Yes;
use crate::web::list::{Choice, Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) const BASE: &str = "/ufficio/sostituti";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(name)).route("/ufficio/sostituti/{id}/termina", post(end))
}

#[derive(Serialize)]
struct SubstitutesPage {
    rows: Vec<Row>,
    officers: Vec<Choice>,
    substitutes: Vec<Choice>,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for SubstitutesPage {
    const TEMPLATE: &'static str = "page/office/substitutes.html";
    const NAV: &'static str = "signing";
}

#[derive(Serialize)]
struct Row {
    officer: String,
    substitute: String,
    from: String,
    until: String,
    end: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    officer: String,
    substitute: String,
    from: String,
    until: String,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let form = Given { officer: actor.account.clone(), from: app.desk.today(), ..Given::default() };
    page(&app, &context, &actor, form, Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let all = app.desk.substitution_signers(actor).await?;
    let rows = app.desk.substitutions(actor).await?.into_iter().map(|one| Row {
        end: one.may_end.then(|| format!("{BASE}/{}/termina", one.row.id)),
        officer: one.officer,
        substitute: one.substitute,
        from: words.day(&one.row.valid_from),
        until: words.day(&one.row.valid_until),
    });
    let choice = |one: &plico_archive::read::body::Operator| Choice::new(&one.account, &one.name);
    let wrong = !errors.is_empty();
    let page = SubstitutesPage {
        rows: rows.collect(),
        officers: all
            .iter()
            .filter(|one| app.desk.names_substitutes_of(actor, &one.account))
            .map(choice)
            .collect(),
        substitutes: all.iter().map(choice).collect(),
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn name(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let named =
        app.desk.name_substitute(&actor, &form.officer, &form.substitute, &form.from, &form.until).await;
    match invalid(named)? {
        Ok(()) => Ok(done(BASE, "salvato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, form, wrong).await
        }
    }
}

async fn end(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.end_substitution(&actor, &id).await?;
    Ok(done(BASE, "salvato").into_response())
}
