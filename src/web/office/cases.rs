//! The case files of one's offices; a new one.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use plico_desk::Actor;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::list::{Choice, PAGE, Pager, address, classes};
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/fascicoli", get(show).post(open))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    ufficio: String,
    stato: String,
    n: usize,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct New {
    title: String,
    office: String,
    class: String,
}

#[derive(Serialize)]
struct CasesPage {
    filters: Filters,
    offices: Vec<Choice>,
    classes: Vec<Choice>,
    states: Vec<Choice>,
    filtered: bool,
    page: Pager,
    open: Option<&'static str>,
    form: New,
    errors: Vec<Wrong>,
    rows: Vec<Row>,
}

impl Page for CasesPage {
    const TEMPLATE: &'static str = "page/office/cases.html";
    const NAV: &'static str = "cases";
}

#[derive(Serialize)]
struct Filters {
    words: String,
    office: String,
    state: String,
}

#[derive(Serialize)]
struct Row {
    url: String,
    number: String,
    title: String,
    office: String,
    at: i64,
    state: &'static str,
    count: usize,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    page(&app, &context, &actor, asked, New::default(), Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    asked: Asked,
    mut form: New,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let own = app.desk.own_offices(actor).await?;
    if form.office.is_empty()
        && let Some(office) = own.first()
    {
        form.office.clone_from(&office.id);
    }
    let sought = asked.q.trim().to_lowercase();
    let mut cases = app.desk.cases(actor).await?;
    cases.retain(|case| {
        (asked.ufficio.is_empty() || case.office == asked.ufficio)
            && (asked.stato.is_empty() || (asked.stato == "closed") == case.closed_ms.is_some())
            && (sought.is_empty()
                || case.title.to_lowercase().contains(&sought)
                || format!("{}/{}", case.year, case.number) == sought)
    });
    let more = cases.len() > asked.n + PAGE;
    let mut rows = Vec::new();
    for case in cases.into_iter().skip(asked.n).take(PAGE) {
        rows.push(Row {
            url: format!("/ufficio/fascicoli/{}", case.id),
            number: format!("{}/{}", case.year, case.number),
            count: app.desk.case_messages(actor, &case.id).await?.len(),
            title: case.title,
            office: case.office_name,
            at: case.opened_ms,
            state: if case.closed_ms.is_some() { "closed" } else { "open" },
        });
    }
    let at = |n: usize| {
        let query =
            [("q", &asked.q), ("ufficio", &asked.ufficio), ("stato", &asked.stato), ("n", &n.to_string())]
                .map(|(name, value)| (name, value.clone()));
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        address("/ufficio/fascicoli", &query)
    };
    let wrong = !errors.is_empty();
    let page = CasesPage {
        offices: own.into_iter().map(|office| Choice::new(office.id, office.name)).collect(),
        classes: classes(app, actor).await?,
        states: ["open", "closed"].map(|state| Choice::new(state, words.t(&format!("state-{state}")))).into(),
        filtered: [&asked.q, &asked.ufficio, &asked.stato].iter().any(|text| !text.trim().is_empty()),
        page: Pager::new(asked.n, rows.len(), more.then(|| at(asked.n + PAGE)))
            .back((asked.n > 0).then(|| at(asked.n.saturating_sub(PAGE)))),
        open: actor.has(plico_record::actor::Role::Operator).then_some("/ufficio/fascicoli"),
        filters: Filters { words: asked.q, office: asked.ufficio, state: asked.stato },
        form,
        errors,
        rows,
    };
    app.shell.form(context, &page, wrong)
}

async fn open(State(app): State<App>, context: Context, Form(form): Form<New>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match invalid(app.desk.open_case(&actor, &form.office, &form.title, &form.class).await)? {
        Ok(id) => Ok(Redirect::to(&format!("/ufficio/fascicoli/{id}")).into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, Asked::default(), form, wrong).await
        }
    }
}
