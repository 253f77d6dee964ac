//! Letters that go out by certified mail.

use plico_database::{Database, Tx, args};

use crate::error::ArchiveError;

/// A letter on its way.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct LetterMailRow {
    /// The delivery.
    pub delivery: String,
    /// Administration.
    pub administration: String,
    /// The message.
    pub message: String,
    /// The recipient's address.
    pub recipient: String,
    /// The mailbox that it goes from; empty before the first attempt.
    pub mailbox: String,
    /// Message id of the last attempt.
    pub message_id: String,
    /// How often it was tried.
    pub attempts: i64,
    /// `ordered`, `attempted`, `in_doubt`, `refused`, `submitted`.
    pub sending: String,
    /// `sent`, `accepted`, `ordinary`, `warned`, `delivered`, `not_accepted`, `undelivered`.
    pub fate: String,
    /// Words of whoever spoke last.
    pub words: String,
    /// UTC milliseconds.
    pub ordered_ms: i64,
    /// UTC milliseconds.
    pub changed_ms: i64,
    /// By our clock.
    pub sent_ms: Option<i64>,
    /// By the clock of the provider that says so.
    pub fate_at_ms: Option<i64>,
    /// By which rules its mark is written; empty where it has none.
    pub segnatura: String,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct LetterReceiptRow {
    /// By what it is recognised.
    pub key: String,
    /// The delivery.
    pub delivery: String,
    /// Kind of its event.
    pub kind: String,
    /// The document that it is.
    pub document: String,
    /// Who made it.
    pub provider: String,
    /// The recipient that it names.
    pub recipient: String,
    /// The provider's words.
    pub words: String,
    /// How much of the letter it gives back.
    pub extent: String,
    /// What it did: `changed`, `late`, `other_recipient`, `contradiction`.
    pub outcome: String,
    /// By the provider's clock.
    pub at_ms: Option<i64>,
    /// By ours.
    pub heard_ms: i64,
}

macro_rules! letter {
    ($rest:literal) => {
        concat!(
            "select delivery, administration, message, recipient, mailbox, message_id, attempts, sending, fate, words,
            ordered_ms, changed_ms, sent_ms, fate_at_ms, segnatura from letter_mail ",
            $rest
        )
    };
}

const ONE: &str = letter!("where delivery = $1");
const OF_MESSAGE: &str = letter!("where message = $1 order by delivery");
const OF_ENVELOPE: &str = letter!(
    "where delivery = (select delivery from letter_envelope where administration = $1 and message_id = $2)"
);
const RECEIPTS: &str =
    "select key, delivery, kind, document, provider, recipient, words, extent, outcome, at_ms, heard_ms
    from letter_receipt where message = $1 order by heard_ms, key";
const OF_KEY: &str =
    "select key, delivery, kind, document, provider, recipient, words, extent, outcome, at_ms, heard_ms
    from letter_receipt where administration = $1 and key = $2";
const HELD: &str = letter!(
    "where administration = $1 and (sending in ('in_doubt', 'refused') or fate in ('not_accepted', 'undelivered')
    or sending = 'ordered' and changed_ms < $2 or sent_ms < $2 and fate in ('sent', 'accepted', 'warned'))
    order by ordered_ms limit 200"
);

/// By its delivery.
pub async fn letter(database: &Database, delivery: &str) -> Result<Option<LetterMailRow>, ArchiveError> {
    Ok(database.optional(ONE, args![delivery]).await?)
}

/// By its delivery, within a transaction.
pub async fn letter_in(tx: &mut Tx, delivery: &str) -> Result<Option<LetterMailRow>, ArchiveError> {
    Ok(tx.optional(ONE, args![delivery]).await?)
}

/// By a message id that went out for it.
pub async fn of_envelope(
    tx: &mut Tx,
    administration: &str,
    message_id: &str,
) -> Result<Option<LetterMailRow>, ArchiveError> {
    Ok(tx.optional(OF_ENVELOPE, args![administration, message_id]).await?)
}

/// A receipt that came already.
pub async fn receipt(
    tx: &mut Tx,
    administration: &str,
    key: &str,
) -> Result<Option<LetterReceiptRow>, ArchiveError> {
    Ok(tx.optional(OF_KEY, args![administration, key]).await?)
}

/// How a letter went out, with every receipt.
pub async fn of_message(
    database: &Database,
    message: &str,
) -> Result<(Vec<LetterMailRow>, Vec<LetterReceiptRow>), ArchiveError> {
    Ok((database.all(OF_MESSAGE, args![message]).await?, database.all(RECEIPTS, args![message]).await?))
}

/// What waits for a person: in doubt, refused, not delivered, or not heard of since `before_ms`.
pub async fn held(
    database: &Database,
    administration: &str,
    before_ms: i64,
) -> Result<Vec<LetterMailRow>, ArchiveError> {
    Ok(database.all(HELD, args![administration, before_ms]).await?)
}
