//! Acts of the office's desk on what came in: refused, ended without a letter, linked.

use serde::{Deserialize, Serialize};

/// A refusal of an assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAssignmentRefused {
    /// The message.
    pub message: String,
    /// The office that refuses.
    pub office: String,
    /// Why.
    pub reason: String,
    /// `knowledge`; empty for competence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
}

/// The end of a message that no letter answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageConcluded {
    /// The message.
    pub message: String,
    /// `filed` (*agli atti*): nothing is to be decided; `forwarded`: another body is competent.
    pub how: String,
    /// Why.
    pub reason: String,
    /// The body that it was sent on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<OtherBody>,
}

/// A body that is not ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherBody {
    /// Name.
    pub name: String,
    /// IPA code; empty where it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ipa_code: String,
    /// Address of certified mail that it was sent to; empty where it went another way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pec: String,
}

/// Two messages have to do with each other. It is the history of the first; it is shown with both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageLinked {
    /// The message.
    pub message: String,
    /// The other one.
    pub other: String,
    /// What they have to do with each other; may be empty.
    pub reason: String,
}

/// They have not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageUnlinked {
    /// The message.
    pub message: String,
    /// The other one.
    pub other: String,
}
