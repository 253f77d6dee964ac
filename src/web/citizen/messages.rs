//! Everything received and sent, newest first.

use axum::extract::State;
use axum::response::Response;
use plico_archive::read::Cursor;
use plico_archive::read::inbox::Filter;
use plico_record::day::LegalDay;
use serde::{Deserialize, Serialize};

use super::row::{Choice, Pages, Row, Tab};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::words::Words;

/// Rows of a page.
const MOST: usize = 20;

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
    riga: usize,
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
    page: Pages,
    unread: i64,
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

    /// The address of this list, with another cursor.
    fn url(&self, cursor: &str, row: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("vista", self.vista.as_str()),
            ("q", &self.q),
            ("dal", &self.dal),
            ("al", &self.al),
            ("ufficio", &self.ufficio),
            ("dopo", cursor),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if row > 0 {
            query.append_pair("riga", &row.to_string());
        }
        let query = query.finish();
        if query.is_empty() { "/messaggi".into() } else { format!("/messaggi?{query}") }
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
    let (lines, next) = app.desk.inbox(&actor, &asked.filter(), MOST).await?;
    let unread = app.desk.unopened(&actor).await?;
    let tab = |key: &str, view: &str, count: Option<i64>| Tab {
        name: words.t(key),
        url: if view.is_empty() { "/messaggi".into() } else { format!("/messaggi?vista={view}") },
        current: asked.vista == view,
        count,
    };
    // A place in the list is only for the eye: whoever changes it in the address sees another number.
    let before = asked.riga.min(1_000_000);
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
        page: Pages {
            from: if lines.is_empty() { 0 } else { before + 1 },
            to: before + lines.len(),
            total: (next.is_none() && before == 0).then_some(lines.len()),
            // Lists are read forwards; back to the beginning is always possible.
            previous: (!asked.dopo.is_empty()).then(|| asked.url("", 0)),
            next: next.map(|cursor| asked.url(&cursor.text(), before + lines.len())),
        },
        rows: lines.iter().map(Row::of_line).collect(),
        filters: Filters { words: asked.q, from: asked.dal, to: asked.al, office: asked.ufficio },
        unread,
    };
    app.shell.page(&context, &page)
}
