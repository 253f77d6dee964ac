//! Signing with a key that a provider keeps: a code is asked for, and typed. Neither PIN nor code is shown again, or kept.

use axum::extract::State;
use axum::response::Response;
use plico_courier::csc;
use plico_desk::Actor;
use plico_desk::signing::CodeAsked;
use serde::{Deserialize, Serialize};

use super::{Again, BASE, page, signed, told_here};
use crate::app::App;
use crate::config::Secret;
use crate::http::{Context, Error, Form, Path};
use crate::web::actor;
use crate::web::words::Words;

/// Signing at a distance: first a code is asked for, then it is typed.
#[derive(Serialize)]
pub(super) struct RemoteAct {
    provider: String,
    code: String,
    sign: String,
    credential: String,
    asked: Option<AskedOf>,
}

impl RemoteAct {
    pub(super) fn new(id: &str, provider: String, credential: String, asked: Option<AskedOf>) -> Self {
        let (code, sign) = (format!("{BASE}/{id}/remota/codice"), format!("{BASE}/{id}/remota"));
        Self { provider, code, sign, credential, asked }
    }
}

/// What the provider asks of whoever signs.
#[derive(Serialize)]
pub(super) struct AskedOf {
    holder: String,
    pin: bool,
    sent: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    credential: String,
    pin: Secret,
    otp: Secret,
}

/// Has the provider send a code.
pub(super) async fn code(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Typed>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match app.desk.ask_remote_code(&actor, &id, &form.credential).await.map_err(Error::from) {
        Ok(asked) => {
            let CodeAsked { credential, holder, pin, sent } = asked;
            let asked = Some(AskedOf { holder, pin, sent });
            page(&app, &context, &actor, &id, Again { credential, asked, ..Again::default() }, Vec::new())
                .await
        }
        Err(error) => not_signed(&app, &context, &actor, &id, form.credential, error).await,
    }
}

/// Signs with it.
pub(super) async fn sign(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Typed>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let typed =
        csc::Typed { pin: form.pin.expose().trim().to_owned(), otp: form.otp.expose().trim().to_owned() };
    match app.desk.sign_remotely(&actor, &id, &form.credential, typed).await.map_err(Error::from) {
        Ok(made) => Ok(signed(&id, &made)),
        Err(error) => not_signed(&app, &context, &actor, &id, form.credential, error).await,
    }
}

/// Why there is no signature is said beside the form; a code that was tried is not good any more.
async fn not_signed(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    credential: String,
    error: Error,
) -> Result<Response, Error> {
    match error {
        Error::Refusal(refusal) if refusal.code.starts_with("remote-") || told_here(&refusal) => {
            let wrong = vec![Words::of(app, context).refused("credential", &refusal)];
            page(app, context, actor, id, Again { credential, ..Again::default() }, wrong).await
        }
        error => Err(error),
    }
}
