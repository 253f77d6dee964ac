//! Series: what each keeps of its entries.

use plico_database::{Tx, args};
use plico_record::act::SeriesAnnulled;
use plico_record::day::LegalDay;
use plico_record::part::RegisterPart;

use super::mail::HEAD;
use crate::append::{Entry, EventRef};
use crate::error::ArchiveError;

const ENTRY: &str =
    "insert into series_entry (administration, series, year, number, message, registered_ms, day, subject,
    parties, office, digest) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

pub(super) fn keep(
    tx: &mut Tx,
    administration: &str,
    message: &str,
    series: &str,
    at: EventRef,
    register: &RegisterPart,
) -> Result<(), ArchiveError> {
    tx.write(
        ENTRY,
        args![
            administration,
            series,
            register.year,
            register.number,
            message,
            at.instant_ms,
            LegalDay::at(at.instant_ms).to_string(),
            &register.subject,
            register.parties.join("\n"),
            &register.office,
            register.documents.first().map_or("", |document| &document.sha256)
        ],
    )?;
    tx.write(HEAD, args![administration, &register.area, register.year, register.number + 1])?;
    Ok(())
}

const ANNUL: &str = "update series_entry set annulled_ms = $5, annulled_reason = $6
    where administration = $1 and series = $2 and year = $3 and number = $4";

pub(super) fn annulled(tx: &mut Tx, entry: &Entry, act: &SeriesAnnulled) -> Result<(), ArchiveError> {
    let why = format!("{} — {}", act.authorisation, act.reason);
    let at = entry.at.instant_ms;
    tx.write(ANNUL, args![&entry.administration, &act.series, act.year, act.number, at, why])?;
    Ok(())
}
