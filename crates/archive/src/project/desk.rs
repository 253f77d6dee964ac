//! Assignments, notes, issued documents, case files and readings.

use plico_database::{Tx, args};
use plico_record::act::{
    ArchiveRead, CaseFileClosed, CaseFileOpened, DocumentIssued, DocumentQuarantined, DocumentWithdrawn,
    MessageAssigned, MessageNoted,
};

use crate::append::Entry;
use crate::error::ArchiveError;

const KNOW: &str =
    "insert into knowledge (message, office) values ($1, $2) on conflict (message, office) do nothing";

pub(super) async fn known(tx: &mut Tx, act: &MessageAssigned) -> Result<(), ArchiveError> {
    tx.execute(KNOW, args![&act.message, &act.office]).await?;
    Ok(())
}

const NOTE: &str =
    "insert into note (id, message, author_name, text, instant_ms) values ($1, $2, $3, $4, $5)";

pub(super) async fn noted(tx: &mut Tx, entry: &Entry, act: &MessageNoted) -> Result<(), ArchiveError> {
    let text = entry.internal.as_ref().and_then(|part| part["text"].as_str()).unwrap_or_default();
    tx.execute(NOTE, args![&act.note, &act.message, &entry.actor.name, text, entry.at.instant_ms]).await?;
    Ok(())
}

const ISSUED: &str = "update document set category = $2 where id = $1";

pub(super) async fn issued(tx: &mut Tx, act: &DocumentIssued) -> Result<(), ArchiveError> {
    tx.execute(ISSUED, args![&act.document, &act.category]).await?;
    Ok(())
}

const WITHDRAWN: &str = "update document set withdrawn_ms = $2 where id = $1";

pub(super) async fn document_withdrawn(
    tx: &mut Tx,
    entry: &Entry,
    act: &DocumentWithdrawn,
) -> Result<(), ArchiveError> {
    tx.execute(WITHDRAWN, args![&act.document, entry.at.instant_ms]).await?;
    Ok(())
}

const QUARANTINED: &str = "update document set sealed = true where id = $1";

pub(super) async fn quarantined(tx: &mut Tx, act: &DocumentQuarantined) -> Result<(), ArchiveError> {
    tx.execute(QUARANTINED, args![&act.document]).await?;
    Ok(())
}

const CASE: &str = "insert into case_file (id, administration, office, year, number, title, opened_ms)
    values ($1, $2, $3, $4, $5, $6, $7)";
const CASE_HEAD: &str = "insert into register_head (administration, area, year, next) values ($1, $2, $3, $4)
    on conflict (administration, area, year) do update set next = excluded.next
        where register_head.next < excluded.next";

pub(super) async fn case_opened(
    tx: &mut Tx,
    entry: &Entry,
    act: &CaseFileOpened,
) -> Result<(), ArchiveError> {
    tx.execute(
        CASE,
        args![
            &act.case_file,
            &entry.administration,
            &act.office,
            act.year,
            act.number,
            &act.title,
            entry.at.instant_ms
        ],
    )
    .await?;
    tx.execute(
        CASE_HEAD,
        args![&entry.administration, crate::register::CASE_FILES, act.year, act.number + 1],
    )
    .await?;
    Ok(())
}

const CLOSE: &str = "update case_file set closed_ms = $2 where id = $1";

pub(super) async fn case_closed(
    tx: &mut Tx,
    entry: &Entry,
    act: &CaseFileClosed,
) -> Result<(), ArchiveError> {
    tx.execute(CLOSE, args![&act.case_file, entry.at.instant_ms]).await?;
    Ok(())
}

const READING: &str =
    "insert into reading (log, idx, administration, account, name, what, thing, reason, instant_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

pub(super) async fn read(tx: &mut Tx, entry: &Entry, act: &ArchiveRead) -> Result<(), ArchiveError> {
    tx.execute(
        READING,
        args![
            entry.at.log,
            entry.at.index,
            &entry.administration,
            &entry.actor.account,
            &entry.actor.name,
            &act.what,
            &act.thing,
            &act.reason,
            entry.at.instant_ms
        ],
    )
    .await?;
    Ok(())
}
