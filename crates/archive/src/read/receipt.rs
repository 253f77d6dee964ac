//! Receipts: those that were issued, and those on order.

use plico_database::{Database, args};
use serde::{Deserialize, Serialize};

use crate::error::ArchiveError;

/// A receipt.
#[derive(Debug, Clone, plico_database::Record)]
pub struct ReceiptRow {
    /// Identifier.
    pub id: String,
    /// `presentation`, `registration` …
    pub kind: String,
    /// Log of the event.
    pub log: i64,
    /// Its index.
    pub idx: i64,
    /// The message it is about, when it is about one.
    pub message: Option<String>,
    /// That message's subject.
    pub subject: Option<String>,
    /// Legal year of its number.
    pub year: Option<i32>,
    /// Its number.
    pub number: Option<i64>,
    /// The person who holds it; empty for what everybody may have.
    pub holder: String,
    /// Language, a BCP 47 tag.
    pub language: String,
    /// Administration; empty for the installation.
    pub administration: String,
    /// File name.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// Hexadecimal.
    pub sha256: String,
    /// UTC milliseconds.
    pub issued_ms: i64,
}

impl ReceiptRow {
    /// `0000123/2026`, when the message it is about has a number.
    pub fn registration_number(&self) -> Option<String> {
        Some(plico_record::part::registration_number(self.number?.cast_unsigned(), self.year?))
    }
}

/// What the job that makes a receipt carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Log of the event.
    pub log: i64,
    /// Its index.
    pub index: i64,
    /// `presentation`, `registration` …
    pub kind: String,
    /// The person who is to hold it; empty for what everybody may have.
    pub holder: String,
    /// The message it is about; empty when it is about none.
    pub message: String,
    /// Language, a BCP 47 tag.
    #[serde(default = "italian")]
    pub language: String,
}

/// The language in which a receipt is always issued; orders of the first versions do not say it.
pub const ITALIAN: &str = "it";

fn italian() -> String {
    ITALIAN.into()
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "select r.id, r.kind, r.log, r.idx, nullif(r.message, '') as message, m.subject, m.year, m.number, r.holder,
            r.language, r.administration, r.name, r.size, r.sha256, r.issued_ms
            from receipt r left join message m on m.id = r.message where ",
            $where
        )
    };
}

const OF_MESSAGE: &str = select!("r.message = $1 and r.holder = $2 order by r.issued_ms, r.id");
const OF_HOLDER: &str =
    select!("r.administration = $1 and r.holder = $2 order by r.issued_ms desc, r.id limit 200");
const OF_EVENT: &str = select!("r.log = $1 and r.idx = $2 and r.holder = $3 order by r.issued_ms, r.id");
const OF_CASE: &str = select!("m.case_file = $1 order by r.log, r.idx, r.id");
const ONE: &str = select!("r.id = $1");
const ORDERED: &str =
    "select payload from job where kind = 'receipt' and state = 'waiting' and administration = $1
    and payload like $2";

/// The receipts a person holds about a message.
pub async fn of_message(
    database: &Database,
    message: &str,
    holder: &str,
) -> Result<Vec<ReceiptRow>, ArchiveError> {
    Ok(database.all(OF_MESSAGE, args![message, holder]).await?)
}

/// A person's receipts, newest first.
pub async fn of_holder(
    database: &Database,
    administration: &str,
    holder: &str,
) -> Result<Vec<ReceiptRow>, ArchiveError> {
    Ok(database.all(OF_HOLDER, args![administration, holder]).await?)
}

/// The receipts of one event for one holder: one in each language.
pub async fn of_event(
    database: &Database,
    log: i64,
    index: i64,
    holder: &str,
) -> Result<Vec<ReceiptRow>, ArchiveError> {
    Ok(database.all(OF_EVENT, args![log, index, holder]).await?)
}

/// The receipts about the messages of a case file, whoever holds them.
pub async fn of_case(database: &Database, case: &str) -> Result<Vec<ReceiptRow>, ArchiveError> {
    Ok(database.all(OF_CASE, args![case]).await?)
}

/// A receipt by its identifier.
pub async fn one(database: &Database, id: &str) -> Result<Option<ReceiptRow>, ArchiveError> {
    Ok(database.optional(ONE, args![id]).await?)
}

/// A person's receipts that are still to be made.
pub async fn ordered(
    database: &Database,
    administration: &str,
    holder: &str,
) -> Result<Vec<Order>, ArchiveError> {
    let pattern = format!("%\"holder\":\"{holder}\"%");
    let rows: Vec<(String,)> = database.all(ORDERED, args![administration, pattern]).await?;
    Ok(rows.iter().filter_map(|(payload,)| serde_json::from_str(payload).ok()).collect())
}
