//! What a register of digital domiciles was asked for a letter, and what it said.

use serde::{Deserialize, Serialize};

/// An address that a register named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedAddress {
    /// The address.
    pub address: String,
    /// The profession that it was elected for, or the body whose it is; empty where none was told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub of: String,
    /// Until when it may be used, in the register's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub until: String,
}

/// A question about the recipient of a letter. Nothing of it is repeated by a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomicileAsked {
    /// The letter.
    pub message: String,
    /// `inad`, `inipec`, `ipa`, `ipa_list` (the open data at hand).
    pub register: String,
    /// The fiscal code that was asked about.
    pub code: String,
    /// Account of who asked.
    pub by: String,
    /// When, by our clock (UTC milliseconds).
    pub asked_ms: i64,
    /// `asked` (no answer is known), `waits` (it is being prepared), `found`, `none`, `lost`, `busy`, `failed`, `refused`.
    pub outcome: String,
    /// When, in the register's words; of the list at hand its day.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// What it named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<NamedAddress>,
    /// Why there is no answer; or the name under which one is prepared.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}
