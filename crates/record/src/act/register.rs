//! What happens to the register itself: corrections, and the end of a day.

use serde::{Deserialize, Serialize};

/// A correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationRectified {
    /// The message.
    pub message: String,
    /// Field: `subject` or `parties`.
    pub field: String,
    /// What stood.
    pub old: String,
    /// What stands now.
    pub new: String,
    /// Why.
    pub reason: String,
}

/// An annulment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationAnnulled {
    /// The message.
    pub message: String,
    /// Why.
    pub reason: String,
    /// The act that authorises it.
    pub authorisation: String,
}

/// A day of a register that is over. The register of the day is the event's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterDayClosed {
    /// The registry area.
    pub area: String,
    /// The legal day, `2026-11-21`.
    pub day: String,
    /// The first number of the day; empty when there is none.
    pub first: String,
    /// The last.
    pub last: String,
    /// How many entries.
    pub entries: u64,
    /// How many corrections and annulments since the day that was closed before.
    pub changes: u64,
}
