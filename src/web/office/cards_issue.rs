//! Issuing cards: one in a form, or a file of them.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::Actor;
use plico_desk::card::{CardType, FIELDS};
use plico_desk::card_issue::{CardForm, LineError, MOST, parse_file};
use plico_locale::Args;
use serde::{Deserialize, Serialize};

use super::cards::BASE;
use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Upload;
use crate::http::{Context, Error, Form, Path};
use crate::web::actor;
use crate::web::list::done;
use crate::web::words::{Words, Wrong, invalid};

/// Bytes of a file of cards.
const FILE_BYTES: usize = 512 * 1024;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/tessere/emetti/{code}", get(blank).post(issue))
        .route("/ufficio/tessere/emetti/{code}/file", post(issue_file).get(blank))
}

#[derive(Serialize)]
struct IssuePage {
    name: String,
    action: String,
    opaque: bool,
    fields: Vec<Asked>,
    form: Given,
    columns: String,
    most: usize,
    errors: Vec<Wrong>,
    lines: Vec<String>,
}

impl Page for IssuePage {
    const TEMPLATE: &'static str = "page/office/card_issue.html";
    const NAV: &'static str = "cards";
}

#[derive(Serialize)]
struct Asked {
    name: &'static str,
    label: String,
    limit: usize,
    value: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    fiscal_code: String,
    name: String,
    from: String,
    f0: String,
    f1: String,
    f2: String,
    f3: String,
    f4: String,
    f5: String,
}

impl Given {
    fn values(&self) -> [&String; FIELDS.len()] {
        [&self.f0, &self.f1, &self.f2, &self.f3, &self.f4, &self.f5]
    }

    fn read(&self, kind: &CardType) -> CardForm {
        CardForm {
            fiscal_code: self.fiscal_code.clone(),
            name: self.name.clone(),
            from: self.from.clone(),
            values: kind.fields.iter().zip(self.values()).map(|(_, value)| value.clone()).collect(),
        }
    }
}

fn page(
    app: &App,
    context: &Context,
    kind: &CardType,
    form: Given,
    errors: Vec<Wrong>,
    lines: Vec<String>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let wrong = !errors.is_empty();
    let fields = kind.fields.iter().zip(FIELDS).zip(form.values());
    let labels: Vec<&str> = kind.fields.iter().map(|field| field.label.as_str()).collect();
    let columns = [words.t("card-columns"), labels.join(";")];
    let page = IssuePage {
        name: words.card_name(kind),
        action: format!("{BASE}/emetti/{}", kind.code),
        opaque: kind.opaque,
        fields: fields
            .map(|((field, name), value)| Asked {
                name,
                label: field.label.clone(),
                limit: field.bytes,
                value: value.clone(),
            })
            .collect(),
        columns: columns.join(";").trim_end_matches(';').to_owned(),
        most: MOST,
        form,
        errors,
        lines,
    };
    app.shell.form(context, &page, wrong)
}

async fn blank(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let kind = app.desk.issued_type(&actor, &code).await?;
    page(&app, &context, &kind, Given { from: app.desk.today(), ..Given::default() }, Vec::new(), Vec::new())
}

async fn issue(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let kind = app.desk.issued_type(&actor, &code).await?;
    match invalid(app.desk.issue_card(&actor, &code, given.read(&kind)).await)? {
        Ok(_) => Ok(done(BASE, "emessa").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &kind, given, wrong, Vec::new())
        }
    }
}

async fn issue_file(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
    upload: Upload,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let kind = app.desk.issued_type(&actor, &code).await?;
    let text = upload.sheet(FILE_BYTES).await?;
    match issued(&app, &actor, &code, &text).await? {
        Ok(()) => Ok(done(BASE, "emesse").into_response()),
        Err(lines) => {
            let words = Words::of(&app, &context);
            let said = lines.iter().map(|line| said(&words, &kind, line)).collect();
            let wrong = Wrong { field: "file".into(), text: words.t("card-file-none") };
            let mut response = page(&app, &context, &kind, Given::default(), vec![wrong], said)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

async fn issued(
    app: &App,
    actor: &Actor,
    code: &str,
    text: &str,
) -> Result<Result<(), Vec<LineError>>, Error> {
    let forms = match parse_file(text) {
        Ok(forms) => forms,
        Err(line) => return Ok(Err(vec![line])),
    };
    Ok(app.desk.issue_cards(actor, code, forms).await?.map(drop))
}

/// `Line 7, Targa: …`.
fn said(words: &Words<'_>, kind: &CardType, line: &LineError) -> String {
    let place = FIELDS.iter().position(|name| *name == line.error.field);
    let field = match (place.and_then(|place| kind.fields.get(place)), line.error.field) {
        (Some(field), _) => field.label.clone(),
        (None, "fiscal_code") => words.t("fiscal-code"),
        (None, "name") => words.t("col-name"),
        (None, "from") => words.t("card-from"),
        (None, _) => words.t("card-file"),
    };
    let text =
        words.wrong(std::slice::from_ref(&line.error)).pop().map_or_else(String::new, |wrong| wrong.text);
    let line = i64::try_from(line.line).unwrap_or(i64::MAX);
    words.with("card-line", &Args::new().with("line", line).with("field", field).with("text", text))
}
