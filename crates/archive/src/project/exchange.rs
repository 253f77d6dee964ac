//! What registries of bodies say to each other by certified mail.

use plico_database::{Tx, args};
use plico_record::act::{MarkAnswered, MarkNotice, MarkRead};

use crate::append::Entry;
use crate::error::ArchiveError;

const MARK: &str =
    "insert into mark (message, administration, generation, body, area, register, number, day, sender,
    subject, asks, signature, mailbox, address, documents)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

pub(super) fn read(tx: &mut Tx, entry: &Entry, act: &MarkRead) -> Result<(), ArchiveError> {
    let documents = serde_json::to_string(&act.documents)
        .map_err(|error| ArchiveError::Corrupt(format!("the documents of a mark: {error}")))?;
    let row = args![
        &act.message,
        &entry.administration,
        &act.generation,
        &act.from.administration,
        &act.from.area,
        &act.from.register,
        act.from.number,
        &act.from.date,
        &act.sender,
        &act.subject,
        act.asks,
        &act.signature,
        &act.mailbox,
        &act.address,
        documents
    ];
    tx.write(MARK, row)?;
    Ok(())
}

const ANSWER: &str =
    "insert into mark_answer (delivery, administration, message, kind, reason, act, ordered_ms)
    values ($1, $2, $3, $4, $5, $6, $7)";

pub(super) fn answered(tx: &mut Tx, entry: &Entry, act: &MarkAnswered) -> Result<(), ArchiveError> {
    let row = args![
        &act.delivery,
        &entry.administration,
        &act.message,
        &act.kind,
        &act.reason,
        &act.act,
        entry.at.instant_ms
    ];
    tx.write(ANSWER, row)?;
    Ok(())
}

const NOTICE: &str = "insert into mark_notice (administration, mail, message, kind, address, body, area, register, number,
    day, reason, act, document, heard_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const TAKEN: &str = "insert into mail_taken (administration, key, message) values ($1, $2, $3)";

pub(super) async fn heard(tx: &mut Tx, entry: &Entry, act: &MarkNotice) -> Result<(), ArchiveError> {
    super::mail::more_documents(tx, entry, &act.message).await?;
    let document = entry.documents.first().map_or("", |document| &document.id);
    let theirs = act.as_what.clone().unwrap_or_default();
    let row = args![
        &entry.administration,
        &act.mail,
        &act.message,
        &act.kind,
        &act.address,
        theirs.administration,
        theirs.area,
        theirs.register,
        theirs.number,
        theirs.date,
        &act.reason,
        &act.act,
        document,
        entry.at.instant_ms
    ];
    tx.write(NOTICE, row)?;
    tx.write(TAKEN, args![&entry.administration, &act.mail, &act.message])?;
    Ok(())
}
