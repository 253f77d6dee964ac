//! Writing, step 1: to whom, what, and for whom.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use plico_desk::draft::{Purpose, Words as Written};
use plico_desk::{Actor, Desk, FieldError};
use plico_record::authority::Deed;
use serde::{Deserialize, Serialize};

use super::row::Choice;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Form, Path, Query};
use crate::web::public::offered;
use crate::web::words::{Words, Wrong};

#[derive(Serialize)]
struct Draft {
    purpose: &'static str,
}

#[derive(Default, Serialize)]
struct Chosen {
    kind: String,
    behalf: String,
}

#[derive(Serialize)]
struct Office {
    name: String,
    kinds: Vec<Kind>,
}

#[derive(Serialize)]
struct Kind {
    value: String,
    name: String,
    hint: Option<String>,
}

#[derive(Serialize)]
struct WriteKind {
    draft: Draft,
    action: String,
    form: Chosen,
    errors: Vec<Wrong>,
    offices: Vec<Office>,
    behalf: Vec<Choice>,
}

impl Page for WriteKind {
    const TEMPLATE: &'static str = "page/citizen/write_kind.html";
    const NAV: &'static str = "cases";
}

/// What the address proposes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Proposed {
    ufficio: String,
    tipo: String,
}

/// What is chosen: `office.kind`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    kind: String,
    behalf: Option<String>,
}

/// Office and kind in one value, so that one choice makes both.
fn joined(office: &str, kind: &str) -> String {
    format!("{office}.{kind}")
}

fn parted(value: &str) -> (String, String) {
    value.split_once('.').map_or_else(Default::default, |(office, kind)| (office.into(), kind.into()))
}

async fn show(
    app: &App,
    context: &Context,
    actor: &Actor,
    action: String,
    kind: String,
    errors: &[FieldError],
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let offices = offered(app, &actor.administration).await?;
    let mut behalf = vec![Choice { value: String::new(), name: words.t("behalf-me") }];
    for (value, name) in app.desk.principals(actor).await? {
        behalf.push(Choice { value, name });
    }
    let acting_for = context.session().and_then(|session| session.acting_for.clone());
    let page = WriteKind {
        draft: Draft { purpose: "filing" },
        action,
        form: Chosen { kind, behalf: acting_for.unwrap_or_default() },
        errors: words.wrong(errors),
        offices: offices
            .into_iter()
            .map(|(office, kinds)| Office {
                kinds: kinds
                    .iter()
                    .map(|kind| Kind {
                        value: joined(&office.id, &kind.code),
                        name: words.kind_name(kind),
                        hint: Some(kind.help.clone()).filter(|help| !help.is_empty()),
                    })
                    .collect(),
                name: office.name,
            })
            .collect(),
        behalf,
    };
    app.shell.form(context, &page, !errors.is_empty())
}

/// Whether somebody may choose this now.
async fn fits(app: &App, actor: &Actor, office: &str, kind: &str) -> Result<bool, Error> {
    let offered = offered(app, &actor.administration).await?;
    Ok(offered.iter().any(|(one, kinds)| one.id == office && kinds.iter().any(|known| known.code == kind)))
}

/// `GET /scrivi`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Query(proposed): Query<Proposed>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    Desk::admit(&actor, Deed::File)?;
    let kind = joined(&proposed.ufficio, &proposed.tipo);
    show(&app, &context, &actor, "/scrivi".into(), kind, &[]).await
}

/// `POST /scrivi`: begins a draft.
pub async fn begin(
    State(app): State<App>,
    context: Context,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut actor = super::writer(&app, &context, &[("kind", &typed.kind)]).await?;
    let (office, kind) = parted(&typed.kind);
    if !fits(&app, &actor, &office, &kind).await? {
        let wrong = [FieldError::required("kind")];
        return show(&app, &context, &actor, "/scrivi".into(), typed.kind, &wrong).await;
    }
    if let (Some(behalf), Some(session)) = (&typed.behalf, context.session()) {
        let wanted = Some(behalf.clone()).filter(|behalf| !behalf.is_empty());
        if wanted != session.acting_for {
            // Without a mandate there is no such actor.
            let Some(other) =
                app.desk.person_actor(&session.account, wanted.as_deref(), actor.login.take()).await?
            else {
                let wrong = [FieldError::of("behalf", "unknown")];
                let actor = super::citizen(&app, &context).await?;
                return show(&app, &context, &actor, "/scrivi".into(), typed.kind, &wrong).await;
            };
            app.shell.sessions().act_for(&session.id, wanted).await?;
            actor = other;
        }
    }
    let written = Written { kind, office, ..Written::default() };
    let draft = app.desk.begin_draft(&actor, Purpose::Filing, None, written).await?;
    Ok(Redirect::to(&format!("/scrivi/{draft}/testo")).into_response())
}

/// `GET /scrivi/{id}/tipo`.
pub async fn change(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let draft = match super::drafts::draft(&app, &actor, &id).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere.into_response()),
    };
    if draft.purpose != "filing" {
        // An answer goes where the question came from.
        return Ok(Redirect::to(&format!("/scrivi/{}/testo", draft.id)).into_response());
    }
    let kind = joined(&draft.office, &draft.kind);
    show(&app, &context, &actor, format!("/scrivi/{}/tipo", draft.id), kind, &[]).await
}

/// `POST /scrivi/{id}/tipo`.
pub async fn save(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let actor = super::writer(&app, &context, &[("kind", &typed.kind)]).await?;
    let draft = match super::drafts::draft(&app, &actor, &id).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere.into_response()),
    };
    let (office, kind) = parted(&typed.kind);
    if !fits(&app, &actor, &office, &kind).await? {
        let action = format!("/scrivi/{}/tipo", draft.id);
        return show(&app, &context, &actor, action, typed.kind, &[FieldError::required("kind")]).await;
    }
    let written = Written { kind, office, subject: draft.subject, text: draft.text };
    app.desk.save_draft(&actor, &draft.id, written).await?;
    Ok(Redirect::to(&format!("/scrivi/{}/testo", draft.id)).into_response())
}
