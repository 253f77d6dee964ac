//! A certificate on paper, compared with its original by whoever holds it: the code printed on it opens that certificate
//! alone (art. 23, c. 2-bis, CAD). The code comes typed, or behind the sign that browsers do not send on.

use axum::extract::State;
use axum::response::Response;
use plico_desk::code::Known;
use serde::{Deserialize, Serialize};

use super::verify_shown::Fact;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form};
use crate::web::download::attachment;
use crate::web::words::{Words, Wrong};

#[derive(Serialize)]
struct CountersignPage {
    code: String,
    facts: Vec<Fact>,
    withdrawn_ms: Option<i64>,
    errors: Vec<Wrong>,
}

impl Page for CountersignPage {
    const TEMPLATE: &'static str = "page/public/countersign.html";
    const NAV: &'static str = "verify";
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    code: String,
    original: String,
}

/// `GET /contrassegno`.
pub async fn page(State(app): State<App>, context: Context) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    let page =
        CountersignPage { code: String::new(), facts: Vec::new(), withdrawn_ms: None, errors: Vec::new() };
    app.shell.page(&context, &page)
}

/// `POST /contrassegno`: what the certificate is, or the original itself.
pub async fn show(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    let words = Words::of(&app, &context);
    let code: String = typed.code.chars().take(100).collect();
    let found = app.desk.original(&code).await?;
    if let (Some((known, Some(reader))), false) = (&found, typed.original.is_empty()) {
        return Ok(attachment(&known.name, "application/pdf", &known.sha256, reader.clone()));
    }
    let errors = match (&found, code.trim().is_empty()) {
        (_, true) => vec![Wrong { field: "code".into(), text: words.t("field-required") }],
        (None, _) => vec![Wrong { field: "code".into(), text: words.t("countersign-none") }],
        _ => Vec::new(),
    };
    let known = found.map(|(known, _)| known);
    let withdrawn_ms = known.as_ref().and_then(|known| known.withdrawn_ms);
    let facts = known.map(|known| facts(&words, known)).unwrap_or_default();
    let wrong = !errors.is_empty();
    app.shell.form(&context, &CountersignPage { code, facts, withdrawn_ms, errors }, wrong)
}

fn facts(words: &Words<'_>, known: Known) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(words.t("fact-document-name"), known.name),
        Fact::new(words.t("fact-issued-by"), format!("{}, {}", known.body, known.office)),
        Fact::new(words.t("fact-when"), words.datetime(known.instant_ms)),
    ];
    facts.extend(known.number.map(|number| Fact::new(words.t("fact-number"), number)));
    facts.push(Fact::mono(words.t("fact-digest"), known.sha256));
    facts
}
