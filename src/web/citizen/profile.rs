//! Who the person is here, and where notices go.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_desk::{Actor, Desk, FieldError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query, Refusal};
use crate::mailboxes::sends;
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
    pec: String,
}

/// Addresses of certified mail.
#[derive(Serialize)]
struct Pec {
    proven: Vec<Proven>,
    pending: Option<String>,
}

#[derive(Serialize)]
struct Proven {
    address: String,
    at: i64,
    /// It is to be shown anew.
    over: bool,
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
    /// None where the body sends no certified mail.
    pec: Option<Pec>,
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
    typed: Typed,
    errors: &[FieldError],
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let holder = app.desk.whose(actor).await?.ok_or_else(Refusal::not_found)?;
    // Where no mail server is configured there is nothing to test.
    let mails = !app.shell.config().smtp.host.is_empty();
    let contact = holder.email.filter(|email| !email.is_empty());
    let addresses = app.desk.addresses(actor).await?;
    let shown = |(address, at, over)| Proven { address, at, over };
    let pec = sends(app, actor).then(|| Pec {
        proven: addresses.proven.into_iter().map(shown).collect(),
        pending: addresses.pending,
    });
    let page = Profile {
        person: Person { name: holder.name, fiscal_code: holder.fiscal_code },
        form: Typing {
            email: typed.email.unwrap_or_else(|| contact.clone().unwrap_or_default()),
            pec: typed.pec,
        },
        pec,
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
    show(&app, &context, &actor, Typed::default(), &[]).await
}

/// What is typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    email: Option<String>,
    pec: String,
    code: String,
}

/// `POST /profilo`.
pub async fn save(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let email = typed.email.clone().unwrap_or_default();
    let actor = super::writer(&app, &context, &[("email", &email)]).await?;
    match invalid(app.desk.change_contact(&actor, &email).await)? {
        Ok(()) => Ok(Redirect::to("/profilo?fatto=recapito").into_response()),
        Err(errors) => show(&app, &context, &actor, typed, &errors).await,
    }
}

/// `POST /profilo/pec`: sends a code to an address.
pub async fn order_code(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let actor = super::writer(&app, &context, &[("pec", &typed.pec)]).await?;
    if !sends(&app, &actor) {
        return Err(Refusal::not_found().into());
    }
    match invalid(app.desk.order_address_code(&actor, &typed.pec).await)? {
        Ok(()) => Ok(Redirect::to("/profilo?fatto=codice").into_response()),
        Err(errors) => show(&app, &context, &actor, typed, &errors).await,
    }
}

/// `POST /profilo/pec/codice`: brings the code.
pub async fn bring_code(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    match invalid(app.desk.prove_address(&actor, &typed.code).await)? {
        Ok(()) => Ok(Redirect::to("/profilo?fatto=pec").into_response()),
        Err(errors) => show(&app, &context, &actor, Typed::default(), &errors).await,
    }
}

/// `POST /profilo/pec/togli`: is not known by it any more.
pub async fn drop_address(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    app.desk.drop_address(&actor, &typed.pec).await?;
    Ok(Redirect::to("/profilo?fatto=salvato").into_response())
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
        Err(errors) => show(&app, &context, &actor, Typed::default(), &errors).await,
    }
}
