//! The preserver's board: each closed day of the register, and whether somebody keeps it.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::Desk;
use plico_desk::preservation::Standing;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};
use crate::preserver;
use crate::web::actor;
use crate::web::confirm::Yes;
use crate::web::list::{Done, done, say_done};
use crate::web::words::Words;

const BASE: &str = "/ufficio/conservazione";
/// Days that are shown: what is not kept yet always.
const SHOWN: usize = 60;

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show)).route("/ufficio/conservazione/{day}/ripeti", post(again))
}

#[derive(Serialize)]
struct BoardPage {
    /// Whether packages are carried at all.
    carried: bool,
    overdue: usize,
    refused: usize,
    strange: usize,
    rows: Vec<Row>,
}

impl Page for BoardPage {
    const TEMPLATE: &'static str = "page/office/preservation.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Row {
    day: String,
    due: String,
    standing: &'static str,
    overdue: bool,
    handed_ms: Option<i64>,
    attempt: i64,
    receipt: String,
    answered_ms: Option<i64>,
    reason: String,
    again: Option<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let words = Words::of(&app, &context);
    let board = app.desk.preservation(&actor).await?;
    let carried = preserver::folder(&app).is_some();
    let manages = carried && Desk::manages_register(&actor).is_ok();
    let body = app.desk.body(&actor).await?;
    let open = |standing| standing != Standing::Accepted;
    let page = BoardPage {
        carried,
        overdue: board.iter().filter(|kept| kept.overdue).count(),
        refused: board.iter().filter(|kept| kept.standing == Standing::Refused).count(),
        strange: preserver::strange(&app, &body).await,
        rows: board
            .into_iter()
            .enumerate()
            .filter(|(place, kept)| *place < SHOWN || open(kept.standing))
            .map(|(_, kept)| {
                let handed = kept.handed;
                let again = manages && matches!(kept.standing, Standing::Handed | Standing::Refused);
                Row {
                    again: again.then(|| format!("{BASE}/{}/ripeti", kept.day)),
                    day: words.day(&kept.day),
                    due: words.day(&kept.due),
                    standing: match kept.standing {
                        Standing::Waiting => "waiting",
                        Standing::Handed => "handed",
                        Standing::Accepted => "accepted",
                        Standing::Refused => "refused",
                    },
                    overdue: kept.overdue,
                    handed_ms: handed.as_ref().map(|row| row.handed_ms),
                    attempt: handed.as_ref().map_or(0, |row| row.attempt),
                    answered_ms: handed.as_ref().and_then(|row| row.answered_ms),
                    receipt: handed.as_ref().map(|row| row.receipt.clone()).unwrap_or_default(),
                    reason: handed.map(|row| row.reason).unwrap_or_default(),
                }
            })
            .collect(),
    };
    app.shell.page(&context, &page)
}

async fn again(
    State(app): State<App>,
    context: Context,
    Path(day): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    Desk::manages_register(&actor)?;
    preserver::again(&app, &actor, &day).await.map_err(Error::fault)??;
    Ok(done(BASE, "versato").into_response())
}
