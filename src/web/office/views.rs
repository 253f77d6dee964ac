//! Views of the queue that one keeps under a name.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use plico_archive::read::saved::SavedView;
use serde::{Deserialize, Serialize};

use super::queue::{BASE, Filters, again};
use crate::app::App;
use crate::http::{Context, Error, Form};
use crate::web::actor;
use crate::web::list::{address, done};
use crate::web::words::{Words, invalid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/viste", post(save)).route("/ufficio/viste/elimina", post(forget))
}

/// A view among the others, above the queue.
#[derive(Serialize)]
pub(super) struct Tab {
    name: String,
    url: String,
    current: bool,
    count: Option<i64>,
}

/// What one keeps, after everything; nothing where one keeps nothing.
pub(super) fn tabs(words: &Words<'_>, saved: &[SavedView], query: &str) -> Vec<Tab> {
    if saved.is_empty() {
        return Vec::new();
    }
    let all = Tab {
        name: words.t("views-all"),
        url: address(BASE, &[("tutte", "1")]),
        current: query.is_empty(),
        count: None,
    };
    let kept = saved.iter().map(|view| Tab {
        name: view.name.clone(),
        url: format!("{BASE}?{}", view.query),
        current: view.query == query,
        count: None,
    });
    std::iter::once(all).chain(kept).collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    name: String,
    apre: String,
    filtri: String,
}

async fn save(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    // Only what a filter is, in the one order it is compared in.
    let filters = Filters::read(&form.filtri);
    let view = SavedView { name: form.name, query: filters.query(), opens: !form.apre.is_empty() };
    let query = view.query.clone();
    match invalid(app.desk.save_view(&actor, view).await)? {
        Ok(()) => Ok(Redirect::to(&format!("{BASE}?{query}&fatto=vista")).into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            again(&app, &context, &actor, filters, wrong).await
        }
    }
}

async fn forget(
    State(app): State<App>,
    context: Context,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.drop_view(&actor, &form.name).await?;
    Ok(done(BASE, "senza-vista").into_response())
}
