//! Registers that were kept before: searched by whoever reads the register, brought by the records manager.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_archive::read::past::{BatchRow, Filter, PastRow};
use plico_desk::past::{LookedPast, MOST, MOST_BYTES};
use plico_desk::scheme::LineError;
use plico_desk::{Actor, Desk};
use plico_record::act::PastEntry;
use serde::{Deserialize, Serialize};

use super::deposit::whole;
use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::{Piece, Upload};
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::admin::chart::said;
use crate::web::list::{Choice, Done, PAGE, Pager, Walk, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/ufficio/registro/passato";
const IMPORT: &str = "/ufficio/registro/importa";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(show))
        .route(IMPORT, get(blank).post(look))
        .route("/ufficio/registro/importa/applica", post(apply))
}

#[derive(Serialize)]
struct PastPage {
    registers: Vec<Choice>,
    filters: Filters,
    filtered: bool,
    import: Option<&'static str>,
    page: Pager,
    rows: Vec<Row>,
}

impl Page for PastPage {
    const TEMPLATE: &'static str = "page/office/past.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Filters {
    words: String,
    register: String,
    case_file: String,
}

#[derive(Serialize)]
pub(super) struct Row {
    register: String,
    number: String,
    day: String,
    direction: String,
    parties: String,
    subject: String,
    office: String,
    case_file: String,
}

impl Row {
    pub(super) fn of(words: &Words<'_>, row: PastRow) -> Self {
        Self {
            number: format!("{}/{}", row.number, row.year),
            day: words.day(&row.day),
            register: row.area,
            direction: row.direction,
            parties: row.parties,
            subject: row.subject,
            office: row.office,
            case_file: row.case_file,
        }
    }

    fn first(words: &Words<'_>, entry: &PastEntry) -> Self {
        Self {
            number: format!("{}/{}", entry.number, entry.year),
            day: words.day(&entry.day),
            register: entry.area.clone(),
            direction: entry.direction.clone(),
            parties: entry.parties.clone(),
            subject: entry.subject.clone(),
            office: entry.office.clone(),
            case_file: entry.case_file.clone(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    /// `2019 PROT`.
    registro: String,
    /// What a case file was called there.
    fascicolo: String,
    /// The last one seen: `2019 123 PROT`.
    dopo: String,
    prima: String,
    n: usize,
    fatto: Option<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let words = Words::of(&app, &context);
    let (year, area) = asked.registro.split_once(' ').unwrap_or(("", ""));
    let mut after = asked.dopo.splitn(3, ' ');
    let after = (|| {
        let (year, number) = (after.next()?.parse().ok()?, after.next()?.parse().ok()?);
        Some((year, after.next()?.to_owned(), number))
    })();
    let filter = Filter {
        area: area.into(),
        year: year.parse().unwrap_or(0),
        words: asked.q.clone(),
        case_file: asked.fascicolo.clone(),
        after,
    };
    let mut rows = app.desk.past_entries(&actor, &filter, PAGE + 1).await?;
    let looked = format!("passato {} {}", asked.registro, asked.fascicolo);
    app.desk.looked(&actor, "register", looked.trim_end(), "").await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next =
        rows.last().filter(|_| more).map(|last| format!("{} {} {}", last.year, last.number, last.area));
    let walk = Walk {
        path: BASE,
        filters: &[("q", asked.q.as_str()), ("registro", &asked.registro), ("fascicolo", &asked.fascicolo)],
        here: &asked.dopo,
        trail: &asked.prima,
        seen: asked.n,
    };
    let registers = app.desk.past_registers(&actor).await?;
    let page = PastPage {
        page: walk.pager(rows.len(), next),
        registers: registers
            .into_iter()
            .map(|(area, year, many)| {
                Choice::new(format!("{year} {area}"), format!("{area} {year} ({many})"))
            })
            .collect(),
        filtered: [asked.q.trim(), &asked.registro, &asked.fascicolo].iter().any(|one| !one.is_empty()),
        import: Desk::manages_register(&actor).is_ok().then_some(IMPORT),
        rows: rows.into_iter().map(|row| Row::of(&words, row)).collect(),
        filters: Filters { words: asked.q, register: asked.registro, case_file: asked.fascicolo },
    };
    app.shell.page(&context, &page)
}

#[derive(Serialize)]
struct ImportPage {
    looked: Option<View>,
    batches: Vec<Batch>,
    most: usize,
    errors: Vec<Wrong>,
}

impl Page for ImportPage {
    const TEMPLATE: &'static str = "page/office/past_import.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct View {
    seen: String,
    known: bool,
    registers: Vec<(String, i32, usize)>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Batch {
    name: String,
    lines: i64,
    by: String,
    at: i64,
    sha256: String,
}

impl From<BatchRow> for Batch {
    fn from(row: BatchRow) -> Self {
        Self { name: row.name, lines: row.lines, by: row.author_name, at: row.instant_ms, sha256: row.batch }
    }
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    looked: Option<LookedPast>,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let wrong = !errors.is_empty();
    let page = ImportPage {
        looked: looked.map(|looked| View {
            rows: looked.first.iter().map(|entry| Row::first(&words, entry)).collect(),
            seen: looked.batch,
            known: looked.known,
            registers: looked.registers,
        }),
        batches: app.desk.past_batches(actor).await?.into_iter().map(Batch::from).collect(),
        most: MOST,
        errors,
    };
    let mut response = app.shell.page(context, &page)?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn blank(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    page(&app, &context, &actor, None, Vec::new()).await
}

/// What came with the form: the digest of what was looked at, the file's name, its bytes.
pub(super) async fn given(mut upload: Upload) -> Result<(String, String, Vec<u8>), Error> {
    let (mut seen, mut name, mut bytes) = (String::new(), String::new(), Vec::new());
    while let Some(piece) = upload.next().await? {
        match piece {
            Piece::Text { name, value } if name == "seen" => seen = value,
            Piece::Text { .. } => {}
            Piece::File(file) => {
                name.clone_from(&file.file_name);
                bytes = whole(file, MOST_BYTES).await?;
            }
        }
    }
    Ok((seen, name, bytes))
}

fn wrong(words: &Words<'_>, line: &LineError) -> Vec<Wrong> {
    let text = said(words, line, words.t(&format!("past-{}", line.error.field)));
    vec![Wrong { field: "file".into(), text }]
}

async fn look(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    // Whoever may not is told before his file is read.
    Desk::manages_register(&actor)?;
    let (_, _, bytes) = given(upload).await?;
    match app.desk.look_at_past(&actor, &bytes).await? {
        Ok(looked) => page(&app, &context, &actor, Some(looked), Vec::new()).await,
        Err(line) => {
            let wrong = wrong(&Words::of(&app, &context), &line);
            page(&app, &context, &actor, None, wrong).await
        }
    }
}

async fn apply(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    Desk::manages_register(&actor)?;
    let (seen, name, bytes) = given(upload).await?;
    match invalid(app.desk.import_past(&actor, (&name, &bytes), &seen).await)? {
        Ok(Ok(_)) => Ok(done(BASE, "importato").into_response()),
        Ok(Err(line)) => {
            let wrong = wrong(&Words::of(&app, &context), &line);
            page(&app, &context, &actor, None, wrong).await
        }
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, None, wrong).await
        }
    }
}
