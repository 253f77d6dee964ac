//! The emergency register: opened, renewed and closed by the records manager; what of it is registered since.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::emergency::EmergencyView;
use plico_desk::{Actor, FieldError};
use plico_record::day::LegalDay;
use plico_record::part::registration_number;
use serde::{Deserialize, Serialize};

use super::instant;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};
use crate::web::actor;
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/ufficio/registro/emergenza";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list).post(open))
        .route("/ufficio/registro/emergenza/{id}", get(show))
        .route("/ufficio/registro/emergenza/{id}/proroga", post(renew))
        .route("/ufficio/registro/emergenza/{id}/chiudi", post(close))
}

#[derive(Serialize)]
struct ListPage {
    rows: Vec<Row>,
    open: Option<&'static str>,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "page/office/emergencies.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Row {
    url: String,
    cause: String,
    from: i64,
    to: Option<i64>,
    until: String,
    /// The authorisation is over and the register is not closed.
    expired: bool,
    entered: i64,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    cause: String,
    from_day: String,
    from_time: String,
    until: String,
    authorisation: String,
    to_day: String,
    to_time: String,
    totals: String,
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    app.desk.looked(&actor, "register", BASE, "").await?;
    all(&app, &context, &actor, Given::default(), Vec::new()).await
}

async fn all(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let (rows, may_open) = app.desk.emergencies(actor).await?;
    let today = app.desk.today();
    let wrong = !errors.is_empty();
    let page = ListPage {
        rows: rows
            .into_iter()
            .map(|row| Row {
                url: format!("{BASE}/{}", row.id),
                expired: row.to_ms.is_none() && row.until < today,
                until: words.day(&row.until),
                cause: row.cause,
                from: row.from_ms,
                to: row.to_ms,
                entered: row.entered,
            })
            .collect(),
        open: may_open.then_some(BASE),
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn open(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let outcome = match instant(&app, &form.from_day, &form.from_time, "from_day") {
        Ok(from) => invalid(
            app.desk.open_emergency(&actor, &form.cause, from, &form.until, &form.authorisation).await,
        )?,
        Err(error) => Err(vec![error]),
    };
    match outcome {
        Ok(id) => Ok(done(&format!("{BASE}/{id}"), "aperta").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            all(&app, &context, &actor, form, wrong).await
        }
    }
}

#[derive(Serialize)]
struct EmergencyPage {
    emergency: Known,
    totals: Vec<Total>,
    entered: Vec<Entered>,
    missing: i64,
    acts: Acts,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for EmergencyPage {
    const TEMPLATE: &'static str = "page/office/emergency.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Known {
    cause: String,
    from: i64,
    to: Option<i64>,
    until: String,
    expired: bool,
    authorisation: Vec<String>,
    by: String,
}

#[derive(Serialize)]
struct Total {
    day: String,
    count: u32,
}

#[derive(Serialize)]
struct Entered {
    number: i64,
    ordinary: Option<String>,
    subject: String,
    url: String,
}

#[derive(Serialize)]
struct Acts {
    renew: Option<String>,
    close: Option<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let page = page(&app, &context, &actor, &id, Given::default(), Vec::new()).await?;
    app.desk.looked(&actor, "register", &format!("{BASE}/{id}"), "").await?;
    Ok(page)
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    mut form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let view = app.desk.emergency(actor, id).await?;
    let missing = (view.total() - view.entered.len() as i64).max(0);
    let EmergencyView { row, totals, entered, manages } = view;
    if form.totals.is_empty() {
        // A line for each day, to be completed.
        let (mut day, today) = (LegalDay::at(row.from_ms), LegalDay::at(app.desk.archive().now_ms()));
        let mut lines = Vec::new();
        while day <= today && lines.len() < 60 {
            lines.push(format!("{day} = "));
            day = LegalDay::at(day.end_ms());
        }
        form.totals = lines.join("\n");
    }
    let wrong = !errors.is_empty();
    let page = EmergencyPage {
        missing,
        totals: totals.into_iter().map(|(day, count)| Total { day: words.day(&day), count }).collect(),
        entered: entered
            .into_iter()
            .map(|entry| Entered {
                number: entry.number,
                ordinary: entry
                    .ordinary
                    .zip(entry.year)
                    .map(|(number, year)| registration_number(number.cast_unsigned(), year)),
                subject: entry.subject,
                url: format!("{}/{}", super::desk_of(actor), entry.message),
            })
            .collect(),
        acts: Acts {
            renew: manages.then(|| format!("{BASE}/{id}/proroga")),
            close: manages.then(|| format!("{BASE}/{id}/chiudi")),
        },
        emergency: Known {
            expired: row.to_ms.is_none() && row.until < app.desk.today(),
            until: words.day(&row.until),
            cause: row.cause,
            from: row.from_ms,
            to: row.to_ms,
            authorisation: row.authorisation.lines().map(str::to_owned).collect(),
            by: row.opened_by,
        },
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn renew(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let renewed = app.desk.renew_emergency(&actor, &id, &form.until, &form.authorisation).await;
    match invalid(renewed)? {
        Ok(()) => Ok(done(&format!("{BASE}/{id}"), "prorogata").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, &id, form, wrong).await
        }
    }
}

/// `2026-11-21 = 4`, a line a day; days without a number are left out.
fn totals(text: &str) -> Result<Vec<(String, u32)>, FieldError> {
    let mut totals = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (day, count) =
            line.split_once('=').ok_or_else(|| FieldError::of("totals", "emergency_totals"))?;
        if count.trim().is_empty() {
            continue;
        }
        let count = count.trim().parse().map_err(|_| FieldError::of("totals", "emergency_totals"))?;
        totals.push((day.trim().to_owned(), count));
    }
    Ok(totals)
}

async fn close(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let read =
        instant(&app, &form.to_day, &form.to_time, "to_day").and_then(|to| Ok((to, totals(&form.totals)?)));
    let outcome = match read {
        Ok((to, totals)) => invalid(app.desk.close_emergency(&actor, &id, to, totals).await)?,
        Err(error) => Err(vec![error]),
    };
    match outcome {
        Ok(()) => Ok(done(&format!("{BASE}/{id}"), "chiusa").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, &id, form, wrong).await
        }
    }
}
