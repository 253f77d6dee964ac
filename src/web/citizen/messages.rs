//! Everything received and sent, newest first.

use axum::extract::State;
use axum::response::Response;
use plico_archive::read::Cursor;
use plico_archive::read::inbox::Filter;
use plico_record::day::LegalDay;
use serde::{Deserialize, Serialize};

use super::row::{Choice, Row, Tab};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::list::{PAGE, Pager, Walk};
use crate::web::words::Words;

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    vista: String,
    q: String,
    dal: String,
    al: String,
    ufficio: String,
    dopo: String,
    prima: String,
    n: usize,
}

#[derive(Serialize)]
struct Filters {
    words: String,
    from: String,
    to: String,
    office: String,
}

#[derive(Serialize)]
struct Messages {
    tabs: Vec<Tab>,
    filters: Filters,
    offices: Vec<Choice>,
    filtered: bool,
    rows: Vec<Row>,
    page: Pager,
}

impl Page for Messages {
    const TEMPLATE: &'static str = "page/citizen/messages.html";
    const NAV: &'static str = "messages";
}

impl Asked {
    fn filter(&self) -> Filter {
        let word = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let day = |text: &str| LegalDay::parse(text.trim());
        Filter {
            cursor: Cursor::parse(&self.dopo),
            from_ms: day(&self.dal).map_or(0, LegalDay::start_ms),
            until_ms: day(&self.al).map_or(i64::MAX, LegalDay::end_ms),
            sent: !matches!(self.vista.as_str(), "nuovi" | "ricevuti"),
            received: self.vista != "inviati",
            unopened: self.vista == "nuovi",
            words: word(&self.q),
            office: word(&self.ufficio),
        }
    }
}

/// `GET /messaggi`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let words = Words::of(&app, &context);
    let (lines, next) = app.desk.inbox(&actor, &asked.filter(), PAGE).await?;
    let unread = app.desk.unopened(&actor).await?;
    let tab = |key: &str, view: &str, count: Option<i64>| Tab {
        name: words.t(key),
        url: if view.is_empty() { "/messaggi".into() } else { format!("/messaggi?vista={view}") },
        current: asked.vista == view,
        count,
    };
    let walk = Walk {
        path: "/messaggi",
        filters: &[
            ("vista", &asked.vista),
            ("q", &asked.q),
            ("dal", &asked.dal),
            ("al", &asked.al),
            ("ufficio", &asked.ufficio),
        ],
        here: &asked.dopo,
        trail: &asked.prima,
        seen: asked.n,
    };
    let page = Messages {
        tabs: vec![
            tab("messages-all", "", None),
            tab("messages-new", "nuovi", Some(unread)),
            tab("messages-received", "ricevuti", None),
            tab("messages-sent", "inviati", None),
        ],
        offices: app
            .desk
            .open_offices(&actor.administration)
            .await?
            .into_iter()
            .map(|office| Choice { value: office.id, name: office.name })
            .collect(),
        filtered: [&asked.q, &asked.dal, &asked.al, &asked.ufficio]
            .iter()
            .any(|text| !text.trim().is_empty()),
        page: walk.pager(lines.len(), next.map(|cursor| cursor.text())),
        rows: lines.iter().map(Row::of_line).collect(),
        filters: Filters { words: asked.q, from: asked.dal, to: asked.al, office: asked.ufficio },
    };
    app.shell.page(&context, &page)
}
