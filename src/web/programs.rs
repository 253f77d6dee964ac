//! Programs: tokens with which one's own programs call the API. The administrator sees those of the whole body and may
//! end any; a token is made only by the account as which it acts.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_desk::token::{Scope, Token, TokenForm};
use plico_record::actor::Role;
use serde::{Deserialize, Serialize};

use super::actor;
use super::confirm::{Confirm, Fact, Yes};
use super::list::{Choice, Done, done, say_done};
use super::words::{Words, Wrong, invalid};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};

const BASE: &str = "/programmi";
/// Days that a form proposes.
const DAYS: &str = "90";

/// The pages of programs.
pub fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(make)).route("/programmi/{id}/revoca", get(ask).post(revoke))
}

#[derive(Serialize)]
struct ProgramsPage {
    all: bool,
    /// The secret of the token just made, shown by this very answer and never again.
    secret: Option<String>,
    rows: Vec<Row>,
    scopes: Vec<Choice>,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for ProgramsPage {
    const TEMPLATE: &'static str = "page/public/programs.html";
    const NAV: &'static str = "programs";
}

#[derive(Serialize)]
struct Row {
    name: String,
    owner: String,
    scopes: Vec<String>,
    made: i64,
    used: Option<i64>,
    ends: Option<i64>,
    state: &'static str,
    revoke: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    name: String,
    scopes: Vec<String>,
    days: String,
}

fn row(words: &Words<'_>, token: Token, now: i64) -> Row {
    let state = if token.revoked_ms.is_some() {
        "revoked"
    } else if token.expires_ms.is_some_and(|ends| ends <= now) {
        "ended"
    } else {
        "active"
    };
    Row {
        scopes: token.scopes.iter().map(|code| scope(words, code)).collect(),
        revoke: (state == "active").then(|| format!("{BASE}/{}/revoca", token.id)),
        name: token.name,
        owner: token.owner,
        made: token.created_ms,
        used: token.used_ms,
        ends: token.expires_ms,
        state,
    }
}

fn scope(words: &Words<'_>, code: &str) -> String {
    words.t(&format!("scope-{}", code.replace(':', "-")))
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    errors: Vec<Wrong>,
    secret: Option<String>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let tokens = app.desk.tokens(actor).await?;
    let wrong = !errors.is_empty();
    let page = ProgramsPage {
        all: actor.has(Role::Administrator),
        secret,
        rows: tokens.into_iter().map(|token| row(&words, token, context.now_ms())).collect(),
        scopes: Scope::ALL
            .into_iter()
            .filter(|one| *one != Scope::ReadLog || app.desk.may_mirror(actor))
            .map(|one| Choice::new(one.code(), scope(&words, one.code())))
            .collect(),
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

fn blank() -> Given {
    Given { days: DAYS.into(), ..Given::default() }
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    page(&app, &context, &actor, blank(), Vec::new(), None).await
}

async fn make(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let asked = TokenForm {
        account: String::new(),
        name: form.name.clone(),
        scopes: form.scopes.clone(),
        days: form.days.trim().parse().unwrap_or_default(),
    };
    match invalid(app.desk.make_token(&actor, asked).await)? {
        Ok((secret, _)) => page(&app, &context, &actor, blank(), Vec::new(), Some(secret)).await,
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, form, wrong, None).await
        }
    }
}

async fn ask(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let words = Words::of(&app, &context);
    let token = app.desk.tokens(&actor).await?.into_iter().find(|token| token.id == id);
    let token = token.ok_or_else(Refusal::not_found)?;
    let page = Confirm {
        what: "revoke-program",
        thing: token.name,
        facts: vec![Fact { label: words.t("program-owner"), value: token.owner }],
        action: format!("{BASE}/{id}/revoca"),
        back: BASE.into(),
        danger: true,
        ..Confirm::default()
    };
    app.shell.page(&context, &page)
}

async fn revoke(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.revoke_token(&actor, &id).await?;
    Ok(done(BASE, "revocato").into_response())
}
