//! Series: what each keeps of its entries.

use plico_database::{Tx, args};
use plico_record::day::LegalDay;
use plico_record::part::RegisterPart;

use super::mail::HEAD;
use crate::append::EventRef;
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
