//! Who reads for me and for whom I read; for whom I act; and on whose behalf I am here now.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_archive::read::delegation::{DelegationRow, Happened};
use plico_desk::{Actor, FieldError};
use serde::{Deserialize, Serialize};

use super::receipt::{Receipt, Shelf};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query, Refusal};
use crate::web::confirm::{Confirm, Fact, Yes};
use crate::web::list::{Done, done, say_done};
use crate::web::words::{Words, Wrong, invalid};

const BASE: &str = "/deleghe";

#[derive(Serialize)]
struct Delegations {
    /// Whose delegations these are, when not one's own.
    holder: Option<String>,
    may_grant: bool,
    granted: Vec<Row>,
    received: Vec<Row>,
    mandates: Vec<Row>,
    acted_for: Vec<Row>,
    form: Typed,
    errors: Vec<Wrong>,
}

impl Page for Delegations {
    const TEMPLATE: &'static str = "page/citizen/delegations.html";
}

#[derive(Serialize)]
struct Row {
    name: String,
    detail: String,
    until: Option<String>,
    state: &'static str,
    /// Address that accepts.
    accept: Option<String>,
    /// Address that asks before it ends.
    revoke: Option<String>,
    /// Whom one reads or acts for from here.
    person: Option<String>,
    receipts: Vec<Receipt>,
}

/// What is typed to grant one.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Typed {
    fiscal_code: String,
    until: String,
}

struct Rows<'a> {
    words: Words<'a>,
    today: String,
    history: &'a [Happened],
    shelf: Shelf<'a>,
}

impl Rows<'_> {
    fn row(&self, row: &DelegationRow, name: String, detail: String) -> Row {
        Row {
            name,
            detail,
            until: row.until.as_deref().map(|day| self.words.day(day)),
            state: row.state(&self.today),
            accept: None,
            revoke: None,
            person: None,
            receipts: self.receipts(&row.id),
        }
    }

    fn receipts(&self, id: &str) -> Vec<Receipt> {
        let acts = self.history.iter().filter(|event| event.id == id);
        acts.filter_map(|event| self.shelf.of(event.log, event.idx, event.instant_ms)).collect()
    }

    fn standing(&self, row: &DelegationRow) -> bool {
        matches!(row.state(&self.today), "waiting" | "active")
    }

    fn granted(&self, row: &DelegationRow) -> Row {
        // Until he accepts, only what was typed is shown: a fiscal code must not become a way to a name.
        let code = row.delegate_code.clone().unwrap_or_default();
        let name = if row.in_force_ms.is_some() { row.delegate_name.clone() } else { code.clone() };
        let detail = if row.in_force_ms.is_some() { code } else { String::new() };
        let revoke = self.standing(row).then(|| format!("{BASE}/{}/revoca", row.id));
        Row { revoke, ..self.row(row, name, detail) }
    }

    fn received(&self, row: &DelegationRow, himself: bool) -> Row {
        let state = row.state(&self.today);
        let own = |wanted: &str| (himself && state == wanted).then_some(());
        Row {
            accept: own("waiting").map(|()| format!("{BASE}/{}/accetta", row.id)),
            revoke: (himself && self.standing(row)).then(|| format!("{BASE}/{}/revoca", row.id)),
            person: own("active").map(|()| row.holder.clone()),
            ..self.row(row, row.holder_name.clone(), String::new())
        }
    }

    fn title(&self, row: &DelegationRow) -> String {
        self.words.t(&format!("title-{}", row.title))
    }
}

async fn show(
    app: &App,
    context: &Context,
    actor: &Actor,
    form: Typed,
    errors: &[FieldError],
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let all = app.desk.delegations(actor).await?;
    let (held, orders) = (app.desk.receipts(actor).await?, app.desk.receipts_ordered(actor).await?);
    let shelf = Shelf { rows: &held, orders: &orders, lang: context.lang() };
    let rows = Rows { words, today: app.desk.today(), history: &all.history, shelf };
    let himself = actor.person() == Some(&actor.account);
    let holder = app.desk.whose(actor).await?.filter(|_| !himself).map(|person| person.name);
    let page = Delegations {
        holder,
        may_grant: himself,
        granted: all.granted.iter().map(|row| rows.granted(row)).collect(),
        received: all.received.iter().map(|row| rows.received(row, himself)).collect(),
        mandates: all
            .mandates
            .iter()
            .map(|row| Row {
                person: (row.state(&rows.today) == "active").then(|| row.holder.clone()),
                ..rows.row(row, row.holder_name.clone(), rows.title(row))
            })
            .collect(),
        acted_for: all
            .acted_for
            .iter()
            .map(|row| rows.row(row, row.delegate_name.clone(), rows.title(row)))
            .collect(),
        form,
        errors: words.wrong(errors),
    };
    app.shell.form(context, &page, !errors.is_empty())
}

/// `GET /deleghe`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Done>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    show(&app, &context, &actor, Typed::default(), &[]).await
}

/// `POST /deleghe`: grants one.
pub async fn grant(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let written = [("fiscal_code", typed.fiscal_code.as_str()), ("until", &typed.until)];
    let actor = super::writer(&app, &context, &written).await?;
    match invalid(app.desk.grant_delegation(&actor, &typed.fiscal_code, &typed.until).await)? {
        Ok(_) => Ok(done(BASE, "delegato").into_response()),
        Err(errors) => show(&app, &context, &actor, typed, &errors).await,
    }
}

/// `POST /deleghe/{id}/accetta`.
pub async fn accept(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    app.desk.accept_delegation(&actor, &id).await?;
    Ok(done(BASE, "accettato").into_response())
}

/// `GET /deleghe/{id}/revoca`.
pub async fn confirm(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let words = Words::of(&app, &context);
    let row = app.desk.own_delegation(&actor, &id).await?;
    let shelf = Shelf { rows: &[], orders: &[], lang: context.lang() };
    let rows = Rows { words, today: app.desk.today(), history: &[], shelf };
    let mine = actor.person() == Some(&row.holder);
    let other = if mine { rows.granted(&row) } else { rows.received(&row, true) };
    let page = Confirm {
        what: "revoke-delegation",
        thing: other.name,
        facts: vec![Fact { label: words.t("delegation-until"), value: other.until.unwrap_or_default() }],
        action: format!("{BASE}/{id}/revoca"),
        back: BASE.into(),
        danger: true,
        ..Confirm::default()
    };
    app.shell.page(&context, &page)
}

/// `POST /deleghe/{id}/revoca`.
pub async fn revoke(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    app.desk.revoke_delegation(&actor, &id).await?;
    Ok(done(BASE, "revocato").into_response())
}

/// For whom one goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    person: String,
}

/// `POST /per-conto`: from now on this session reads or acts for another, or again for oneself.
pub async fn switch(
    State(app): State<App>,
    context: Context,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Error> {
    let session = context.signed_in()?;
    let wanted = Some(chosen.person).filter(|person| !person.is_empty());
    // Without a mandate or a delegation there is no such actor.
    if app.desk.person_actor(&session.account, wanted.as_deref(), None).await?.is_none() {
        return Err(Refusal::not_found().into());
    }
    app.shell.sessions().act_for(&session.id, wanted).await?;
    Ok(Redirect::to("/area-personale").into_response())
}
