//! Delegations and mandates.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// A delegation to read, or a mandate to act.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct DelegationRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// `delegation` or `mandate`.
    pub kind: String,
    /// For whom.
    pub holder: String,
    /// His name.
    pub holder_name: String,
    /// His fiscal code.
    pub holder_code: Option<String>,
    /// Who.
    pub delegate: String,
    /// His name.
    pub delegate_name: String,
    /// His fiscal code.
    pub delegate_code: Option<String>,
    /// The title, of a mandate.
    pub title: String,
    /// The document that shows it, of a mandate.
    pub evidence: String,
    /// Last day, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// When it was granted (UTC milliseconds).
    pub granted_ms: i64,
    /// When it was accepted or confirmed (UTC milliseconds).
    pub in_force_ms: Option<i64>,
    /// When it was revoked (UTC milliseconds).
    pub revoked_ms: Option<i64>,
}

impl DelegationRow {
    /// `revoked`, `ended`, `waiting` or `active` on a day.
    pub fn state(&self, today: &str) -> &'static str {
        if self.revoked_ms.is_some() {
            "revoked"
        } else if self.until.as_deref().is_some_and(|until| until < today) {
            "ended"
        } else if self.in_force_ms.is_none() {
            "waiting"
        } else {
            "active"
        }
    }
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "select d.id, d.administration, d.kind, d.holder, h.name as holder_name, h.fiscal_code as holder_code,
            d.delegate, p.name as delegate_name, p.fiscal_code as delegate_code, d.title, d.evidence, d.until,
            d.granted_ms, d.in_force_ms, d.revoked_ms from delegation d
            join person h on h.id = d.holder join person p on p.id = d.delegate where ",
            $where
        )
    };
}

const ONE: &str = select!("d.id = $1");
const OF_HOLDER: &str = select!(
    "d.administration = $1 and d.holder = $2 and d.kind = $3 order by d.granted_ms desc, d.id limit 200"
);
const OF_DELEGATE: &str = select!(
    "d.administration = $1 and d.delegate = $2 and d.kind = $3 order by d.granted_ms desc, d.id limit 200"
);
const MANDATES: &str =
    select!("d.administration = $1 and d.kind = 'mandate' order by d.granted_ms desc, d.id limit 500");
const IN_FORCE: &str = "select kind, holder from delegation where delegate = $1 and in_force_ms is not null
    and revoked_ms is null and (until is null or until >= $2) order by granted_ms, id";

/// The acts on a person's delegations and titles.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct Happened {
    /// The delegation or title.
    pub id: String,
    /// Log number.
    pub log: i64,
    /// Index in the log.
    pub idx: i64,
    /// Kind of event.
    pub kind: String,
    /// UTC milliseconds.
    pub instant_ms: i64,
}

const HISTORY: &str = "select d.id, e.log, e.idx, e.kind, e.instant_ms from delegation d
    join log l on l.administration = d.administration
    join subject s on s.log = l.id and s.kind = 'delegation' and s.id = d.id
    join event e on e.log = s.log and e.subject = s.log_id
    where d.administration = $1 and (d.holder = $2 or d.delegate = $2) order by e.instant_ms, e.log, e.idx";

/// What happened to the delegations and titles that name a person, oldest first.
pub async fn history(
    database: &Database,
    administration: &str,
    person: &str,
) -> Result<Vec<Happened>, ArchiveError> {
    Ok(database.all(HISTORY, args![administration, person]).await?)
}

/// One.
pub async fn one(database: &Database, id: &str) -> Result<Option<DelegationRow>, ArchiveError> {
    Ok(database.optional(ONE, args![id]).await?)
}

/// What a person granted, or what was recorded for him; newest first.
pub async fn of_holder(
    database: &Database,
    administration: &str,
    person: &str,
    kind: &str,
) -> Result<Vec<DelegationRow>, ArchiveError> {
    Ok(database.all(OF_HOLDER, args![administration, person, kind]).await?)
}

/// What a person was granted; newest first.
pub async fn of_delegate(
    database: &Database,
    administration: &str,
    person: &str,
    kind: &str,
) -> Result<Vec<DelegationRow>, ArchiveError> {
    Ok(database.all(OF_DELEGATE, args![administration, person, kind]).await?)
}

/// Every mandate of an administration, newest first.
pub async fn mandates(database: &Database, administration: &str) -> Result<Vec<DelegationRow>, ArchiveError> {
    Ok(database.all(MANDATES, args![administration]).await?)
}

/// For whom a person may act and for whom he may read on a day.
pub async fn in_force(
    database: &Database,
    delegate: &str,
    today: &str,
) -> Result<(Vec<String>, Vec<String>), ArchiveError> {
    let rows: Vec<(String, String)> = database.all(IN_FORCE, args![delegate, today]).await?;
    let of = |kind: &str| {
        let holders = rows.iter().filter(|(known, _)| known == kind);
        holders.map(|(_, holder)| holder.clone()).collect()
    };
    Ok((of("mandate"), of("delegation")))
}
