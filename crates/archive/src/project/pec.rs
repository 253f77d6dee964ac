//! Letters that go out by certified mail: how each stands is said by its latest event.

use plico_database::{Tx, args};
use plico_record::act::{Act, PecAttempted, PecOrdered, PecReceipt, PecResolved};

use crate::append::Entry;
use crate::error::ArchiveError;

const ORDERED: &str = "insert into letter_mail (delivery, administration, message, recipient, mailbox, message_id, attempts,
    sending, fate, words, ordered_ms, changed_ms) values ($1, $2, $3, $4, '', '', 0, 'ordered', 'sent', '', $5, $5)";
const ATTEMPTED: &str = "update letter_mail set sending = 'attempted', mailbox = $2, message_id = $3,
    attempts = attempts + 1, words = '', changed_ms = $4, segnatura = $5 where delivery = $1";
const ENVELOPE: &str = "insert into letter_envelope (message_id, administration, delivery, message)
    select $1, administration, delivery, message from letter_mail where delivery = $2";
const SENDING: &str = "update letter_mail set sending = $2, words = $3, changed_ms = $4 where delivery = $1";
/// A web service answers for itself: nobody else certifies that it has what it took.
const SENT: &str = "update letter_mail set sent_ms = $2,
    fate = case when recipient like 'agid:%' then 'delivered' else fate end,
    fate_at_ms = case when recipient like 'agid:%' then $2 else fate_at_ms end
    where delivery = $1 and sent_ms is null";

/// Whether the act was one of these.
pub(super) async fn apply(tx: &mut Tx, entry: &Entry) -> Result<(), ArchiveError> {
    let now = entry.at.instant_ms;
    match &entry.act {
        Act::PecOrdered(act) => ordered(tx, entry, act)?,
        Act::PecAttempted(act) => attempted(tx, entry, act)?,
        Act::PecSubmitted(act) => {
            sending(tx, &act.delivery, "submitted", &act.answer, now)?;
            tx.write(SENT, args![&act.delivery, now])?;
        }
        Act::PecRefused(act) => {
            sending(tx, &act.delivery, if act.again { "ordered" } else { "refused" }, &act.answer, now)?;
        }
        Act::PecInDoubt(act) => sending(tx, &act.delivery, "in_doubt", &act.answer, now)?,
        Act::PecResolved(act) => resolved(tx, entry, act)?,
        Act::PecAccepted(act) => heard(tx, entry, &act.0).await?,
        Act::PecNotAccepted(act) => heard(tx, entry, &act.0).await?,
        Act::PecProviderTakeover(act) => heard(tx, entry, &act.0).await?,
        Act::PecDelivered(act) => heard(tx, entry, &act.0).await?,
        Act::PecUndelivered(act) => heard(tx, entry, &act.0).await?,
        Act::PecLate(act) => heard(tx, entry, &act.0).await?,
        Act::PecVirus(act) => heard(tx, entry, &act.0).await?,
        Act::PecAnomaly(act) => heard(tx, entry, &act.0).await?,
        _ => {}
    }
    Ok(())
}

fn ordered(tx: &mut Tx, entry: &Entry, act: &PecOrdered) -> Result<(), ArchiveError> {
    let row = args![&act.delivery, &entry.administration, &act.message, &act.to, entry.at.instant_ms];
    tx.write(ORDERED, row)?;
    Ok(())
}

fn attempted(tx: &mut Tx, entry: &Entry, act: &PecAttempted) -> Result<(), ArchiveError> {
    let at = entry.at.instant_ms;
    tx.write(ATTEMPTED, args![&act.delivery, &act.mailbox, &act.message_id, at, &act.segnatura])?;
    tx.write(ENVELOPE, args![&act.message_id, &act.delivery])?;
    Ok(())
}

fn sending(tx: &mut Tx, delivery: &str, state: &str, words: &str, now: i64) -> Result<(), ArchiveError> {
    tx.write(SENDING, args![delivery, state, words, now])?;
    Ok(())
}

const ANEW: &str =
    "update letter_mail set fate = 'sent', fate_at_ms = null, sent_ms = null where delivery = $1";

fn resolved(tx: &mut Tx, entry: &Entry, act: &PecResolved) -> Result<(), ArchiveError> {
    let now = entry.at.instant_ms;
    if act.decision == "again" {
        tx.write(ANEW, args![&act.delivery])?;
        return sending(tx, &act.delivery, "ordered", &act.reason, now);
    }
    sending(tx, &act.delivery, "submitted", &act.reason, now)?;
    tx.write(SENT, args![&act.delivery, now])?;
    Ok(())
}

const RECEIPT: &str =
    "insert into letter_receipt (administration, key, delivery, message, kind, document, provider,
    recipient, words, extent, outcome, at_ms, heard_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
/// A receipt proves that the provider has it, whatever our own line said.
const FATE: &str = "update letter_mail set sending = 'submitted', fate = $2, words = $3, fate_at_ms = $4,
    sent_ms = coalesce(sent_ms, $5), changed_ms = $5 where delivery = $1";

async fn heard(tx: &mut Tx, entry: &Entry, act: &PecReceipt) -> Result<(), ArchiveError> {
    super::mail::more_documents(tx, entry, &act.message).await?;
    let document = entry.documents.first().map_or("", |document| &document.id);
    let row = args![
        &entry.administration,
        &act.key,
        &act.delivery,
        &act.message,
        entry.act.kind().name(),
        document,
        &act.provider,
        &act.recipient,
        &act.words,
        &act.extent,
        &act.outcome,
        act.at,
        entry.at.instant_ms
    ];
    tx.write(RECEIPT, row)?;
    if act.outcome == "changed" {
        tx.write(FATE, args![&act.delivery, &act.fate, &act.words, act.at, entry.at.instant_ms])?;
    }
    Ok(())
}
