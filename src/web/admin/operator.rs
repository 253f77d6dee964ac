//! One operator: name, roles, offices, and the one-time link for the first access, shown once.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use plico_archive::read::body::Operator;
use plico_desk::Actor;
use plico_desk::admin::OperatorForm;
use plico_record::actor::Role;
use serde::{Deserialize, Serialize};

use super::operators::BASE;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Refusal};
use crate::web::actor;
use crate::web::confirm::{Confirm, Yes};
use crate::web::list::{Choice, done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/amministrazione/operatori/nuovo", get(blank).post(add))
        .route("/amministrazione/operatori/{account}", get(show).post(change))
        .route("/amministrazione/operatori/{account}/invito", post(renew))
        .route("/amministrazione/operatori/{account}/disattiva", get(ask).post(deactivate))
}

#[derive(Serialize)]
struct OperatorPage {
    new: bool,
    action: String,
    form: Given,
    roles: Vec<Choice>,
    offices: Vec<Choice>,
    errors: Vec<Wrong>,
    invite: Option<String>,
    renew: Option<String>,
    deactivate: Option<String>,
    active: bool,
}

impl Page for OperatorPage {
    const TEMPLATE: &'static str = "page/admin/operator.html";
    const NAV: &'static str = "operators";
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    name: String,
    login: String,
    email: String,
    fiscal_code: String,
    roles: Vec<String>,
    offices: Vec<String>,
}

/// Roles that a body's administrator gives; the installation's is given at the command line.
const ROLES: [Role; 4] = [Role::Operator, Role::RecordsManager, Role::Auditor, Role::Administrator];

async fn known(app: &App, actor: &Actor, account: &str) -> Result<(Operator, Vec<String>), Error> {
    let all = app.desk.operators(actor).await?;
    all.into_iter()
        .find(|(operator, _)| operator.account == account)
        .ok_or_else(|| Refusal::not_found().into())
}

/// What the page is about besides its form.
#[derive(Default)]
struct About {
    account: String,
    active: bool,
    invite: Option<String>,
    errors: Vec<Wrong>,
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    about: About,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let new = about.account.is_empty();
    let base = format!("{BASE}/{}", about.account);
    let offices = app.desk.all_offices(actor).await?;
    let wrong = !about.errors.is_empty();
    let page = OperatorPage {
        new,
        action: if new { format!("{BASE}/nuovo") } else { base.clone() },
        roles: ROLES
            .map(|role| {
                let code = role.code();
                Choice::new(code, words.t(&format!("role-{code}")))
                    .hint(words.t(&format!("role-hint-{code}")))
            })
            .into(),
        offices: offices.into_iter().map(|office| Choice::new(office.id, office.name)).collect(),
        form,
        errors: about.errors,
        invite: about.invite,
        renew: (!new).then(|| format!("{base}/invito")),
        // Nobody locks himself out.
        deactivate: (!new && about.active && about.account != actor.account)
            .then(|| format!("{base}/disattiva")),
        active: about.active,
    };
    app.shell.form(context, &page, wrong)
}

fn given(operator: &Operator, offices: Vec<String>) -> Given {
    Given {
        name: operator.name.clone(),
        login: operator.login.clone(),
        email: operator.email.clone(),
        fiscal_code: operator.fiscal_code.clone(),
        roles: operator.roles.split(',').filter(|role| !role.is_empty()).map(str::to_owned).collect(),
        offices,
    }
}

async fn blank(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let form = Given { roles: vec![Role::Operator.code().into()], ..Given::default() };
    page(&app, &context, &actor, form, About::default()).await
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(account): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (operator, offices) = known(&app, &actor, &account).await?;
    let about = About { account, active: operator.active, ..About::default() };
    page(&app, &context, &actor, given(&operator, offices), about).await
}

async fn save(
    app: &App,
    context: &Context,
    actor: &Actor,
    account: String,
    active: bool,
    form: Given,
) -> Result<Response, Error> {
    let operator = OperatorForm {
        account: account.clone(),
        login: form.login.clone(),
        name: form.name.clone(),
        email: form.email.clone(),
        active,
        fiscal_code: form.fiscal_code.clone(),
        roles: form.roles.clone(),
        offices: form.offices.clone(),
    };
    match invalid(app.desk.save_operator(actor, operator).await)? {
        // The link is shown by this very answer and never again, so a new account is not a redirection.
        Ok(saved) if account.is_empty() => invite(app, context, actor, saved).await,
        Ok(_) => Ok(done(BASE, "salvato").into_response()),
        Err(errors) => {
            let errors = Words::of(app, context).wrong(&errors);
            page(app, context, actor, form, About { account, active, errors, invite: None }).await
        }
    }
}

/// Makes a link and shows it, once.
async fn invite(app: &App, context: &Context, actor: &Actor, account: String) -> Result<Response, Error> {
    let (operator, offices) = known(app, actor, &account).await?;
    let secret = app.desk.invite(&account).await?;
    let link = format!("{}/primo-accesso/{}", app.desk.public_url(), BASE64.encode(secret));
    let about = About { account, active: operator.active, invite: Some(link), errors: Vec::new() };
    page(app, context, actor, given(&operator, offices), about).await
}

async fn add(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    save(&app, &context, &actor, String::new(), true, form).await
}

async fn change(
    State(app): State<App>,
    context: Context,
    Path(account): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (operator, _) = known(&app, &actor, &account).await?;
    save(&app, &context, &actor, account, operator.active, form).await
}

async fn renew(
    State(app): State<App>,
    context: Context,
    Path(account): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    invite(&app, &context, &actor, account).await
}

async fn ask(
    State(app): State<App>,
    context: Context,
    Path(account): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (operator, _) = known(&app, &actor, &account).await?;
    let page = Confirm {
        what: "deactivate",
        thing: operator.name,
        action: format!("{BASE}/{account}/disattiva"),
        back: format!("{BASE}/{account}"),
        danger: true,
        ..Confirm::default()
    };
    app.shell.page(&context, &page)
}

async fn deactivate(
    State(app): State<App>,
    context: Context,
    Path(account): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (operator, offices) = known(&app, &actor, &account).await?;
    if account == actor.account {
        return Err(Refusal::forbidden().into());
    }
    let Given { name, login, email, fiscal_code, roles, offices } = given(&operator, offices);
    let form = OperatorForm {
        account: account.clone(),
        login,
        name,
        email,
        active: false,
        fiscal_code,
        roles,
        offices,
    };
    app.desk.save_operator(&actor, form).await?;
    app.shell.sessions().revoke_all(&account).await?;
    Ok(done(BASE, "salvato").into_response())
}
