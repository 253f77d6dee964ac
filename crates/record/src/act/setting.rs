//! What an administrator changes: operators, offices, settings.

use serde::{Deserialize, Serialize};

/// An operator. Secrets are not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserChanged {
    /// Account.
    pub account: String,
    /// Login name.
    pub login: String,
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// May sign in.
    pub active: bool,
    /// Tax code: whose signature is expected when he signs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fiscal_code: String,
}

/// Roles and offices of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChanged {
    /// Account.
    pub account: String,
    /// Roles.
    pub roles: Vec<String>,
    /// Offices.
    pub offices: Vec<String>,
}

/// An office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeChanged {
    /// Identifier.
    pub office: String,
    /// Name.
    pub name: String,
    /// Responsible person's name.
    pub responsible: String,
    /// E-mail of the office.
    pub email: String,
    /// Whether it is the protocol office.
    pub protocol: bool,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day, when closed.
    pub until: Option<String>,
    /// Its code in the office chart; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Identifier of the office above it; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub parent: String,
}

/// A setting: `body.name`, `kind.<code>`, `limits` …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingChanged {
    /// Name.
    pub name: String,
    /// Value before.
    pub old: Option<serde_json::Value>,
    /// Value now.
    pub new: serde_json::Value,
}
