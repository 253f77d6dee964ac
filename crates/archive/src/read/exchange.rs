//! What registries of bodies say to each other by certified mail.

use plico_database::{Database, Tx, args};

use crate::error::ArchiveError;

/// The mark of a message that came.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct MarkRow {
    /// The message.
    pub message: String,
    /// `2001`, `2001r`, `2013`, `3`.
    pub generation: String,
    /// IPA code, as the mark says.
    pub body: String,
    /// Code of its area.
    pub area: String,
    /// Code of its register; may be empty.
    pub register: String,
    /// Its number.
    pub number: i64,
    /// Its day, `YYYY-MM-DD`.
    pub day: String,
    /// The sender's name, as the mark says.
    pub sender: String,
    /// Its subject.
    pub subject: String,
    /// Whether we are asked to confirm.
    pub asks: bool,
    /// `none`, `intact`, `broken`.
    pub signature: String,
    /// The mailbox that it came into.
    pub mailbox: String,
    /// The certified address that it came from; may be empty.
    pub address: String,
    /// JSON: name and verdict of each document.
    pub documents: String,
}

/// A notice of ours.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct AnswerRow {
    /// It goes out as this delivery.
    pub delivery: String,
    /// The message that it is about.
    pub message: String,
    /// `confirmation`, `exception`, `update`, `annulment`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// By which act.
    pub act: String,
}

/// A notice of another body.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct NoticeRow {
    /// The letter.
    pub message: String,
    /// `confirmation`, `exception`, `update`, `annulment`.
    pub kind: String,
    /// The address that it came from.
    pub address: String,
    /// IPA code.
    pub body: String,
    /// Area.
    pub area: String,
    /// Register.
    pub register: String,
    /// Number; 0 where there is none.
    pub number: i64,
    /// Day.
    pub day: String,
    /// Why.
    pub reason: String,
    /// By which act.
    pub act: String,
    /// The mail.
    pub document: String,
    /// UTC milliseconds.
    pub heard_ms: i64,
}

const MARK: &str =
    "select message, generation, body, area, register, number, day, sender, subject, asks, signature,
    mailbox, address, documents from mark where message = $1";
const ANSWER: &str = "select delivery, message, kind, reason, act from mark_answer where delivery = $1";
const ANSWERS: &str = "select delivery, message, kind, reason, act from mark_answer where message = $1
    order by ordered_ms, delivery";
const NOTICES: &str =
    "select message, kind, address, body, area, register, number, day, reason, act, document, heard_ms
    from mark_notice where message = $1 order by heard_ms, document";
/// A letter of a number that went by certified mail to this address.
const LETTER: &str = "select distinct m.id from message m join letter_mail l on l.message = m.id
    where m.administration = $1 and m.direction = 'out' and m.year = $2 and m.number = $3
    and lower(l.recipient) = $4 and m.destruction is null order by m.id limit 2";

/// The letter of that number that went to this address; none where two registers have one.
pub async fn letter(
    database: &Database,
    administration: &str,
    (year, number): (i32, u64),
    address: &str,
) -> Result<Option<String>, ArchiveError> {
    let row = args![administration, year, number, address.to_lowercase()];
    let mut found: Vec<(String,)> = database.all(LETTER, row).await?;
    Ok(if found.len() == 1 { found.pop().map(|row| row.0) } else { None })
}

/// What was registered there as that, and is known here: a message that came from this address, or a letter that it
/// confirmed.
const THEIRS: &str =
    "select message from mark where administration = $1 and lower(body) = lower($2) and number = $3
    and day = $4 and lower(address) = $5
    union select message from mark_notice where administration = $1 and kind in ('confirmation', 'update')
    and lower(body) = lower($2) and number = $3 and day = $4 and lower(address) = $5 limit 2";

/// The message that another body registered as this.
pub async fn registered_there(
    database: &Database,
    administration: &str,
    (body, number, day): (&str, u64, &str),
    address: &str,
) -> Result<Option<String>, ArchiveError> {
    let row = args![administration, body, number, day, address.to_lowercase()];
    let mut found: Vec<(String,)> = database.all(THEIRS, row).await?;
    Ok(if found.len() == 1 { found.pop().map(|row| row.0) } else { None })
}

/// Where a letter went with a mark.
const WENT: &str = "select recipient from letter_mail where message = $1 and segnatura <> ''
    and delivery not in (select delivery from mark_answer where message = $1) order by delivery limit 1";

/// The address that a letter went to with a mark, within a transaction.
pub async fn went_to(tx: &mut Tx, message: &str) -> Result<Option<String>, ArchiveError> {
    Ok(tx.scalar_text(WENT, args![message]).await?)
}

/// The mark of a message.
pub async fn mark(database: &Database, message: &str) -> Result<Option<MarkRow>, ArchiveError> {
    Ok(database.optional(MARK, args![message]).await?)
}

/// The same, within a transaction.
pub async fn mark_in(tx: &mut Tx, message: &str) -> Result<Option<MarkRow>, ArchiveError> {
    Ok(tx.optional(MARK, args![message]).await?)
}

/// A notice of ours.
pub async fn answer(database: &Database, delivery: &str) -> Result<Option<AnswerRow>, ArchiveError> {
    Ok(database.optional(ANSWER, args![delivery]).await?)
}

/// Notices of ours about a message.
pub async fn answers(database: &Database, message: &str) -> Result<Vec<AnswerRow>, ArchiveError> {
    Ok(database.all(ANSWERS, args![message]).await?)
}

/// The same, within a transaction.
pub async fn answers_in(tx: &mut Tx, message: &str) -> Result<Vec<AnswerRow>, ArchiveError> {
    Ok(tx.all(ANSWERS, args![message]).await?)
}

/// Notices of other bodies about a letter.
pub async fn notices(database: &Database, message: &str) -> Result<Vec<NoticeRow>, ArchiveError> {
    Ok(database.all(NOTICES, args![message]).await?)
}
