//! Who works here.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::actor;
use crate::web::list::{Done, say_done};

/// Address of the list.
pub(super) const BASE: &str = "/amministrazione/operatori";

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(list))
}

#[derive(Serialize)]
struct OperatorsPage {
    rows: Vec<Row>,
    add: String,
}

impl Page for OperatorsPage {
    const TEMPLATE: &'static str = "page/admin/operators.html";
    const NAV: &'static str = "operators";
}

#[derive(Serialize)]
struct Row {
    url: String,
    name: String,
    login: String,
    email: String,
    roles: Vec<String>,
    offices: String,
    active: bool,
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let offices = app.desk.all_offices(&actor).await?;
    let rows = app.desk.operators(&actor).await?.into_iter().map(|(operator, own)| {
        let names: Vec<&str> = offices
            .iter()
            .filter(|office| own.contains(&office.id))
            .map(|office| office.name.as_str())
            .collect();
        Row {
            url: format!("{BASE}/{}", operator.account),
            offices: names.join(", "),
            roles: operator.roles.split(',').filter(|role| !role.is_empty()).map(str::to_owned).collect(),
            name: operator.name,
            login: operator.login,
            email: operator.email,
            active: operator.active,
        }
    });
    app.shell.page(&context, &OperatorsPage { rows: rows.collect(), add: format!("{BASE}/nuovo") })
}
