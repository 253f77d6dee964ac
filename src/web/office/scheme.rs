//! The classification scheme: read by everybody who reads the register, changed by the records manager.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::Actor;
use plico_desk::scheme::LineError;
use plico_locale::Args;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Upload;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::list::{done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/ufficio/titolario";
/// Bytes of a file of classes.
const FILE_BYTES: usize = 1024 * 1024;

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(save)).route("/ufficio/titolario/file", post(import).get(show))
}

#[derive(Serialize)]
struct SchemePage {
    rows: Vec<Row>,
    save: Option<&'static str>,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for SchemePage {
    const TEMPLATE: &'static str = "page/office/scheme.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Row {
    code: String,
    title: String,
    /// Pieces of the code before the last.
    depth: usize,
    from: String,
    until: Option<String>,
    in_use: bool,
    change: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    code: String,
    title: String,
    from: String,
    until: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    voce: String,
    fatto: Option<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let class = app.desk.class(&actor.administration, &asked.voce).await?;
    let form = class.map_or_else(Given::default, |class| Given {
        code: class.code,
        title: class.title,
        from: class.from,
        until: class.until.unwrap_or_default(),
    });
    page(&app, &context, &actor, form, Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let (classes, manages) = app.desk.scheme_of(actor).await?;
    let today = app.desk.today();
    let wrong = !errors.is_empty();
    let page = SchemePage {
        rows: classes
            .into_iter()
            .map(|class| Row {
                depth: class.code.matches(['.', '/', '-']).count(),
                from: words.day(&class.from),
                until: class.until.as_deref().map(|day| words.day(day)),
                in_use: class.in_use(&today),
                change: manages.then(|| format!("{BASE}?voce={}", class.code)),
                code: class.code,
                title: class.title,
            })
            .collect(),
        save: manages.then_some(BASE),
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn save(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let saved = app.desk.save_class(&actor, (&form.code, &form.title), (&form.from, &form.until)).await;
    match invalid(saved)? {
        Ok(()) => Ok(done(BASE, "salvato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, form, wrong).await
        }
    }
}

async fn import(State(app): State<App>, context: Context, upload: Upload) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    // Whoever may not is told before his file is read.
    plico_desk::Desk::manages_register(&actor)?;
    let text = upload.sheet(FILE_BYTES).await?;
    match app.desk.import_scheme(&actor, &text).await? {
        Ok(_) => Ok(done(BASE, "salvato").into_response()),
        Err(line) => {
            let words = Words::of(&app, &context);
            let wrong = Wrong { field: "file".into(), text: said(&words, &line) };
            let mut response = page(&app, &context, &actor, Given::default(), vec![wrong]).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

/// `Line 7, code: …`.
fn said(words: &Words<'_>, line: &LineError) -> String {
    let field = words.t(&format!("class-{}", line.error.field));
    let text =
        words.wrong(std::slice::from_ref(&line.error)).pop().map_or_else(String::new, |wrong| wrong.text);
    let number = i64::try_from(line.line).unwrap_or(i64::MAX);
    words.with("card-line", &Args::new().with("line", number).with("field", field).with("text", text))
}
