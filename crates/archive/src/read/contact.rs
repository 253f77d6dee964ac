//! Parties that another system knew, brought to be picked instead of typed. No evidence: what is used of them is written down
//! where it is used.

use plico_database::{Database, Tx, args};

use crate::error::ArchiveError;

/// A party.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct Contact {
    /// Fiscal code or VAT number.
    pub code: String,
    /// Name.
    pub name: String,
    /// E-mail; may be empty.
    pub email: String,
    /// A company or body.
    pub organisation: bool,
}

const FOUND: &str = "select code, name, email, organisation from contact where administration = $1
    and (lower(name) like lower($2) escape '!' or lower(code) like lower($2) escape '!') order by name, code limit 20";
const AFTER: &str =
    "select code, name, email, organisation from contact where administration = $1 and code > $2
    order by code limit $3";
const COUNT: &str = "select count(*) from contact where administration = $1";
const PUT: &str = "insert into contact (administration, code, name, email, organisation)
    values ($1, $2, $3, $4, $5) on conflict (administration, code) do update set name = excluded.name,
        email = excluded.email, organisation = excluded.organisation";
const EMPTY: &str = "delete from contact where administration = $1";

/// Parties whose name or code contains a text, 20 at most.
pub async fn found(
    database: &Database,
    administration: &str,
    text: &str,
) -> Result<Vec<Contact>, ArchiveError> {
    Ok(database.all(FOUND, args![administration, super::containing(text).unwrap_or("%".into())]).await?)
}

/// Those after a code, in its order.
pub async fn after(
    database: &Database,
    administration: &str,
    code: &str,
    most: usize,
) -> Result<Vec<Contact>, ArchiveError> {
    Ok(database.all(AFTER, args![administration, code, most]).await?)
}

/// How many there are.
pub async fn count(database: &Database, administration: &str) -> Result<i64, ArchiveError> {
    Ok(database.scalar_i64(COUNT, args![administration]).await?)
}

/// Adds one, or puts it in the place of the one with the same code.
pub fn put(tx: &mut Tx, administration: &str, contact: &Contact) -> Result<(), ArchiveError> {
    let Contact { code, name, email, organisation } = contact;
    Ok(tx.write(PUT, args![administration, code, name, email, *organisation])?)
}

/// Forgets all of them.
pub fn empty(tx: &mut Tx, administration: &str) -> Result<(), ArchiveError> {
    Ok(tx.write(EMPTY, args![administration])?)
}
