//! The web services by which registries of other bodies speak to ours (SOAP, Allegato 6 of the guidelines): as the recipient of
//! what they send, and as the sender of what we sent to them. Whoever calls has a token of its own, and the configuration says
//! for which body it speaks: never the request alone.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use plico_crypto::digest::sha256;
use plico_desk::between::Delivered;
use plico_desk::token::Scope;
use plico_record::authority::Deed;
use plico_registry::agid::{
    Annulment, AnnulmentAnomaly, Anomaly, By, Confirmation, Refusal as Wrong, receive,
};
use plico_signature::Options;
use tokio::sync::Semaphore;

use super::caller::Caller;
use crate::app::App;
use crate::http::{Error, Refusal};
use crate::peers::Known;
use crate::web::receive::scanner;

/// Longest request of a recipient's service (bytes): files are in it, in base64, and it is held in memory.
const MOST: u64 = 128 * 1024 * 1024;
/// Longest request without files (bytes).
const MOST_WORDS: usize = 1024 * 1024;
/// Requests with files that are held in memory at one time.
static TURNS: Semaphore = Semaphore::const_new(2);

/// The body that calls.
fn known<'a>(app: &'a App, caller: &Caller) -> Result<&'a Known, Error> {
    let actor = caller.with(Scope::Exchange)?;
    plico_desk::Desk::admit(actor, Deed::TakeIn)?;
    let mut all = app.peers.get().into_iter().flatten();
    let found =
        all.find(|one| one.peer.administration == actor.administration && one.program == caller.name());
    found.ok_or_else(|| Refusal::new(StatusCode::FORBIDDEN, "registry-unknown").into())
}

async fn body(request: Request, most: usize) -> Result<Vec<u8>, Error> {
    let read = to_bytes(request.into_body(), most).await;
    Ok(read.map_err(|_| Refusal::too_large(most as u64))?.to_vec())
}

fn xml(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], text).into_response()
}

/// SOAP 1.1 wants faults to be 500; the words say whose it is. The office sees it among what was left in its mailboxes.
async fn wrong(app: &App, known: &Known, request: [u8; 32], why: &Wrong) -> Result<Response, Error> {
    let (status, words) = match why {
        Wrong::NoMessage(words) => (StatusCode::INTERNAL_SERVER_ERROR, words.clone()),
        Wrong::Anomaly { from, anomaly, info } => {
            (StatusCode::OK, format!("{}: {} {info}", from.mark(), anomaly.code()))
        }
    };
    app.desk.service_refused(&known.peer, request, &words).await?;
    Ok((status, xml(why.answer())).into_response())
}

fn no(why: &str) -> Wrong {
    Wrong::NoMessage(why.to_owned())
}

/// `POST /api/registries/recipient`: `MessaggioInoltro` and `AnnullamentoInoltroMittente`.
pub async fn recipient(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Error> {
    let known = known(&app, &caller)?;
    let _turn = TURNS.acquire().await.map_err(Error::fault)?;
    let most = app.shell.config().limits.message_max_bytes.min(MOST / 4 * 3) / 3 * 4 + MOST_WORDS as u64;
    let bytes = Arc::new(body(request, usize::try_from(most).map_err(Error::fault)?).await?);
    let came = sha256(&bytes);
    if let Ok(annulment) = Annulment::read_short(&bytes) {
        return annulled(&app, known, &bytes, annulment, By::Sender).await;
    }
    let now = app.desk.archive().now_ms();
    let read = Arc::clone(&bytes);
    let received = tokio::task::spawn_blocking(move || receive(&read, &Options::at(now, None))).await;
    let received = match received.map_err(Error::fault)? {
        Ok(received) => received,
        Err(why) => return wrong(&app, known, came, &why).await,
    };
    drop(bytes);
    if !received.from.administration.eq_ignore_ascii_case(&known.peer.code) {
        let why = no("CodiceAmministrazione is not that of the body that calls");
        return wrong(&app, known, came, &why).await;
    }
    let limits = &app.shell.config().limits;
    if received.files.iter().any(|file| file.bytes.len() as u64 > limits.upload_max_bytes) {
        return wrong(&app, known, came, &no("a file is longer than what is taken in here")).await;
    }
    let (answer, from) = (received.answer(), received.from.clone());
    let scanner = scanner(app.shell.config());
    let why = match app.desk.take_in_forwarded(&known.peer, received, &scanner).await? {
        Delivered::Here => return Ok(xml(answer)),
        Delivered::Another => Wrong::Anomaly {
            from: Box::new(from),
            anomaly: Anomaly::Digests,
            info: "another message came with this number, and other files".into(),
        },
        Delivered::TooMany => no("it has more files than are taken in here"),
    };
    wrong(&app, known, came, &why).await
}

/// `POST /api/registries/sender`: `ConfermaMessaggioInoltro` and `AnnullamentoInoltroDestinatario`.
pub async fn sender(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Error> {
    let known = known(&app, &caller)?;
    let bytes = body(request, MOST_WORDS).await?;
    let came = sha256(&bytes);
    if let Ok(annulment) = Annulment::read_short(&bytes) {
        return annulled(&app, known, &bytes, annulment, By::Recipient).await;
    }
    let said = match Confirmation::read(&bytes) {
        Ok(said) => said,
        Err(why) => return wrong(&app, known, came, &why).await,
    };
    if let Ok(theirs) = &said.outcome
        && !theirs.administration.eq_ignore_ascii_case(&known.peer.code)
    {
        let why = no("IdentificatoreDestinatario is not of the body that calls");
        return wrong(&app, known, came, &why).await;
    }
    let answer = said.answer();
    if app.desk.hear_confirmation(&known.peer, &bytes, said).await? {
        return Ok(xml(answer));
    }
    let why = no("IdentificatoreMittente is not of a letter that went from here to the body that calls");
    wrong(&app, known, came, &why).await
}

async fn annulled(
    app: &App,
    known: &Known,
    bytes: &[u8],
    annulment: Annulment,
    by: By,
) -> Result<Response, Error> {
    if annulment.by != by {
        return wrong(app, known, sha256(bytes), &no("that operation is the other service's")).await;
    }
    let theirs = match by {
        By::Sender => &annulment.sender,
        By::Recipient => &annulment.recipient,
    };
    if !theirs.administration.eq_ignore_ascii_case(&known.peer.code) {
        let why = (AnnulmentAnomaly::NotReceivable, "it is not of the body that calls");
        return Ok(xml(annulment.answer(Some(why))));
    }
    let said = annulment.clone();
    let heard = app.desk.hear_annulment(&known.peer, bytes, said).await?;
    let anomaly = (AnnulmentAnomaly::NotFound, "nothing with this number went between us");
    Ok(xml(annulment.answer((!heard).then_some(anomaly))))
}
