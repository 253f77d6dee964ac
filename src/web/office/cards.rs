//! The cards that an office issues: which there are, and what becomes of one.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plico_archive::read::Cursor;
use plico_desk::{Actor, FieldError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::actor;
use crate::web::confirm::{Confirm, Fact, Hidden, Reason};
use crate::web::list::{PAGE, Pager, Walk, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

pub(super) const BASE: &str = "/ufficio/tessere";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(list))
        .route("/ufficio/tessere/stampa.pdf", get(print))
        .route("/ufficio/tessere/{id}/{act}", get(ask).post(act))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    dopo: String,
    prima: String,
    n: usize,
    fatto: Option<String>,
}

#[derive(Serialize)]
struct CardsPage {
    words: String,
    kinds: Vec<Kind>,
    rows: Vec<Row>,
    print: Option<String>,
    page: Pager,
}

impl Page for CardsPage {
    const TEMPLATE: &'static str = "page/office/cards.html";
    const NAV: &'static str = "cards";
}

#[derive(Serialize)]
struct Kind {
    url: String,
    name: String,
}

#[derive(Serialize)]
struct Row {
    name: String,
    number: String,
    holder: String,
    until: String,
    state: &'static str,
    reason: Option<String>,
    acts: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    url: String,
    name: &'static str,
}

async fn list(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    let (words, today) = (Words::of(&app, &context), app.desk.today());
    let cursor = Some(asked.dopo.as_str()).filter(|text| !text.is_empty()).map(Cursor::parse);
    let (found, next) = app.desk.issued_cards(&actor, &asked.q, cursor, PAGE).await?;
    let kinds = app.desk.offered_cards(&actor).await?;
    let (mut rows, mut printable) = (Vec::new(), false);
    for row in found {
        let state = row.state(&today);
        let may = app.desk.office_card(&actor, &row.id).await.is_ok();
        let renews = may && app.desk.renewal(&row).await?.is_some();
        let acts = [
            ("sospendi", "card-suspend", may && row.status == "valid" && state != "ended"),
            ("riattiva", "card-resume", may && row.status == "suspended"),
            ("rinnova", "card-renew", renews),
            ("revoca", "revoke", may && row.status != "revoked"),
        ];
        let acts = acts.into_iter().filter(|(.., offered)| *offered);
        printable |= may && ["active", "waiting"].contains(&state);
        rows.push(Row {
            acts: acts.map(|(act, name, _)| Link { url: format!("{BASE}/{}/{act}", row.id), name }).collect(),
            name: row.name,
            number: row.number,
            holder: row.holder_name,
            until: words.day(&row.valid_until),
            state,
            reason: Some(row.reason).filter(|reason| !reason.is_empty()),
        });
    }
    let walk = Walk { path: BASE, filters: &[], here: &asked.dopo, trail: &asked.prima, seen: asked.n };
    let page = CardsPage {
        kinds: kinds
            .iter()
            .map(|kind| Kind { url: format!("{BASE}/emetti/{}", kind.code), name: words.card_name(kind) })
            .collect(),
        page: walk.pager(rows.len(), next.map(|cursor| cursor.text())),
        print: printable.then(|| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("q", &asked.q).append_pair("dopo", &asked.dopo);
            format!("{BASE}/stampa.pdf?{}", query.finish())
        }),
        rows,
        words: asked.q,
    };
    app.shell.page(&context, &page)
}

/// `GET /ufficio/tessere/stampa.pdf`: the cards of a page of the list.
async fn print(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let cursor = Some(asked.dopo.as_str()).filter(|text| !text.is_empty()).map(Cursor::parse);
    let pdf = app.desk.card_sheets(&actor, &asked.q, cursor, PAGE, context.lang()).await?;
    Ok(super::files::inline("application/pdf", pdf.into()))
}

/// What may become of a card, by the word in the address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Becomes {
    Suspended,
    Resumed,
    Renewed,
    Revoked,
}

impl Becomes {
    fn parse(word: &str) -> Result<Self, Error> {
        match word {
            "sospendi" => Ok(Self::Suspended),
            "riattiva" => Ok(Self::Resumed),
            "rinnova" => Ok(Self::Renewed),
            "revoca" => Ok(Self::Revoked),
            _ => Err(Refusal::not_found().into()),
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Suspended => "suspend-card",
            Self::Resumed => "resume-card",
            Self::Renewed => "renew-card",
            Self::Revoked => "revoke-card",
        }
    }

    fn wants_reason(self) -> bool {
        matches!(self, Self::Suspended | Self::Revoked)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    reason: String,
    /// The last day as it was seen.
    until: String,
}

async fn show(
    app: &App,
    context: &Context,
    actor: &Actor,
    (id, word): (&str, &str),
    told: Told,
    errors: &[FieldError],
) -> Result<Response, Error> {
    let becomes = Becomes::parse(word)?;
    let words = Words::of(app, context);
    let row = app.desk.office_card(actor, id).await?;
    let mut facts =
        vec![("card-holder", row.holder_name.clone()), ("card-until", words.day(&row.valid_until))];
    if becomes == Becomes::Renewed {
        let Some(until) = app.desk.renewal(&row).await? else { return Err(Refusal::not_found().into()) };
        facts.push(("card-renewed-until", words.day(&until)));
    }
    let wrong: Vec<Wrong> = words.wrong(errors);
    let unfit = !wrong.is_empty();
    let page = Confirm {
        what: becomes.what(),
        thing: format!("{} {}", row.name, row.number),
        facts: facts.into_iter().map(|(key, value)| Fact { label: words.t(key), value }).collect(),
        action: format!("{BASE}/{id}/{word}"),
        hidden: vec![Hidden { name: "until", value: row.valid_until }],
        back: BASE.into(),
        danger: becomes == Becomes::Revoked,
        reason: becomes.wants_reason().then_some(Reason { value: told.reason, required: true }),
        errors: wrong,
    };
    let mut response = app.shell.page(context, &page)?;
    if unfit {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn ask(
    State(app): State<App>,
    context: Context,
    Path((id, word)): Path<(String, String)>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    show(&app, &context, &actor, (&id, &word), Told::default(), &[]).await
}

async fn act(
    State(app): State<App>,
    context: Context,
    Path((id, word)): Path<(String, String)>,
    Form(told): Form<Told>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (becomes, desk) = (Becomes::parse(&word)?, &app.desk);
    let outcome = match becomes {
        Becomes::Suspended => desk.suspend_card(&actor, &id, &told.reason).await,
        Becomes::Resumed => desk.resume_card(&actor, &id).await,
        Becomes::Renewed => desk.renew_card(&actor, &id, &told.until).await,
        Becomes::Revoked => desk.revoke_card(&actor, &id, &told.reason).await,
    };
    match invalid(outcome)? {
        Ok(()) => {
            Ok(done(BASE, if becomes == Becomes::Revoked { "revocato" } else { "salvato" }).into_response())
        }
        Err(errors) => show(&app, &context, &actor, (&id, &word), told, &errors).await,
    }
}
