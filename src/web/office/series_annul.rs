//! A number of a series is annulled: the records manager alone.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Actor;

use super::entry::{AnnulPage, Annulment, Short};
use super::series::BASE;
use crate::app::App;
use crate::http::{Context, Error, Form, Path, Refusal};
use crate::web::actor;
use crate::web::list::done;
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/repertori/{code}/{year}/{number}/annulla", get(ask).post(annul))
}

type Place = (String, i32, i64);

async fn asking(
    app: &App,
    context: &Context,
    actor: &Actor,
    (code, year, number): &Place,
    (form, errors): (Annulment, Vec<Wrong>),
) -> Result<Response, Error> {
    let (row, may) = app.desk.series_entry(actor, (code, *year, *number)).await?;
    if !may {
        return Err(Refusal::forbidden().into());
    }
    let back = format!("{BASE}/{code}?anno={year}");
    let wrong = !errors.is_empty();
    let page = AnnulPage {
        action: format!("{BASE}/{code}/{year}/{number}/annulla"),
        back,
        entry: Short { number: row.text(), subject: row.subject, parties: row.parties.replace('\n', ", ") },
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn ask(State(app): State<App>, context: Context, Path(place): Path<Place>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    asking(&app, &context, &actor, &place, (Annulment::default(), Vec::new())).await
}

async fn annul(
    State(app): State<App>,
    context: Context,
    Path(place): Path<Place>,
    Form(form): Form<Annulment>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (code, year, number) = (place.0.as_str(), place.1, place.2);
    let outcome =
        app.desk.annul_in_series(&actor, (code, year, number), &form.reason, &form.authorisation).await;
    match invalid(outcome)? {
        Ok(()) => Ok(done(&format!("{BASE}/{code}?anno={year}"), "annullato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            asking(&app, &context, &actor, &place, (form, wrong)).await
        }
    }
}
