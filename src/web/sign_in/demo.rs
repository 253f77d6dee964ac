//! The demo's chooser of personas. They stand in the setting `demo.personas`, written when the town is made.

use axum::extract::State;
use axum::response::Response;
use plico_archive::read::{body, queue};
use plico_desk::account::Identity;
use plico_record::fiscal::FiscalCode;
use serde::{Deserialize, Serialize};

use super::Choice;
use crate::app::App;
use crate::http::login::demo::{self, Persona};
use crate::http::{Context, Error, Form, Refusal};
use crate::web::words::Words;

/// What the setting says of one.
#[derive(Deserialize)]
struct Stored {
    account: String,
    name: String,
    role: String,
    #[serde(default)]
    may_act_for: Vec<(String, String)>,
}

/// People of one sort.
#[derive(Debug, Serialize)]
pub struct Group {
    title: String,
    people: Vec<Person>,
}

#[derive(Debug, Serialize)]
struct Person {
    id: String,
    name: String,
    detail: String,
}

/// What the page offers.
pub struct Chooser {
    /// Personas by sort.
    pub groups: Vec<Group>,
    /// Levels of the login.
    pub levels: Vec<Choice>,
    /// On whose behalf.
    pub behalf: Vec<Choice>,
}

const ROLES: [&str; 6] = ["citizen", "company", "operator", "records_manager", "auditor", "administrator"];

async fn personas(app: &App) -> Result<Vec<Persona>, Error> {
    let database = app.desk.archive().database();
    let mut value = None;
    for body in super::bodies(app).await?.into_iter().take(1) {
        value = body::setting(database, &body.id, "demo.personas").await.map_err(Error::fault)?;
    }
    let stored: Vec<Stored> = value.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
    Ok(stored
        .into_iter()
        .map(|stored| Persona {
            role: ROLES.into_iter().find(|role| *role == stored.role).unwrap_or("operator"),
            account: stored.account,
            name: stored.name,
            may_act_for: stored.may_act_for,
        })
        .collect())
}

/// The chooser; `None` outside of a demo.
pub async fn chooser(app: &App, words: &Words<'_>) -> Result<Option<Chooser>, Error> {
    if !app.shell.is_demo() {
        return Ok(None);
    }
    let personas = personas(app).await?;
    let mut behalf = vec![Choice { value: String::new(), name: words.t("behalf-self") }];
    for (account, name) in personas.iter().flat_map(|persona| &persona.may_act_for) {
        if behalf.iter().all(|known| known.value != *account) {
            behalf.push(Choice { value: account.clone(), name: name.clone() });
        }
    }
    let is_public = |persona: &&Persona| matches!(persona.role, "citizen" | "company");
    let person = |persona: &Persona| Person {
        id: persona.account.clone(),
        name: persona.name.clone(),
        detail: words.t(&format!("persona-{}", persona.role)),
    };
    let groups = vec![
        Group {
            title: words.t("personas-public"),
            people: personas.iter().filter(is_public).map(person).collect(),
        },
        Group {
            title: words.t("personas-staff"),
            people: personas.iter().filter(|persona| !is_public(persona)).map(person).collect(),
        },
    ];
    let levels = ["L2", "L3", "L1"]
        .map(|level| Choice {
            value: level.into(),
            name: words.t(&format!("level-{}", level.to_lowercase())),
        })
        .into();
    Ok(Some(Chooser {
        groups: groups.into_iter().filter(|g| !g.people.is_empty()).collect(),
        levels,
        behalf,
    }))
}

/// `POST /accedi/prova`.
pub async fn sign_in(
    State(app): State<App>,
    context: Context,
    Form(choice): Form<demo::Choice>,
) -> Result<Response, Error> {
    let sign_in = demo::sign_in(&app.shell, &personas(&app).await?, &choice)?;
    let login = super::evidence(&sign_in, context.now_ms());
    if app.desk.operator_actor(&sign_in.account, None).await?.is_some() {
        app.desk.operator_signs_in(&sign_in.account, login).await?;
    } else {
        let database = app.desk.archive().database();
        let person = queue::person(database, &sign_in.account).await.map_err(Error::fault)?;
        let person = person.ok_or_else(Refusal::not_found)?;
        let code = person.fiscal_code.as_deref().and_then(|code| FiscalCode::parse(code).ok());
        let identity = Identity {
            fiscal_code: code.ok_or_else(|| Error::fault("a persona without a fiscal code"))?,
            name: person.name,
            email: person.email,
        };
        app.desk.person_signs_in(&person.administration, identity, login).await?;
    }
    super::enter(&app, &context, sign_in, &choice.back).await
}
