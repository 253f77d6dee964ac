//! Epochs, holds, destructions, and what is left of a destroyed message. After an erasure the tables hold what a rebuild
//! makes of the events that can still be opened: the register's entry, and what the event itself says remains.

use plico_database::{Tx, args};
use plico_record::act::{DestructionAuthorised, DestructionDone, DestructionProposed, PartErased};
use plico_record::part::RegisterPart;

use super::{mail, state, tally, waiting};
use crate::append::{Entry, EventRef};
use crate::error::ArchiveError;

const ADDED: &str = "insert into key_epoch (administration, epoch, added_ms) values ($1, $2, $3)
    on conflict (administration, epoch) do update set added_ms = excluded.added_ms";
const RETIRED: &str = "insert into key_epoch (administration, epoch, retired_ms) values ($1, $2, $3)
    on conflict (administration, epoch) do update set retired_ms = excluded.retired_ms";

pub(super) fn key_added(tx: &mut Tx, entry: &Entry, epoch: u32) -> Result<(), ArchiveError> {
    tx.write(ADDED, args![&entry.administration, epoch, entry.at.instant_ms])?;
    Ok(())
}

pub(super) fn key_retired(tx: &mut Tx, entry: &Entry, epoch: u32) -> Result<(), ArchiveError> {
    tx.write(RETIRED, args![&entry.administration, epoch, entry.at.instant_ms])?;
    Ok(())
}

const HOLD: &str = "insert into hold (kind, thing, administration, reason, author_name, instant_ms)
    values ($1, $2, $3, $4, $5, $6) on conflict (kind, thing) do update set reason = excluded.reason,
    author_name = excluded.author_name, instant_ms = excluded.instant_ms";
const LIFT: &str = "delete from hold where kind = $1 and thing = $2";

pub(super) fn held(
    tx: &mut Tx,
    entry: &Entry,
    kind: &str,
    thing: &str,
    reason: &str,
) -> Result<(), ArchiveError> {
    let row = args![kind, thing, &entry.administration, reason, &entry.actor.name, entry.at.instant_ms];
    tx.write(HOLD, row)?;
    Ok(())
}

pub(super) fn lifted(tx: &mut Tx, kind: &str, thing: &str) -> Result<(), ArchiveError> {
    tx.write(LIFT, args![kind, thing])?;
    Ok(())
}

const PROPOSED: &str =
    "insert into destruction (id, administration, proposed_ms, proposed_by) values ($1, $2, $3, $4)";
const ITEM: &str = "insert into destruction_item (destruction, message) values ($1, $2)";

pub(super) fn proposed(tx: &mut Tx, entry: &Entry, act: &DestructionProposed) -> Result<(), ArchiveError> {
    let row = args![&act.destruction, &entry.administration, entry.at.instant_ms, &entry.actor.name];
    tx.write(PROPOSED, row)?;
    for message in &act.messages {
        tx.write(ITEM, args![&act.destruction, message])?;
    }
    Ok(())
}

const AUTHORISED: &str =
    "update destruction set authority = $2, number = $3, date = $4, authorised_ms = $5, authorised_by = $6
    where id = $1";
const STRIKE: &str = "update destruction_item set struck = $3 where destruction = $1 and message = $2";

pub(super) fn authorised(
    tx: &mut Tx,
    entry: &Entry,
    act: &DestructionAuthorised,
) -> Result<(), ArchiveError> {
    let row = args![
        &act.destruction,
        &act.authority,
        &act.number,
        &act.date,
        entry.at.instant_ms,
        &entry.actor.name
    ];
    tx.write(AUTHORISED, row)?;
    for struck in &act.struck {
        tx.write(STRIKE, args![&act.destruction, &struck.message, &struck.reason])?;
    }
    Ok(())
}

const DONE: &str = "update destruction set done_ms = $2, epoch = $3, rewritten = $4 where id = $1";

pub(super) fn done(tx: &mut Tx, entry: &Entry, act: &DestructionDone) -> Result<(), ArchiveError> {
    tx.write(DONE, args![&act.destruction, entry.at.instant_ms, act.epoch, act.rewritten])?;
    Ok(())
}

const DIRECTION: &str = "select direction from message where id = $1";
const UNOPENED: &str =
    "select recipient from delivery where message = $1 and opened_ms is null and withdrawn_ms is null";
const GO: [&str; 19] = [
    "delete from verdict where document in (select id from document where message = $1)",
    "delete from note where message = $1",
    "delete from document where message = $1",
    "delete from knowledge where message = $1",
    "delete from delivery where message = $1",
    "delete from cosender where message = $1",
    "delete from message_link where message = $1 or other = $1",
    "delete from registry_order where message = $1",
    "delete from emergency_entry where message = $1",
    "delete from mail_taken where message = $1",
    "delete from letter_mail where message = $1",
    "delete from letter_envelope where message = $1",
    "delete from letter_receipt where message = $1",
    "delete from mark where message = $1",
    "delete from mark_answer where message = $1",
    "delete from mark_notice where message = $1",
    "delete from signing where message = $1",
    "delete from message where id = $1",
    "delete from hold where kind = 'message' and thing = $1",
];
// The register keeps the subject (art. 53), so lists may go on showing it.
const REMAINS: &str = "insert into message (id, administration, direction, kind, office, subject, text, thread, reply_to,
    sender, author, author_name, instant_ms, state, area, year, number, registered_ms, annulled, case_file, class, from_office, destruction)
    values ($1, $2, $3, $4, $5, coalesce((select subject from registration where message = $1), ''), '', $6, $7, $8, '', '',
    $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
const KNEW: &str = "insert into knowledge (message, office) values ($1, $2)";
// As if opened: nobody waits for it any more.
const DELIVERED: &str =
    "insert into delivery (id, administration, message, recipient, available_ms, opened_ms, copy)
    values ($1, $2, $3, $4, $5, $5, $6)";
const FORMER: &str = "insert into former (id, message) values ($1, $2)";
const ERASED: &str = "update destruction_item set erased_ms = $3 where destruction = $1 and message = $2";

pub(super) async fn erased(tx: &mut Tx, entry: &Entry, act: &PartErased) -> Result<(), ArchiveError> {
    let (message, body) = (&act.message, &entry.administration);
    // Live, the counts knew it; in a rebuild there is nothing yet.
    if tx.scalar_text(DIRECTION, args![message]).await?.as_deref() == Some("in")
        && let Some(before) = state(tx, message).await?
    {
        waiting(tx, body, &before, -1)?;
    }
    for (recipient,) in tx.all::<(String,)>(UNOPENED, args![message]).await? {
        tally(tx, body, &recipient, "unopened", -1)?;
    }
    for sql in GO {
        tx.write(sql, args![message])?;
    }
    let remains = &act.remains;
    let (area, year, number) = match &remains.registration {
        Some((area, year, number)) => (Some(area.clone()), Some(*year), Some(*number)),
        None => (None, None, None),
    };
    let row = args![
        message,
        body,
        &remains.direction,
        &remains.kind,
        &remains.office,
        &remains.thread,
        remains.reply_to.clone(),
        remains.sender.clone(),
        remains.at,
        &remains.state,
        area,
        year,
        number,
        remains.registered,
        remains.annulled,
        remains.case_file.clone(),
        &remains.class,
        &remains.from_office,
        &act.destruction
    ];
    tx.write(REMAINS, row)?;
    if let Some(number) = &remains.emergency {
        super::emergency::entered(tx, number, message)?;
    }
    for office in &remains.knowledge {
        tx.write(KNEW, args![message, office])?;
    }
    mail::others(tx, message, &remains.others)?;
    for (delivery, recipient, since) in &remains.deliveries {
        tx.write(
            DELIVERED,
            args![delivery, body, message, recipient, *since, remains.copies.contains(delivery)],
        )?;
    }
    for thing in &remains.things {
        tx.write(FORMER, args![thing, message])?;
    }
    tx.write(ERASED, args![&act.destruction, message, entry.at.instant_ms])?;
    Ok(())
}

/// What the register keeps of a registration whose other parts were erased.
pub(crate) fn kept(
    tx: &mut Tx,
    administration: &str,
    message: &str,
    at: EventRef,
    register: &RegisterPart,
) -> Result<(), ArchiveError> {
    mail::entry(tx, administration, message, at, register)
}

const UNOPENABLE: &str =
    "select count(*) from event e join subject s on s.log = e.log and s.log_id = e.subject
    where s.kind = 'message' and s.id = $1 and e.kind in ('message.presented', 'message.prepared', 'message.registered',
        'series.entered')
        and exists (select 1 from access_grant g where g.thing = 'part:' || e.log || '/' || e.idx || '/act')";

/// Whether nobody can open how a message began.
pub(super) async fn is_erased(tx: &mut Tx, message: &str) -> Result<bool, ArchiveError> {
    Ok(tx.scalar_i64(UNOPENABLE, args![message]).await? == 0)
}
