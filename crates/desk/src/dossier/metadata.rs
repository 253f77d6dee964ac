//! What the archive knows of a document, as AgID's guidelines list it.

use plico_archive::read::message::{DocumentRow, MessageRow};
use plico_package::PackError;
use plico_package::metadata::{self, Document};
use plico_record::act::Formation;

/// What it is made of.
pub(super) struct Facts<'a> {
    pub(super) body: &'a str,
    pub(super) case: (&'a str, &'a str),
    pub(super) row: &'a MessageRow,
    pub(super) party: &'a str,
    pub(super) class: &'a str,
    pub(super) document: &'a DocumentRow,
    pub(super) formation: Option<&'a Formation>,
}

/// Where the metadata of a document lie.
pub(super) fn path(document: &str) -> String {
    format!("metadati/{document}.xml")
}

pub(super) fn write(facts: &Facts<'_>) -> Result<Vec<u8>, PackError> {
    let Facts { body, case, row, party, class, document, formation } = facts;
    let primary = document.role == "primary";
    // What was recorded at formation is said of the primary document; of what came with it only what was measured.
    let formed = formation.filter(|_| primary);
    let number = row.registration_number();
    let at = row.registered_ms.map(rfc3339).unwrap_or_default();
    let registration = number.as_ref().zip(row.area.as_ref());
    metadata::write(&Document {
        id: &document.id,
        sha256: &document.sha256,
        mode: formed.map_or("", |f| f.mode.as_str()),
        kind: formation.map_or("", |f| f.document_type.as_str()),
        direction: row.flow(),
        registration: registration.map(|(number, area)| (area.as_str(), number.as_str(), at.as_str())),
        body,
        office: &row.office_name,
        party,
        subject: &row.subject,
        class: (&row.class, class),
        primary,
        confidential: formation.map(|f| f.confidential),
        media_type: &document.media_type,
        checks: formed.map(|f| {
            let checks = f.verification;
            [checks.signed, checks.sealed, checks.time_stamped, checks.conforms]
        }),
        case: *case,
        name: &document.name,
        retention_years: formation.map(|f| f.retention_years),
    })
}

/// UTC milliseconds as `2026-11-21T18:46:01.123Z`.
pub(super) fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|at| format!("{at:.3}")).unwrap_or_default()
}
