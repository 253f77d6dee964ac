//! The body's own gateway to SPID and CIE vouches for who is there: its headers, already checked, become a session.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use plico_desk::account::Identity;
use plico_record::fiscal::FiscalCode;

use super::Asked;
use crate::app::App;
use crate::http::session::SignIn;
use crate::http::{Context, Error, Query, Refusal};

/// `GET /accedi/identita`: the page to which the gateway sends back.
pub async fn sign_in(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let refused = || Refusal::new(StatusCode::UNAUTHORIZED, "identity-missing");
    let assertion = context.assertion().ok_or_else(refused)?;
    let fiscal_code = FiscalCode::parse(&assertion.fiscal_code).map_err(|_| refused())?;
    let identity = Identity {
        fiscal_code,
        name: format!("{} {}", assertion.given_name, assertion.family_name).trim().to_owned(),
        email: assertion.email.clone(),
    };
    let mut sign_in = SignIn {
        account: String::new(),
        kind: "gateway",
        level: assertion.level.into(),
        acting_for: None,
        evidence: assertion.evidence.clone(),
        locale: None,
    };
    let Some(administration) = super::chosen(&app, &asked.body).await? else {
        return Ok(Redirect::to(&asked.at("/accedi")).into_response());
    };
    let login = super::evidence(&sign_in, context.now_ms());
    sign_in.account = app.desk.person_signs_in(&administration.id, identity, login).await?;
    super::enter(&app, &context, sign_in, &asked.back).await
}
