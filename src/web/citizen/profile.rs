//! Who the person is here, and where notices go.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_desk::{Actor, Desk, FieldError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query, Refusal};
use crate::web::confirm::Yes;
use crate::web::list::{Done, say_done};
use crate::web::words::{Words, Wrong, invalid};

#[derive(Serialize)]
struct Person {
    name: String,
    fiscal_code: Option<String>,
}

#[derive(Serialize)]
struct Typing {
    email: String,
}

#[derive(Serialize)]
struct Principal {
    name: String,
    #[serde(rename = "as")]
    capacity: &'static str,
}

#[derive(Serialize)]
struct SignIn {
    at: i64,
    level: String,
}

#[derive(Serialize)]
struct Profile {
    person: Person,
    contact: Option<String>,
    form: Typing,
    errors: Vec<Wrong>,
    test: Option<String>,
    acts_for: Vec<Principal>,
    sign_ins: Vec<SignIn>,
}

impl Page for Profile {
    const TEMPLATE: &'static str = "page/citizen/profile.html";
}

async fn show(
    app: &App,
    context: &Context,
    actor: &Actor,
    typed: Option<String>,
    errors: &[FieldError],
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let holder = app.desk.whose(actor).await?.ok_or_else(Refusal::not_found)?;
    // Where no mail server is configured there is nothing to test.
    let mails = !app.shell.config().smtp.host.is_empty();
    let contact = holder.email.filter(|email| !email.is_empty());
    let page = Profile {
        person: Person { name: holder.name, fiscal_code: holder.fiscal_code },
        form: Typing { email: typed.unwrap_or_else(|| contact.clone().unwrap_or_default()) },
        test: contact.as_ref().filter(|_| mails).map(|_| "/profilo/prova".to_owned()),
        contact,
        errors: words.wrong(errors),
        acts_for: app
            .desk
            .principals(actor)
            .await?
            .into_iter()
            .map(|(_, name)| Principal { name, capacity: "mandate" })
            .collect(),
        sign_ins: app
            .desk
            .sign_ins(actor, 5)
            .await?
            .into_iter()
            .map(|(at, level)| SignIn { at, level })
            .collect(),
    };
    app.shell.form(context, &page, !errors.is_empty())
}

/// `GET /profilo`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Query(done): Query<Done>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    if Desk::only_reads(&actor) {
        // Another's data are not for whoever reads his messages; how to come back to one's own stands there.
        return Ok(Redirect::to("/deleghe").into_response());
    }
    say_done(&app, &context, done.fatto.as_deref());
    show(&app, &context, &actor, None, &[]).await
}

/// What is typed.
#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    email: String,
}

/// `POST /profilo`.
pub async fn save(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let actor = super::writer(&app, &context, &[("email", &typed.email)]).await?;
    match invalid(app.desk.change_contact(&actor, &typed.email).await)? {
        Ok(()) => Ok(Redirect::to("/profilo?fatto=recapito").into_response()),
        Err(errors) => show(&app, &context, &actor, Some(typed.email), &errors).await,
    }
}

/// `POST /profilo/prova`: sends a test notice.
pub async fn test(
    State(app): State<App>,
    context: Context,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    match invalid(app.desk.order_test_notice(&actor).await)? {
        Ok(()) => Ok(Redirect::to("/profilo?fatto=prova").into_response()),
        Err(errors) => show(&app, &context, &actor, None, &errors).await,
    }
}
