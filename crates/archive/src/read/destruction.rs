//! Holds and destructions, as the records manager sees them.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// A hold.
#[derive(Debug, Clone, plico_database::Record)]
pub struct HoldRow {
    /// `message` or `case_file`.
    pub kind: String,
    /// Its identifier.
    pub thing: String,
    /// Why.
    pub reason: String,
    /// Who set it.
    pub author_name: String,
    /// Since when (UTC milliseconds).
    pub instant_ms: i64,
    /// The message's subject, or the case file's title.
    pub title: Option<String>,
    /// Legal year of its number.
    pub year: Option<i32>,
    /// Number.
    pub number: Option<i64>,
}

/// A destruction.
#[derive(Debug, Clone, plico_database::Record)]
pub struct DestructionRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// Proposed (UTC milliseconds).
    pub proposed_ms: i64,
    /// By whom.
    pub proposed_by: String,
    /// Who authorised.
    pub authority: Option<String>,
    /// Number of the authorising act.
    pub number: Option<String>,
    /// Its day, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Recorded (UTC milliseconds).
    pub authorised_ms: Option<i64>,
    /// By whom.
    pub authorised_by: Option<String>,
    /// Complete (UTC milliseconds).
    pub done_ms: Option<i64>,
    /// Deleted rows are gone from the database's files too.
    pub rewritten: Option<bool>,
    /// Messages proposed.
    pub items: i64,
    /// Of these, struck out.
    pub struck: i64,
    /// Erased so far.
    pub erased: i64,
    /// It was ordered, and is under way.
    pub ordered: bool,
}

/// A message in a proposal.
#[derive(Debug, Clone, plico_database::Record)]
pub struct ItemRow {
    /// The message.
    pub message: String,
    /// Its subject, as the register keeps it.
    pub subject: String,
    /// Code of its kind.
    pub kind: String,
    /// Legal year.
    pub year: Option<i32>,
    /// Number.
    pub number: Option<i64>,
    /// Registered (UTC milliseconds).
    pub registered_ms: Option<i64>,
    /// Its case file: title.
    pub case_title: Option<String>,
    /// Why it stays.
    pub struck: Option<String>,
    /// Erased (UTC milliseconds).
    pub erased_ms: Option<i64>,
    /// Under a hold now.
    pub held: bool,
}

/// A message that may be past its term.
#[derive(Debug, Clone, plico_database::Record)]
pub struct CandidateRow {
    /// The message.
    pub id: String,
    /// Code of its kind.
    pub kind: String,
    /// `in` or `out`.
    pub direction: String,
    /// Code of the kind of its conversation's first message.
    pub thread_kind: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Legal year.
    pub year: Option<i32>,
    /// Number.
    pub number: Option<i64>,
    /// Registered (UTC milliseconds).
    pub registered_ms: i64,
    /// Case file.
    pub case_file: Option<String>,
    /// Its title.
    pub case_title: Option<String>,
    /// Closed (UTC milliseconds).
    pub closed_ms: Option<i64>,
    /// Nothing waits for anybody any more.
    pub finished: bool,
    /// Under a hold, or its case file is.
    pub held: bool,
    /// In a proposal that is not done.
    pub proposed: bool,
}

macro_rules! held {
    () => {
        // What stands in a series stays, too.
        "(exists (select 1 from hold h where (h.kind = 'message' and h.thing = m.id)
            or (h.kind = 'case_file' and h.thing = m.case_file))
            or exists (select 1 from series_entry e where e.message = m.id))"
    };
}

macro_rules! destructions {
    ($where:literal) => {
        concat!(
            "select d.id, d.administration, d.proposed_ms, d.proposed_by, d.authority, d.number, d.date, d.authorised_ms,
            d.authorised_by, d.done_ms, d.rewritten,
            (select count(*) from destruction_item i where i.destruction = d.id) as items,
            (select count(*) from destruction_item i where i.destruction = d.id and i.struck is not null) as struck,
            (select count(*) from destruction_item i where i.destruction = d.id and i.erased_ms is not null) as erased,
            exists (select 1 from job j where j.unique_key = 'destruction/' || d.id) as ordered
            from destruction d where ",
            $where
        )
    };
}

const HOLDS: &str =
    "select h.kind, h.thing, h.reason, h.author_name, h.instant_ms, coalesce(m.subject, c.title) as title,
    coalesce(m.year, c.year) as year, coalesce(m.number, c.number) as number from hold h
    left join message m on h.kind = 'message' and m.id = h.thing
    left join case_file c on h.kind = 'case_file' and c.id = h.thing
    where h.administration = $1 order by h.instant_ms desc, h.thing limit 500";
const HOLD: &str =
    "select h.kind, h.thing, h.reason, h.author_name, h.instant_ms, coalesce(m.subject, c.title) as title,
    coalesce(m.year, c.year) as year, coalesce(m.number, c.number) as number from hold h
    left join message m on h.kind = 'message' and m.id = h.thing
    left join case_file c on h.kind = 'case_file' and c.id = h.thing
    where h.kind = $1 and h.thing = $2";
const DESTRUCTIONS: &str = destructions!("d.administration = $1 order by d.proposed_ms desc, d.id limit 200");
const ONE: &str = destructions!("d.id = $1");
const ITEMS: &str = concat!(
    "select i.message, coalesce(r.subject, m.subject, '') as subject, coalesce(m.kind, '') as kind, r.year, r.number,
    r.registered_ms, c.title as case_title, i.struck, i.erased_ms, ",
    held!(),
    " as held from destruction_item i left join message m on m.id = i.message
    left join registration r on r.message = i.message left join case_file c on c.id = m.case_file
    where i.destruction = $1 order by r.year, r.number, i.message"
);
// Of a case file all messages are looked at, due or not: it goes whole.
const CANDIDATES: &str = concat!(
    "select m.id, m.kind, m.direction, t.kind as thread_kind, m.subject, m.year, m.number, m.registered_ms, m.case_file,
    c.title as case_title, c.closed_ms, (m.direction = 'out' or m.state in ('answered', 'withdrawn')) as finished, ",
    held!(),
    " as held, exists (select 1 from destruction_item i join destruction d on d.id = i.destruction
        where i.message = m.id and i.struck is null and d.done_ms is null) as proposed
    from message m left join case_file c on c.id = m.case_file left join message t on t.id = m.thread
    where m.administration = $1 and m.registered_ms is not null and m.destruction is null
        and ((m.case_file is null and m.registered_ms < $2) or c.closed_ms < $2)
    order by m.registered_ms, m.id limit $3"
);
const LEFT: &str =
    "select message from destruction_item where destruction = $1 and struck is null and erased_ms is null
    order by message limit $2";
const FORMER: &str = "select message from former where id = $1";

/// Holds in force, newest first.
pub async fn holds(database: &Database, administration: &str) -> Result<Vec<HoldRow>, ArchiveError> {
    Ok(database.all(HOLDS, args![administration]).await?)
}

/// The hold on a thing.
pub async fn hold(database: &Database, kind: &str, thing: &str) -> Result<Option<HoldRow>, ArchiveError> {
    Ok(database.optional(HOLD, args![kind, thing]).await?)
}

/// Destructions, newest first.
pub async fn destructions(
    database: &Database,
    administration: &str,
) -> Result<Vec<DestructionRow>, ArchiveError> {
    Ok(database.all(DESTRUCTIONS, args![administration]).await?)
}

/// One destruction.
pub async fn one(database: &Database, id: &str) -> Result<Option<DestructionRow>, ArchiveError> {
    Ok(database.optional(ONE, args![id]).await?)
}

/// What was proposed with it.
pub async fn items(database: &Database, id: &str) -> Result<Vec<ItemRow>, ArchiveError> {
    Ok(database.all(ITEMS, args![id]).await?)
}

/// What is still to be erased with it.
pub async fn left(database: &Database, id: &str, most: usize) -> Result<Vec<String>, ArchiveError> {
    Ok(database.all::<(String,)>(LEFT, args![id, most]).await?.into_iter().map(|row| row.0).collect())
}

/// Messages whose own term, or that of their closed case file, may have ended before an instant (UTC milliseconds); oldest
/// first.
pub async fn candidates(
    database: &Database,
    administration: &str,
    before_ms: i64,
    most: usize,
) -> Result<Vec<CandidateRow>, ArchiveError> {
    Ok(database.all(CANDIDATES, args![administration, before_ms, most]).await?)
}

/// The destroyed message to which a document or a receipt belonged.
pub async fn former(database: &Database, id: &str) -> Result<Option<String>, ArchiveError> {
    Ok(database.scalar_text(FORMER, args![id]).await?)
}
