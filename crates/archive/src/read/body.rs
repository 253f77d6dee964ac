//! An administration: name, offices, operators, settings.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// An administration.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Body {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// IPA code.
    pub ipa_code: String,
    /// Registry area.
    pub area: String,
}

/// An office.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Office {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// Name.
    pub name: String,
    /// Responsible person.
    pub responsible: String,
    /// E-mail.
    pub email: String,
    /// The protocol office.
    pub protocol: bool,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_until: Option<String>,
    /// Its code in the office chart; empty where it has none.
    pub code: String,
    /// The office above it; empty where there is none.
    pub parent: String,
}

/// An operator.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Operator {
    /// Account.
    pub account: String,
    /// Administration.
    pub administration: String,
    /// Login name.
    pub login: String,
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// May sign in.
    pub active: bool,
    /// Comma separated.
    pub roles: String,
    /// Tax code, when it is known.
    pub fiscal_code: String,
}

const BODIES: &str = "select id, name, ipa_code, area from administration order by name";
const BODY: &str = "select id, name, ipa_code, area from administration where id = $1";
const OFFICES: &str =
    "select id, administration, name, responsible, email, protocol, valid_from, valid_until,
    code, parent
    from office where administration = $1 order by name";
const OFFICE: &str = "select id, administration, name, responsible, email, protocol, valid_from, valid_until,
    code, parent
    from office where id = $1";
const OPERATORS: &str =
    "select account, administration, login, name, email, active, roles, fiscal_code from operator
    where administration = $1 order by name";
const OPERATOR: &str =
    "select account, administration, login, name, email, active, roles, fiscal_code from operator
    where account = $1";
const BY_LOGIN: &str =
    "select account, administration, login, name, email, active, roles, fiscal_code from operator
    where login = $1 and active";
const OFFICES_OF: &str = "select office from operator_office where account = $1 order by office";
const OPERATORS_OF: &str =
    "select p.account, p.administration, p.login, p.name, p.email, p.active, p.roles, p.fiscal_code
    from operator p join operator_office x on x.account = p.account where x.office = $1 and p.active
    order by p.name";
const STAFF: &str =
    "select x.office, p.account, p.name from operator_office x join operator p on p.account = x.account
    where p.administration = $1 and p.active order by p.name, p.account";
const SETTING: &str = "select value from setting where administration = $1 and name = $2";
const SETTINGS: &str =
    "select name, value from setting where administration = $1 and name like $2 order by name";

/// Every administration.
pub async fn bodies(database: &Database) -> Result<Vec<Body>, ArchiveError> {
    Ok(database.all(BODIES, args![]).await?)
}

/// One administration.
pub async fn body(database: &Database, id: &str) -> Result<Option<Body>, ArchiveError> {
    Ok(database.optional(BODY, args![id]).await?)
}

/// Offices of an administration, closed ones included.
pub async fn offices(database: &Database, administration: &str) -> Result<Vec<Office>, ArchiveError> {
    Ok(database.all(OFFICES, args![administration]).await?)
}

/// One office.
pub async fn office(database: &Database, id: &str) -> Result<Option<Office>, ArchiveError> {
    Ok(database.optional(OFFICE, args![id]).await?)
}

/// Operators of an administration.
pub async fn operators(database: &Database, administration: &str) -> Result<Vec<Operator>, ArchiveError> {
    Ok(database.all(OPERATORS, args![administration]).await?)
}

/// One operator.
pub async fn operator(database: &Database, account: &str) -> Result<Option<Operator>, ArchiveError> {
    Ok(database.optional(OPERATOR, args![account]).await?)
}

/// Active operators with a login name: one per administration.
pub async fn by_login(database: &Database, login: &str) -> Result<Vec<Operator>, ArchiveError> {
    Ok(database.all(BY_LOGIN, args![login]).await?)
}

/// The offices of an operator.
pub async fn offices_of(database: &Database, account: &str) -> Result<Vec<String>, ArchiveError> {
    Ok(database.all::<(String,)>(OFFICES_OF, args![account]).await?.into_iter().map(|row| row.0).collect())
}

/// The active operators of an office.
pub async fn operators_of(database: &Database, office: &str) -> Result<Vec<Operator>, ArchiveError> {
    Ok(database.all(OPERATORS_OF, args![office]).await?)
}

/// Who works where: office, account and name of each active operator.
pub async fn staff(
    database: &Database,
    administration: &str,
) -> Result<Vec<(String, String, String)>, ArchiveError> {
    Ok(database.all(STAFF, args![administration]).await?)
}

/// A setting as JSON.
pub async fn setting(
    database: &Database,
    administration: &str,
    name: &str,
) -> Result<Option<serde_json::Value>, ArchiveError> {
    let text = database.scalar_text(SETTING, args![administration, name]).await?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|_| ArchiveError::Corrupt(format!("setting {name} is not JSON")))
}

/// Settings whose name begins with `prefix`.
pub async fn settings(
    database: &Database,
    administration: &str,
    prefix: &str,
) -> Result<Vec<(String, serde_json::Value)>, ArchiveError> {
    let rows: Vec<(String, String)> =
        database.all(SETTINGS, args![administration, format!("{prefix}%")]).await?;
    rows.into_iter()
        .map(|(name, text)| {
            let value = serde_json::from_str(&text)
                .map_err(|_| ArchiveError::Corrupt(format!("setting {name} is not JSON")))?;
            Ok((name, value))
        })
        .collect()
}
