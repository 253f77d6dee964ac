//! Digital cards.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct CardRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// Code of its type.
    pub kind: String,
    /// What the type was called.
    pub name: String,
    /// The office that issues it.
    pub office: String,
    /// The number on it.
    pub number: String,
    /// Whose it is.
    pub holder: String,
    /// His name.
    pub holder_name: String,
    /// His fiscal code.
    pub holder_code: Option<String>,
    /// JSON: what each field is called, and what it says.
    pub fields: String,
    /// First day, `YYYY-MM-DD`.
    pub valid_from: String,
    /// Last day, `YYYY-MM-DD`.
    pub valid_until: String,
    /// Place in the status list.
    pub idx: i64,
    /// The signed text.
    pub code: String,
    /// `valid`, `suspended`, `revoked`.
    pub status: String,
    /// Why it is not valid.
    pub reason: String,
    /// When it was issued (UTC milliseconds).
    pub issued_ms: i64,
    /// When it last changed (UTC milliseconds).
    pub changed_ms: i64,
}

impl CardRow {
    /// What each field is called, and what it says.
    pub fn fields(&self) -> Vec<(String, String)> {
        serde_json::from_str(&self.fields).unwrap_or_default()
    }

    /// `revoked`, `suspended`, `ended`, `waiting` or `active` on a day.
    pub fn state(&self, today: &str) -> &'static str {
        match self.status.as_str() {
            "revoked" => "revoked",
            _ if self.valid_until.as_str() < today => "ended",
            "suspended" => "suspended",
            _ if self.valid_from.as_str() > today => "waiting",
            _ => "active",
        }
    }
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "select c.id, c.administration, c.kind, c.name, c.office, c.number, c.holder, h.name as holder_name,
            h.fiscal_code as holder_code, c.fields, c.valid_from, c.valid_until, c.idx, c.code, c.status, c.reason,
            c.issued_ms, c.changed_ms from card c join person h on h.id = c.holder where ",
            $where
        )
    };
}

const ONE: &str = select!("c.id = $1");
const OF_HOLDER: &str =
    select!("c.administration = $1 and c.holder = $2 order by c.issued_ms desc, c.id limit 200");
const OF_BODY: &str = select!(
    "c.administration = $1 and (c.issued_ms < $2 or (c.issued_ms = $2 and c.id < $3))
    order by c.issued_ms desc, c.id desc limit $4"
);
const FOUND: &str = select!(
    "c.administration = $1 and (c.number = $2 or upper(h.fiscal_code) = $2) order by c.issued_ms desc, c.id limit 200"
);
const COUNT: &str = "select coalesce(max(idx) + 1, 0) from card where administration = $1";
const NOT_VALID: &str =
    "select idx, status from card where administration = $1 and status <> 'valid' order by idx";

/// One.
pub async fn one(database: &Database, id: &str) -> Result<Option<CardRow>, ArchiveError> {
    Ok(database.optional(ONE, args![id]).await?)
}

/// A person's, newest first.
pub async fn of_holder(
    database: &Database,
    administration: &str,
    person: &str,
) -> Result<Vec<CardRow>, ArchiveError> {
    Ok(database.all(OF_HOLDER, args![administration, person]).await?)
}

/// An administration's before a cursor, newest first.
pub async fn of_body(
    database: &Database,
    administration: &str,
    cursor: &super::Cursor,
    most: usize,
) -> Result<Vec<CardRow>, ArchiveError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    Ok(database.all(OF_BODY, args![administration, cursor.instant_ms, &cursor.id, most]).await?)
}

/// Those with this number, or of who has this fiscal code.
pub async fn found(
    database: &Database,
    administration: &str,
    words: &str,
) -> Result<Vec<CardRow>, ArchiveError> {
    Ok(database.all(FOUND, args![administration, words]).await?)
}

/// How many places of the status list are taken, and which cards are not valid.
pub async fn statuses(
    database: &Database,
    administration: &str,
) -> Result<(i64, Vec<(i64, String)>), ArchiveError> {
    let places = database.scalar_i64(COUNT, args![administration]).await?;
    Ok((places, database.all(NOT_VALID, args![administration]).await?))
}
