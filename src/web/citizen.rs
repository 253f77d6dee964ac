//! The pages of a citizen, a company, or whoever acts for them.

pub mod card;
mod cases;
mod delegations;
mod desk;
mod documents;
mod download;
mod drafts;
mod message;
mod messages;
mod profile;
mod receipt;
mod receipts;
mod reply;
mod row;
mod sent;
mod timeline;
mod withdraw;
mod write_files;
mod write_kind;
mod write_review;
mod write_sign;
mod write_text;
pub mod zip;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use plico_desk::Actor;
use plico_record::actor::Who;

use crate::app::App;
use crate::http::{Context, Error, Path, Refusal};

/// The routes of these pages. What only a form may do answers a mere look with the page the form stands on.
pub fn router() -> Router<App> {
    Router::new()
        .route("/area-personale", get(desk::page))
        .route("/area-personale/messaggi/{id}", get(to_message))
        .route("/messaggi", get(messages::page))
        .route("/messaggi/{id}", get(message::page))
        .route("/messaggi/{id}/apri", post(reply::open).get(to_message))
        .route("/messaggi/{id}/rispondi", post(reply::reply).get(to_message))
        .route("/messaggi/{id}/integra", post(reply::add).get(to_message))
        .route("/messaggi/{id}/ritira", get(withdraw::page).post(withdraw::withdraw))
        .route("/messaggi/{id}/inviata", get(sent::page))
        .route("/messaggi/{id}/tutto.zip", get(zip::download).post(zip::open))
        .route("/pratiche", get(cases::page))
        .route("/documenti", get(documents::page))
        .route("/tessere/sw.js", get(card::worker))
        .route("/tessere/{id}", get(card::page))
        .route("/tessere/{id}/stampa.pdf", get(card::print))
        .route("/tessere/{id}/tessera.pkpass", get(card::apple))
        .route("/tessere/{id}/google", get(card::google))
        .route("/tessere/{id}/manifest.webmanifest", get(card::manifest))
        .route("/documenti/{id}/scarica", get(download::document))
        .route("/ricevute", get(receipts::page))
        .route("/ricevute/{id}/scarica", get(download::receipt))
        .route("/ricevute/{id}/prove", get(download::evidence))
        .route("/ricevute/{id}/lingua", post(receipts::order).get(to_receipts))
        .route("/bozze", get(drafts::page))
        .route("/bozze/{id}", get(drafts::resume))
        .route("/bozze/{id}/elimina", get(drafts::confirm).post(drafts::discard))
        .route("/scrivi", get(write_kind::page).post(write_kind::begin))
        .route("/scrivi/{id}/tipo", get(write_kind::change).post(write_kind::save))
        .route("/scrivi/{id}/testo", get(write_text::page).post(write_text::save))
        .route("/scrivi/{id}/allegati", get(write_files::page).post(write_files::upload))
        .route("/scrivi/{id}/allegati/{file}/elimina", post(write_files::remove).get(write_files::back))
        .route("/scrivi/{id}/avanti", post(write_files::next).get(to_files))
        .route("/scrivi/{id}/riepilogo", get(write_review::page))
        .route("/scrivi/{id}/firma", get(write_sign::page).post(write_sign::upload))
        .route("/scrivi/{id}/firma/prepara", post(write_sign::prepare).get(write_sign::page))
        .route("/scrivi/{id}/firma/scarica", get(write_sign::fetch))
        .route("/scrivi/{id}/firma/togli", post(write_sign::remove).get(write_sign::page))
        .route("/scrivi/{id}/invia", post(write_review::send).get(to_review))
        .route("/deleghe", get(delegations::page).post(delegations::grant))
        .route("/deleghe/{id}/accetta", post(delegations::accept).get(to_delegations))
        .route("/deleghe/{id}/revoca", get(delegations::confirm).post(delegations::revoke))
        .route("/per-conto", post(delegations::switch).get(to_delegations))
        .route("/profilo", get(profile::page).post(profile::save))
        .route("/profilo/pec", post(profile::order_code).get(to_profile))
        .route("/profilo/pec/codice", post(profile::bring_code).get(to_profile))
        .route("/profilo/pec/togli", post(profile::drop_address).get(to_profile))
        .route("/profilo/prova", post(profile::test).get(to_profile))
        .route("/recapiti", get(to_profile))
}

async fn to_message(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("/messaggi/{}", path(&id)))
}

async fn to_files(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("/scrivi/{}/allegati", path(&id)))
}

async fn to_review(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("/scrivi/{}/riepilogo", path(&id)))
}

async fn to_delegations() -> Redirect {
    Redirect::to("/deleghe")
}

async fn to_receipts() -> Redirect {
    Redirect::to("/ricevute")
}

async fn to_profile() -> Redirect {
    Redirect::to("/profilo")
}

/// An identifier as it came, fit for an address: ours are letters and digits.
fn path(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

/// The person who is signed in. For whoever works in an office these pages do not exist.
pub(super) async fn citizen(app: &App, context: &Context) -> Result<Actor, Error> {
    let actor = crate::web::actor(app, context).await?;
    match actor.who {
        Who::Person { .. } => Ok(actor),
        _ => Err(Refusal::not_found().into()),
    }
}

/// The person who is signed in, for what he typed: when his session ended meanwhile, what he typed is given back
/// instead of being lost on the way to the sign-in.
async fn writer(app: &App, context: &Context, typed: &[(&str, &str)]) -> Result<Actor, Error> {
    match citizen(app, context).await {
        Err(Error::Refusal(refusal)) if refusal.code == "sign-in" => {
            let typed = typed
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            Err(Refusal { typed, ..Refusal::new(StatusCode::FORBIDDEN, "session-ended") }.into())
        }
        other => other,
    }
}
