//! A card, as large as the screen: shown to whoever checks, kept on the telephone if its holder wants, printed.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_archive::read::card::CardRow;
use plico_card::qr;
use plico_locale::Args;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path};
use crate::web::download::headers;
use crate::web::offline;
use crate::web::words::Words;

/// A card in a list.
#[derive(Serialize)]
pub struct Row {
    url: String,
    name: String,
    number: String,
    until: String,
    state: &'static str,
    symbol: String,
}

/// The person's cards.
pub async fn rows(app: &App, context: &Context) -> Result<Vec<Row>, Error> {
    let actor = super::citizen(app, context).await?;
    let (words, today) = (Words::of(app, context), app.desk.today());
    let mut rows = Vec::new();
    for row in app.desk.own_cards(&actor).await? {
        let kind = app.desk.card_type(&row.administration, &row.kind).await?;
        rows.push(Row {
            url: format!("/tessere/{}", row.id),
            name: kind.as_ref().map_or_else(|| row.name.clone(), |kind| words.card_name(kind)),
            until: words.day(&row.valid_until),
            state: row.state(&today),
            symbol: kind.map_or_else(|| "it-card".into(), |kind| kind.symbol),
            number: row.number,
        });
    }
    Ok(rows)
}

#[derive(Serialize)]
struct Fact {
    label: String,
    value: String,
}

#[derive(Serialize)]
struct CardPage {
    id: String,
    name: String,
    number: String,
    holder: String,
    facts: Vec<Fact>,
    from: String,
    until: String,
    state: &'static str,
    reason: Option<String>,
    colour: String,
    symbol: String,
    /// The code, as an image in an address: nothing is fetched for it.
    image: String,
    print: String,
    manifest: String,
    apple: Option<String>,
    google: Option<String>,
}

impl Page for CardPage {
    const TEMPLATE: &'static str = "page/citizen/card.html";
    const NAV: &'static str = "documents";
}

fn image(words: &Words<'_>, row: &CardRow) -> Result<String, Error> {
    let modules = qr::modules(&row.code, qr::Level::Medium).map_err(Error::fault)?;
    let alt = words.with("card-qr-alt", &Args::new().with("number", row.number.clone()));
    Ok(format!("data:image/svg+xml;base64,{}", BASE64.encode(modules.svg(&alt))))
}

/// `GET /tessere/{id}`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let row = app.desk.card(&actor, &id).await?;
    let words = Words::of(&app, &context);
    let kind = app.desk.card_type(&row.administration, &row.kind).await?;
    let (apple, google) = app.desk.wallets_offered();
    let page = CardPage {
        apple: apple.then(|| format!("/tessere/{}/tessera.pkpass", row.id)),
        google: google.then(|| format!("/tessere/{}/google", row.id)),
        image: image(&words, &row)?,
        name: kind.as_ref().map_or_else(|| row.name.clone(), |kind| words.card_name(kind)),
        facts: row.fields().into_iter().map(|(label, value)| Fact { label, value }).collect(),
        from: words.day(&row.valid_from),
        until: words.day(&row.valid_until),
        state: row.state(&app.desk.today()),
        reason: Some(row.reason).filter(|reason| !reason.is_empty()),
        colour: kind.as_ref().map_or_else(|| "grey".into(), |kind| kind.colour.clone()),
        symbol: kind.map_or_else(|| "it-card".into(), |kind| kind.symbol),
        print: format!("/tessere/{}/stampa.pdf", row.id),
        manifest: format!("/tessere/{}/manifest.webmanifest", row.id),
        number: row.number,
        holder: row.holder_name,
        id: row.id,
    };
    Ok(offline::allowed(app.shell.page(&context, &page)?, false))
}

/// `GET /tessere/{id}/stampa.pdf`.
pub async fn print(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let (name, bytes) = app.desk.card_paper(&actor, &id, context.lang()).await?;
    Ok((headers(&name, "application/pdf"), bytes).into_response())
}

/// `GET /tessere/{id}/tessera.pkpass`.
pub async fn apple(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let (name, bytes) = app.desk.apple_pass(&actor, &id, context.lang()).await?;
    Ok((headers(&name, "application/vnd.apple.pkpass"), bytes).into_response())
}

/// `GET /tessere/{id}/google`: what the card says leaves the house only when its holder follows the link. No form leads
/// elsewhere, so it is a link.
pub async fn google(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let link = app.desk.google_link(&actor, &id, context.lang()).await?;
    Ok(Redirect::to(&link).into_response())
}

/// `GET /tessere/{id}/manifest.webmanifest`.
pub async fn manifest(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let row = app.desk.card(&actor, &id).await?;
    Ok(offline::manifest(&row.name, &format!("/tessere/{}", row.id), "/tessere/"))
}

/// `GET /tessere/sw.js`.
pub async fn worker() -> Response {
    let headers = [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    (headers, offline::WORKER).into_response()
}
