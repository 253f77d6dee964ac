//! Registrations ordered of outside registries: what is in doubt, what is known of each, and what a person may decide.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_archive::read::order::OrderRow;
use plico_desk::outside_desk::{Decision, OrderView, Tried};
use plico_desk::{Actor, FieldError};
use plico_record::part::registration_number;
use plico_registry::progress;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};
use crate::web::actor;
use crate::web::list::{Choice, Done, address, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) const BASE: &str = "/ufficio/registrazioni";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route("/ufficio/registrazioni/riscontro", get(compare))
        .route("/ufficio/registrazioni/{id}", get(show))
        .route("/ufficio/registrazioni/{id}/cerca", post(look))
        .route("/ufficio/registrazioni/{id}/ripeti", post(again))
        .route("/ufficio/registrazioni/{id}/numera", post(here))
        .route("/ufficio/registrazioni/{id}/collega", post(link))
        .merge(super::order_annul::router())
}

#[derive(Serialize)]
struct OrdersPage {
    views: Vec<View>,
    rows: Vec<Row>,
    late: i64,
    compare: &'static str,
}

impl Page for OrdersPage {
    const TEMPLATE: &'static str = "page/office/orders.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct View {
    state: &'static str,
    count: i64,
    url: String,
    current: bool,
}

#[derive(Serialize)]
struct Row {
    url: Option<String>,
    subject: String,
    system: String,
    state: String,
    number: Option<String>,
    at: i64,
    outcome: String,
    words: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    stato: String,
}

fn number(row: &OrderRow) -> Option<String> {
    row.number.zip(row.year).map(|(number, year)| registration_number(number.cast_unsigned(), year))
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let counts = app.desk.order_counts(&actor).await?;
    let count = |state: &str| counts.iter().find(|(known, _)| known == state).map_or(0, |(_, many)| *many);
    let views = progress::State::ALL.map(|state| View {
        state: state.code(),
        count: count(state.code()),
        url: address(BASE, &[("stato", state.code())]),
        current: asked.stato == state.code(),
    });
    app.desk.looked(&actor, "register", &format!("{BASE} {}", asked.stato), "").await?;
    let rows = app.desk.orders(&actor, &asked.stato).await?.into_iter().map(|(row, may)| Row {
        url: may.then(|| format!("{BASE}/{}", row.message)),
        number: number(&row),
        subject: row.subject,
        system: row.system,
        state: row.state,
        at: row.ordered_ms,
        outcome: row.outcome,
        words: row.words,
    });
    let page = OrdersPage {
        views: views.into(),
        rows: rows.collect(),
        late: app.desk.late_orders(&actor.administration).await?,
        compare: "/ufficio/registrazioni/riscontro",
    };
    app.shell.page(&context, &page)
}

#[derive(Serialize)]
struct OrderPage {
    order: Known,
    files: Vec<Sent>,
    tried: Vec<Happened>,
    message: String,
    acts: Acts,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for OrderPage {
    const TEMPLATE: &'static str = "page/office/order.html";
    const NAV: &'static str = "register";
}

/// What is known.
#[derive(Serialize)]
struct Known {
    subject: String,
    system: String,
    configured: bool,
    key: String,
    state: String,
    outcome: String,
    step: String,
    code: String,
    words: String,
    number: Option<String>,
    date: Option<String>,
    reference: String,
    at: i64,
    changed_ms: i64,
    asked: i64,
    annulment: String,
    annulment_words: String,
}

#[derive(Serialize)]
struct Sent {
    name: String,
    there: bool,
}

#[derive(Serialize)]
struct Happened {
    at: i64,
    what: &'static str,
    step: String,
    file: String,
    outcome: String,
    code: String,
    words: String,
    who: Option<String>,
    exchanges: Vec<plico_registry::Exchange>,
}

impl From<Tried> for Happened {
    fn from(tried: Tried) -> Self {
        let Tried { at, what, step, file, outcome, code, words, who, exchanges } = tried;
        Self { at, what, step, file, outcome, code, words, who, exchanges }
    }
}

/// An attempt that was answered is told by its answer.
fn told(tried: Vec<Tried>) -> Vec<Happened> {
    let answered = |index: usize| {
        let (one, next) = (&tried[index], tried.get(index + 1));
        one.what == "attempted"
            && next
                .is_some_and(|next| next.what == "answered" && next.step == one.step && next.file == one.file)
    };
    let keep: Vec<bool> = (0..tried.len()).map(|index| !answered(index)).collect();
    tried.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(one, _)| Happened::from(one)).collect()
}

#[derive(Serialize)]
struct Acts {
    look: Option<String>,
    again: Option<String>,
    link: Option<String>,
    here: Option<String>,
    annul: Option<String>,
    annul_look: Option<String>,
    /// It can be annulled there alone.
    elsewhere: bool,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    number: String,
    year: String,
    date: String,
    reason: String,
    #[serde(deserialize_with = "ticked")]
    sure: bool,
}

fn ticked<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(!String::deserialize(from)?.is_empty())
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let page = page(&app, &context, &actor, &id, Given::default(), Vec::new()).await?;
    app.desk.looked(&actor, "register", &format!("{BASE}/{id}"), "").await?;
    Ok(page)
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    mut form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let OrderView { row, order, so_far, can, tried, may_look, may_repeat, may_link, may_number, annulling } =
        app.desk.order(actor, id).await?;
    if form.year.is_empty() {
        order.day.get(..4).unwrap_or_default().clone_into(&mut form.year);
    }
    let act = |may: bool, what: &str| may.then(|| format!("{BASE}/{id}/{what}"));
    let wrong = !errors.is_empty();
    let page = OrderPage {
        files: order
            .documents
            .iter()
            .map(|file| Sent {
                name: file.name.clone(),
                there: so_far.has(&file.id) && (so_far.numbered.is_some() || so_far.prepared.is_some()),
            })
            .collect(),
        tried: told(tried),
        message: format!("{}/{id}", super::desk_of(actor)),
        acts: Acts {
            look: act(may_look, "cerca"),
            again: act(may_repeat, "ripeti"),
            link: act(may_link, "collega"),
            here: act(may_number, "numera"),
            annul: act(annulling.ask, "annulla"),
            annul_look: act(annulling.look, "annulla/cerca"),
            elsewhere: annulling.elsewhere,
        },
        order: Known {
            number: number(&row),
            date: row.date.filter(|date| !date.is_empty()).map(|date| Words::of(app, context).day(&date)),
            reference: so_far.numbered.map(|numbered| numbered.mark).unwrap_or_default(),
            subject: row.subject,
            system: row.system,
            configured: can.is_some(),
            key: row.key,
            state: row.state,
            outcome: row.outcome,
            step: row.step.unwrap_or_default(),
            code: row.code,
            words: row.words,
            at: row.ordered_ms,
            changed_ms: row.changed_ms,
            asked: row.asked,
            annulment: row.annulment,
            annulment_words: row.annulment_words,
        },
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn decide(
    app: &App,
    context: &Context,
    id: &str,
    decision: Result<Decision, Vec<FieldError>>,
    (form, what): (Given, &str),
) -> Result<Response, Error> {
    let actor = actor(app, context).await?;
    let outcome = match decision {
        Ok(decision) => invalid(app.desk.resolve_order(&actor, id, decision).await)?,
        Err(errors) => Err(errors),
    };
    match outcome {
        Ok(()) => Ok(done(&format!("{BASE}/{id}"), what).into_response()),
        Err(errors) => {
            let wrong = Words::of(app, context).wrong(&errors);
            page(app, context, &actor, id, form, wrong).await
        }
    }
}

async fn look(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    decide(&app, &context, &id, Ok(Decision::Look), (form, "cercato")).await
}

async fn again(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let decision = Decision::Again { reason: form.reason.clone() };
    decide(&app, &context, &id, Ok(decision), (form, "ripetuto")).await
}

async fn here(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let decision = Decision::Here { reason: form.reason.clone(), sure: form.sure };
    decide(&app, &context, &id, Ok(decision), (form, "registrato")).await
}

async fn link(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let number = form.number.trim().parse::<u64>();
    let year = form.year.trim().parse::<i32>();
    let decision = match (number, year) {
        (Ok(number), Ok(year)) => Ok(Decision::Link {
            number,
            year,
            date: form.date.trim().to_owned(),
            reason: form.reason.clone(),
            sure: form.sure,
        }),
        (Err(_), _) => Err(vec![FieldError::of("number", "number")]),
        (_, Err(_)) => Err(vec![FieldError::of("year", "number")]),
    };
    decide(&app, &context, &id, decision, (form, "collegato")).await
}

#[derive(Serialize)]
struct ComparePage {
    systems: Vec<Choice>,
    system: String,
    day: String,
    shown: bool,
    able: bool,
    rows: Vec<Compared>,
    errors: Vec<Wrong>,
}

impl Page for ComparePage {
    const TEMPLATE: &'static str = "page/office/orders_compare.html";
    const NAV: &'static str = "register";
}

#[derive(Serialize)]
struct Compared {
    number: String,
    side: &'static str,
    subject: String,
    url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Day {
    sistema: String,
    giorno: String,
}

async fn compare(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Day>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.order_counts(&actor).await?;
    let systems = app.desk.systems(&actor.administration);
    let mut page = ComparePage {
        systems: systems.iter().map(|system| Choice::new(&system.name, &system.name)).collect(),
        system: asked.sistema.clone(),
        day: if asked.giorno.is_empty() { app.desk.today() } else { asked.giorno.clone() },
        shown: false,
        able: true,
        rows: Vec::new(),
        errors: Vec::new(),
    };
    if !asked.sistema.is_empty() {
        match invalid(app.desk.compare_day(&actor, &asked.sistema, &page.day).await)? {
            Ok(compared) => {
                app.desk.looked(&actor, "register", &format!("{BASE} {}", page.day), "").await?;
                page.shown = true;
                page.able = compared.is_some();
                page.rows = compared
                    .unwrap_or_default()
                    .into_iter()
                    .map(|line| Compared {
                        number: line.number,
                        side: line.side,
                        subject: line.subject,
                        url: line.message.map(|message| format!("{BASE}/{message}")),
                    })
                    .collect();
            }
            Err(errors) => page.errors = Words::of(&app, &context).wrong(&errors),
        }
    }
    let wrong = !page.errors.is_empty();
    app.shell.form(&context, &page, wrong)
}
