//! Signing in, in one place: whoever was recognised gets a recorded event, a fresh session, and goes where he was
//! going. How he is recognised lies below: [`demo`], [`gateway`], [`local`], and [`first`] for a one-time link.

pub mod demo;
pub mod first;
pub mod gateway;
pub mod local;
pub mod out;

use axum::Router;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use plico_archive::read::body;
use plico_record::part::LoginPart;
use serde::Serialize;

use super::words::{Words, Wrong};
use crate::app::App;
use crate::http::cookie::Name;
use crate::http::login::safe_return;
use crate::http::render::Page;
use crate::http::session::SignIn;
use crate::http::{Context, Error};

/// The routes of signing in and out.
pub fn router() -> Router<App> {
    Router::new()
        .route("/accedi", get(local::page).post(local::sign_in))
        .route("/accedi/prova", post(demo::sign_in).get(back_to_choice))
        .route("/accedi/identita", get(gateway::sign_in))
        .route("/primo-accesso/{token}", get(first::page).post(first::choose))
        .route("/esci", post(out::sign_out).get(out::home))
        .route("/lingua/{code}", get(out::language))
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

/// The administration that signs people in. An installation with several needs one address each; until then the
/// first one it is.
pub async fn administration(app: &App) -> Result<body::Body, Error> {
    let bodies = body::bodies(app.desk.archive().database()).await.map_err(Error::fault)?;
    bodies.into_iter().next().ok_or_else(|| Error::fault("this archive has no administration"))
}

/// Opens a fresh session in place of whatever there was, and goes to `back` or to where his area begins.
async fn enter(app: &App, context: &Context, sign_in: SignIn, back: &str) -> Result<Response, Error> {
    let home = match app.desk.operator_actor(&sign_in.account, None).await? {
        Some(actor) => super::role_of(&actor).1,
        None => "/area-personale",
    };
    let cookies = app.shell.cookies();
    let token = app.shell.sessions().open(sign_in, context.session(), context.now_ms()).await?;
    // Back to the sign-in itself, or to nothing in particular, means: home.
    let back = safe_return(back).filter(|path| *path != "/" && !path.starts_with("/accedi")).unwrap_or(home);
    let mut response = Redirect::to(back).into_response();
    response.headers_mut().append(SET_COOKIE, cookies.set(Name::Session, &token, None));
    Ok(response)
}

/// The login part of a sign-in that just happened.
fn login(sign_in: &SignIn, now_ms: i64) -> LoginPart {
    super::login_of(sign_in.kind, &sign_in.level, now_ms, &sign_in.evidence)
}

/// One choice of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    value: String,
    name: String,
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
    back: &str,
    username: &str,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let return_to = safe_return(back).unwrap_or("/").to_owned();
    let gate = &app.shell.config().proxy.sign_in_url;
    let gateway = (!gate.is_empty()).then(|| {
        let landing =
            format!("{}/accedi/identita?return={}", app.shell.config().public_url, escaped(&return_to));
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
    let page = SignInPage { return_to, gateway, form, errors, personas, levels, behalf };
    app.shell.page(context, &page)
}
