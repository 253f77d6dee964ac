//! The parts of an event besides `act`: who, with what evidence of identity, which documents, what the register
//! keeps. Each is one JSON object with its own schema version `v`.

use serde::{Deserialize, Serialize};

/// `actor`: who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorPart {
    /// Schema version, 1.
    pub v: u8,
    /// The account that acted, or `console:<operating-system user>`.
    pub account: String,
    /// The name shown.
    pub name: String,
    /// In what capacity: `person`, `operator`, `records_manager`, `auditor`, `administrator`, `system`, `console`.
    pub capacity: String,
    /// For whom, when not for himself: the person's identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}

/// `party.N`: one person each, so that each can be opened or erased alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Schema version, 1.
    pub v: u8,
    /// `sender`, `recipient`, `holder` or `delegate`.
    pub role: String,
    /// The person's identifier with this administration.
    pub person: String,
    /// Name and surname, or company name.
    pub name: String,
    /// Fiscal code or VAT number, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_code: Option<String>,
    /// Contact for courtesy notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether it is a company or another body.
    #[serde(default)]
    pub organisation: bool,
}

/// `login`: the evidence of identity as it came, short-lived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginPart {
    /// Schema version, 1.
    pub v: u8,
    /// `demo`, `proxy`, `local`, `token` or `console`.
    pub method: String,
    /// Level of assurance as the method names it.
    pub level: String,
    /// When the session began (UTC milliseconds).
    pub at: i64,
    /// What was presented: headers of the gateway, or the kind of local proof.
    pub evidence: serde_json::Value,
}

/// One document of an event; `documents` holds them in the order of the leaf's `d`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentEntry {
    /// The document's identifier.
    pub id: String,
    /// Its name, cleaned.
    pub name: String,
    /// Measured from the bytes.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the plaintext (the *impronta*), hexadecimal.
    pub sha256: String,
    /// The salt of its commitment, base64.
    pub salt: String,
    /// `primary`, `attachment`, `issued`.
    pub role: String,
    /// What the signature check said when it came, as data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<serde_json::Value>,
    /// Whether malware was found: sealed, never served.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
}

/// `documents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentsPart {
    /// Schema version, 1.
    pub v: u8,
    /// In the order of the leaf's `d`.
    pub documents: Vec<DocumentEntry>,
}

/// `register`: what art. 53 DPR 445/2000 asks, kept for ever and under no person's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterPart {
    /// Schema version, 1.
    pub v: u8,
    /// Code of the registry area (AOO).
    pub area: String,
    /// Legal year.
    pub year: i32,
    /// Number in the year.
    pub number: u64,
    /// `in`, `out` or `internal`.
    pub direction: String,
    /// Instant of registration (UTC milliseconds).
    pub at: i64,
    /// Instant of presentation (UTC milliseconds), for what comes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presented: Option<i64>,
    /// Sender or recipients, as names.
    pub parties: Vec<String>,
    /// Subject.
    pub subject: String,
    /// The office it is for or from.
    pub office: String,
    /// Name and SHA-256 of each document, the primary one first.
    pub documents: Vec<RegisteredDocument>,
    /// What an outside registry says of its number; none where the number is the built-in register's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<OutsideNumber>,
}

/// A number that an outside registry gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideNumber {
    /// The system, as the configuration names it.
    pub system: String,
    /// Its date there, `YYYY-MM-DD`; empty where it says none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// The system's own identifier of the object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// The system's own text of the mark (*segnatura*).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mark: String,
}

/// A document as the register remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredDocument {
    /// Name.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// The number as it is shown: at least seven digits (`0000123/2026`).
pub fn registration_number(number: u64, year: i32) -> String {
    format!("{number:07}/{year}")
}
