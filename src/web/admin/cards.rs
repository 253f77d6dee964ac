//! Types of card: what they say, how long they are good, how they look.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_desk::card::{COLOURS, CardType, SYMBOLS, parse_card_fields};
use plico_desk::{Actor, FieldError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::actor;
use crate::web::list::{Choice, Done, done, offices, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/amministrazione/tessere";
const NEW: &str = "/amministrazione/tessere/nuovo";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route(NEW, get(blank).post(add))
        .route("/amministrazione/tessere/{code}", get(show).post(change))
}

#[derive(Serialize)]
struct TypesPage {
    rows: Vec<Row>,
    add: &'static str,
}

impl Page for TypesPage {
    const TEMPLATE: &'static str = "page/admin/cards.html";
    const NAV: &'static str = "cards";
}

#[derive(Serialize)]
struct Row {
    url: String,
    name: String,
    months: u32,
    active: bool,
}

#[derive(Serialize)]
struct TypePage {
    new: bool,
    action: String,
    form: Given,
    offices: Vec<Choice>,
    colours: Vec<Choice>,
    symbols: Vec<Choice>,
    errors: Vec<Wrong>,
}

impl Page for TypePage {
    const TEMPLATE: &'static str = "page/admin/card.html";
    const NAV: &'static str = "cards";
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    code: String,
    name: String,
    name_en: String,
    office: String,
    fields: String,
    months: String,
    #[serde(deserialize_with = "super::ticked")]
    opaque: bool,
    colour: String,
    symbol: String,
    #[serde(deserialize_with = "super::ticked")]
    offered: bool,
}

impl From<CardType> for Given {
    fn from(kind: CardType) -> Self {
        let fields: Vec<String> =
            kind.fields.iter().map(|field| format!("{}: {}", field.label, field.bytes)).collect();
        Self {
            code: kind.code,
            name: kind.name,
            name_en: kind.name_en,
            office: kind.office,
            fields: fields.join("\n"),
            months: kind.months.to_string(),
            opaque: kind.opaque,
            colour: kind.colour,
            symbol: kind.symbol,
            offered: kind.offered,
        }
    }
}

impl Given {
    /// The type, and what of it cannot be read.
    fn read(&self) -> (CardType, Vec<FieldError>) {
        let mut errors = Vec::new();
        let fields = parse_card_fields(&self.fields);
        if fields.is_none() {
            errors.push(FieldError::of("fields", "card_fields"));
        }
        let kind = CardType {
            code: self.code.trim().into(),
            name: self.name.trim().into(),
            name_en: self.name_en.trim().into(),
            office: self.office.clone(),
            fields: fields.unwrap_or_default(),
            months: self.months.trim().parse().unwrap_or(0),
            opaque: self.opaque,
            colour: self.colour.clone(),
            symbol: self.symbol.clone(),
            offered: self.offered,
        };
        (kind, errors)
    }
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    app.desk.all_offices(&actor).await?;
    let words = Words::of(&app, &context);
    let rows = app.desk.card_types(&actor.administration).await?.into_iter().map(|kind| Row {
        url: format!("{BASE}/{}", kind.code),
        name: words.card_name(&kind),
        months: kind.months,
        active: kind.offered,
    });
    app.shell.page(&context, &TypesPage { rows: rows.collect(), add: NEW })
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    new: bool,
    form: Given,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let wrong = !errors.is_empty();
    let page = TypePage {
        new,
        action: if new { NEW.into() } else { format!("{BASE}/{}", form.code) },
        offices: offices(app, actor).await?,
        colours: COLOURS.map(|code| Choice::new(code, words.t(&format!("card-colour-{code}")))).into(),
        symbols: SYMBOLS.map(|code| Choice::new(code, words.t(&format!("card-symbol-{code}")))).into(),
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn blank(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.all_offices(&actor).await?;
    let form = Given { months: "12".into(), offered: true, ..Given::default() };
    page(&app, &context, &actor, true, form, Vec::new()).await
}

async fn show(State(app): State<App>, context: Context, Path(code): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let kind = known(&app, &actor, &code).await?;
    page(&app, &context, &actor, false, kind.into(), Vec::new()).await
}

async fn known(app: &App, actor: &Actor, code: &str) -> Result<CardType, Error> {
    app.desk.all_offices(actor).await?;
    let kind = app.desk.card_type(&actor.administration, code).await?;
    Ok(kind.ok_or_else(Refusal::not_found)?)
}

async fn add(State(app): State<App>, context: Context, Form(form): Form<Given>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let taken = app.desk.card_type(&actor.administration, form.code.trim()).await?.is_some();
    let errors = if taken { vec![FieldError::of("code", "taken")] } else { Vec::new() };
    save(&app, &context, &actor, true, form, errors).await
}

async fn change(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
    Form(mut form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    known(&app, &actor, &code).await?;
    form.code = code;
    save(&app, &context, &actor, false, form, Vec::new()).await
}

async fn save(
    app: &App,
    context: &Context,
    actor: &Actor,
    new: bool,
    form: Given,
    mut errors: Vec<FieldError>,
) -> Result<Response, Error> {
    let (kind, unread) = form.read();
    errors.extend(unread);
    if errors.is_empty() {
        match invalid(app.desk.save_card_type(actor, kind).await)? {
            Ok(()) => return Ok(done(BASE, "salvato").into_response()),
            Err(unfit) => errors = unfit,
        }
    }
    page(app, context, actor, new, form, Words::of(app, context).wrong(&errors)).await
}
