//! Standing reports of the register: on the page, as values, on paper.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::report::{MOST, REPORTS, Reported};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::list::{Choice, address};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/ufficio/registro/rapporti";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show))
}

#[derive(Serialize)]
struct ReportPage {
    reports: Vec<Choice>,
    report: String,
    from: String,
    until: String,
    csv: String,
    pdf: String,
    /// More than a report shows.
    most: Option<usize>,
    rows: Vec<Row>,
    errors: Vec<Wrong>,
}

impl Page for ReportPage {
    const TEMPLATE: &'static str = "page/office/reports.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Row {
    number: String,
    at: i64,
    presented_ms: Option<i64>,
    subject: String,
    office: String,
    detail: String,
}

impl From<Reported> for Row {
    fn from(reported: Reported) -> Self {
        let Reported { number, row } = reported;
        Self {
            number,
            at: row.registered_ms,
            presented_ms: row.presented_ms,
            subject: row.subject,
            office: row.office,
            detail: row.detail,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    quale: String,
    dal: String,
    al: String,
    formato: String,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let words = Words::of(&app, &context);
    let today = app.desk.today();
    let report = if asked.quale.is_empty() { REPORTS[0] } else { asked.quale.as_str() };
    let first = format!("{}-01-01", today.get(..4).unwrap_or_default());
    let from = if asked.dal.is_empty() { first } else { asked.dal.clone() };
    let until = if asked.al.is_empty() { today } else { asked.al.clone() };
    let outcome = invalid(app.desk.register_report(&actor, report, &from, &until).await)?;
    app.desk.looked(&actor, "register", &format!("{report} {from} {until}"), "").await?;
    let (reported, errors) = match outcome {
        Ok(reported) => (reported, Vec::new()),
        Err(errors) => (Vec::new(), words.wrong(&errors)),
    };
    if errors.is_empty() && asked.formato == "csv" {
        let name = format!("attachment; filename=\"{report}-{from}-{until}.csv\"");
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ];
        return Ok((headers, app.desk.report_csv(&reported, context.lang())).into_response());
    }
    if errors.is_empty() && asked.formato == "pdf" {
        let days = (from.as_str(), until.as_str());
        let pdf = app.desk.report_paper(&actor, report, reported, days, context.lang()).await?;
        return Ok(super::files::inline("application/pdf", pdf.into()));
    }
    let here = |format: &str| {
        address(BASE, &[("quale", report), ("dal", &from), ("al", &until), ("formato", format)])
    };
    let wrong = !errors.is_empty();
    let page = ReportPage {
        reports: REPORTS.map(|code| Choice::new(code, words.t(&format!("report-{code}")))).into(),
        report: report.to_owned(),
        csv: here("csv"),
        pdf: here("pdf"),
        most: (reported.len() >= MOST).then_some(MOST),
        rows: reported.into_iter().map(Row::from).collect(),
        from,
        until,
        errors,
    };
    app.shell.form(&context, &page, wrong)
}
