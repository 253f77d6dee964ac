//! The emergency register.

use plico_database::{Tx, args};
use plico_record::act::{EmergencyClosed, EmergencyNumber, EmergencyOpened, EmergencyRenewed};

use crate::append::Entry;
use crate::error::ArchiveError;

const OPENED: &str =
    "insert into emergency (id, administration, cause, from_ms, until, authorisation, opened_by, totals)
    values ($1, $2, $3, $4, $5, $6, $7, '[]')";

pub(super) fn opened(tx: &mut Tx, entry: &Entry, act: &EmergencyOpened) -> Result<(), ArchiveError> {
    let row = args![
        &act.emergency,
        &entry.administration,
        &act.cause,
        act.from,
        &act.until,
        &act.authorisation,
        &entry.actor.name
    ];
    tx.write(OPENED, row)?;
    Ok(())
}

const RENEWED: &str = "update emergency set until = $2, authorisation = authorisation || $3 where id = $1";

pub(super) fn renewed(tx: &mut Tx, act: &EmergencyRenewed) -> Result<(), ArchiveError> {
    tx.write(RENEWED, args![&act.emergency, &act.until, format!("\n{}", act.authorisation)])?;
    Ok(())
}

const CLOSED: &str = "update emergency set to_ms = $2, totals = $3 where id = $1";

pub(super) fn closed(tx: &mut Tx, act: &EmergencyClosed) -> Result<(), ArchiveError> {
    let totals =
        serde_json::to_string(&act.totals).map_err(|error| ArchiveError::Corrupt(error.to_string()))?;
    tx.write(CLOSED, args![&act.emergency, act.to, totals])?;
    Ok(())
}

const ENTERED: &str = "insert into emergency_entry (emergency, number, message) values ($1, $2, $3)";

pub(super) fn entered(tx: &mut Tx, number: &EmergencyNumber, message: &str) -> Result<(), ArchiveError> {
    tx.write(ENTERED, args![&number.emergency, number.number, message])?;
    Ok(())
}
