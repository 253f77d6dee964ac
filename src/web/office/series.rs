//! Series: what each holds, printed, and what an office enters that has no number of the register.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_crypto::digest::to_hex;
use plico_desk::Actor;
use plico_desk::series::SeriesForm;
use serde::{Deserialize, Serialize};

use super::files::inline;
use super::internal::taken;
use crate::app::App;
use crate::clock::random_bytes;
use crate::http::render::Page;
use crate::http::upload::Upload;
use crate::http::{Context, Error, Path, Query, Refusal};
use crate::web::actor;
use crate::web::list::{Choice, Done, PAGE, Pager, Walk, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) const BASE: &str = "/ufficio/repertori";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route("/ufficio/repertori/{code}", get(show))
        .route("/ufficio/repertori/{code}/nuovo", get(blank).post(enter))
        .route("/ufficio/repertori/{code}/stampa/{name}", get(print))
        .merge(super::series_annul::router())
}

#[derive(Serialize)]
struct AllPage {
    rows: Vec<One>,
}

impl Page for AllPage {
    const TEMPLATE: &'static str = "page/office/series_list.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct One {
    url: String,
    code: String,
    title: String,
    count: i64,
    in_use: bool,
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let today = app.desk.today();
    let rows = app.desk.series_of(&actor).await?.into_iter().map(|(series, count)| One {
        url: format!("{BASE}/{}", series.code),
        in_use: series.in_use(&today),
        code: series.code,
        title: series.title,
        count,
    });
    app.shell.page(&context, &AllPage { rows: rows.collect() })
}

#[derive(Serialize)]
struct SeriesPage {
    title: String,
    year: String,
    years: Vec<Choice>,
    here: String,
    add: Option<String>,
    papers: Vec<String>,
    csv: String,
    page: Pager,
    /// First and last numbers that are left out.
    gaps: Vec<(String, String)>,
    rows: Vec<Row>,
}

impl Page for SeriesPage {
    const TEMPLATE: &'static str = "page/office/series.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Row {
    number: String,
    at: i64,
    subject: String,
    parties: String,
    office: String,
    registration: Option<String>,
    url: Option<String>,
    /// By which act, and why; empty when it counts.
    annulled: String,
    /// Where it may be annulled.
    annul: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    anno: String,
    dopo: String,
    prima: String,
    n: usize,
    fatto: Option<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let this_year = app.desk.today().get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    let year: i32 = asked.anno.parse().unwrap_or(this_year);
    let below = asked.dopo.parse().unwrap_or(i64::MAX);
    let (series, mut lines, mut years) = app.desk.series_rows(&actor, (&code, year), below, PAGE + 1).await?;
    app.desk.looked(&actor, "register", &format!("{code} {year}"), "").await?;
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let next = lines.last().filter(|_| more).map(|last| last.number.to_string());
    if !years.contains(&year) {
        years.insert(0, year);
    }
    let here = format!("{BASE}/{code}");
    let shown = year.to_string();
    let walk = Walk {
        path: &here,
        filters: &[("anno", shown.as_str())],
        here: &asked.dopo,
        trail: &asked.prima,
        seen: asked.n,
    };
    let page = walk.pager(lines.len(), next);
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        // Who reads the register sees that it is there; the document is of whoever may read it.
        let opens = app.desk.message(&actor, &line.message).await.is_ok_and(|view| view.content);
        let (_, may) = app.desk.series_entry(&actor, (&code, year, line.number)).await?;
        rows.push(Row {
            annul: may.then(|| format!("{here}/{year}/{}/annulla", line.number)),
            annulled: line.annulled_reason.clone(),
            number: line.text(),
            at: line.registered_ms,
            registration: line.registration(),
            url: opens.then(|| format!("{}/{}", super::desk_of(&actor), line.message)),
            subject: line.subject,
            parties: line.parties,
            office: line.office,
        });
    }
    let volumes = app.desk.series_volumes(&actor, &code, year).await?;
    let enters = series.in_use(&app.desk.today())
        && app.desk.writing_offices(&actor).await.is_ok_and(|own| !own.is_empty());
    let page = SeriesPage {
        title: series.title,
        years: years.iter().map(|year| Choice::new(year.to_string(), year.to_string())).collect(),
        add: enters.then(|| format!("{here}/nuovo")),
        papers: (1..=volumes).map(|volume| format!("{here}/stampa/{year}-{volume}.pdf")).collect(),
        csv: format!("{here}/stampa/{year}.csv"),
        gaps: app.desk.series_gaps(&actor, &code, year).await?,
        year: shown,
        here,
        page,
        rows,
    };
    app.shell.page(&context, &page)
}

/// `2026-1.pdf`: a volume of a year; `2026.csv`: the year as values.
async fn print(
    State(app): State<App>,
    context: Context,
    Path((code, name)): Path<(String, String)>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.looked(&actor, "register", &format!("{code} {name}"), "").await?;
    if let Some(year) = name.strip_suffix(".csv").and_then(|year| year.parse::<i32>().ok()) {
        let sheet = app.desk.series_csv(&actor, &code, year, context.lang()).await?;
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{code}-{year}.csv\"")),
        ];
        return Ok((headers, sheet).into_response());
    }
    let place = name.strip_suffix(".pdf").and_then(|name| name.split_once('-'));
    let place = place.and_then(|(year, volume)| Some((year.parse::<i32>().ok()?, volume.parse().ok()?)));
    let Some((year, volume)) = place else { return Err(Refusal::not_found().into()) };
    let pdf = app.desk.series_pdf(&actor, (&code, year), volume, context.lang()).await?;
    Ok(inline("application/pdf", Body::from(pdf)))
}

#[derive(Serialize)]
struct EnterPage {
    title: String,
    back: String,
    action: String,
    offices: Vec<Choice>,
    /// Names of the files that came already.
    files: Vec<String>,
    limit: u64,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for EnterPage {
    const TEMPLATE: &'static str = "page/office/series_new.html";
    const NAV: &'static str = "register";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    token: String,
    office: String,
    subject: String,
    parties: String,
    text: String,
}

async fn blank(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let form = Given { token: to_hex(&random_bytes::<16>()), ..Given::default() };
    form_page(&app, &context, &actor, &code, form, Vec::new()).await
}

async fn form_page(
    app: &App,
    context: &Context,
    actor: &Actor,
    code: &str,
    mut form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let own = app.desk.writing_offices(actor).await?;
    let series = app.desk.series(&actor.administration, code).await?.ok_or_else(Refusal::not_found)?;
    if let [only] = own.as_slice() {
        form.office.clone_from(&only.id);
    }
    let (_, files) = app.desk.form_files(actor, &form.token).await?;
    let wrong = !errors.is_empty();
    let back = format!("{BASE}/{code}");
    let page = EnterPage {
        title: series.title,
        action: format!("{back}/nuovo"),
        back,
        offices: own.into_iter().map(|office| Choice::new(office.id, office.name)).collect(),
        files: files.into_iter().map(|file| file.name).collect(),
        limit: app.desk.limits(&actor.administration).file_bytes,
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn enter(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
    upload: Upload,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    // Whoever may not is told before his files are read.
    app.desk.writing_offices(&actor).await?;
    let form: Given = taken(&app, &actor, upload).await?;
    let entered = SeriesForm {
        series: code.clone(),
        office: form.office.clone(),
        subject: form.subject.clone(),
        parties: form.parties.clone(),
        text: form.text.clone(),
        token: form.token.clone(),
    };
    match invalid(app.desk.register_in_series(&actor, entered).await)? {
        Ok(_) => Ok(done(&format!("{BASE}/{code}"), "repertoriato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            form_page(&app, &context, &actor, &code, form, wrong).await
        }
    }
}
