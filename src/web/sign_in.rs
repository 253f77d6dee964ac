//! Signing in, in one place: whoever was recognised gets a recorded event, a fresh session, and goes where he was
//! going. How he is recognised lies below: [`demo`], [`gateway`], [`local`], and [`first`] for a one-time link.

pub mod demo;
pub mod first;
pub mod gateway;
pub mod local;

use axum::Router;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use plico_archive::read::body;
use plico_record::part::LoginPart;
use serde::{Deserialize, Serialize};

use super::list::address;
use super::words::{Words, Wrong};
use crate::app::App;
use crate::http::login::{self, safe_return};
use crate::http::render::Page;
use crate::http::session::SignIn;
use crate::http::{Context, Error, visitor};

/// The routes of signing in and out.
pub fn router() -> Router<App> {
    Router::new()
        .route("/accedi", get(local::page).post(local::sign_in))
        .route("/accedi/prova", post(demo::sign_in).get(back_to_choice))
        .route("/accedi/identita", get(gateway::sign_in))
        .route("/primo-accesso/{token}", get(first::page).post(first::choose))
        .merge(visitor::routes())
}

async fn back_to_choice() -> Redirect {
    Redirect::to("/accedi")
}

/// Address of a one-time link. `secret` is what [`plico_desk::Desk::invite`] gave.
pub fn invitation(public_url: &str, secret: &[u8; 32]) -> String {
    use base64::Engine as _;
    let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret);
    format!("{}/primo-accesso/{token}", public_url.trim_end_matches('/'))
}

/// An address inside a query.
fn escaped(path: &str) -> String {
    percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The administrations of the installation, by name; there is at least one.
pub async fn bodies(app: &App) -> Result<Vec<body::Body>, Error> {
    let bodies = body::bodies(app.desk.archive().database()).await.map_err(Error::fault)?;
    if bodies.is_empty() {
        return Err(Error::fault("this archive has no administration"));
    }
    Ok(bodies)
}

/// The administration with which somebody signs in: the only one, or the one he chose; `None` while he must choose.
async fn chosen(app: &App, asked: &str) -> Result<Option<body::Body>, Error> {
    let mut bodies = bodies(app).await?;
    if bodies.len() == 1 {
        return Ok(bodies.pop());
    }
    Ok(bodies.into_iter().find(|body| body.id == asked))
}

/// Opens a fresh session in place of whatever there was, and goes to `back` or to where his area begins.
async fn enter(app: &App, context: &Context, sign_in: SignIn, back: &str) -> Result<Response, Error> {
    let home = match app.desk.operator_actor(&sign_in.account, None).await? {
        Some(actor) => super::role_of(&actor).1,
        None => "/area-personale",
    };
    // Back to the sign-in itself, or to nothing in particular, means: home.
    let back = if back == "/" || back.starts_with("/accedi") { home } else { back };
    login::enter(&app.shell, context, sign_in, back, home).await
}

/// The login part of a sign-in that just happened.
fn evidence(sign_in: &SignIn, now_ms: i64) -> LoginPart {
    super::login_of(sign_in.kind, &sign_in.level, now_ms, &sign_in.evidence)
}

/// One choice of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    value: String,
    name: String,
}

/// Where a sign-in leads, and with which administration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// A path of ours.
    #[serde(rename = "return")]
    pub back: String,
    /// The administration's identifier.
    #[serde(rename = "ente")]
    pub body: String,
}

impl Asked {
    /// The address of a page of the sign-in, with this in its query.
    fn at(&self, place: &str) -> String {
        address(place, &[("return", &self.back), ("ente", &self.body)])
    }
}

#[derive(Serialize)]
struct Administration {
    name: String,
    url: String,
}

#[derive(Default, Serialize)]
struct Typed {
    username: String,
}

#[derive(Serialize)]
struct Gate {
    spid: String,
    cie: String,
}

/// The sign-in page.
#[derive(Serialize)]
struct SignInPage {
    return_to: String,
    body_id: String,
    body_name: Option<String>,
    bodies: Vec<Administration>,
    gateway: Option<Gate>,
    form: Typed,
    errors: Vec<Wrong>,
    personas: Option<Vec<demo::Group>>,
    levels: Vec<Choice>,
    behalf: Vec<Choice>,
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "page/public/sign_in.html";
    const NAV: &'static str = "sign_in";
}

/// The sign-in page, with what was typed and what was wrong.
async fn show(
    app: &App,
    context: &Context,
    asked: &Asked,
    username: &str,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let return_to = safe_return(&asked.back).unwrap_or("/").to_owned();
    let all = bodies(app).await?;
    let several = all.len() > 1;
    let body = chosen(app, &asked.body).await?;
    let asked = Asked {
        back: return_to.clone(),
        body: body.as_ref().filter(|_| several).map(|body| body.id.clone()).unwrap_or_default(),
    };
    let gate = &app.shell.config().proxy.sign_in_url;
    let gateway = (!gate.is_empty() && body.is_some()).then(|| {
        let landing = format!("{}{}", app.shell.config().public_url, asked.at("/accedi/identita"));
        let joint = if gate.contains('?') { '&' } else { '?' };
        let url = format!("{gate}{joint}return={}", escaped(&landing));
        Gate { spid: url.clone(), cie: url }
    });
    let chooser = demo::chooser(app, &words).await?;
    let (personas, levels, behalf) = match chooser {
        Some(chooser) => (Some(chooser.groups), chooser.levels, chooser.behalf),
        None => (None, Vec::new(), Vec::new()),
    };
    let form = Typed { username: username.to_owned() };
    let bodies = all
        .into_iter()
        .filter(|_| several)
        .map(|one| Administration {
            url: Asked { back: return_to.clone(), body: one.id }.at("/accedi"),
            name: one.name,
        })
        .collect();
    let body_name = body.filter(|_| several).map(|body| body.name);
    let page = SignInPage {
        return_to,
        body_id: asked.body,
        body_name,
        bodies,
        gateway,
        form,
        errors,
        personas,
        levels,
        behalf,
    };
    app.shell.page(context, &page)
}
