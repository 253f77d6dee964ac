//! What is registered where: the built-in register, or an outside registry system that the configuration names.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::Actor;
use plico_desk::outside::{Route, Routes};
use serde::Serialize;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Query};
use crate::web::actor;
use crate::web::list::{Choice, Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/amministrazione/protocollo";
/// Stands for the built-in register where a kind is told from the others.
const BUILT_IN: &str = "-";
/// What the offices send, beside the kinds of what comes in.
const LETTERS: &str = "out.letters";
const CERTIFICATES: &str = "out.certificates";
/// Longest code or option, in characters.
const LONGEST: usize = 200;

pub(super) fn router() -> Router<App> {
    Router::new().route(BASE, get(show).post(save))
}

#[derive(Serialize)]
struct RegistryPage {
    systems: Vec<Choice>,
    area: String,
    rows: Vec<Row>,
    offices: Vec<Office>,
    errors: Vec<Wrong>,
}

impl Page for RegistryPage {
    const TEMPLATE: &'static str = "page/admin/registry.html";
    const NAV: &'static str = "registry";
}

/// A kind, or what goes for all others.
#[derive(Serialize)]
struct Row {
    /// Empty for all others.
    code: String,
    name: String,
    system: String,
    classification: String,
    case_file: String,
    /// One `name = value` a line.
    options: String,
    /// Nothing chosen is the built-in register.
    alone: bool,
}

#[derive(Serialize)]
struct Office {
    id: String,
    name: String,
    code: String,
}

/// Whether it is said of these by itself, and not like all others.
fn stands_alone(code: &str) -> bool {
    ["", LETTERS, CERTIFICATES].contains(&code)
}

impl Row {
    fn of(code: &str, name: String, route: Option<&Route>) -> Self {
        let built_in = if stands_alone(code) { "" } else { BUILT_IN };
        let system = match route {
            Some(route) if route.system.is_empty() => built_in.to_owned(),
            Some(route) => route.system.clone(),
            None => String::new(),
        };
        let route = route.cloned().unwrap_or_default();
        let options: Vec<String> =
            route.options.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        Self {
            code: code.into(),
            name,
            system,
            classification: route.classification,
            case_file: route.case_file,
            options: options.join("\n"),
            alone: stands_alone(code),
        }
    }
}

async fn show(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    app.desk.settings(&actor).await?;
    let routes = app.desk.routes(&actor.administration).await?;
    page(&app, &context, &actor, &routes, Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    routes: &Routes,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let mut rows = vec![Row::of("", words.t("registry-otherwise"), Some(&routes.otherwise))];
    for kind in app.desk.kinds(&actor.administration).await? {
        rows.push(Row::of(&kind.code, words.kind_name(&kind), routes.kinds.get(&kind.code)));
    }
    rows.push(Row::of(LETTERS, words.t("registry-letters"), Some(&routes.letters)));
    rows.push(Row::of(CERTIFICATES, words.t("registry-certificates"), Some(&routes.certificates)));
    let systems = app.desk.systems(&actor.administration);
    let offices = app.desk.all_offices(actor).await?.into_iter().map(|office| Office {
        code: routes.offices.get(&office.id).cloned().unwrap_or_default(),
        id: office.id,
        name: office.name,
    });
    let wrong = !errors.is_empty();
    let page = RegistryPage {
        systems: systems.iter().map(|system| Choice::new(&system.name, &system.name)).collect(),
        area: app.desk.body(actor).await?.area,
        rows,
        offices: offices.collect(),
        errors,
    };
    app.shell.form(context, &page, wrong)
}

/// What was typed, and what of it does not fit.
fn read(typed: &[(String, String)], words: &Words<'_>) -> (Routes, Vec<Wrong>) {
    let (mut routes, mut errors) = (Routes::default(), Vec::new());
    let mut chosen: BTreeMap<&str, Route> = BTreeMap::new();
    for (name, value) in typed {
        let value = value.trim();
        let Some((what, of)) = name.split_once('-') else { continue };
        if what == "office" {
            if !value.is_empty() {
                routes.offices.insert(of.into(), value.chars().take(LONGEST).collect());
            }
            continue;
        }
        let route = chosen.entry(of).or_default();
        match what {
            "system" => value.clone_into(&mut route.system),
            "classification" => route.classification = value.chars().take(LONGEST).collect(),
            "case_file" => route.case_file = value.chars().take(LONGEST).collect(),
            "options" => {
                for line in value.lines().filter(|line| !line.trim().is_empty()) {
                    match line.split_once('=') {
                        Some((option, value)) if !option.trim().is_empty() => {
                            route
                                .options
                                .insert(option.trim().into(), value.trim().chars().take(LONGEST).collect());
                        }
                        _ => errors
                            .push(Wrong { field: name.clone(), text: words.t("field-registry_options") }),
                    }
                }
            }
            _ => {}
        }
    }
    for (code, mut route) in chosen {
        if code == LETTERS {
            routes.letters = route;
        } else if code == CERTIFICATES {
            routes.certificates = route;
        } else if code.is_empty() {
            routes.otherwise = route;
        } else if !route.system.is_empty() {
            if route.system == BUILT_IN {
                route.system.clear();
            }
            routes.kinds.insert(code.into(), route);
        }
    }
    (routes, errors)
}

async fn save(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.settings(&actor).await?;
    let words = Words::of(&app, &context);
    let (routes, mut errors) = read(&typed, &words);
    if errors.is_empty() {
        match invalid(app.desk.save_routes(&actor, &routes).await)? {
            Ok(()) => return Ok(done(BASE, "salvato").into_response()),
            Err(found) => {
                let first = |wrong: Wrong| Wrong { field: "system-".into(), ..wrong };
                errors = words.wrong(&found).into_iter().map(first).collect();
            }
        }
    }
    page(&app, &context, &actor, &routes, errors).await
}
