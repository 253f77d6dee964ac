//! A one-time link: its holder chooses a password and sets up the second factor.
//!
//! The secret of the second factor follows from the link's own, so that the page can be loaded again and nothing needs
//! to be kept before he is done.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use plico_archive::read::body::{self, Operator};
use plico_card::qr;
use plico_crypto::{digest, password, totp};
use serde::{Deserialize, Serialize};

use super::local;
use crate::app::App;
use crate::clock::random_bytes;
use crate::http::login::local::may_be_chosen;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Refusal};
use crate::web::words::{Words, Wrong};

#[derive(Serialize)]
struct FirstAccessPage {
    action: String,
    username: String,
    secret: String,
    qr: Option<String>,
    errors: Vec<Wrong>,
}

impl Page for FirstAccessPage {
    const TEMPLATE: &'static str = "page/public/first_access.html";
    const NAV: &'static str = "sign_in";
}

/// Whose link it is, and the second factor it stands for; a link that is spent, late or invented is not there.
async fn invited(app: &App, token: &str) -> Result<(Operator, [u8; totp::SECRET]), Error> {
    let secret = URL_SAFE_NO_PAD.decode(token).ok().filter(|secret| secret.len() == 32);
    let secret = secret.ok_or_else(Refusal::not_found)?;
    let account = app.desk.invited(&secret).await?.ok_or_else(Refusal::not_found)?;
    let operator = body::operator(app.desk.archive().database(), &account).await.map_err(Error::fault)?;
    let operator = operator.filter(|operator| operator.active).ok_or_else(Refusal::not_found)?;
    let derived = digest::sha256(&[b"plico second factor\0".as_slice(), &secret].concat());
    let mut factor = [0; totp::SECRET];
    factor.copy_from_slice(&derived[..totp::SECRET]);
    Ok((operator, factor))
}

async fn show(
    app: &App,
    context: &Context,
    operator: &Operator,
    factor: &[u8],
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let body = body::body(app.desk.archive().database(), &operator.administration).await;
    let issuer = body.map_err(Error::fault)?.map(|body| body.name).unwrap_or_default();
    let words = Words::of(app, context);
    let uri = totp::otpauth(&issuer, &operator.login, factor);
    let qr = qr::modules(&uri, qr::Level::Medium)
        .ok()
        .map(|code| format!("data:image/svg+xml;base64,{}", STANDARD.encode(code.svg(&words.t("first-qr")))));
    let secret = totp::base32(factor);
    let secret: Vec<&str> =
        (0..secret.len()).step_by(4).map(|at| &secret[at..secret.len().min(at + 4)]).collect();
    let page = FirstAccessPage {
        action: context.path().to_owned(),
        username: operator.login.clone(),
        secret: secret.join(" "),
        qr,
        errors,
    };
    app.shell.page(context, &page)
}

/// `GET /primo-accesso/{token}`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Path(token): Path<String>,
) -> Result<Response, Error> {
    let (operator, factor) = invited(&app, &token).await?;
    show(&app, &context, &operator, &factor, Vec::new()).await
}

/// What is typed.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// `POST /primo-accesso/{token}`.
pub async fn choose(
    State(app): State<App>,
    context: Context,
    Path(token): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (operator, factor) = invited(&app, &token).await?;
    let words = Words::of(&app, &context);
    let mut errors = Vec::new();
    if let Err(refusal) = may_be_chosen(&operator.login, &typed.password) {
        errors.push(words.refused("password", &refusal));
    }
    let code: String = typed.code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp::verify(&factor, &code, context.now_ms(), None);
    if step.is_none() {
        errors.push(Wrong { field: "code".into(), text: words.t("first-code-wrong") });
    }
    let (Some(step), true) = (step, errors.is_empty()) else {
        let mut response = show(&app, &context, &operator, &factor, errors).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    };
    let turn = app.shell.passwords().acquire_owned().await.map_err(Error::fault)?;
    let hashed = tokio::task::spawn_blocking(move || password::hash(&typed.password, random_bytes())).await;
    drop(turn);
    let hashed = hashed.map_err(Error::fault)?.map_err(Error::fault)?;
    app.desk.set_secrets(&operator.account, hashed, Some(&factor)).await?;
    app.desk.use_totp_step(&operator.account, step).await?;
    let sign_in = local::session_of(operator.account, context.now_ms());
    app.desk.operator_signs_in(&sign_in.account, super::evidence(&sign_in, context.now_ms())).await?;
    super::enter(&app, &context, sign_in, "").await
}
