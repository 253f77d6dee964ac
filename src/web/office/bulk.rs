//! Several messages at once: each by the act that one would do to it alone, with its own event and its own answer.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use plico_archive::read::queue::CaseFilter;
use plico_desk::assign::Purpose;
use plico_desk::conclude::How;
use plico_desk::{Actor, FieldError, Outcome, Refusal as Refused};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::queue::{BASE, Filters};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form};
use crate::web::actor;
use crate::web::list::{Choice, assignee, assignees};
use crate::web::words::Words;

/// Messages of one form: more than a page of the queue shows.
const MOST: usize = 100;
/// Open case files to choose from.
const CASES: usize = 200;

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/insieme", post(act))
}

/// What can be done to those that are chosen.
#[derive(Serialize)]
pub(super) struct Acts {
    /// Where one comes back to.
    back: String,
    assignees: Vec<Choice>,
    cases: Vec<Choice>,
}

pub(super) async fn acts(app: &App, actor: &Actor, back: String) -> Result<Acts, Error> {
    Ok(Acts { back, assignees: assignees(app, actor).await?, cases: open_cases(app, actor).await? })
}

/// The case files that something can be filed into; none where there are more than one can choose from: the number is typed.
pub(super) async fn open_cases(app: &App, actor: &Actor) -> Result<Vec<Choice>, Error> {
    let filter = CaseFilter { state: "open".into(), ..CaseFilter::default() };
    let cases = app.desk.cases(actor, &filter, CASES).await?;
    if cases.len() == CASES {
        return Ok(Vec::new());
    }
    Ok(cases
        .into_iter()
        .map(|case| {
            let name = format!("{}/{} {}", case.year, case.number, case.title);
            Choice::new(case.id, name)
        })
        .collect())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    scelti: Vec<String>,
    atto: String,
    office: String,
    purpose: String,
    case: String,
    reason: String,
    filtri: String,
}

#[derive(Serialize)]
struct BulkPage {
    act: &'static str,
    back: String,
    /// What kept all of it from being done: end of a key.
    wrong: Option<&'static str>,
    done: usize,
    lines: Vec<Line>,
}

impl Page for BulkPage {
    const TEMPLATE: &'static str = "page/office/bulk.html";
    const NAV: &'static str = "queue";
}

#[derive(Serialize)]
struct Line {
    subject: Option<String>,
    number: Option<String>,
    /// None where one no longer sees it.
    url: Option<String>,
    /// Why not; none where it was done.
    why: Option<String>,
}

async fn act(
    State(app): State<App>,
    context: Context,
    Form(mut form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.works_here(&actor)?;
    let words = Words::of(&app, &context);
    let act = ["take", "assign", "file", "conclude"].into_iter().find(|act| *act == form.atto);
    let mut chosen = std::mem::take(&mut form.scelti);
    let mut seen = BTreeSet::new();
    chosen.retain(|id| seen.insert(id.clone()));
    let wrong = match act {
        None => Some("no-act"),
        Some(_) if chosen.is_empty() => Some("none"),
        Some(_) if chosen.len() > MOST => Some("many"),
        Some(_) => None,
    };
    let mut lines = Vec::new();
    for id in chosen.iter().filter(|_| wrong.is_none()) {
        let before = app.desk.glimpse(&actor, id).await.ok().flatten();
        let why = match one(&app, &actor, id, act.unwrap_or_default(), &form).await {
            Ok(()) => None,
            Err(error) => Some(told(&words, error.into())),
        };
        // Given away, it may be no longer there for whoever did so.
        let url =
            app.desk.glimpse(&actor, id).await.ok().flatten().map(|_| format!("/ufficio/messaggi/{id}"));
        let number = before.as_ref().and_then(plico_archive::read::message::MessageRow::registration_number);
        lines.push(Line { subject: before.map(|row| row.subject), number, url, why });
    }
    let query = Filters::read(&form.filtri).query();
    let page = BulkPage {
        act: act.unwrap_or("none"),
        back: if query.is_empty() { BASE.to_owned() } else { format!("{BASE}?{query}") },
        wrong,
        done: lines.iter().filter(|line| line.why.is_none()).count(),
        lines,
    };
    let mut response = app.shell.page(&context, &page)?;
    if wrong.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn one(app: &App, actor: &Actor, id: &str, act: &str, form: &Given) -> Outcome<()> {
    match act {
        "take" => app.desk.take_in_charge(actor, id).await,
        "assign" => {
            let purpose = if form.purpose == "knowledge" { Purpose::Knowledge } else { Purpose::Competence };
            app.desk.assign(actor, id, assignee(&form.office), purpose).await
        }
        "file" if form.case.is_empty() => {
            Err(plico_archive::ActError::Refused(Refused::Invalid(vec![FieldError::of("case", "unknown")])))
        }
        "file" => app.desk.file_into_case(actor, id, &form.case).await,
        _ => app.desk.conclude(actor, id, How::Filed, &form.reason).await,
    }
}

/// Why an act was not done to one of several: the others go on.
enum Why {
    Fields(Vec<FieldError>),
    Other(Error),
}

impl From<plico_archive::ActError<Refused>> for Why {
    fn from(error: plico_archive::ActError<Refused>) -> Self {
        match error {
            plico_archive::ActError::Refused(Refused::Invalid(errors)) => Self::Fields(errors),
            error => Self::Other(error.into()),
        }
    }
}

fn told(words: &Words<'_>, why: Why) -> String {
    match why {
        Why::Fields(errors) => {
            words.wrong(&errors).into_iter().map(|wrong| wrong.text).collect::<Vec<_>>().join(" ")
        }
        Why::Other(Error::Refusal(refusal)) => words.refused("", &refusal).text,
        Why::Other(Error::Fault(fault)) => {
            tracing::error!(error = %fault, "one of several acts failed");
            words.t("bulk-fault")
        }
    }
}
