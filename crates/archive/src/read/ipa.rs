//! The index of public administrations (IPA), as the last file of its open data said it.

use plico_database::{Database, Tx, args};

use crate::error::ArchiveError;

/// A body of the index.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct IpaBody {
    /// Its code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// Address of certified mail; may be empty.
    pub pec: String,
    /// Where it sits; may be empty.
    pub place: String,
    /// Day of the list, `YYYY-MM-DD`.
    pub listed: String,
}

const ONE: &str =
    "select code, name, fiscal_code, pec, place, listed from ipa_body where lower(code) = lower($1)";
const OF_PEC: &str = "select code, name, fiscal_code, pec, place, listed from ipa_body
    where lower(pec) = lower($1) and pec <> '' order by code limit 2";
const OF_CODE: &str = "select code, name, fiscal_code, pec, place, listed from ipa_body
    where fiscal_code = $1 and fiscal_code <> '' order by code limit 2";
const FOUND: &str = "select code, name, fiscal_code, pec, place, listed from ipa_body
    where lower(name) like lower($1) escape '!' or lower(code) = lower($2) or fiscal_code = $2 order by name, code limit 20";
const STANDING: &str = "select coalesce(max(listed), ''), count(*) from ipa_body";
const EMPTY: &str = "delete from ipa_body";
const INSERT: &str = "insert into ipa_body (code, name, fiscal_code, pec, place, listed)
    values ($1, $2, $3, $4, $5, $6) on conflict (code) do nothing";

/// A body by its code.
pub async fn one(database: &Database, code: &str) -> Result<Option<IpaBody>, ArchiveError> {
    Ok(database.optional(ONE, args![code]).await?)
}

/// The body that has this address of certified mail; none where several share it.
pub async fn of_pec(database: &Database, address: &str) -> Result<Option<IpaBody>, ArchiveError> {
    let mut found: Vec<IpaBody> = database.all(OF_PEC, args![address.trim()]).await?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// The body that has this fiscal code; none where several share it.
pub async fn of_code(database: &Database, code: &str) -> Result<Option<IpaBody>, ArchiveError> {
    let mut found: Vec<IpaBody> = database.all(OF_CODE, args![code]).await?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// Bodies by part of a name, by code or by fiscal code; 20 at most.
pub async fn found(database: &Database, text: &str) -> Result<Vec<IpaBody>, ArchiveError> {
    let text = text.trim();
    // A few words of a long name find it.
    let pattern = super::containing(text).unwrap_or("%".into()).replace(' ', "%");
    Ok(database.all(FOUND, args![pattern, text]).await?)
}

/// The day of the list that was read last, and how many bodies it has; an empty day where none was read.
pub async fn standing(database: &Database) -> Result<(String, i64), ArchiveError> {
    Ok(database.one(STANDING, args![]).await?)
}

/// Puts a list in the place of the one before.
pub async fn replace(tx: &mut Tx, bodies: &[IpaBody]) -> Result<(), ArchiveError> {
    tx.execute(EMPTY, args![]).await?;
    for body in bodies {
        let row = args![&body.code, &body.name, &body.fiscal_code, &body.pec, &body.place, &body.listed];
        tx.write(INSERT, row)?;
    }
    Ok(())
}
