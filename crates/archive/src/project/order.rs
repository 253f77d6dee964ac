//! Orders to outside registries: how each stands is said by its latest event.

use plico_database::{Tx, args};
use plico_record::act::{
    RegistrationAnnulmentAnswered, RegistrationAnnulmentAsked, RegistrationAnswered, RegistrationAttempted,
    RegistrationOrdered, RegistrationResolved,
};

use crate::append::Entry;
use crate::error::ArchiveError;

const ORDERED: &str =
    "insert into registry_order (message, administration, system, key, what, state, open, last, outcome,
    code, words, so_far, asked, ordered_ms, changed_ms)
    values ($1, $2, $3, $4, $5, 'queued', $6, 'fine', 'ordered', '', '', '{}', 0, $7, $7)";

pub(super) fn ordered(tx: &mut Tx, entry: &Entry, act: &RegistrationOrdered) -> Result<(), ArchiveError> {
    let row = args![
        &act.message,
        &entry.administration,
        &act.system,
        &act.key,
        act.order.to_string(),
        false,
        entry.at.instant_ms
    ];
    tx.write(ORDERED, row)?;
    Ok(())
}

const ATTEMPTED: &str =
    "update registry_order set state = $2, step = $3, file = $4, open = $5, asked = asked + 1,
    changed_ms = $6 where message = $1";

pub(super) fn attempted(tx: &mut Tx, entry: &Entry, act: &RegistrationAttempted) -> Result<(), ArchiveError> {
    let row = args![&act.message, &act.state, &act.step, act.file.clone(), true, entry.at.instant_ms];
    tx.write(ATTEMPTED, row)?;
    Ok(())
}

const ANSWERED: &str =
    "update registry_order set state = $2, step = $3, file = $4, open = $5, last = $6, outcome = $7,
    code = $8, words = $9, so_far = $10, changed_ms = $11 where message = $1";

const LATE: &str = "update registry_order set outcome = $2, words = $3, changed_ms = $4 where message = $1";
const LATE_IN_DOUBT: &str = "update registry_order set state = 'in_doubt', last = 'doubt'
    where message = $1 and open = $2 and state not in ('registered', 'incomplete')";

/// An answer that came after its question had been given up: it is believed no more, and what it did is looked for, unless
/// a number is there or the question is being asked again.
fn late(tx: &mut Tx, entry: &Entry, act: &RegistrationAnswered) -> Result<(), ArchiveError> {
    tx.write(LATE, args![&act.message, &act.outcome, &act.words, entry.at.instant_ms])?;
    tx.write(LATE_IN_DOUBT, args![&act.message, false])?;
    Ok(())
}

pub(super) fn answered(tx: &mut Tx, entry: &Entry, act: &RegistrationAnswered) -> Result<(), ArchiveError> {
    if act.outcome == "late" {
        return late(tx, entry, act);
    }
    let row = args![
        &act.message,
        &act.state,
        &act.step,
        act.file.clone(),
        false,
        &act.last,
        &act.outcome,
        &act.code,
        &act.words,
        act.so_far.to_string(),
        entry.at.instant_ms
    ];
    tx.write(ANSWERED, row)?;
    Ok(())
}

const RESOLVED: &str =
    "update registry_order set state = $2, open = $3, last = $4, outcome = $5, code = '', words = $6,
    so_far = $7, changed_ms = $8 where message = $1";

pub(super) fn resolved(tx: &mut Tx, entry: &Entry, act: &RegistrationResolved) -> Result<(), ArchiveError> {
    let row = args![
        &act.message,
        &act.state,
        false,
        &act.last,
        format!("person-{}", act.how),
        &act.reason,
        act.so_far.to_string(),
        entry.at.instant_ms
    ];
    tx.write(RESOLVED, row)?;
    Ok(())
}

const ANNULMENT: &str =
    "update registry_order set annulment = 'asked', annulment_words = '', annulment_reason = $2,
    annulment_act = $3, annulment_ms = $4 where message = $1";

pub(super) fn annulment_asked(
    tx: &mut Tx,
    entry: &Entry,
    act: &RegistrationAnnulmentAsked,
) -> Result<(), ArchiveError> {
    tx.write(ANNULMENT, args![&act.message, &act.reason, &act.authorisation, entry.at.instant_ms])?;
    Ok(())
}

const ANNULMENT_ANSWERED: &str =
    "update registry_order set annulment = $2, annulment_words = $3, annulment_ms = $4 where message = $1";

pub(super) fn annulment_answered(
    tx: &mut Tx,
    entry: &Entry,
    act: &RegistrationAnnulmentAnswered,
) -> Result<(), ArchiveError> {
    tx.write(ANNULMENT_ANSWERED, args![&act.message, &act.outcome, &act.words, entry.at.instant_ms])?;
    Ok(())
}
