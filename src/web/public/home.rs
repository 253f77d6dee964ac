//! The first page: to which office of which administration one can write, and what.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_archive::read::body;
use plico_desk::kind::Kind;
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error};
use crate::web::list::address;
use crate::web::sign_in::bodies;
use crate::web::words::Words;

#[derive(Serialize)]
struct Home {
    bodies: Vec<Body>,
}

#[derive(Serialize)]
struct Body {
    /// Said where there are several.
    name: Option<String>,
    offices: Vec<Office>,
}

#[derive(Serialize)]
struct Office {
    name: String,
    kinds: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    name: String,
    url: String,
    term: Option<u32>,
}

impl Page for Home {
    const TEMPLATE: &'static str = "page/public/home.html";
}

/// The offices that are open today with the kinds of message that each of them takes; a kind bound to no office is
/// taken by all.
pub async fn offered(app: &App, administration: &str) -> Result<Vec<(body::Office, Vec<Kind>)>, Error> {
    let kinds: Vec<Kind> =
        app.desk.kinds(administration).await?.into_iter().filter(|kind| kind.offered).collect();
    let offices = app.desk.open_offices(administration).await?;
    Ok(offices
        .into_iter()
        .map(|office| {
            let of = |kind: &&Kind| kind.office.as_ref().is_none_or(|one| *one == office.id);
            let kinds = kinds.iter().filter(of).cloned().collect::<Vec<_>>();
            (office, kinds)
        })
        .filter(|(_, kinds)| !kinds.is_empty())
        .collect())
}

/// `GET /`. Who is signed in has a first page of his own.
pub async fn page(State(app): State<App>, context: Context) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    if let Some(me) = context.me() {
        return Ok(Redirect::to(me.home).into_response());
    }
    let words = Words::of(&app, &context);
    let all = bodies(&app).await?;
    let several = all.len() > 1;
    let mut shown = Vec::new();
    for body in all {
        let offices = offered(&app, &body.id).await?;
        let offices = offices.into_iter().map(|(office, kinds)| Office {
            kinds: kinds
                .iter()
                .map(|kind| Link {
                    name: words.kind_name(kind),
                    url: begins(several.then_some(&body.id), &office.id, &kind.code),
                    term: kind.term_days,
                })
                .collect(),
            name: office.name,
        });
        shown.push(Body { offices: offices.collect(), name: several.then_some(body.name) });
    }
    app.shell.page(&context, &Home { bodies: shown })
}

/// Where one begins to write. Whoever must choose an administration has chosen it with the office.
pub(super) fn begins(body: Option<&String>, office: &str, kind: &str) -> String {
    let path = address("/scrivi", &[("ufficio", office), ("tipo", kind)]);
    match body {
        Some(body) => address("/accedi", &[("return", &path), ("ente", body)]),
        None => path,
    }
}
