//! Operators and administrators, with an account of ours: name, password and code in one form.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Redirect, Response};
use plico_desk::account::Secrets;
use serde::Deserialize;

use super::Asked;
use crate::app::App;
use crate::http::login::local::{self, Credential};
use crate::http::session::SignIn;
use crate::http::{Context, Error, Form, Query, Refusal};
use crate::web::words::Words;

/// `GET /accedi`. Whom the gateway already vouches for needs no page.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let vouched = context.assertion().is_some() && context.session().is_none();
    if vouched && super::chosen(&app, &asked.body).await?.is_some() {
        return Ok(Redirect::to(&asked.at("/accedi/identita")).into_response());
    }
    super::show(&app, &context, &asked, "", Vec::new()).await
}

/// What is typed.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(flatten)]
    asked: Asked,
}

/// `POST /accedi`.
pub async fn sign_in(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let name = typed.username.trim().to_owned();
    match recognise(&app, &context, &name, &typed.asked.body, typed.password, typed.code).await {
        Ok(account) => {
            let sign_in = session_of(account, context.now_ms());
            let login = super::evidence(&sign_in, context.now_ms());
            app.desk.operator_signs_in(&sign_in.account, login).await?;
            super::enter(&app, &context, sign_in, &typed.asked.back).await
        }
        Err(Error::Refusal(refusal)) => {
            let wrong = Words::of(&app, &context).refused("username", &refusal);
            let mut response = super::show(&app, &context, &typed.asked, &name, vec![wrong]).await?;
            *response.status_mut() = refusal.status;
            if let Some(seconds) = refusal.retry_after {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            Ok(response)
        }
        Err(fault) => Err(fault),
    }
}

/// The account of a name, when password and code are its own. An account belongs to one administration: it must be
/// chosen only where two have given the same name.
async fn recognise(
    app: &App,
    context: &Context,
    name: &str,
    body: &str,
    password: String,
    code: String,
) -> Result<String, Error> {
    let mut named = app.desk.operators_by_login(name).await?;
    if named.len() > 1 {
        named.retain(|operator| operator.administration == body);
        if named.is_empty() {
            let refusal = Refusal::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "choose-body");
            return Err(refusal.into());
        }
    }
    let operator = named.pop();
    let secrets = match &operator {
        Some(operator) => app.desk.secrets(&operator.account).await?,
        None => None,
    };
    let credential = secrets.and_then(credential);
    let step = local::sign_in(&app.shell, name, context.client(), credential, password, code).await?;
    let refused = || Refusal::new(axum::http::StatusCode::UNAUTHORIZED, "sign-in-refused");
    let operator = operator.ok_or_else(refused)?;
    // Two requests with one code: only the first that gets here counts.
    if !app.desk.use_totp_step(&operator.account, step).await? {
        return Err(refused().into());
    }
    Ok(operator.account)
}

/// Both factors, or nobody signs in.
fn credential(secrets: Secrets) -> Option<Credential> {
    Some(Credential {
        password: secrets.password?,
        totp_secret: secrets.totp?,
        totp_last_step: u64::try_from(secrets.totp_step).ok().filter(|step| *step > 0),
    })
}

/// The sign-in of an account whose both factors were right.
pub fn session_of(account: String, now_ms: i64) -> SignIn {
    let evidence =
        serde_json::json!({"v": 1, "kind": "local", "factors": ["password", "totp"], "at_ms": now_ms});
    SignIn {
        account,
        kind: "local",
        level: "local".into(),
        acting_for: None,
        evidence: evidence.to_string().into_bytes(),
        locale: None,
    }
}
