//! Acts on digital cards.

use serde::{Deserialize, Serialize};

/// A new card. The holder stands in the `party` part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardIssued {
    /// Identifier.
    pub card: String,
    /// Code of its type.
    pub kind: String,
    /// What the type was called then.
    pub name: String,
    /// The office that issues it.
    pub office: String,
    /// The number on it.
    pub number: String,
    /// Whose it is.
    pub holder: String,
    /// The type's fields: what each is called, and what it says.
    pub fields: Vec<(String, String)>,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day, `YYYY-MM-DD`.
    pub until: String,
    /// Its place in the status list.
    pub index: u32,
    /// The signed text.
    pub code: String,
}

/// A suspension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSuspended {
    /// Identifier.
    pub card: String,
    /// Why.
    pub reason: String,
}

/// The end of a suspension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardResumed {
    /// Identifier.
    pub card: String,
}

/// A later end. The text before it stays good until its own end: both stand at one place in the status list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRenewed {
    /// Identifier.
    pub card: String,
    /// Last day, `YYYY-MM-DD`.
    pub until: String,
    /// The signed text.
    pub code: String,
}

/// The end of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRevoked {
    /// Identifier.
    pub card: String,
    /// Why.
    pub reason: String,
}
