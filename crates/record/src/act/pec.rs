//! Certified mail that carries a letter: how it left, and what its providers say became of it.

use serde::{Deserialize, Serialize};

/// A letter that goes out by certified mail as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PecOrdered {
    /// The delivery.
    pub delivery: String,
    /// The message.
    pub message: String,
    /// The recipient's address.
    pub to: String,
}

/// A submission that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PecAttempted {
    /// The delivery.
    pub delivery: String,
    /// The mailbox, as the configuration names it.
    pub mailbox: String,
    /// Its address.
    pub from: String,
    /// Ours: by it receipts find the letter.
    pub message_id: String,
    /// SHA-256 of the bytes that go out.
    pub sha256: String,
    /// By which rules its mark for the other body's registry is written; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub segnatura: String,
}

/// The provider has it: that is not to say that it was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PecSubmitted {
    /// The delivery.
    pub delivery: String,
    /// The server's words.
    pub answer: String,
}

/// The provider has it not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PecRefused {
    /// The delivery.
    pub delivery: String,
    /// The server's words, or ours.
    pub answer: String,
    /// Whether it will be tried again by itself.
    pub again: bool,
}

/// Whether the provider has it is not known: it is not tried again by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PecInDoubt {
    /// The delivery.
    pub delivery: String,
    /// What broke.
    pub answer: String,
}

/// What a person decided of one that was in doubt or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PecResolved {
    /// The delivery.
    pub delivery: String,
    /// `again` or `left`.
    pub decision: String,
    /// Why.
    pub reason: String,
}

/// What a provider certifies, as its receipt says. The receipt is the event's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PecReceipt {
    /// The delivery.
    pub delivery: String,
    /// The message.
    pub message: String,
    /// By what the receipt is recognised when it is met again.
    pub key: String,
    /// The message id that it is about.
    pub message_id: String,
    /// The recipient that it names; empty: whoever the letter went to.
    pub recipient: String,
    /// The provider.
    pub provider: String,
    /// Its identifier of the message; empty where the receipt proves nothing, and in events of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub identifier: String,
    /// By the provider's clock (UTC milliseconds).
    pub at: Option<i64>,
    /// The provider's words.
    pub words: String,
    /// How much of the letter it gives back: `completa`, `breve`, `sintetica`; empty where none does.
    pub extent: String,
    /// What it did: `changed`, `late`, `other_recipient`, `contradiction`.
    pub outcome: String,
    /// How the letter stands after it.
    pub fate: String,
}

macro_rules! receipts {
    ($($(#[$doc:meta])* $variant:ident;)*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $variant(pub PecReceipt);)*
    };
}

receipts! {
    /// The sender's provider took it.
    PecAccepted;
    /// The sender's provider did not take it.
    PecNotAccepted;
    /// The recipient's provider took it over.
    PecProviderTakeover;
    /// It lies in the recipient's mailbox.
    PecDelivered;
    /// It could not be delivered.
    PecUndelivered;
    /// It is not delivered yet.
    PecLate;
    /// Malware was found in it.
    PecVirus;
    /// A receipt that proves nothing: its signature does not hold, or nobody known made it.
    PecAnomaly;
}

/// A letter that another program of the office sent by mail before it came here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentElsewhere {
    /// The letter.
    pub message: String,
    /// By what the mail is recognised when it is met again.
    pub mail: String,
    /// The mailbox that it was found in, as the configuration names it.
    pub mailbox: String,
    /// The mail's own id; empty where it has none.
    pub message_id: String,
    /// The addresses that it went to.
    pub to: Vec<String>,
    /// By what each of them was told whose it is: `segnatura` or `address`.
    pub by: Vec<String>,
}
