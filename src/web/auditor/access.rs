//! Who looked at what.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use plico_archive::read::Cursor;
use plico_record::authority::Deed;
use plico_record::day::LegalDay;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::list::{PAGE, Pager, Walk};

const BASE: &str = "/revisore/accessi";
/// Readings looked through for one page when it is narrowed by a name.
const LOOKED_THROUGH: usize = 1_000;

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    chi: String,
    dal: String,
    al: String,
    dopo: String,
    prima: String,
    n: usize,
}

#[derive(Serialize)]
struct AccessPage {
    filters: Filters,
    filtered: bool,
    page: Pager,
    rows: Vec<Row>,
}

impl Page for AccessPage {
    const TEMPLATE: &'static str = "page/auditor/access.html";
    const NAV: &'static str = "access";
}

#[derive(Serialize)]
struct Filters {
    who: String,
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Row {
    at: i64,
    who: String,
    what: String,
    thing: String,
    url: Option<String>,
    reason: Option<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::ReadAccessLog)?;
    let mut cursor = Cursor::parse(&asked.dopo);
    if let Some(until) = LegalDay::parse(&asked.al) {
        cursor.instant_ms = cursor.instant_ms.min(until.end_ms());
    }
    let from = LegalDay::parse(&asked.dal).map_or(i64::MIN, LegalDay::start_ms);
    let who = asked.chi.trim().to_lowercase();
    let most = if who.is_empty() { PAGE + 1 } else { LOOKED_THROUGH };
    let mut readings = app.desk.access_log(&actor, &cursor, most).await?;
    readings.retain(|reading| {
        reading.instant_ms >= from && (who.is_empty() || reading.name.to_lowercase().contains(&who))
    });
    let more = readings.len() > PAGE;
    readings.truncate(PAGE);
    let next = readings
        .last()
        .filter(|_| more)
        .map(|last| Cursor { instant_ms: last.instant_ms, id: "-".into() }.text());
    let walk = Walk {
        path: BASE,
        filters: &[("chi", &asked.chi), ("dal", &asked.dal), ("al", &asked.al)],
        here: &asked.dopo,
        trail: &asked.prima,
        seen: asked.n,
    };
    let mut rows = Vec::with_capacity(readings.len());
    for reading in readings {
        let caption = app.desk.caption(&actor, &reading.what, &reading.thing).await?;
        let url = match reading.what.as_str() {
            "message" if caption.is_some() => Some(format!("/revisore/messaggi/{}", reading.thing)),
            "case_file" if caption.is_some() => Some(format!("/revisore/fascicoli/{}", reading.thing)),
            _ => None,
        };
        rows.push(Row {
            at: reading.instant_ms,
            who: reading.name,
            what: reading.what,
            thing: caption.unwrap_or(reading.thing),
            url,
            reason: Some(reading.reason).filter(|reason| !reason.is_empty()),
        });
    }
    let page = AccessPage {
        filtered: [&asked.chi, &asked.dal, &asked.al].iter().any(|text| !text.trim().is_empty()),
        page: walk.pager(rows.len(), next),
        rows,
        filters: Filters { who: asked.chi, from: asked.dal, to: asked.al },
    };
    app.shell.page(&context, &page)
}
