//! The case files of one's offices; a new one.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use plico_archive::read::queue::CaseFilter;
use plico_desk::{Actor, Desk};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::list::{Choice, PAGE, Pager, Walk, classes, say_done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/fascicoli", get(show).post(open)).merge(super::case_import::router())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    ufficio: String,
    stato: String,
    /// The last one seen: when it was opened and its identifier, `1795215600000 abc`.
    dopo: String,
    prima: String,
    n: usize,
    fatto: Option<String>,
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
    import: Option<&'static str>,
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
    count: i64,
    /// Its number in the system that kept it before; empty where none did.
    former: String,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
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
    let after = asked.dopo.split_once(' ').and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    let filter = CaseFilter {
        words: asked.q.clone(),
        office: asked.ufficio.clone(),
        state: asked.stato.clone(),
        after,
    };
    let mut cases = app.desk.cases(actor, &filter, PAGE + 1).await?;
    let more = cases.len() > PAGE;
    cases.truncate(PAGE);
    let next = cases.last().filter(|_| more).map(|last| format!("{} {}", last.opened_ms, last.id));
    let rows: Vec<Row> = cases
        .into_iter()
        .map(|case| Row {
            url: format!("/ufficio/fascicoli/{}", case.id),
            number: format!("{}/{}", case.year, case.number),
            former: case.former,
            count: case.messages,
            title: case.title,
            office: case.office_name,
            at: case.opened_ms,
            state: if case.closed_ms.is_some() { "closed" } else { "open" },
        })
        .collect();
    let walk = Walk {
        path: "/ufficio/fascicoli",
        filters: &[("q", asked.q.as_str()), ("ufficio", &asked.ufficio), ("stato", &asked.stato)],
        here: &asked.dopo,
        trail: &asked.prima,
        seen: asked.n,
    };
    let wrong = !errors.is_empty();
    let page = CasesPage {
        offices: own.into_iter().map(|office| Choice::new(office.id, office.name)).collect(),
        classes: classes(app, actor).await?,
        states: ["open", "closed"].map(|state| Choice::new(state, words.t(&format!("state-{state}")))).into(),
        filtered: [&asked.q, &asked.ufficio, &asked.stato].iter().any(|text| !text.trim().is_empty()),
        page: walk.pager(rows.len(), next),
        import: Desk::manages_register(actor).is_ok().then_some("/ufficio/fascicoli/importa"),
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
