//! Assignments, notes, issued documents, case files and readings.

use plico_database::{Tx, args};
use plico_record::act::{
    ArchiveRead, CaseFileClosed, CaseFileOpened, DocumentIssued, DocumentQuarantined, DocumentWithdrawn,
    MessageAssigned, MessageAssignmentRefused, MessageLinked, MessageNoted, MessageUnlinked,
};

use crate::append::Entry;
use crate::error::ArchiveError;

const KNOW: &str =
    "insert into knowledge (message, office) values ($1, $2) on conflict (message, office) do nothing";

pub(super) fn known(tx: &mut Tx, act: &MessageAssigned) -> Result<(), ArchiveError> {
    knows(tx, &act.message, &act.office)
}

pub(super) fn knows(tx: &mut Tx, message: &str, office: &str) -> Result<(), ArchiveError> {
    tx.write(KNOW, args![message, office])?;
    Ok(())
}

const KNOW_NOT: &str = "delete from knowledge where message = $1 and office = $2";

pub(super) fn declined(tx: &mut Tx, act: &MessageAssignmentRefused) -> Result<(), ArchiveError> {
    tx.write(KNOW_NOT, args![&act.message, &act.office])?;
    Ok(())
}

const LINK: &str = "insert into message_link (message, other, reason, author_name, instant_ms)
    values ($1, $2, $3, $4, $5) on conflict (message, other) do update set reason = excluded.reason,
        author_name = excluded.author_name, instant_ms = excluded.instant_ms";

pub(super) fn linked(tx: &mut Tx, entry: &Entry, act: &MessageLinked) -> Result<(), ArchiveError> {
    let row = args![&act.message, &act.other, &act.reason, &entry.actor.name, entry.at.instant_ms];
    tx.write(LINK, row)?;
    Ok(())
}

const UNLINK: &str = "delete from message_link where message = $1 and other = $2";

pub(super) fn unlinked(tx: &mut Tx, act: &MessageUnlinked) -> Result<(), ArchiveError> {
    tx.write(UNLINK, args![&act.message, &act.other])?;
    Ok(())
}

const NOTE: &str =
    "insert into note (id, message, author_name, text, instant_ms) values ($1, $2, $3, $4, $5)";

pub(super) fn noted(tx: &mut Tx, entry: &Entry, act: &MessageNoted) -> Result<(), ArchiveError> {
    let text = entry.internal.as_ref().and_then(|part| part["text"].as_str()).unwrap_or_default();
    tx.write(NOTE, args![&act.note, &act.message, &entry.actor.name, text, entry.at.instant_ms])?;
    Ok(())
}

const ISSUED: &str = "update document set category = $2 where id = $1";

pub(super) fn issued(tx: &mut Tx, act: &DocumentIssued) -> Result<(), ArchiveError> {
    tx.write(ISSUED, args![&act.document, &act.category])?;
    Ok(())
}

const WITHDRAWN: &str = "update document set withdrawn_ms = $2 where id = $1";

pub(super) fn document_withdrawn(
    tx: &mut Tx,
    entry: &Entry,
    act: &DocumentWithdrawn,
) -> Result<(), ArchiveError> {
    tx.write(WITHDRAWN, args![&act.document, entry.at.instant_ms])?;
    Ok(())
}

const QUARANTINED: &str = "update document set sealed = true where id = $1";

pub(super) fn quarantined(tx: &mut Tx, act: &DocumentQuarantined) -> Result<(), ArchiveError> {
    tx.write(QUARANTINED, args![&act.document])?;
    Ok(())
}

const CASE: &str = "insert into case_file (id, administration, office, year, number, title, opened_ms, class,
    former, former_opened, former_closed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const CASE_HEAD: &str = "insert into register_head (administration, area, year, next) values ($1, $2, $3, $4)
    on conflict (administration, area, year) do update set next = excluded.next
        where register_head.next < excluded.next";

pub(super) fn case_opened(tx: &mut Tx, entry: &Entry, act: &CaseFileOpened) -> Result<(), ArchiveError> {
    let former = act.former.as_ref();
    tx.write(
        CASE,
        args![
            &act.case_file,
            &entry.administration,
            &act.office,
            act.year,
            act.number,
            &act.title,
            entry.at.instant_ms,
            &act.class,
            former.map_or("", |former| &former.number),
            former.map_or("", |former| &former.opened),
            former.and_then(|former| former.closed.as_deref()).unwrap_or_default()
        ],
    )?;
    tx.write(CASE_HEAD, args![&entry.administration, crate::register::CASE_FILES, act.year, act.number + 1])?;
    Ok(())
}

const CLOSE: &str = "update case_file set closed_ms = $2 where id = $1";

pub(super) fn case_closed(tx: &mut Tx, entry: &Entry, act: &CaseFileClosed) -> Result<(), ArchiveError> {
    tx.write(CLOSE, args![&act.case_file, entry.at.instant_ms])?;
    Ok(())
}

const READING: &str =
    "insert into reading (log, idx, administration, account, name, what, thing, reason, instant_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

pub(super) fn read(tx: &mut Tx, entry: &Entry, act: &ArchiveRead) -> Result<(), ArchiveError> {
    tx.write(
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
    )?;
    Ok(())
}
