//! What has to do with a message: the same file registered elsewhere, other senders, other messages.

use plico_database::{Database, args};

use super::queue::PersonRow;
use crate::error::ArchiveError;

/// A file of a message that another message holds as well.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct Twin {
    /// What it is called in the message that is looked at.
    pub name: String,
    /// The other message.
    pub message: String,
}

/// An annulled registration is none, and a file that is empty is like every other.
const TWINS: &str = "select distinct d.name, t.message, m.registered_ms from document d
    join document t on t.administration = d.administration and t.sha256 = d.sha256 and t.message <> d.message
    join message m on m.id = t.message
    where d.message = $1 and d.size > 0 and m.number is not null and not m.annulled and m.destruction is null
    order by m.registered_ms, t.message, d.name limit 100";

/// The files of a message that are registered with another one too, the oldest registration first; 100 at most.
pub async fn twins(database: &Database, message: &str) -> Result<Vec<Twin>, ArchiveError> {
    let rows: Vec<(String, String, Option<i64>)> = database.all(TWINS, args![message]).await?;
    Ok(rows.into_iter().map(|(name, message, _)| Twin { name, message }).collect())
}

/// Another message that has to do with one.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct Link {
    /// The other message.
    pub message: String,
    /// What they have to do with each other.
    pub reason: String,
    /// Who said so.
    pub author_name: String,
    /// It was said of the message that is looked at, and not of the other one.
    pub own: bool,
}

const LINKS: &str =
    "select other as message, reason, author_name, true as own, instant_ms from message_link where message = $1
    union all select message, reason, author_name, false, instant_ms from message_link where other = $1
    order by 5, 1 limit 200";
const LINKED: &str =
    "select count(*) from message_link where (message = $1 and other = $2) or (message = $2 and other = $1)";

/// The messages that have to do with one, whichever it was said of; 200 at most.
pub async fn links(database: &Database, message: &str) -> Result<Vec<Link>, ArchiveError> {
    let rows: Vec<(String, String, String, bool, i64)> = database.all(LINKS, args![message]).await?;
    let link = |(message, reason, author_name, own, _)| Link { message, reason, author_name, own };
    Ok(rows.into_iter().map(link).collect())
}

/// Whether two messages are linked already.
pub async fn linked(database: &Database, message: &str, other: &str) -> Result<bool, ArchiveError> {
    Ok(database.scalar_i64(LINKED, args![message, other]).await? > 0)
}

const SENDERS: &str = "select p.id, p.administration, p.name, p.fiscal_code, p.email, p.organisation
    from cosender x join person p on p.id = x.person where x.message = $1 order by x.position";

/// Those who sent a message together with its sender.
pub async fn senders(database: &Database, message: &str) -> Result<Vec<PersonRow>, ArchiveError> {
    Ok(database.all(SENDERS, args![message]).await?)
}

const KNOWING: &str =
    "select o.name from knowledge k join office o on o.id = k.office where k.message = $1 order by o.name";

/// Names of the offices that know of a message.
pub async fn knowing(database: &Database, message: &str) -> Result<Vec<String>, ArchiveError> {
    let names: Vec<(String,)> = database.all(KNOWING, args![message]).await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

const BY_NUMBER: &str =
    "select message from registration where administration = $1 and year = $2 and number = $3
    order by outside limit 2";

/// The messages that a register's number names: one, or two where outside registries number as well.
pub async fn by_number(
    database: &Database,
    administration: &str,
    year: i32,
    number: i64,
) -> Result<Vec<String>, ArchiveError> {
    let rows: Vec<(String,)> = database.all(BY_NUMBER, args![administration, year, number]).await?;
    Ok(rows.into_iter().map(|(message,)| message).collect())
}
