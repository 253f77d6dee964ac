//! Holds, and lawful destruction: proposed, authorised, done; and what is left of a message whose parts were erased.

use serde::{Deserialize, Serialize};

use super::EmergencyNumber;

/// Nothing of the message may be destroyed until the hold is lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageHeld {
    /// The message.
    pub message: String,
    /// Why.
    pub reason: String,
}

/// The end of a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageHoldLifted {
    /// The message.
    pub message: String,
    /// Why.
    pub reason: String,
}

/// Nothing in the case file may be destroyed until the hold is lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFileHeld {
    /// The case file.
    pub case_file: String,
    /// Why.
    pub reason: String,
}

/// The end of a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFileHoldLifted {
    /// The case file.
    pub case_file: String,
    /// Why.
    pub reason: String,
}

/// What is past its term, put forward for destruction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestructionProposed {
    /// Identifier of the proposal, and of the destruction it becomes.
    pub destruction: String,
    /// The messages.
    pub messages: Vec<String>,
}

/// The act of the authority that allows it (art. 21 D.Lgs. 42/2004: the *nulla osta*).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestructionAuthorised {
    /// The destruction.
    pub destruction: String,
    /// Who authorised.
    pub authority: String,
    /// Number of the act.
    pub number: String,
    /// Day of the act, `YYYY-MM-DD`.
    pub date: String,
    /// What it does not cover: stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub struck: Vec<Struck>,
}

/// A message that was proposed and stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Struck {
    /// The message.
    pub message: String,
    /// Why.
    pub reason: String,
}

/// A destruction that is complete: no key opens what was destroyed, and the program's own files are rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestructionDone {
    /// The destruction.
    pub destruction: String,
    /// Messages destroyed.
    pub erased: u64,
    /// Messages that came under a hold after the authorisation, and stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
    /// The epoch under which everything else was wrapped again; the keys of those before it are destroyed.
    pub epoch: u32,
    /// Deleted rows are gone from the database's files too; otherwise the server's administrator has that to do.
    pub rewritten: bool,
}

/// The parts of a message's events were erased, its documents, its deliveries and its receipts with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartErased {
    /// The message.
    pub message: String,
    /// The destruction.
    pub destruction: String,
    /// Who authorised.
    pub authority: String,
    /// Number of the authorising act.
    pub number: String,
    /// Day of the authorising act, `YYYY-MM-DD`.
    pub date: String,
    /// Which events cannot be opened any more: the log's number among its successors, and the index.
    pub events: Vec<(u32, u64)>,
    /// What stays known, for those who could see the message.
    pub remains: Remains,
}

/// What stays of a destroyed message: who could see it, and its place in the register. No words and no names; those that
/// the register keeps are in the `register` part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remains {
    /// `in` or `out`.
    pub direction: String,
    /// Code of the kind of message.
    pub kind: String,
    /// Its office.
    pub office: String,
    /// Offices that knew of it.
    pub knowledge: Vec<String>,
    /// First message of the conversation.
    pub thread: String,
    /// What it answered.
    pub reply_to: Option<String>,
    /// The person who sent it.
    pub sender: Option<String>,
    /// Those who sent it together with him.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// Presented, or registered for what goes out (UTC milliseconds).
    pub at: i64,
    /// State in which it ended.
    pub state: String,
    /// Area, legal year and number.
    pub registration: Option<(String, i32, u64)>,
    /// Registered (UTC milliseconds).
    pub registered: Option<i64>,
    /// Its registration was annulled.
    pub annulled: bool,
    /// Its case file.
    pub case_file: Option<String>,
    /// Its class in the classification scheme, where it had one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class: String,
    /// Its number in the emergency register, which nothing else may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<EmergencyNumber>,
    /// The office that wrote it to another; empty for what came in or went out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from_office: String,
    /// Deliveries that were for the recipient's knowledge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<String>,
    /// Deliveries: identifier, recipient, since when (UTC milliseconds).
    pub deliveries: Vec<(String, String, i64)>,
    /// Identifiers of its documents and receipts.
    pub things: Vec<String>,
}
