//! The person withdraws his own filing, after being asked whether he means it.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_record::authority::Deed;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Refusal};
use crate::web::words::Wrong;

/// The page that asks before an act that cannot be taken back.
#[derive(Serialize)]
pub struct Confirm {
    /// Which act.
    pub what: &'static str,
    /// What it is done to.
    pub thing: String,
    /// More about it.
    pub facts: Vec<Fact>,
    /// Where the form goes.
    pub action: String,
    /// What it carries.
    pub hidden: Vec<Hidden>,
    /// Where one goes who thinks better of it.
    pub back: String,
    /// Looks dangerous.
    pub danger: bool,
    /// Whether it asks for a reason.
    pub reason: Option<Reason>,
    /// What does not fit.
    pub errors: Vec<Wrong>,
}

/// A fact about the thing.
#[derive(Serialize)]
pub struct Fact {
    label: String,
    value: String,
}

/// A hidden field.
#[derive(Serialize)]
pub struct Hidden {
    name: String,
    value: String,
}

/// The reason asked for.
#[derive(Serialize)]
pub struct Reason {
    value: String,
    required: bool,
}

impl Page for Confirm {
    const TEMPLATE: &'static str = "page/public/confirm.html";
    const NAV: &'static str = "cases";
}

/// `GET /messaggi/{id}/ritira`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let view = app.desk.message(&actor, &id).await?;
    if !view.may.contains(&Deed::Withdraw) || view.message.direction == "out" {
        return Err(Refusal::not_found().into());
    }
    let back = format!("/messaggi/{}", view.message.id);
    if matches!(view.message.state.as_str(), "withdrawn" | "answered") {
        return Ok(Redirect::to(&back).into_response());
    }
    let number =
        view.message.registration_number().map_or_else(String::new, |number| format!(", n. {number}"));
    let page = Confirm {
        what: "withdraw",
        thing: format!("{}{number}", view.message.subject),
        facts: Vec::new(),
        action: format!("{back}/ritira"),
        hidden: Vec::new(),
        back,
        danger: true,
        reason: Some(Reason { value: String::new(), required: false }),
        errors: Vec::new(),
    };
    app.shell.page(&context, &page)
}

/// What is typed.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    reason: String,
}

/// `POST /messaggi/{id}/ritira`.
pub async fn withdraw(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Redirect, Error> {
    let actor = super::writer(&app, &context, &[("reason", &typed.reason)]).await?;
    let view = app.desk.message(&actor, &id).await?;
    // Sent twice: the first one did it.
    if view.message.state != "withdrawn" {
        app.desk.withdraw(&actor, &id, typed.reason.trim()).await?;
    }
    Ok(Redirect::to(&format!("/messaggi/{}", view.message.id)))
}
