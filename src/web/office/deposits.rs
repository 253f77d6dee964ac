//! Deposits: letters by fiscal code, many at once. What was made, and the beginning of another.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_desk::deposit::{DepositForm, DepositRow};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::list::{Choice, Done, say_done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) const BASE: &str = "/ufficio/depositi";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(begin))
}

#[derive(Serialize)]
struct DepositsPage {
    rows: Vec<Row>,
    offices: Vec<Choice>,
    effects: Vec<Choice>,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for DepositsPage {
    const TEMPLATE: &'static str = "page/office/deposits.html";
    const NAV: &'static str = "deposits";
}

#[derive(Serialize)]
struct Row {
    url: String,
    name: String,
    office: String,
    author: String,
    state: String,
    lines: i64,
    sent: i64,
    failed: i64,
    at: i64,
}

impl From<DepositRow> for Row {
    fn from(row: DepositRow) -> Self {
        Self {
            url: format!("{BASE}/{}", row.id),
            name: row.name,
            office: row.office_name,
            author: row.author_name,
            state: row.state,
            lines: row.lines,
            sent: row.sent,
            failed: row.failed,
            at: row.created_ms,
        }
    }
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    office: String,
    name: String,
    effect: String,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let form = Given { effect: "communication".into(), ..Given::default() };
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
    let rows = app.desk.deposits(actor).await?.into_iter().map(Row::from).collect();
    let offices = app.desk.own_offices(actor).await?;
    let effects = ["courtesy", "communication", "notification"];
    let wrong = !errors.is_empty();
    let page = DepositsPage {
        rows,
        offices: offices.into_iter().map(|office| Choice::new(office.id, office.name)).collect(),
        effects: effects.map(|code| Choice::new(code, words.t(&format!("effect-{code}")))).into(),
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn begin(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let asked = DepositForm {
        office: form.office.clone(),
        name: form.name.clone(),
        effect: form.effect.clone(),
        source: "page",
    };
    match invalid(app.desk.begin_deposit(&actor, asked).await)? {
        Ok(id) => Ok(Redirect::to(&format!("{BASE}/{id}")).into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, form, wrong).await
        }
    }
}
