//! Orders to outside registries.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// An order with its message.
#[derive(Debug, Clone, plico_database::Record)]
pub struct OrderRow {
    /// The message.
    pub message: String,
    /// Administration.
    pub administration: String,
    /// The system, as the configuration names it.
    pub system: String,
    /// Our key in the registered object.
    pub key: String,
    /// JSON: the order.
    pub what: String,
    /// How it stands.
    pub state: String,
    /// The last step that was asked.
    pub step: Option<String>,
    /// The document it sent.
    pub file: Option<String>,
    /// Asked, and not answered.
    pub open: bool,
    /// How the last step ended.
    pub last: String,
    /// What it came to.
    pub outcome: String,
    /// The vendor's code.
    pub code: String,
    /// The vendor's words.
    pub words: String,
    /// JSON: how far it came.
    pub so_far: String,
    /// How often a step was asked.
    pub asked: i64,
    /// UTC milliseconds.
    pub ordered_ms: i64,
    /// UTC milliseconds.
    pub changed_ms: i64,
    /// How an annulment ended that was asked of the system: empty, `asked`, or an outcome.
    pub annulment: String,
    /// What was said to it.
    pub annulment_words: String,
    /// Why it was asked.
    pub annulment_reason: String,
    /// The act that authorises it.
    pub annulment_act: String,
    /// UTC milliseconds.
    pub annulment_ms: Option<i64>,
    /// Subject of the message; empty when it was destroyed.
    pub subject: String,
    /// Number that the registry gave.
    pub number: Option<i64>,
    /// Its year.
    pub year: Option<i32>,
    /// Its date there.
    pub date: Option<String>,
}

macro_rules! order {
    ($rest:literal) => {
        concat!(
            "select o.message, o.administration, o.system, o.key, o.what, o.state, o.step, o.file, o.open, o.last,
            o.outcome, o.code, o.words, o.so_far, o.asked, o.ordered_ms, o.changed_ms,
            o.annulment, o.annulment_words, o.annulment_reason, o.annulment_act, o.annulment_ms,
            coalesce(m.subject, '') as subject, r.number, r.year, r.outside_date as date
            from registry_order o left join message m on m.id = o.message
            left join registration r on r.message = o.message ",
            $rest
        )
    };
}

const ORDER: &str = order!("where o.message = $1");
const ORDERS: &str = order!(
    "where o.administration = $1 and (cast($2 as text) = '' or o.state = $2)
    and (cast($3 as text) = '' or o.system = $3) order by o.ordered_ms desc limit $4"
);
const OPEN: &str =
    order!("where o.administration = $1 and o.state <> 'registered' order by o.ordered_ms limit $2");
const OF_DAY: &str =
    order!("where o.administration = $1 and o.system = $2 and r.outside_date = $3 order by r.number");
const COUNTS: &str = "select state, count(*) as many from registry_order where administration = $1 group by state order by state";
const LATE: &str = "select count(*) from registry_order o where o.administration = $1 and o.ordered_ms < $2
    and not exists (select 1 from registration r where r.message = o.message)";

/// The order of a message.
pub async fn order(database: &Database, message: &str) -> Result<Option<OrderRow>, ArchiveError> {
    Ok(database.optional(ORDER, args![message]).await?)
}

/// Orders, newest first; of one state and one system where they are named.
pub async fn orders(
    database: &Database,
    administration: &str,
    state: &str,
    system: &str,
    most: usize,
) -> Result<Vec<OrderRow>, ArchiveError> {
    Ok(database.all(ORDERS, args![administration, state, system, most]).await?)
}

/// Orders that are not complete, oldest first.
pub async fn open(
    database: &Database,
    administration: &str,
    most: usize,
) -> Result<Vec<OrderRow>, ArchiveError> {
    Ok(database.all(OPEN, args![administration, most]).await?)
}

/// What a system numbered on a day (`YYYY-MM-DD`, its own date).
pub async fn of_day(
    database: &Database,
    administration: &str,
    system: &str,
    day: &str,
) -> Result<Vec<OrderRow>, ArchiveError> {
    Ok(database.all(OF_DAY, args![administration, system, day]).await?)
}

/// How many orders stand how.
pub async fn counts(database: &Database, administration: &str) -> Result<Vec<(String, i64)>, ArchiveError> {
    Ok(database.all(COUNTS, args![administration]).await?)
}

/// How many have no number that were ordered before an instant (UTC milliseconds).
pub async fn late(database: &Database, administration: &str, before_ms: i64) -> Result<i64, ArchiveError> {
    Ok(database.scalar_i64(LATE, args![administration, before_ms]).await?)
}
