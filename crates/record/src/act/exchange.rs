//! What registries of bodies say to each other by mail (*segnatura informatica*): read, answered, heard.

use serde::{Deserialize, Serialize};

/// A registration of another body, as it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// IPA code of the body.
    pub administration: String,
    /// Code of its area.
    pub area: String,
    /// Code of its register; empty where it says none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub register: String,
    /// The number.
    pub number: u64,
    /// Its day, `YYYY-MM-DD`.
    pub date: String,
}

/// A document that a mark names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// Name of its file.
    pub name: String,
    /// `fits`, `differs`, `missing`, `unsaid`, `elsewhere`.
    pub verdict: String,
}

/// The mark of a message that came: what its sender claims, against what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRead {
    /// The message.
    pub message: String,
    /// By which rules it is written: `2001`, `2001r`, `2013`, `3`.
    pub generation: String,
    /// What its sender registered it as.
    pub from: Registered,
    /// The sender's name.
    pub sender: String,
    /// Its subject.
    pub subject: String,
    /// Whether we are asked to confirm.
    pub asks: bool,
    /// `none`, `intact`, `broken`: of the mark itself. Who made it is told with the document.
    pub signature: String,
    /// The mailbox that it came into.
    pub mailbox: String,
    /// The certified address that it came from: what answers goes there. Empty where nobody certifies it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Its documents.
    pub documents: Vec<Marked>,
}

/// A notice to the other body is to go out by certified mail, as a delivery of this identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkAnswered {
    /// Of the delivery.
    pub delivery: String,
    /// The message that it is about.
    pub message: String,
    /// `confirmation`, `exception`, `update`, `annulment`.
    pub kind: String,
    /// Why; empty for a confirmation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The act of an annulment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub act: String,
}

/// What the other body says of a letter of ours. The mail is the event's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkNotice {
    /// The letter.
    pub message: String,
    /// `confirmation`, `exception`, `update`, `annulment`.
    pub kind: String,
    /// By what the mail is recognised when it is met again.
    pub mail: String,
    /// The certified address that it came from.
    pub address: String,
    /// What the body registered the letter as, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_what: Option<Registered>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// By which act.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub act: String,
}
