//! A person's lists: messages both ways, drafts, documents, receipts.

use plico_database::{Database, args};

use super::Cursor;
use super::message::{MessageRow, message_columns};
use crate::error::ArchiveError;

/// A line of the inbox: what one sent or what one received.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Line {
    /// `in` for what one sent to an office, `out` for what came from one.
    pub direction: String,
    /// The message, for what one sent; the delivery, for what came.
    pub id: String,
    /// The message.
    pub message: String,
    /// UTC milliseconds.
    pub instant_ms: i64,
    /// Office.
    pub office_name: String,
    /// Subject.
    pub subject: String,
    /// State of what one sent.
    pub state: String,
    /// Year of the number.
    pub year: Option<i32>,
    /// Number.
    pub number: Option<i64>,
    /// Opened, for what came (UTC milliseconds).
    pub opened_ms: Option<i64>,
    /// Withdrawn by the office (UTC milliseconds).
    pub withdrawn_ms: Option<i64>,
    /// Conversation.
    pub thread: String,
}

const SENT: &str = "select m.direction, m.id, m.id as message, m.instant_ms, coalesce(o.name, m.office) as office_name,
    m.subject, m.state, m.year, m.number, cast(null as bigint) as opened_ms, cast(null as bigint) as withdrawn_ms,
    m.thread
    from message m left join office o on o.id = m.office
    where m.administration = $1 and m.sender = $2
        and (m.instant_ms < $3 or (m.instant_ms = $3 and m.id < $4)) and m.instant_ms >= $5 and m.instant_ms < $6
        and (cast($8 as text) is null or m.office = $8)
        and (cast($9 as text) is null or lower(m.subject) like lower($9) escape '!')
    order by m.instant_ms desc, m.id desc limit $7";
const RECEIVED: &str = "select m.direction, d.id, m.id as message, d.available_ms as instant_ms,
    coalesce(o.name, m.office) as office_name, m.subject, m.state, m.year, m.number, d.opened_ms, d.withdrawn_ms,
    m.thread
    from delivery d join message m on m.id = d.message left join office o on o.id = m.office
    where d.administration = $1 and d.recipient = $2
        and (d.available_ms < $3 or (d.available_ms = $3 and d.id < $4))
        and d.available_ms >= $5 and d.available_ms < $6
        and (cast($8 as text) is null or m.office = $8)
        and (cast($9 as text) is null or lower(m.subject) like lower($9) escape '!')
        and ($10 = 0 or (d.opened_ms is null and d.withdrawn_ms is null))
    order by d.available_ms desc, d.id desc limit $7";
const UNOPENED: &str = "select value from tally where administration = $1 and owner = $2 and name = $3";

/// Which lines.
#[derive(Debug, Clone)]
pub struct Filter {
    /// After what.
    pub cursor: Cursor,
    /// From (UTC milliseconds, included).
    pub from_ms: i64,
    /// Until (UTC milliseconds, excluded).
    pub until_ms: i64,
    /// What one sent.
    pub sent: bool,
    /// What came.
    pub received: bool,
    /// Of what came, only what is not opened yet.
    pub unopened: bool,
    /// Only to or from this office.
    pub office: Option<String>,
    /// Only with this in the subject.
    pub words: Option<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            cursor: Cursor::newest(),
            from_ms: 0,
            until_ms: i64::MAX,
            sent: true,
            received: true,
            unopened: false,
            office: None,
            words: None,
        }
    }
}

/// A page of a person's messages, newest first, and the cursor of the next page.
pub async fn lines(
    database: &Database,
    administration: &str,
    person: &str,
    filter: &Filter,
    most: usize,
) -> Result<(Vec<Line>, Option<Cursor>), ArchiveError> {
    let Filter { cursor, from_ms, until_ms, .. } = filter;
    let words = filter.words.as_deref().and_then(super::containing);
    let list = args![
        administration,
        person,
        cursor.instant_ms,
        &cursor.id,
        *from_ms,
        *until_ms,
        most + 1,
        filter.office.clone(),
        words
    ];
    let mut lines: Vec<Line> = if filter.sent { database.all(SENT, list.clone()).await? } else { Vec::new() };
    if filter.received {
        let list = [list, args![i64::from(filter.unopened)]].concat();
        lines.extend(database.all::<Line>(RECEIVED, list).await?);
    }
    lines.sort_by(|a, b| (b.instant_ms, &b.id).cmp(&(a.instant_ms, &a.id)));
    let more = lines.len() > most;
    lines.truncate(most);
    let next =
        lines.last().filter(|_| more).map(|line| Cursor { instant_ms: line.instant_ms, id: line.id.clone() });
    Ok((lines, next))
}

const FILINGS: &str = concat!(
    "select ",
    message_columns!(),
    " where m.administration = $1 and m.sender = $2 and m.thread = m.id
        and (m.instant_ms < $3 or (m.instant_ms = $3 and m.id < $4))
        and (cast($5 as text) is null or (m.state in ('answered', 'withdrawn')) = ($5 = 'closed'))
    order by m.instant_ms desc, m.id desc limit $6"
);

/// What a person filed of his own accord, newest first; `open`: only what still waits, or only what does not.
pub async fn filings(
    database: &Database,
    administration: &str,
    person: &str,
    open: Option<bool>,
    cursor: &Cursor,
    most: usize,
) -> Result<(Vec<MessageRow>, Option<Cursor>), ArchiveError> {
    let state = open.map(|open| if open { "open" } else { "closed" }.to_owned());
    let list = args![administration, person, cursor.instant_ms, &cursor.id, state, most + 1];
    let mut rows: Vec<MessageRow> = database.all(FILINGS, list).await?;
    let more = rows.len() > most;
    rows.truncate(most);
    let next =
        rows.last().filter(|_| more).map(|row| Cursor { instant_ms: row.instant_ms, id: row.id.clone() });
    Ok((rows, next))
}

/// A kept count: `unopened` of a person, `waiting` of an office.
pub async fn tally(
    database: &Database,
    administration: &str,
    owner: &str,
    name: &str,
) -> Result<i64, ArchiveError> {
    Ok(database
        .optional::<(i64,)>(UNOPENED, args![administration, owner, name])
        .await?
        .map_or(0, |row| row.0))
}

/// A document in somebody's documents.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Owned {
    /// Identifier.
    pub id: String,
    /// The delivery it came with.
    pub delivery: String,
    /// Name.
    pub name: String,
    /// Category.
    pub category: Option<String>,
    /// Measured.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Office.
    pub office_name: String,
    /// UTC milliseconds.
    pub instant_ms: i64,
    /// Opened (UTC milliseconds).
    pub opened_ms: Option<i64>,
    /// Withdrawn (UTC milliseconds).
    pub withdrawn_ms: Option<i64>,
}

const OWNED: &str = "select c.id, d.id as delivery, c.name, c.category, c.media_type, c.size,
    coalesce(o.name, m.office) as office_name, d.available_ms as instant_ms, d.opened_ms,
    coalesce(c.withdrawn_ms, d.withdrawn_ms) as withdrawn_ms
    from delivery d join message m on m.id = d.message join document c on c.message = m.id
    left join office o on o.id = m.office
    where d.administration = $1 and d.recipient = $2 and c.category is not null
    order by d.available_ms desc, c.position limit 200";

/// The documents that offices issued to a person, newest first.
pub async fn documents(
    database: &Database,
    administration: &str,
    person: &str,
) -> Result<Vec<Owned>, ArchiveError> {
    Ok(database.all(OWNED, args![administration, person]).await?)
}

/// A draft.
#[derive(Debug, Clone, plico_database::Record)]
pub struct DraftRow {
    /// Identifier: the message's when it is sent.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// The person it is for.
    pub person: String,
    /// The account that writes it.
    pub author: String,
    /// Kind.
    pub kind: String,
    /// Office.
    pub office: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// What it answers.
    pub reply_to: Option<String>,
    /// `filing`, `reply`, `addition`.
    pub purpose: String,
    /// UTC milliseconds.
    pub updated_ms: i64,
}

/// A file of a draft.
#[derive(Debug, Clone, plico_database::Record)]
pub struct UploadRow {
    /// Identifier: the document's when it is sent.
    pub id: String,
    /// Name, cleaned.
    pub name: String,
    /// Measured.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Hexadecimal.
    pub sha256: String,
    /// SHA-256 of what is stored.
    pub blob: Vec<u8>,
    /// Epoch of the wrapped key.
    pub epoch: i64,
    /// Wrapped key.
    pub wrapped: Vec<u8>,
    /// JSON of the signature check.
    pub verification: Option<String>,
    /// Malware.
    pub sealed: bool,
    /// `clean`, `found`, `unavailable`, `off`.
    pub scanned: String,
}

/// A draft by its identifier.
pub const DRAFT: &str =
    "select id, administration, person, author, kind, office, subject, text, reply_to, purpose,
    updated_ms from draft where id = $1";
/// A person's drafts, newest first.
pub const DRAFTS: &str =
    "select id, administration, person, author, kind, office, subject, text, reply_to, purpose,
    updated_ms from draft where administration = $1 and person = $2 order by updated_ms desc limit 100";
/// The files of a draft or of an operator's message.
pub const UPLOADS: &str =
    "select id, name, media_type, size, sha256, blob, epoch, wrapped, verification, sealed,
    scanned from upload where owner = $1 order by position, id";

/// A draft by its identifier.
pub async fn draft(database: &Database, id: &str) -> Result<Option<DraftRow>, ArchiveError> {
    Ok(database.optional(DRAFT, args![id]).await?)
}

/// A person's drafts, newest first.
pub async fn drafts(
    database: &Database,
    administration: &str,
    person: &str,
) -> Result<Vec<DraftRow>, ArchiveError> {
    Ok(database.all(DRAFTS, args![administration, person]).await?)
}

/// The files of a draft, in order.
pub async fn uploads(database: &Database, owner: &str) -> Result<Vec<UploadRow>, ArchiveError> {
    Ok(database.all(UPLOADS, args![owner]).await?)
}
