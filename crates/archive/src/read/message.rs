//! One message with everything around it.

use plico_database::{Database, args};
use plico_record::authority::Thing;

use crate::error::ArchiveError;

/// A message.
#[derive(Debug, Clone, plico_database::Record)]
pub struct MessageRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// `in` or `out`.
    pub direction: String,
    /// Code of the kind.
    pub kind: String,
    /// Office for competence, or sending office.
    pub office: String,
    /// Name of that office.
    pub office_name: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// First message of the conversation.
    pub thread: String,
    /// What it answers.
    pub reply_to: Option<String>,
    /// `courtesy`, `communication`, `notification`.
    pub effect: Option<String>,
    /// The person who sent it.
    pub sender: Option<String>,
    /// His name.
    pub sender_name: Option<String>,
    /// His fiscal code.
    pub sender_code: Option<String>,
    /// Why it is valid.
    pub basis: Option<String>,
    /// Name of who wrote it.
    pub author_name: String,
    /// Presented, or registered for what goes out (UTC milliseconds).
    pub instant_ms: i64,
    /// Last day to answer.
    pub due: Option<String>,
    /// State.
    pub state: String,
    /// Account of the operator who has it.
    pub operator: Option<String>,
    /// Name of the responsible person.
    pub responsible: Option<String>,
    /// Registry area.
    pub area: Option<String>,
    /// Legal year.
    pub year: Option<i32>,
    /// Number.
    pub number: Option<i64>,
    /// Registered (UTC milliseconds).
    pub registered_ms: Option<i64>,
    /// Annulled.
    pub annulled: bool,
    /// `granted`, `denied`, `information`.
    pub outcome: Option<String>,
    /// Case file.
    pub case_file: Option<String>,
    /// Code of its class in the classification scheme; empty while it has none.
    pub class: String,
    /// The destruction with which it went; its words are gone.
    pub destruction: Option<String>,
    /// How it came, where the registry office took it in; empty for what its sender presented himself.
    pub channel: String,
    /// When it arrived, where that was not when it was presented (UTC milliseconds).
    pub arrived_ms: Option<i64>,
    /// The office that wrote it, where one office of the body writes to another; empty otherwise.
    pub from_office: String,
    /// Its name.
    pub from_name: Option<String>,
}

/// A document of a message.
#[derive(Debug, Clone, plico_database::Record)]
pub struct DocumentRow {
    /// Identifier.
    pub id: String,
    /// Message.
    pub message: String,
    /// `primary`, `attachment`, `issued`.
    pub role: String,
    /// Category of an issued document.
    pub category: Option<String>,
    /// Name.
    pub name: String,
    /// Measured.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Hexadecimal.
    pub sha256: String,
    /// JSON of the signature check.
    pub verification: Option<String>,
    /// Malware: never served.
    pub sealed: bool,
    /// Withdrawn (UTC milliseconds).
    pub withdrawn_ms: Option<i64>,
    /// When it came (UTC milliseconds).
    pub instant_ms: i64,
}

/// A delivery.
#[derive(Debug, Clone, plico_database::Record)]
pub struct DeliveryRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// Message.
    pub message: String,
    /// Person.
    pub recipient: String,
    /// His name.
    pub recipient_name: String,
    /// Sending office.
    pub office: String,
    /// For his knowledge, beside the one it is for.
    pub copy: bool,
    /// UTC milliseconds.
    pub available_ms: i64,
    /// UTC milliseconds.
    pub opened_ms: Option<i64>,
    /// Name of who opened.
    pub opened_by: Option<String>,
    /// `recipient` or `delegate`.
    pub opened_as: Option<String>,
    /// UTC milliseconds.
    pub withdrawn_ms: Option<i64>,
    /// `sent` or `failed`.
    pub notice: Option<String>,
    /// UTC milliseconds.
    pub notice_ms: Option<i64>,
    /// The mail server's words.
    pub notice_detail: Option<String>,
}

/// A note for colleagues.
#[derive(Debug, Clone, plico_database::Record)]
pub struct NoteRow {
    /// Identifier.
    pub id: String,
    /// Who wrote it.
    pub author_name: String,
    /// Text.
    pub text: String,
    /// UTC milliseconds.
    pub instant_ms: i64,
}

macro_rules! message_columns {
    () => {
        "m.id, m.administration, m.direction, m.kind, m.office, coalesce(o.name, m.office) as office_name, m.subject,
        m.text, m.thread, m.reply_to, m.effect, m.sender, p.name as sender_name, p.fiscal_code as sender_code,
        m.basis, m.author_name, m.instant_ms, m.due, m.state, m.operator, m.responsible, m.area, m.year, m.number,
        m.registered_ms, m.annulled, m.outcome, m.case_file, m.class, m.destruction, m.channel, m.arrived_ms,
        m.from_office, f.name as from_name
        from message m left join office o on o.id = m.office left join office f on f.id = m.from_office left join person p on p.id = m.sender"
    };
}
pub(crate) use message_columns;

const MESSAGE: &str = concat!("select ", message_columns!(), " where m.id = $1");
const THREAD: &str =
    concat!("select ", message_columns!(), " where m.thread = $1 order by m.instant_ms, m.id limit 200");
const KNOWLEDGE: &str = "select office from knowledge where message = $1";
const RECIPIENTS: &str = "select recipient from delivery where message = $1";
const DOCUMENTS: &str =
    "select id, message, role, category, name, media_type, size, sha256, verification, sealed,
    withdrawn_ms, instant_ms from document where message = $1 order by position";
const DOCUMENT: &str =
    "select id, message, role, category, name, media_type, size, sha256, verification, sealed,
    withdrawn_ms, instant_ms from document where id = $1";
const DELIVERY: &str =
    "select d.id, d.administration, d.message, d.recipient, p.name as recipient_name, m.office,
    d.copy, d.available_ms, d.opened_ms, d.opened_by, d.opened_as, d.withdrawn_ms, d.notice, d.notice_ms, d.notice_detail
    from delivery d join message m on m.id = d.message join person p on p.id = d.recipient where d.id = $1";
const DELIVERIES: &str = "select d.id, d.administration, d.message, d.recipient, p.name as recipient_name, m.office,
    d.copy, d.available_ms, d.opened_ms, d.opened_by, d.opened_as, d.withdrawn_ms, d.notice, d.notice_ms, d.notice_detail
    from delivery d join message m on m.id = d.message join person p on p.id = d.recipient where d.message = $1
    order by d.copy, d.available_ms, d.id";
const NOTES: &str =
    "select id, author_name, text, instant_ms from note where message = $1 order by instant_ms, id";
impl MessageRow {
    /// `0000123/2026`, when it has a number.
    pub fn registration_number(&self) -> Option<String> {
        Some(plico_record::part::registration_number(self.number?.cast_unsigned(), self.year?))
    }

    /// As the register says: `in`, `out`, or `internal`, which to the office that receives it comes in.
    pub fn flow(&self) -> &str {
        if self.from_office.is_empty() { &self.direction } else { "internal" }
    }
}

/// A message by its identifier.
pub async fn message(database: &Database, id: &str) -> Result<Option<MessageRow>, ArchiveError> {
    Ok(database.optional(MESSAGE, args![id]).await?)
}

/// A conversation, oldest first.
pub async fn thread(database: &Database, thread: &str) -> Result<Vec<MessageRow>, ArchiveError> {
    Ok(database.all(THREAD, args![thread]).await?)
}

/// What the authorisation function must know of a message.
pub async fn thing(
    database: &Database,
    message: &MessageRow,
    reason_stated: bool,
) -> Result<Thing, ArchiveError> {
    let one = |(text,): (String,)| text;
    let knowledge =
        database.all::<(String,)>(KNOWLEDGE, args![&message.id]).await?.into_iter().map(one).collect();
    let recipients =
        database.all::<(String,)>(RECIPIENTS, args![&message.id]).await?.into_iter().map(one).collect();
    Ok(Thing::Message {
        administration: message.administration.clone(),
        sender: message.sender.clone(),
        recipients,
        office: message.office.clone(),
        knowledge,
        reason_stated,
    })
}

/// The documents of a message, the primary one first.
pub async fn documents(database: &Database, message: &str) -> Result<Vec<DocumentRow>, ArchiveError> {
    Ok(database.all(DOCUMENTS, args![message]).await?)
}

/// A document by its identifier.
pub async fn document(database: &Database, id: &str) -> Result<Option<DocumentRow>, ArchiveError> {
    Ok(database.optional(DOCUMENT, args![id]).await?)
}

/// A delivery by its identifier.
pub async fn delivery(database: &Database, id: &str) -> Result<Option<DeliveryRow>, ArchiveError> {
    Ok(database.optional(DELIVERY, args![id]).await?)
}

/// The deliveries of a message.
pub async fn deliveries(database: &Database, message: &str) -> Result<Vec<DeliveryRow>, ArchiveError> {
    Ok(database.all(DELIVERIES, args![message]).await?)
}

/// Notes for colleagues, oldest first.
pub async fn notes(database: &Database, message: &str) -> Result<Vec<NoteRow>, ArchiveError> {
    Ok(database.all(NOTES, args![message]).await?)
}
