//! The register: searched, printed as a page, printed as a PDF.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use plico_archive::read::ledger::{Filter, Line};
use plico_record::day::LegalDay;
use serde::{Deserialize, Serialize};

use super::files::inline;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path, Query, Refusal};
use crate::web::actor;
use crate::web::list::{Choice, PAGE, Pager, Walk, address};
use crate::web::words::Words;

/// Entries of a printed page at most.
const PRINTED: usize = 2_000;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/registro", get(show))
        .route("/ufficio/registro/stampa", get(print))
        .route("/ufficio/registro/stampa/{year}", get(paper))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    anno: String,
    verso: String,
    dal: String,
    al: String,
    dopo: String,
    prima: String,
    n: usize,
}

impl Asked {
    fn filter(&self, today: &str) -> Filter {
        let day = |text: &str| LegalDay::parse(text).map_or_else(String::new, |day| day.to_string());
        let this_year = today.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
        Filter {
            year: self.anno.parse().unwrap_or(this_year),
            below: self.dopo.parse().ok(),
            words: self.q.clone(),
            direction: self.verso.clone(),
            from: day(&self.dal),
            until: day(&self.al),
        }
    }

    /// What it asks for besides year and place.
    fn filters(&self) -> [(&'static str, &str); 4] {
        [("q", &self.q), ("verso", &self.verso), ("dal", &self.dal), ("al", &self.al)]
    }
}

#[derive(Serialize)]
struct RegisterPage {
    area: String,
    year: String,
    years: Vec<Choice>,
    filters: Filters,
    filtered: bool,
    page: Pager,
    print: String,
    /// Numbers that are left out: first and last.
    gaps: Vec<(String, String)>,
    rows: Vec<Row>,
    /// Whether one may write to another office.
    writes: bool,
}

impl Page for RegisterPage {
    const TEMPLATE: &'static str = "page/office/register.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Filters {
    words: String,
    year: String,
    direction: String,
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Row {
    url: String,
    number: String,
    at: i64,
    direction: String,
    parties: String,
    subject: String,
    office: String,
    annulled: bool,
    rectified: bool,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let filter = asked.filter(&app.desk.today());
    let mut lines = app.desk.register_lines(&actor, &filter, PAGE + 1).await?;
    app.desk.looked(&actor, "register", &filter.year.to_string(), "").await?;
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let next = lines.last().filter(|_| more).map(|last| last.number.to_string());
    let walk = Walk {
        path: "/ufficio/registro",
        filters: &[&[("anno", asked.anno.as_str())], &asked.filters()[..]].concat(),
        here: &asked.dopo,
        trail: &asked.prima,
        seen: asked.n,
    };
    let year = filter.year.to_string();
    let mut years: Vec<String> =
        app.desk.register_years(&actor).await?.iter().map(ToString::to_string).collect();
    if !years.contains(&year) {
        years.insert(0, year.clone());
    }
    let page = RegisterPage {
        area: app.desk.body(&actor).await?.area,
        years: years.into_iter().map(|year| Choice::new(year.clone(), year)).collect(),
        filtered: [&asked.q, &asked.verso, &asked.dal, &asked.al].iter().any(|text| !text.trim().is_empty()),
        page: walk.pager(lines.len(), next),
        print: address(
            "/ufficio/registro/stampa",
            &[&[("anno", year.as_str())], &asked.filters()[..]].concat(),
        ),
        gaps: app.desk.register_gaps(&actor, filter.year).await?,
        writes: app.desk.writing_offices(&actor).await.is_ok(),
        rows: lines
            .into_iter()
            .map(|line| Row {
                url: format!("/ufficio/registro/{}/{}", line.year, line.number),
                number: line.text(),
                at: line.registered_ms,
                direction: line.direction,
                parties: line.parties,
                subject: line.subject,
                office: line.office,
                annulled: line.annulled,
                rectified: line.rectified,
            })
            .collect(),
        filters: Filters {
            words: asked.q,
            year: year.clone(),
            direction: asked.verso,
            from: asked.dal,
            to: asked.al,
        },
        year,
    };
    app.shell.page(&context, &page)
}

#[derive(Serialize)]
struct PrintPage {
    area: String,
    year: String,
    from: String,
    to: String,
    made_ms: i64,
    gaps: Vec<(String, String)>,
    /// Where earlier entries are printed, when they are not all here.
    more: Option<String>,
    /// The year's papers: the number each begins with, and its address.
    volumes: Vec<(String, String)>,
    rows: Vec<Printed>,
}

impl Page for PrintPage {
    const TEMPLATE: &'static str = "page/office/register_print.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Printed {
    number: String,
    at: i64,
    direction: String,
    parties: String,
    subject: String,
    office: String,
    digest: String,
    annulled: Option<String>,
}

impl From<Line> for Printed {
    fn from(line: Line) -> Self {
        Self {
            number: line.text(),
            at: line.registered_ms,
            direction: line.direction,
            parties: line.parties,
            subject: line.subject,
            office: line.office,
            digest: line.digest,
            annulled: line.annulled_reason.filter(|_| line.annulled),
        }
    }
}

async fn print(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let words = Words::of(&app, &context);
    let filter = asked.filter(&app.desk.today());
    let mut lines = app.desk.register_lines(&actor, &filter, PRINTED + 1).await?;
    app.desk.looked(&actor, "register", &filter.year.to_string(), "").await?;
    let whole = lines.len() <= PRINTED;
    lines.truncate(PRINTED);
    let lowest = lines.last().filter(|_| !whole).map(|line| line.number.to_string());
    lines.reverse();
    let year = filter.year.to_string();
    let more = lowest.map(|lowest| {
        let here = [("anno", year.as_str()), ("dopo", lowest.as_str())];
        address("/ufficio/registro/stampa", &[&here[..], &asked.filters()[..]].concat())
    });
    let volumes = app.desk.register_volumes(&actor, filter.year).await?.into_iter().enumerate();
    let volumes = volumes.map(|(place, first)| {
        (first.to_string(), format!("/ufficio/registro/stampa/{year}-{}.pdf", place + 1))
    });
    let day = |text: &str, other: String| words.day(if text.is_empty() { &other } else { text });
    let page = PrintPage {
        area: app.desk.body(&actor).await?.area,
        year: filter.year.to_string(),
        from: day(&filter.from, format!("{}-01-01", filter.year)),
        to: day(&filter.until, app.desk.today().min(format!("{}-12-31", filter.year))),
        made_ms: context.now_ms(),
        gaps: app.desk.register_gaps(&actor, filter.year).await?,
        more,
        volumes: volumes.collect(),
        rows: lines.into_iter().map(Printed::from).collect(),
    };
    app.shell.page(&context, &page)
}

/// `/ufficio/registro/stampa/2026-1.pdf`: a volume of the register of a year as a document; without a volume, the first.
async fn paper(
    State(app): State<App>,
    context: Context,
    Path(name): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let name = name.strip_suffix(".pdf").ok_or_else(Refusal::not_found)?;
    let (year, volume) = name.split_once('-').unwrap_or((name, "1"));
    let (Ok(year), Ok(volume)) = (year.parse::<i32>(), volume.parse()) else {
        return Err(Refusal::not_found().into());
    };
    let bytes = app.desk.register_paper(&actor, year, volume, context.lang()).await?;
    app.desk.looked(&actor, "register", &year.to_string(), "").await?;
    Ok(inline("application/pdf", Body::from(bytes)))
}
