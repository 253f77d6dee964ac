//! Mail for courtesy notices: the server as the configuration has it, how notices present themselves, and a test.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use plico_courier::{Channel as _, Notice};
use plico_desk::{Actor, FieldError};
use plico_locale::Args;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong};
use crate::work::mail::{self, Mail};

const BASE: &str = "/amministrazione/posta";
/// Tests that are remembered.
const REMEMBERED: usize = 5;
const WEEK_MS: i64 = 7 * 86_400_000;

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(save)).route("/amministrazione/posta/prova", post(test))
}

#[derive(Serialize)]
struct MailPage {
    server: Option<Server>,
    form: Given,
    errors: Vec<Wrong>,
    tests: Vec<Test>,
    sent: i64,
    failed: i64,
}

impl Page for MailPage {
    const TEMPLATE: &'static str = "page/admin/mail.html";
    const NAV: &'static str = "mail";
}

#[derive(Serialize)]
struct Server {
    host: String,
    port: u16,
    security: String,
    username: Option<String>,
    from: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    from_name: String,
    reply_to: String,
    to: String,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
struct Test {
    at: i64,
    to: String,
    ok: bool,
    answer: String,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let form = kept(&app, &actor).await?;
    page(&app, &context, &actor, form, Vec::new()).await
}

/// What the body says of itself in notices.
async fn kept(app: &App, actor: &Actor) -> Result<Given, Error> {
    let settings = app.desk.settings(actor).await?;
    let setting = |name: &str| {
        let value = settings.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_str());
        value.map(str::to_owned)
    };
    let from_name = match setting("mail.from_name") {
        Some(name) => name,
        None => app.desk.body(actor).await?.name,
    };
    Ok(Given { from_name, reply_to: setting("mail.reply_to").unwrap_or_default(), to: String::new() })
}

async fn tests(app: &App, actor: &Actor) -> Result<Vec<Test>, Error> {
    let settings = app.desk.settings(actor).await?;
    let tests = settings.into_iter().find(|(name, _)| name == "mail.tests").map(|(_, value)| value);
    Ok(tests.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let smtp = &app.shell.config().smtp;
    let (sent, failed) = app.desk.notices_since(actor, context.now_ms() - WEEK_MS).await?;
    let wrong = !errors.is_empty();
    let page = MailPage {
        server: (!smtp.host.is_empty()).then(|| Server {
            host: smtp.host.clone(),
            port: smtp.port,
            security: smtp.security.clone(),
            username: Some(smtp.user.clone()).filter(|user| !user.is_empty()),
            from: smtp.from.clone(),
        }),
        form,
        errors,
        tests: tests(app, actor).await?,
        sent,
        failed,
    };
    app.shell.form(context, &page, wrong)
}

fn is_address(text: &str) -> bool {
    text.contains('@') && text.len() <= 254 && !text.contains(char::is_whitespace)
}

async fn save(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (name, reply) = (form.from_name.trim().to_owned(), form.reply_to.trim().to_owned());
    let mut errors = Vec::new();
    if name.is_empty() {
        errors.push(FieldError::required("from_name"));
    } else if name.chars().count() > 100 {
        errors.push(FieldError::too_long("from_name", 100));
    }
    if !reply.is_empty() && !is_address(&reply) {
        errors.push(FieldError::of("reply_to", "email"));
    }
    if !errors.is_empty() {
        let wrong = Words::of(&app, &context).wrong(&errors);
        return page(&app, &context, &actor, form, wrong).await;
    }
    app.desk.save_setting(&actor, "mail.from_name", name.into()).await?;
    app.desk.save_setting(&actor, "mail.reply_to", reply.into()).await?;
    Ok(done(BASE, "salvato").into_response())
}

async fn test(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let words = Words::of(&app, &context);
    let mut given = kept(&app, &actor).await?;
    let to = form.to.trim().to_owned();
    if !is_address(&to) {
        let code = if to.is_empty() { FieldError::required("to") } else { FieldError::of("to", "email") };
        given.to = to;
        let wrong = words.wrong(&[code]);
        return page(&app, &context, &actor, given, wrong).await;
    }
    let notice = Notice {
        id: context.id().to_owned(),
        to: to.clone(),
        subject: words.t("mail-test-subject"),
        text: words.with("mail-test-body", &Args::new().with("name", given.from_name.clone())),
        html: None,
        language: words.lang().code().into(),
        instant_ms: context.now_ms(),
    };
    let (ok, answer) = match mail::channel(&app, &actor.administration).await {
        Err(why) => (false, why),
        Ok(Mail::Off) => return Ok(Redirect::to(BASE).into_response()),
        Ok(Mail::Ready(channel)) => match channel.send(&notice).await {
            Ok(receipt) => (true, receipt.answer),
            Err(error) => (false, told(&error)),
        },
    };
    let mut list = tests(&app, &actor).await?;
    list.insert(0, Test { at: context.now_ms(), to, ok, answer });
    list.truncate(REMEMBERED);
    let value = serde_json::to_value(&list).map_err(Error::fault)?;
    app.desk.save_setting(&actor, "mail.tests", value).await?;
    Ok(Redirect::to(BASE).into_response())
}

/// An error with its causes, on one line.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
