//! What happens to a message that an outside registry is to number. Each call is recorded before it is made, and again when
//! it was answered: what lies between is in doubt.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::content::{Content, Formation};

/// What follows when a letter that waits gets its number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follows {
    /// Identifier of the person who gets it.
    pub recipient: String,
    /// Identifiers of those who get it for their knowledge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<String>,
    /// Code of what the letter does.
    pub act: String,
    /// The filing it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
    /// Documents that become the person's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// Category of what is issued.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Address of certified mail that it goes to as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pec: Option<String>,
}

/// A letter of the office is ready, and its number was ordered of an outside registry. Until that comes its recipient sees
/// nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePrepared {
    /// Words and address.
    pub content: Content,
    /// Metadata of formation.
    pub formation: Formation,
    /// What its number brings about.
    pub follows: Follows,
}

/// A registration was ordered of an outside registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationOrdered {
    /// The message.
    pub message: String,
    /// The registry system, as the configuration names it.
    pub system: String,
    /// Our key in the registered object.
    pub key: String,
    /// The whole order.
    pub order: Value,
}

/// A step is about to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationAttempted {
    /// The message.
    pub message: String,
    /// `prepare`, `upload`, `number`, `attach`.
    pub step: String,
    /// The document that is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How the order stands meanwhile.
    pub state: String,
}

/// A step was answered, or it is known that it was not; or somebody looked what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationAnswered {
    /// The message.
    pub message: String,
    /// The step.
    pub step: String,
    /// The document that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// `done`, `refused`, `not-asked`, `doubt`, `later`, `ours`, `found`, `absent`, `several`, `cannot-look`, `taken`, `late`.
    pub outcome: String,
    /// The vendor's code, or ours.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The vendor's words, or ours.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// How the last step ended: what follows depends on it.
    pub last: String,
    /// How the order stands now.
    pub state: String,
    /// How far it came.
    pub so_far: Value,
    /// What was said: requests and answers, without secrets and without the bytes of files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Value>,
}

/// A person decided what is to become of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationResolved {
    /// The message.
    pub message: String,
    /// `look`, `again`, `linked`.
    pub how: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What follows depends on it.
    pub last: String,
    /// How the order stands now.
    pub state: String,
    /// How far it came.
    pub so_far: Value,
}

/// An outside registry is about to be asked to annul a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationAnnulmentAsked {
    /// The message.
    pub message: String,
    /// Why.
    pub reason: String,
    /// The act that authorises it.
    pub authorisation: String,
}

/// That was answered, or it is known that it was not; or somebody looked what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationAnnulmentAnswered {
    /// The message.
    pub message: String,
    /// `done`, `refused`, `not-asked`, `later`, `ours`, `doubt`, `absent`.
    pub outcome: String,
    /// The vendor's code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The vendor's words, or ours.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// What was said: requests and answers, without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Value>,
}
