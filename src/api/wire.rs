//! What the API says of things: stable names, instants as RFC 3339 UTC, every text, list and number bounded.

use plico_archive::read::message::{DeliveryRow, DocumentRow, MessageRow};
use plico_archive::read::receipt::ReceiptRow;
use plico_desk::view::MessageView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An instant: RFC 3339, UTC, milliseconds.
pub fn instant(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
}

/// An entry of the register.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registration {
    /// Number and legal year, e.g. `0000123/2026`.
    #[schema(max_length = 30, pattern = "^[0-9]{7,20}/[0-9]{4}$", examples("0000123/2026"))]
    pub number: String,
    /// Code of the registry area (AOO).
    #[schema(max_length = 100)]
    pub area: String,
    /// When it was registered.
    #[schema(format = DateTime, max_length = 24)]
    pub registered_at: String,
    /// Whether the entry was annulled; the number stays.
    pub annulled: bool,
}

impl Registration {
    fn of(row: &MessageRow) -> Option<Self> {
        Some(Self {
            number: row.registration_number()?,
            area: row.area.clone()?,
            registered_at: instant(row.registered_ms?),
            annulled: row.annulled,
        })
    }
}

/// A document of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Document {
    /// Identifier.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    pub id: String,
    /// `primary`: what was written, as PDF; `attachment`; `issued`: a document that the office issues.
    #[schema(max_length = 20)]
    pub role: String,
    /// Category of an issued document.
    #[schema(max_length = 100)]
    pub category: Option<String>,
    /// Name, cleaned of what does not belong into a name.
    #[schema(max_length = 1000)]
    pub name: String,
    /// Type, measured from the bytes.
    #[schema(max_length = 200)]
    pub media_type: String,
    /// Bytes.
    #[schema(minimum = 0, maximum = 1_099_511_627_776_i64)]
    pub size: i64,
    /// SHA-256, lower-case hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Whether it is served: not when malware was found in it, nor when the office withdrew it.
    pub served: bool,
}

impl Document {
    fn of(row: &DocumentRow) -> Self {
        Self {
            id: row.id.clone(),
            role: row.role.clone(),
            category: row.category.clone(),
            name: row.name.clone(),
            media_type: row.media_type.clone(),
            size: row.size,
            sha256: row.sha256.clone(),
            served: !row.sealed && row.withdrawn_ms.is_none(),
        }
    }
}

/// What an office made available to a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Identifier.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    pub id: String,
    /// The message.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    pub message: String,
    /// When it became available.
    #[schema(format = DateTime, max_length = 24)]
    pub available_at: String,
    /// When it was opened; the first instant stands.
    #[schema(format = DateTime, max_length = 24)]
    pub opened_at: Option<String>,
    /// When the office withdrew it.
    #[schema(format = DateTime, max_length = 24)]
    pub withdrawn_at: Option<String>,
}

impl Delivery {
    /// From the archive's row.
    pub fn of(row: &DeliveryRow) -> Self {
        Self {
            id: row.id.clone(),
            message: row.message.clone(),
            available_at: instant(row.available_ms),
            opened_at: row.opened_ms.map(instant),
            withdrawn_at: row.withdrawn_ms.map(instant),
        }
    }
}

/// A receipt that the caller holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// Identifier.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    pub id: String,
    /// Of which act.
    #[schema(max_length = 60)]
    pub kind: String,
    /// Language, a BCP 47 tag. Italian always comes first.
    #[schema(max_length = 10)]
    pub language: String,
    /// Name of the file.
    #[schema(max_length = 1000)]
    pub name: String,
    /// Bytes.
    #[schema(minimum = 0, maximum = 1_099_511_627_776_i64)]
    pub size: i64,
    /// SHA-256, lower-case hexadecimal.
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// When it was issued.
    #[schema(format = DateTime, max_length = 24)]
    pub issued_at: String,
}

impl Receipt {
    fn of(row: &ReceiptRow) -> Self {
        Self {
            id: row.id.clone(),
            kind: row.kind.clone(),
            language: row.language.clone(),
            name: row.name.clone(),
            size: row.size,
            sha256: row.sha256.clone(),
            issued_at: instant(row.issued_ms),
        }
    }
}

/// An office.
#[derive(Debug, Serialize, ToSchema)]
pub struct Office {
    /// Identifier.
    #[schema(max_length = 64)]
    pub id: String,
    /// Name.
    #[schema(max_length = 200)]
    pub name: String,
}

/// Where a message stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageStatus {
    /// Identifier.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    pub id: String,
    /// State.
    pub state: State,
    /// Its entry in the register.
    pub registration: Option<Registration>,
    /// Last day to answer, Rome's.
    #[schema(format = Date, max_length = 10)]
    pub due_on: Option<String>,
    /// Who is responsible for it.
    #[schema(max_length = 200)]
    pub responsible: Option<String>,
    /// How it was answered: `granted`, `denied`, `information`.
    #[schema(max_length = 20)]
    pub outcome: Option<String>,
    /// The caller's receipts.
    #[schema(max_items = 1000)]
    pub receipts: Vec<Receipt>,
    /// Receipts that are still being made.
    #[schema(minimum = 0, maximum = 1000)]
    pub receipts_pending: i64,
}

impl MessageStatus {
    /// From the desk's view.
    pub fn of(view: &MessageView) -> Self {
        let row = &view.message;
        Self {
            id: row.id.clone(),
            state: State::of(&row.state),
            registration: Registration::of(row),
            due_on: row.due.clone(),
            responsible: row.responsible.clone(),
            outcome: row.outcome.clone(),
            receipts: view.receipts.iter().map(Receipt::of).collect(),
            receipts_pending: view.receipts_ordered.len() as i64,
        }
    }
}

/// States of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Filed; its number is being given.
    Presented,
    /// Numbered, waiting for somebody.
    Registered,
    /// An operator has it.
    TakenInCharge,
    /// The office waits for the person.
    SupplementRequested,
    /// Answered.
    Answered,
    /// Withdrawn by the person.
    Withdrawn,
    /// Sent by the office.
    Sent,
}

impl State {
    /// Reads the archive's name; what a later version may add is shown as presented.
    pub fn of(code: &str) -> Self {
        serde_json::from_value(code.into()).unwrap_or(Self::Presented)
    }
}

/// Which way a message goes, as the register says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To an office.
    In,
    /// From an office.
    Out,
}

impl Direction {
    /// Reads the archive's name.
    pub fn of(code: &str) -> Self {
        if code == "out" { Self::Out } else { Self::In }
    }
}

/// A message with everything that the caller may see of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    /// Identifier.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    pub id: String,
    /// Which way it goes.
    pub direction: Direction,
    /// Code of its kind.
    #[schema(max_length = 64)]
    pub kind: String,
    /// The office it is for or from.
    pub office: Office,
    /// Subject.
    #[schema(max_length = 1000)]
    pub subject: String,
    /// Text; absent while its delivery is not opened, and where only its data may be seen.
    #[schema(max_length = 100_000)]
    pub text: Option<String>,
    /// `courtesy`, `communication`, `notification`: of what comes from an office.
    #[schema(max_length = 20)]
    pub effect: Option<String>,
    /// Who sent it, of what goes to an office.
    #[schema(max_length = 300)]
    pub sender_name: Option<String>,
    /// When it was presented, or registered if an office sent it.
    #[schema(format = DateTime, max_length = 24)]
    pub presented_at: String,
    /// First message of the conversation.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    pub thread: String,
    /// The message it answers.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    pub reply_to: Option<String>,
    /// Where it stands.
    pub status: MessageStatus,
    /// Its documents, the primary one first; none while `text` is absent.
    #[schema(max_items = 1000)]
    pub documents: Vec<Document>,
    /// Its deliveries: the caller's own.
    #[schema(max_items = 1000)]
    pub deliveries: Vec<Delivery>,
}

impl Message {
    /// From the desk's view.
    pub fn of(view: &MessageView) -> Self {
        let row = &view.message;
        Self {
            id: row.id.clone(),
            direction: Direction::of(&row.direction),
            kind: row.kind.clone(),
            office: Office { id: row.office.clone(), name: row.office_name.clone() },
            subject: row.subject.clone(),
            text: view.content.then(|| row.text.clone()),
            effect: row.effect.clone(),
            sender_name: row.sender_name.clone(),
            presented_at: instant(row.instant_ms),
            thread: row.thread.clone(),
            reply_to: row.reply_to.clone(),
            status: MessageStatus::of(view),
            documents: view.documents.iter().map(Document::of).collect(),
            deliveries: view.deliveries.iter().map(Delivery::of).collect(),
        }
    }
}
