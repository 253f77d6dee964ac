//! Which series (*repertori*) there are, and when each is used.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_desk::series::Series;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::list::{done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/amministrazione/repertori";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(save))
}

#[derive(Serialize)]
struct SeriesPage {
    rows: Vec<Row>,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for SeriesPage {
    const TEMPLATE: &'static str = "page/admin/series.html";
    const NAV: &'static str = "registry";
}

#[derive(Serialize)]
struct Row {
    url: String,
    code: String,
    title: String,
    from: String,
    until: Option<String>,
    in_use: bool,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    code: String,
    title: String,
    from: String,
    until: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    codice: String,
    fatto: Option<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let known = app.desk.series(&actor.administration, &asked.codice).await?;
    let form = known.map_or_else(
        || Given { from: app.desk.today(), ..Given::default() },
        |series| Given {
            code: series.code,
            title: series.title,
            from: series.from,
            until: series.until.unwrap_or_default(),
        },
    );
    page(&app, &context, &actor, form, Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let today = app.desk.today();
    let wrong = !errors.is_empty();
    let rows = app.desk.all_series(&actor.administration).await?.into_iter().map(|series| Row {
        url: format!("{BASE}?codice={}", series.code),
        from: words.day(&series.from),
        until: series.until.as_deref().map(|day| words.day(day)),
        in_use: series.in_use(&today),
        code: series.code,
        title: series.title,
    });
    app.shell.form(context, &SeriesPage { rows: rows.collect(), form, errors }, wrong)
}

async fn save(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let series = Series {
        code: form.code.clone(),
        title: form.title.clone(),
        from: form.from.clone(),
        until: Some(form.until.clone()),
    };
    match invalid(app.desk.save_series(&actor, series).await)? {
        Ok(()) => Ok(done(BASE, "salvato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, form, wrong).await
        }
    }
}
