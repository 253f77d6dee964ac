//! One case file: what is in it, its history, its end.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_archive::read::past::Filter;
use plico_record::authority::Deed;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};
use crate::web::actor;
use crate::web::confirm::{Confirm, Yes};
use crate::web::list::{Case, Done, Event, MessageLine, address, done, say_done};
use crate::web::words::Words;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/fascicoli/{id}", get(show))
        .route("/ufficio/fascicoli/{id}/chiudi", get(ask).post(close))
}

#[derive(Serialize)]
struct CasePage {
    case: Case,
    rows: Vec<MessageLine>,
    events: Vec<Event>,
    acts: Acts,
    former: Option<Former>,
    /// Entries of past registers that belong to it.
    past: Vec<super::past::Row>,
    /// Where the others are found.
    past_more: Option<String>,
}

/// What it was in the system that kept it before.
#[derive(Serialize)]
struct Former {
    number: String,
    opened: String,
    closed: Option<String>,
}

/// Entries of past registers that are shown.
const PAST: usize = 50;

impl Page for CasePage {
    const TEMPLATE: &'static str = "page/office/case.html";
    const NAV: &'static str = "cases";
}

#[derive(Serialize)]
struct Acts {
    close: Option<String>,
    zip: Option<String>,
    hold: Option<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let words = Words::of(&app, &context);
    let case = app.desk.case(&actor, Deed::ReadMetadata, &id).await?;
    app.desk.looked(&actor, "case_file", &id, "").await?;
    let mut rows = Vec::new();
    for row in app.desk.case_messages(&actor, &id).await? {
        rows.push(MessageLine::of(&app, &row, "/ufficio/messaggi").await?);
    }
    let may_close = case.closed_ms.is_none() && app.desk.case(&actor, Deed::CaseFile, &id).await.is_ok();
    let may_hold = app.desk.case(&actor, Deed::Destroy, &id).await.is_ok();
    let mut shown = Case::from(&case);
    if let Some(class) = app.desk.class(&actor.administration, &case.class).await? {
        shown.class = Some(format!("{} {}", class.code, class.title));
    }
    let mut past = Vec::new();
    if !case.former.is_empty() && app.desk.past_registers(&actor).await.is_ok() {
        let filter = Filter { case_file: case.former.clone(), ..Filter::default() };
        past = app.desk.past_entries(&actor, &filter, PAST + 1).await?;
        app.desk.looked(&actor, "register", &format!("passato {}", case.former), "").await?;
    }
    let past_more = (past.len() > PAST)
        .then(|| address("/ufficio/registro/passato", &[("fascicolo", case.former.as_str())]));
    past.truncate(PAST);
    let page = CasePage {
        former: (!case.former.is_empty()).then(|| Former {
            number: case.former.clone(),
            opened: words.day(&case.former_opened),
            closed: (!case.former_closed.is_empty()).then(|| words.day(&case.former_closed)),
        }),
        past: past.into_iter().map(|row| super::past::Row::of(&words, row)).collect(),
        past_more,
        case: shown,
        rows,
        events: Event::told(words, app.desk.case_chronicle(&actor, &id).await?),
        acts: Acts {
            close: may_close.then(|| format!("/ufficio/fascicoli/{id}/chiudi")),
            zip: None,
            hold: may_hold.then(|| format!("/ufficio/fascicoli/{id}/vincolo")),
        },
    };
    app.shell.page(&context, &page)
}

async fn ask(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let case = app.desk.case(&actor, Deed::CaseFile, &id).await?;
    let page = Confirm {
        what: "close-case",
        thing: format!("{}/{} {}", case.year, case.number, case.title),
        action: format!("/ufficio/fascicoli/{id}/chiudi"),
        back: format!("/ufficio/fascicoli/{id}"),
        danger: true,
        ..Confirm::default()
    };
    app.shell.page(&context, &page)
}

async fn close(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.close_case(&actor, &id).await?;
    Ok(done(&format!("/ufficio/fascicoli/{id}"), "chiuso").into_response())
}
