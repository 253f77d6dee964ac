//! The logs, for anybody who wants to watch them: checkpoints and hash tiles as C2SP tlog-tiles has them, and the
//! policy with which `plico verify` trusts this installation. Nothing here tells what an event says.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap,
};
use axum::response::{IntoResponse, Response};
use plico_archive::checkpoint::LogRow;
use plico_desk::token::Scope;
use plico_journal::merkle::{TileId, parse_bundle};

use crate::api::caller;
use crate::app::App;
use crate::http::{Error, Path, Refusal};
use crate::seal;

const TEXT: &str = "text/plain; charset=utf-8";

/// `GET /log/policy`: what this installation trusts, its own logs and the certificate of its own seal. Whoever wants to
/// be independent of it compares it with a copy got earlier or elsewhere.
pub async fn policy(State(app): State<App>) -> Result<Response, Error> {
    let name = [(CONTENT_DISPOSITION, "attachment; filename=\"plico.policy\"")];
    Ok((name, text(own_policy(&app).await?)).into_response())
}

/// `GET /log/{ipa}/{n}/checkpoint`: the newest that the witnesses' quorum vouches for, with their cosignatures; where
/// none does, the newest.
pub async fn checkpoint(
    State(app): State<App>,
    Path((ipa, successor)): Path<(String, String)>,
) -> Result<Response, Error> {
    let log = log(&app, &ipa, &successor).await?;
    let published = app.desk.archive().published_checkpoint(&log).await.map_err(Error::fault)?;
    Ok(text(published.ok_or_else(Refusal::not_found)?))
}

/// `GET /log/{ipa}/{n}/tile/{*path}`: a tile under the last checkpoint; it never changes.
pub async fn tile(
    State(app): State<App>,
    Path((ipa, successor, path)): Path<(String, String, String)>,
) -> Result<Response, Error> {
    let tile = TileId::parse(&format!("tile/{path}")).ok_or_else(Refusal::not_found)?;
    let log = log(&app, &ipa, &successor).await?;
    let bytes = app.desk.archive().published_tile(&log, tile).await.map_err(Error::fault)?;
    let headers = [
        (CONTENT_TYPE, "application/octet-stream"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((headers, bytes.ok_or_else(Refusal::not_found)?).into_response())
}

/// What this installation trusts.
pub(super) async fn own_policy(app: &App) -> Result<String, Error> {
    let archive = app.desk.archive();
    let mut policy = archive.own_policy(&app.shell.config().public_url).await.map_err(Error::fault)?;
    // What sealed before stays believable; a seal that cannot be used now says nothing new.
    let mut seal = seal::earlier(&app.shell.config().seal).map_err(Error::fault)?;
    let present = app.desk.sealer().ok().flatten().and_then(|sealer| sealer.chain_pem().ok());
    let kept = archive.seal_pem().unwrap_or_default();
    for pem in
        certificates(kept).into_iter().chain(present.as_deref().map(certificates).into_iter().flatten())
    {
        if !seal.contains(&pem) {
            seal.push_str(&pem);
        }
    }
    policy.push_str(&roots("seal", &seal));
    // What the configured file does not mark is for time stamps: nobody else's seal is demanded of our receipts.
    policy.push_str(&roots("timestamp", &app.vouchers.roots_pem()));
    Ok(policy)
}

/// The certificates of a PEM, and nothing else of it: it may hold a key.
fn certificates(pem: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in pem.lines() {
        if line == "-----BEGIN CERTIFICATE-----" {
            inside = true;
            found.push(String::new());
        }
        if let Some(certificate) = found.last_mut().filter(|_| inside) {
            certificate.push_str(line);
            certificate.push('\n');
        }
        inside &= line != "-----END CERTIFICATE-----";
    }
    found
}

/// Certificates under the line that says what they are for.
fn roots(about: &str, pem: &str) -> String {
    if pem.is_empty() { String::new() } else { format!("roots {about}\n{pem}") }
}

/// `GET /log/{ipa}/{n}/tile/entries/{*path}`: the leaves themselves, for a mirror or whoever else has a token for them.
/// They say what happened when, to a subject without a name; no part can be opened with them.
pub async fn entries(
    State(app): State<App>,
    headers: HeaderMap,
    Path((ipa, successor, path)): Path<(String, String, String)>,
) -> Result<Response, Error> {
    let secret = caller::bearer(&headers).ok_or_else(|| Refusal::new(StatusCode::UNAUTHORIZED, "token"))?;
    let caller = app.desk.token_actor(secret).await?;
    let caller = caller.ok_or_else(|| Refusal::new(StatusCode::UNAUTHORIZED, "token"))?;
    let actor = caller::within(&caller, Scope::ReadLog)?;
    let log = log(&app, &ipa, &successor).await?;
    app.desk.may_read_log(actor, &log)?;
    let (index, width) = parse_bundle(&format!("tile/entries/{path}")).ok_or_else(Refusal::not_found)?;
    let bytes = app.desk.archive().published_bundle(&log, index, width).await.map_err(Error::fault)?;
    let headers =
        [(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, "private, max-age=31536000, immutable")];
    Ok((headers, bytes.ok_or_else(Refusal::not_found)?).into_response())
}

async fn log(app: &App, ipa: &str, successor: &str) -> Result<LogRow, Error> {
    let log = app.desk.archive().log_at(&format!("{ipa}/{successor}")).await.map_err(Error::fault)?;
    Ok(log.ok_or_else(Refusal::not_found)?)
}

fn text(text: String) -> Response {
    let headers = [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-cache"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, text).into_response()
}
