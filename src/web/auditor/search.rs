//! Searching one administration: metadata only; the search itself is recorded.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use plico_desk::audit::Search;
use plico_record::authority::Deed;
use plico_record::day::LegalDay;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::list::{Choice, PAGE, Pager, address, offices};

pub(super) fn router() -> Router<App> {
    Router::new().route("/revisore", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    numero: String,
    persona: String,
    ufficio: String,
    impronta: String,
    dal: String,
    al: String,
    p: usize,
}

#[derive(Serialize)]
struct SearchPage {
    filters: Filters,
    offices: Vec<Choice>,
    searched: bool,
    total: Option<usize>,
    page: Pager,
    export: Option<String>,
    rows: Vec<Row>,
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "page/auditor/search.html";
    const NAV: &'static str = "search";
}

#[derive(Serialize)]
struct Filters {
    words: String,
    number: String,
    person: String,
    office: String,
    digest: String,
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Row {
    url: String,
    number: Option<String>,
    at: i64,
    subject: String,
    parties: String,
    office: String,
    state: String,
    /// Always empty: a piece of the text would be content, which opens for a reason.
    snippet: Vec<()>,
}

impl Asked {
    fn at(&self, page: usize) -> String {
        address(
            "/revisore",
            &[
                ("q", &self.q),
                ("numero", &self.numero),
                ("persona", &self.persona),
                ("ufficio", &self.ufficio),
                ("impronta", &self.impronta),
                ("dal", &self.dal),
                ("al", &self.al),
                ("p", &page.to_string()),
            ],
        )
    }
}

/// `12/2026` and `0000012/2026` are the same number.
fn number(text: &str) -> String {
    match text.trim().split_once('/').map(|(number, year)| (number.parse::<u64>(), year.parse::<i32>())) {
        Some((Ok(number), Ok(year))) => plico_record::part::registration_number(number, year),
        _ => text.trim().to_owned(),
    }
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Search)?;
    let criteria =
        [&asked.q, &asked.numero, &asked.persona, &asked.ufficio, &asked.impronta, &asked.dal, &asked.al];
    let searched = criteria.iter().any(|text| !text.trim().is_empty());
    let (lines, more) = if searched {
        let search = Search {
            text: asked.q.clone(),
            person: asked.persona.clone(),
            number: number(&asked.numero),
            digest: asked.impronta.chars().filter(char::is_ascii_hexdigit).collect(),
            office: asked.ufficio.clone(),
            from_ms: LegalDay::parse(&asked.dal).map(LegalDay::start_ms),
            before_ms: LegalDay::parse(&asked.al).map(LegalDay::end_ms),
            page: asked.p,
        };
        app.desk.search(&actor, &search).await?
    } else {
        (Vec::new(), false)
    };
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        rows.push(Row {
            url: format!("/revisore/messaggi/{}", line.id),
            number: line.registration_number(),
            at: line.instant_ms,
            parties: app.desk.counterpart(&line).await?,
            subject: line.subject,
            office: line.office_name,
            state: line.state,
            snippet: Vec::new(),
        });
    }
    let next = more.then(|| asked.at(asked.p + 1));
    let page = SearchPage {
        offices: offices(&app, &actor).await?,
        searched,
        total: None,
        page: Pager::new(asked.p * PAGE, rows.len(), next).back((asked.p > 0).then(|| asked.at(asked.p - 1))),
        export: None,
        rows,
        filters: Filters {
            words: asked.q,
            number: asked.numero,
            person: asked.persona,
            office: asked.ufficio,
            digest: asked.impronta,
            from: asked.dal,
            to: asked.al,
        },
    };
    app.shell.page(&context, &page)
}
