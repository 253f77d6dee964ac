//! Whom a visitor of the demo can be: kept as a setting of the administration, written when the town is ready.

use plico_archive::read::body;
use plico_archive::{Archive, ArchiveError};
use serde::{Deserialize, Serialize};

use super::DemoError;
use super::play::World;
use super::town::{CODE, PEOPLE, READS, STAFF};

/// The setting's name.
const SETTING: &str = "demo.personas";

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// The account.
    pub account: String,
    /// Name.
    pub name: String,
    /// `citizen`, `company`, `operator`, `records_manager`, `auditor` or `administrator`.
    pub role: String,
    /// For whom he may act or read: account and name.
    pub may_act_for: Vec<(String, String)>,
}

pub(super) async fn save(world: &World) -> Result<(), DemoError> {
    let account = |place: usize| world.people[place].account.clone();
    let people = PEOPLE.iter().enumerate().map(|(place, person)| Persona {
        account: account(place),
        name: person.name(),
        role: if person.is_company() { "company" } else { "citizen" }.into(),
        may_act_for: person
            .acts_for
            .iter()
            .chain(READS.iter().filter(|(who, _)| *who == place).map(|(_, whom)| whom))
            .map(|other| (account(*other), PEOPLE[*other].name()))
            .collect(),
    });
    let staff = STAFF.iter().zip(&world.staff).map(|(one, actor)| Persona {
        account: actor.account.clone(),
        name: one.name.into(),
        role: one.roles[0].into(),
        may_act_for: Vec::new(),
    });
    let all: Vec<Persona> = people.chain(staff).collect();
    Ok(world.desk.save_setting(&world.staff[0], SETTING, serde_json::json!(all)).await?)
}

/// Whom one can be; empty when the town is not ready, or this is no demo.
pub async fn personas(archive: &Archive) -> Result<Vec<Persona>, ArchiveError> {
    let saved = body::setting(archive.database(), CODE, SETTING).await?;
    Ok(saved.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}
