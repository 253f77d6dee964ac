//! The counter: what comes by hand or by post is taken in, labelled, and scanned later.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use plico_crypto::digest::to_hex;
use plico_desk::Actor;
use plico_desk::counter::{BASES, CHANNELS, Counter, Print};
use serde::{Deserialize, Serialize};

use super::instant;
use crate::app::App;
use crate::clock::random_bytes;
use crate::http::render::Page;
use crate::http::upload::{Piece, Upload};
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::actor;
use crate::web::download::attachment;
use crate::web::list::{Choice, done, offices};
use crate::web::receive::receive;
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/ufficio/sportello";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(BASE, get(blank).post(take_in))
        .route("/ufficio/messaggi/{id}/scansione", post(scan))
        .route("/ufficio/messaggi/{id}/etichetta", get(label))
        .route("/ufficio/messaggi/{id}/ricevute/{receipt}", get(receipt))
}

#[derive(Serialize)]
struct CounterPage {
    channels: Vec<Choice>,
    bases: Vec<Choice>,
    kinds: Vec<Choice>,
    offices: Vec<Choice>,
    emergencies: Vec<Choice>,
    /// Who was found; none while nobody was looked for.
    found: Option<Vec<Found>>,
    form: Given,
    errors: Vec<Wrong>,
}

impl Page for CounterPage {
    const TEMPLATE: &'static str = "page/office/counter.html";
    const NAV: &'static str = "queue";
}

/// Somebody who is known already, or a body of the index.
#[derive(Serialize)]
struct Found {
    /// What a button says that picks him.
    pick: String,
    name: String,
    fiscal_code: String,
    email: String,
    #[serde(skip)]
    organisation: bool,
    /// Day of the index that says so.
    listed: Option<String>,
    /// Another system knew him; nothing came from him here yet.
    brought: bool,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Given {
    token: String,
    channel: String,
    basis: String,
    name: String,
    fiscal_code: String,
    email: String,
    #[serde(deserialize_with = "ticked")]
    organisation: bool,
    others: String,
    kind: String,
    office: String,
    subject: String,
    text: String,
    arrived_day: String,
    arrived_time: String,
    deferred: String,
    sender_number: String,
    sender_date: String,
    emergency: String,
    emergency_number: String,
    /// Whom to look for among those who are known.
    who: String,
    /// `cerca`, or `usa:` and whom.
    #[serde(skip_serializing)]
    fai: String,
}

fn ticked<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(!String::deserialize(from)?.is_empty())
}

impl Given {
    fn counter(&self, arrived_ms: Option<i64>) -> Counter {
        Counter {
            kind: self.kind.clone(),
            office: self.office.clone(),
            subject: self.subject.clone(),
            text: self.text.clone(),
            channel: self.channel.clone(),
            basis: self.basis.clone(),
            name: self.name.clone(),
            fiscal_code: self.fiscal_code.clone(),
            email: self.email.clone(),
            organisation: self.organisation,
            others: self.others.clone(),
            arrived_ms,
            deferred: self.deferred.clone(),
            sender_number: self.sender_number.clone(),
            sender_date: self.sender_date.clone(),
            emergency: self.emergency.clone(),
            emergency_number: self.emergency_number.trim().parse().unwrap_or(0),
            token: self.token.clone(),
        }
    }
}

async fn blank(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let form = Given {
        token: to_hex(&random_bytes::<16>()),
        channel: "hand".into(),
        basis: "in_person".into(),
        ..Given::default()
    };
    page(&app, &context, &actor, form, None, Vec::new()).await
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Given,
    found: Option<Vec<Found>>,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    app.desk.takes_in(actor)?;
    let words = Words::of(app, context);
    let kinds = app.desk.kinds(&actor.administration).await?;
    let wrong = !errors.is_empty();
    let page = CounterPage {
        channels: CHANNELS.map(|code| Choice::new(code, words.t(&format!("channel-{code}")))).into(),
        bases: BASES.map(|(code, _)| Choice::new(code, words.t(&format!("counter-basis-{code}")))).into(),
        kinds: kinds.iter().map(|kind| Choice::new(&kind.code, words.kind_name(kind))).collect(),
        offices: offices(app, actor).await?,
        emergencies: app
            .desk
            .emergencies(actor)
            .await?
            .0
            .into_iter()
            .map(|row| Choice::new(row.id, format!("{} ({})", row.cause, words.datetime(row.from_ms))))
            .collect(),
        found,
        form,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

async fn take_in(
    State(app): State<App>,
    context: Context,
    Form(form): Form<Given>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    app.desk.takes_in(&actor)?;
    if !form.fai.is_empty() {
        let mut form = form;
        let mut found = look(&app, &context, &actor, &form.who).await?;
        if let Some(pick) = form.fai.strip_prefix("usa:")
            && let Some(at) = found.iter().position(|one| one.pick == pick)
        {
            let one = found.swap_remove(at);
            form.organisation = one.organisation;
            (form.name, form.fiscal_code, form.email) = (one.name, one.fiscal_code, one.email);
            form.who.clear();
            return page(&app, &context, &actor, form, None, Vec::new()).await;
        }
        return page(&app, &context, &actor, form, Some(found), Vec::new()).await;
    }
    let outcome = match instant(&app, &form.arrived_day, &form.arrived_time, "arrived_day") {
        Ok(arrived_ms) => invalid(app.desk.take_in(&actor, form.counter(arrived_ms)).await)?,
        Err(error) => Err(vec![error]),
    };
    match outcome {
        Ok(filed) => Ok(done(&format!("/ufficio/messaggi/{}", filed.message), "registrato").into_response()),
        Err(errors) => {
            let wrong = Words::of(&app, &context).wrong(&errors);
            page(&app, &context, &actor, form, None, wrong).await
        }
    }
}

/// Whoever is known already, and the bodies of the index, by name or code.
async fn look(app: &App, context: &Context, actor: &Actor, who: &str) -> Result<Vec<Found>, Error> {
    let words = Words::of(app, context);
    let people = app.desk.people(actor, who).await?;
    let known: BTreeSet<String> = people.iter().filter_map(|person| person.fiscal_code.clone()).collect();
    let contacts = app.desk.picked_contacts(actor, who).await?.into_iter();
    let contacts = contacts.filter(|contact| !known.contains(&contact.code)).map(|contact| Found {
        pick: format!("elenco/{}", contact.code),
        name: contact.name,
        fiscal_code: contact.code,
        email: contact.email,
        organisation: contact.organisation,
        listed: None,
        brought: true,
    });
    let people = people.into_iter().map(|person| Found {
        pick: format!("persona/{}", person.id),
        name: person.name,
        fiscal_code: person.fiscal_code.unwrap_or_default(),
        email: person.email.unwrap_or_default(),
        organisation: person.organisation,
        listed: None,
        brought: false,
    });
    let bodies = app.desk.ipa(actor, who).await?.into_iter().map(|body| Found {
        pick: format!("ipa/{}", body.code),
        name: body.name,
        fiscal_code: body.fiscal_code,
        email: body.pec,
        organisation: true,
        listed: Some(words.day(&body.listed)),
        brought: false,
    });
    Ok(people.chain(contacts).chain(bodies).collect())
}

async fn scan(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    mut form: Upload,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let token = to_hex(&random_bytes::<16>());
    let (owner, _) = app.desk.form_files(&actor, &token).await?;
    let mut refused = None;
    while let Some(piece) = form.next().await? {
        if let Piece::File(file) = piece
            && let Err(error) = receive(&app, &actor, &owner, file).await
        {
            refused = Some(error);
            break;
        }
    }
    let outcome = match refused {
        None => invalid(app.desk.attach_scan(&actor, &id, &token).await),
        Some(error) => Err(error),
    };
    match outcome {
        Ok(Ok(())) => Ok(done(&format!("/ufficio/messaggi/{id}"), "scansionato").into_response()),
        Ok(Err(_)) => Ok(done(&format!("/ufficio/messaggi/{id}"), "vuoto").into_response()),
        Err(error) => {
            app.desk.drop_files(&owner).await?;
            Err(error)
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Place on the sheet, from 1; empty is a roll.
    posto: String,
}

async fn label(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let print = match asked.posto.trim() {
        "" => Print::Roll,
        place => {
            let place = place.parse::<usize>().ok().filter(|place| (1..=24).contains(place));
            Print::Sheet(place.ok_or_else(Refusal::not_found)? - 1)
        }
    };
    let pdf = app.desk.label(&actor, &id, print, context.lang()).await?;
    Ok(super::files::inline("application/pdf", pdf.into()))
}

async fn receipt(
    State(app): State<App>,
    context: Context,
    Path((id, receipt)): Path<(String, String)>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let (row, reader) = app.desk.receipt(&actor, &receipt).await?;
    if row.message.as_deref() != Some(&id) {
        return Err(Refusal::not_found().into());
    }
    app.desk.looked(&actor, "receipt", &row.id, "").await?;
    Ok(attachment(&row.name, "application/pdf", &row.sha256, reader))
}
