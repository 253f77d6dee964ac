//! Messages, registrations and deliveries.

use plico_database::{Tx, args};
use plico_record::act::{
    Arrival, Content, DeliveryMadeAvailable, DeliveryOpened, DeliveryUnavailable, MessageClassified,
    MessagePrepared, MessagePresented, MessageRegistered, MessageScanned, RegistrationAnnulled,
    RegistrationRectified, SentElsewhere, SeriesEntered, series_of,
};
use plico_record::day::LegalDay;
use plico_record::part::RegisterPart;

use super::tally;
use crate::append::{Entry, EventRef};
use crate::error::ArchiveError;

const MESSAGE: &str =
    "insert into message (id, administration, direction, kind, office, subject, text, thread,
    reply_to, effect, sender, basis, author, author_name, instant_ms, due, state, channel, arrived_ms, from_office)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
const DOCUMENT: &str =
    "insert into document (id, administration, message, position, role, name, media_type, size,
    sha256, verification, sealed, log, idx, instant_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

struct Begin<'a> {
    direction: &'a str,
    sender: Option<&'a str>,
    basis: Option<String>,
    due: Option<&'a str>,
    state: &'a str,
    arrival: Option<&'a Arrival>,
    from_office: &'a str,
}

fn begin(tx: &mut Tx, entry: &Entry, content: &Content, begin: Begin<'_>) -> Result<(), ArchiveError> {
    tx.write(
        MESSAGE,
        args![
            &content.message,
            &entry.administration,
            begin.direction,
            &content.kind,
            &content.office,
            &content.subject,
            &content.text,
            &content.thread,
            content.reply_to.clone(),
            content.effect.clone(),
            begin.sender,
            begin.basis,
            &entry.actor.account,
            &entry.actor.name,
            entry.at.instant_ms,
            begin.due,
            begin.state,
            begin.arrival.map_or("", |arrival| &arrival.channel),
            begin.arrival.map(|arrival| arrival.at),
            begin.from_office
        ],
    )?;
    documents(tx, entry, &content.message, 0)
}

const LAST: &str = "select coalesce(max(position), -1) + 1 from document where message = $1";

const CLASSIFIED: &str = "update message set class = $2 where id = $1";

pub(super) fn classified(tx: &mut Tx, act: &MessageClassified) -> Result<(), ArchiveError> {
    tx.write(CLASSIFIED, args![&act.message, &act.class])?;
    Ok(())
}

/// A scan comes after the documents that are there.
pub(super) async fn scanned(tx: &mut Tx, entry: &Entry, act: &MessageScanned) -> Result<(), ArchiveError> {
    more_documents(tx, entry, &act.message).await
}

/// Documents that come after those that are there.
pub(super) async fn more_documents(tx: &mut Tx, entry: &Entry, message: &str) -> Result<(), ArchiveError> {
    let first = tx.scalar_i64(LAST, args![message]).await?;
    documents(tx, entry, message, first)
}

fn documents(tx: &mut Tx, entry: &Entry, message: &str, first: i64) -> Result<(), ArchiveError> {
    for (position, document) in (first..).zip(&entry.documents) {
        tx.write(
            DOCUMENT,
            args![
                &document.id,
                &entry.administration,
                message,
                position,
                &document.role,
                &document.name,
                &document.media_type,
                document.size,
                &document.sha256,
                document.verification.as_ref().map(ToString::to_string),
                document.sealed,
                entry.at.log,
                entry.at.index,
                entry.at.instant_ms
            ],
        )?;
    }
    Ok(())
}

const MAIL: &str = "insert into mail_taken (administration, key, message) values ($1, $2, $3)";

/// The mail is never taken again.
pub(super) fn sent_elsewhere(tx: &mut Tx, entry: &Entry, act: &SentElsewhere) -> Result<(), ArchiveError> {
    tx.write(MAIL, args![&entry.administration, &act.mail, &act.message])?;
    Ok(())
}

const OTHER: &str = "insert into cosender (message, position, person) values ($1, $2, $3)";

/// Those who sent a message together with its sender.
pub(super) fn others(tx: &mut Tx, message: &str, others: &[String]) -> Result<(), ArchiveError> {
    for (position, person) in (0i64..).zip(others) {
        tx.write(OTHER, args![message, position, person])?;
    }
    Ok(())
}

pub(super) fn presented(tx: &mut Tx, entry: &Entry, act: &MessagePresented) -> Result<(), ArchiveError> {
    let basis = serde_json::to_value(act.basis).ok().and_then(|value| value.as_str().map(str::to_owned));
    let state = "presented";
    if let Some(number) = act.arrival.as_ref().and_then(|arrival| arrival.emergency.as_ref()) {
        super::emergency::entered(tx, number, &act.content.message)?;
    }
    if let Some(key) = act.arrival.as_ref().and_then(|arrival| arrival.mail.as_ref()) {
        tx.write(MAIL, args![&entry.administration, key, &act.content.message])?;
    }
    others(tx, &act.content.message, &act.others)?;
    begin(
        tx,
        entry,
        &act.content,
        Begin {
            direction: "in",
            sender: Some(&act.sender),
            basis,
            due: act.due.as_deref(),
            state,
            arrival: act.arrival.as_ref(),
            from_office: "",
        },
    )
}

const REGISTRATION: &str = "insert into registration (administration, area, year, number, message, direction,
    registered_ms, day, presented_ms, subject, parties, office, digest, outside, outside_date)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const REGISTERED: &str = "update message set registered_ms = $2 where id = $1";
pub(super) const HEAD: &str =
    "insert into register_head (administration, area, year, next) values ($1, $2, $3, $4)
    on conflict (administration, area, year) do update set next = excluded.next
        where register_head.next < excluded.next";

pub(super) fn prepared(tx: &mut Tx, entry: &Entry, act: &MessagePrepared) -> Result<(), ArchiveError> {
    goes_out(tx, entry, &act.content, "prepared")
}

fn goes_out(tx: &mut Tx, entry: &Entry, content: &Content, state: &str) -> Result<(), ArchiveError> {
    let begins = Begin {
        direction: "out",
        sender: None,
        basis: None,
        due: None,
        state,
        arrival: None,
        from_office: "",
    };
    begin(tx, entry, content, begins)
}

/// To the office that receives it, it comes in; the one that wrote it goes on knowing of it.
fn goes_inside(tx: &mut Tx, entry: &Entry, content: &Content, from_office: &str) -> Result<(), ArchiveError> {
    let begins = Begin {
        direction: "in",
        sender: None,
        basis: None,
        due: None,
        state: "presented",
        arrival: None,
        from_office,
    };
    begin(tx, entry, content, begins)?;
    super::desk::knows(tx, &content.message, from_office)
}

pub(super) fn registered(tx: &mut Tx, entry: &Entry, act: &MessageRegistered) -> Result<(), ArchiveError> {
    match (&act.outgoing, &act.from_office) {
        (Some(content), Some(from)) => goes_inside(tx, entry, content, from)?,
        (Some(content), None) => goes_out(tx, entry, content, "sent")?,
        _ => {}
    }
    let Some(register) = &entry.register else {
        return Err(ArchiveError::Corrupt("a registration without its register part".into()));
    };
    self::entry(tx, &entry.administration, &act.message, entry.at, register)?;
    tx.write(REGISTERED, args![&act.message, entry.at.instant_ms])?;
    Ok(())
}

/// What has no number of the register begins with that of its series.
pub(super) fn in_series(tx: &mut Tx, entry: &Entry, act: &SeriesEntered) -> Result<(), ArchiveError> {
    if let Some(content) = &act.content {
        goes_out(tx, entry, content, "sent")?;
    }
    let Some(register) = &entry.register else {
        return Err(ArchiveError::Corrupt("an entry of a series without its register part".into()));
    };
    self::entry(tx, &entry.administration, &act.message, entry.at, register)
}

/// What the register keeps for ever.
pub(super) fn entry(
    tx: &mut Tx,
    administration: &str,
    message: &str,
    at: EventRef,
    register: &RegisterPart,
) -> Result<(), ArchiveError> {
    if let Some(series) = series_of(&register.area) {
        return super::series::keep(tx, administration, message, series, at, register);
    }
    let digest = register.documents.first().map_or("", |document| &document.sha256);
    let outside = register.outside.as_ref().map_or("", |outside| &outside.system);
    let outside_date = register.outside.as_ref().map_or("", |outside| &outside.date);
    tx.write(
        REGISTRATION,
        args![
            administration,
            &register.area,
            register.year,
            register.number,
            message,
            &register.direction,
            at.instant_ms,
            LegalDay::at(at.instant_ms).to_string(),
            register.presented,
            &register.subject,
            register.parties.join("\n"),
            &register.office,
            digest,
            outside,
            outside_date
        ],
    )?;
    if register.outside.is_some() {
        // Another's numbers have gaps: they are not all ours.
        return Ok(());
    }
    // A rebuild moves the heads past the numbers it finds; the writer moved them already.
    tx.write(HEAD, args![administration, &register.area, register.year, register.number + 1])?;
    Ok(())
}

const RECTIFY_SUBJECT: &str = "update registration set subject = $2 where message = $1";
const RECTIFY_PARTIES: &str = "update registration set parties = $2 where message = $1";
const CHANGE: &str =
    "insert into registration_change (message, instant_ms, field, old, new, reason, author_name, log,
    idx) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

pub(super) fn rectified(tx: &mut Tx, entry: &Entry, act: &RegistrationRectified) -> Result<(), ArchiveError> {
    let sql = if act.field == "parties" { RECTIFY_PARTIES } else { RECTIFY_SUBJECT };
    tx.write(sql, args![&act.message, &act.new])?;
    tx.write(
        CHANGE,
        args![
            &act.message,
            entry.at.instant_ms,
            &act.field,
            &act.old,
            &act.new,
            &act.reason,
            &entry.actor.name,
            entry.at.log,
            entry.at.index
        ],
    )?;
    Ok(())
}

const ANNUL: &str = "update registration set annulled_ms = $2, annulled_reason = $3 where message = $1";

pub(super) fn annulled(tx: &mut Tx, entry: &Entry, act: &RegistrationAnnulled) -> Result<(), ArchiveError> {
    tx.write(
        ANNUL,
        args![&act.message, entry.at.instant_ms, format!("{} — {}", act.authorisation, act.reason)],
    )?;
    Ok(())
}

const DELIVERY: &str = "insert into delivery (id, administration, message, recipient, available_ms, copy)
    values ($1, $2, $3, $4, $5, $6)";

pub(super) fn made_available(
    tx: &mut Tx,
    entry: &Entry,
    act: &DeliveryMadeAvailable,
) -> Result<(), ArchiveError> {
    tx.write(
        DELIVERY,
        args![
            &act.delivery,
            &entry.administration,
            &act.message,
            &act.recipient,
            entry.at.instant_ms,
            act.copy
        ],
    )?;
    tally(tx, &entry.administration, &act.recipient, "unopened", 1)
}

const RECIPIENT_UNOPENED: &str =
    "select recipient from delivery where id = $1 and opened_ms is null and withdrawn_ms is null";
const WITHDRAW: &str =
    "update delivery set withdrawn_ms = $2, withdrawn_reason = $3 where id = $1 and withdrawn_ms is null";

pub(super) async fn unavailable(
    tx: &mut Tx,
    entry: &Entry,
    act: &DeliveryUnavailable,
) -> Result<(), ArchiveError> {
    unopened_no_more(tx, entry, &act.delivery).await?;
    tx.write(WITHDRAW, args![&act.delivery, entry.at.instant_ms, &act.reason])?;
    Ok(())
}

async fn unopened_no_more(tx: &mut Tx, entry: &Entry, delivery: &str) -> Result<(), ArchiveError> {
    if let Some(recipient) = tx.scalar_text(RECIPIENT_UNOPENED, args![delivery]).await? {
        tally(tx, &entry.administration, &recipient, "unopened", -1)?;
    }
    Ok(())
}

const OPEN: &str = "update delivery set opened_ms = $2, opened_by = $3, opened_as = $4
    where id = $1 and opened_ms is null";

pub(super) async fn opened(tx: &mut Tx, entry: &Entry, act: &DeliveryOpened) -> Result<(), ArchiveError> {
    unopened_no_more(tx, entry, &act.delivery).await?;
    tx.write(OPEN, args![&act.delivery, entry.at.instant_ms, &entry.actor.name, &act.opened_as])?;
    Ok(())
}

const NOTICE: &str = "update delivery set notice = $2, notice_ms = $3, notice_detail = $4 where id = $1";

pub(super) fn notice(
    tx: &mut Tx,
    entry: &Entry,
    delivery: &str,
    state: &str,
    detail: &str,
) -> Result<(), ArchiveError> {
    tx.write(NOTICE, args![delivery, state, entry.at.instant_ms, detail])?;
    Ok(())
}
