//! Annulling a number in the system that gave it: the records manager alone.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_desk::Actor;
use plico_record::part::registration_number;

use super::entry::{AnnulPage, Annulment, Short};
use super::orders::BASE;
use crate::app::App;
use crate::http::{Context, Error, Form, Path, Refusal};
use crate::web::actor;
use crate::web::confirm::Yes;
use crate::web::list::done;
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/registrazioni/{id}/annulla", get(ask).post(annul))
        .route("/ufficio/registrazioni/{id}/annulla/cerca", post(look))
}

async fn asking(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    form: Annulment,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let view = app.desk.order(actor, id).await?;
    if !view.annulling.ask {
        return Err(Refusal::forbidden().into());
    }
    let number = view.row.number.zip(view.row.year);
    let parties: Vec<String> = view.order.parties.into_iter().map(|party| party.name).collect();
    let back = format!("{BASE}/{id}");
    let wrong = !errors.is_empty();
    let page = AnnulPage {
        entry: Short {
            number: number
                .map_or_else(String::new, |(number, year)| registration_number(number.cast_unsigned(), year)),
            subject: view.row.subject,
            parties: parties.join(", "),
        },
        action: format!("{back}/annulla"),
        back,
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn ask(State(app): State<App>, context: Context, Path(id): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    asking(&app, &context, &actor, &id, Annulment::default(), Vec::new()).await
}

async fn annul(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Annulment>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match invalid(app.desk.annul_outside(&actor, &id, &form.reason, &form.authorisation).await)? {
        Ok(()) => Ok(done(&format!("{BASE}/{id}"), "annullamento").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            asking(&app, &context, &actor, &id, form, wrong).await
        }
    }
}

async fn look(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.look_annulment(&actor, &id).await?;
    Ok(done(&format!("{BASE}/{id}"), "cercato").into_response())
}
