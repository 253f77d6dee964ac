//! Letters that wait for signatures, and who signs in whose place.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// A letter that waits for signatures, or waited.
#[derive(Debug, Clone, plico_database::Record)]
pub struct SigningRow {
    /// The message that it will be.
    pub message: String,
    /// Administration.
    pub administration: String,
    /// The sending office.
    pub office: String,
    /// Subject; empty when what never left was forgotten.
    pub subject: String,
    /// Name of the recipient; likewise.
    pub recipient: String,
    /// SHA-256 of what is to be signed, hexadecimal.
    pub sha256: String,
    /// Account of who wrote it.
    pub author: String,
    /// His name.
    pub author_name: String,
    /// JSON: accounts and names, in order.
    pub signers: String,
    /// How many have signed.
    pub turn: i64,
    /// Account whose turn it is; empty when it is nobody's.
    pub signer: String,
    /// `waiting`, `returned`, `withdrawn`, `signed`.
    pub state: String,
    /// Why it was sent back.
    pub reason: String,
    /// JSON: who signed, how, when.
    pub signed_by: String,
    /// UTC milliseconds.
    pub requested_ms: i64,
    /// UTC milliseconds.
    pub changed_ms: i64,
}

/// Who signs in whose place.
#[derive(Debug, Clone, plico_database::Record)]
pub struct SubstitutionRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// Account in whose place.
    pub officer: String,
    /// Account that signs.
    pub substitute: String,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_until: String,
    /// Ended before (UTC milliseconds).
    pub ended_ms: Option<i64>,
}

macro_rules! signing {
    ($rest:literal) => {
        concat!(
            "select s.message, s.administration, s.office, coalesce(l.subject, m.subject, '') as subject,
            coalesce(l.recipient, (select min(p.name) from delivery d join person p on p.id = d.recipient
                where d.message = s.message), '') as recipient,
            s.sha256, s.author, s.author_name, s.signers, s.turn, s.signer, s.state, coalesce(l.reason, '') as reason,
            s.signed_by, s.requested_ms, s.changed_ms from signing s left join signing_letter l on l.message = s.message
            left join message m on m.id = s.message ",
            $rest
        )
    };
}

const ONE: &str = signing!("where s.message = $1");
const WAITING: &str = signing!(
    "where s.administration = $1 and s.state = 'waiting' and (s.signer = $2 or s.signer in (select officer
    from substitution where administration = $1 and substitute = $2 and ended_ms is null
    and valid_from <= $3 and valid_until >= $3)) order by s.requested_ms limit $4"
);
const WRITTEN: &str =
    signing!("where s.administration = $1 and s.author = $2 order by s.changed_ms desc limit $3");
const SUBSTITUTES: &str = "select substitute from substitution where administration = $1 and officer = $2
    and ended_ms is null and valid_from <= $3 and valid_until >= $3 order by substitute";
const SUBSTITUTIONS: &str =
    "select id, administration, officer, substitute, valid_from, valid_until, ended_ms from substitution
    where administration = $1 and ended_ms is null and valid_until >= $2 order by valid_from, id";
const SUBSTITUTION: &str =
    "select id, administration, officer, substitute, valid_from, valid_until, ended_ms from substitution
    where id = $1";

/// One.
pub async fn one(database: &Database, message: &str) -> Result<Option<SigningRow>, ArchiveError> {
    Ok(database.optional(ONE, args![message]).await?)
}

/// What waits for an operator on a day, in his own place or another's, oldest first.
pub async fn waiting(
    database: &Database,
    administration: &str,
    account: &str,
    day: &str,
    most: usize,
) -> Result<Vec<SigningRow>, ArchiveError> {
    Ok(database.all(WAITING, args![administration, account, day, most]).await?)
}

/// What an operator asked to be signed, what changed last first.
pub async fn written(
    database: &Database,
    administration: &str,
    account: &str,
    most: usize,
) -> Result<Vec<SigningRow>, ArchiveError> {
    Ok(database.all(WRITTEN, args![administration, account, most]).await?)
}

/// Who may sign in an officer's place on a day.
pub async fn substitutes(
    database: &Database,
    administration: &str,
    officer: &str,
    day: &str,
) -> Result<Vec<String>, ArchiveError> {
    let rows: Vec<(String,)> = database.all(SUBSTITUTES, args![administration, officer, day]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Substitutions that have not ended by a day.
pub async fn substitutions(
    database: &Database,
    administration: &str,
    day: &str,
) -> Result<Vec<SubstitutionRow>, ArchiveError> {
    Ok(database.all(SUBSTITUTIONS, args![administration, day]).await?)
}

/// One substitution.
pub async fn substitution(database: &Database, id: &str) -> Result<Option<SubstitutionRow>, ArchiveError> {
    Ok(database.optional(SUBSTITUTION, args![id]).await?)
}
