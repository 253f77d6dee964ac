//! What happens to a letter that is to be signed before it leaves.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whose signature is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Account of the operator.
    pub account: String,
    /// His name then.
    pub name: String,
}

/// A letter was prepared, and its signatures were asked for. From now on its bytes are fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningRequested {
    /// The message that it will be.
    pub message: String,
    /// The sending office.
    pub office: String,
    /// SHA-256 of what is to be signed, hexadecimal.
    pub sha256: String,
    /// In this order.
    pub signers: Vec<Place>,
}

/// One of the signatures was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningSigned {
    /// The message.
    pub message: String,
    /// Whose turn it was: account; by whom it was signed the `actor` part says.
    pub place: String,
    /// `seal`, `upload` or `remote`.
    pub how: String,
    /// SHA-256 of the signed file, hexadecimal.
    pub sha256: String,
    /// The verdict on it, as `verification` of the `documents` part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Value>,
}

/// A signer sent it back: it is corrected and asked for anew. Why is said to its writer alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningReturned {
    /// The message.
    pub message: String,
}

/// The writer took it back before it was signed by all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningWithdrawn {
    /// The message.
    pub message: String,
}

/// Somebody may sign in the place of another for some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubstituteNamed {
    /// Identifier.
    pub substitution: String,
    /// Account in whose place.
    pub officer: String,
    /// Account that signs.
    pub substitute: String,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day, `YYYY-MM-DD`.
    pub until: String,
}

/// A substitution ended before its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubstituteEnded {
    /// Identifier.
    pub substitution: String,
}
