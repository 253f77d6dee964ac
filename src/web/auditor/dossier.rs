//! A dossier while it is packed, and its download, which may be broken off and go on.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::http::header::HeaderValue;
use axum::response::{IntoResponse as _, Redirect, Response};
use plico_desk::Actor;
use plico_desk::dossier::{Plan, Progress};
use plico_desk::sweep::FILE_DAYS;
use plico_record::authority::Deed;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path};
use crate::web::actor;
use crate::web::download::attachment;
use crate::web::list::Case;
use crate::work::describe;

/// Seconds after which a page that waits asks again by itself.
const AGAIN: HeaderValue = HeaderValue::from_static("3");

/// What this process packs, for which account and case file; what failed stays until it is asked for again.
static PACKING: Mutex<BTreeMap<(String, String), Packing>> = Mutex::new(BTreeMap::new());

#[derive(Clone, Copy)]
enum Packing {
    At(Option<Progress>),
    Failed,
}

#[derive(Serialize)]
struct DossierPage {
    case: Case,
    back: String,
    /// `packing`, `ready` or `failed`.
    state: &'static str,
    files: usize,
    of: usize,
    percent: u64,
    name: String,
    bytes: i64,
    sha256: String,
    url: String,
    days: i64,
}

impl Page for DossierPage {
    const TEMPLATE: &'static str = "page/auditor/dossier.html";
    const NAV: &'static str = "search";
}

pub(super) fn address(case: &str) -> String {
    format!("/revisore/fascicoli/{case}/dossier")
}

fn packing(actor: &Actor, case: &str) -> Option<Packing> {
    let list = PACKING.lock().unwrap_or_else(PoisonError::into_inner);
    list.get(&(actor.account.clone(), case.to_owned())).copied()
}

pub(super) fn is_packing(actor: &Actor, case: &str) -> bool {
    matches!(packing(actor, case), Some(Packing::At(_)))
}

fn set(place: &(String, String), state: Option<Packing>) {
    let mut list = PACKING.lock().unwrap_or_else(PoisonError::into_inner);
    match state {
        Some(state) => list.insert(place.clone(), state),
        None => list.remove(place),
    };
}

/// Packs it aside, unless that is under way.
pub(super) fn pack(app: &App, actor: Actor, case: &str, plan: Plan, reason: String) {
    let place = (actor.account.clone(), case.to_owned());
    {
        let mut list = PACKING.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(list.get(&place), Some(Packing::At(_))) {
            return;
        }
        list.insert(place.clone(), Packing::At(None));
    }
    let app = app.clone();
    tokio::spawn(async move {
        // Should the task be torn down, the page says that it failed and does not wait for ever.
        let mut turn = Turn { place, ended: Some(Packing::Failed) };
        let told = turn.place.clone();
        let progress = |at| set(&told, Some(Packing::At(Some(at))));
        match app.desk.keep_dossier(&actor, &turn.place.1, plan, &reason, progress).await {
            Ok(_) => turn.ended = None,
            Err(error) => tracing::error!(error = %describe(&error), "a dossier was not packed"),
        }
    });
}

struct Turn {
    place: (String, String),
    ended: Option<Packing>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        set(&self.place, self.ended);
    }
}

/// `GET /revisore/fascicoli/{id}/dossier`: how far it is, or where it lies.
pub(super) async fn show(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Search)?;
    let case = app.desk.case(&actor, Deed::ReadMetadata, &id).await?;
    let under_way = packing(&actor, &id);
    let kept = app.desk.kept_dossier(&actor, &id).await?;
    let back = format!("/revisore/fascicoli/{id}");
    let (state, at) = match (under_way, &kept) {
        (Some(Packing::At(at)), _) => ("packing", at),
        (Some(Packing::Failed), _) => ("failed", None),
        (None, Some(_)) => ("ready", None),
        (None, None) => return Ok(Redirect::to(&back).into_response()),
    };
    let (files, of) = at.map_or((0, 0), |at| (at.files, at.of));
    let page = DossierPage {
        case: Case::from(&case),
        state,
        files,
        of,
        percent: (files as u64 * 100).checked_div(of as u64).unwrap_or(0),
        name: kept.as_ref().map(|file| file.name.clone()).unwrap_or_default(),
        bytes: kept.as_ref().map_or(0, |file| file.size),
        url: kept.as_ref().map(|file| format!("{}/{}", address(&id), file.id)).unwrap_or_default(),
        sha256: kept.map(|file| file.sha256).unwrap_or_default(),
        back,
        days: FILE_DAYS,
    };
    let mut response = app.shell.page(&context, &page)?;
    if state == "packing" {
        response.headers_mut().insert("refresh", AGAIN);
    }
    Ok(response)
}

/// `GET /revisore/fascicoli/{id}/dossier/{file}`: the file, or the part of it that is asked for.
pub(super) async fn file(
    State(app): State<App>,
    context: Context,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    plico_desk::Desk::admit(&actor, Deed::Search)?;
    let (row, reader) = app.desk.dossier_file(&actor, &id, &file).await?;
    Ok(attachment(&row.name, "application/zip", &row.sha256, reader))
}
