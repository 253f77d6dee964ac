//! What happens to the register itself: corrections, and the end of a day.

use serde::{Deserialize, Serialize};

use super::{Content, Formation};

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
    /// How many entries of series.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub series: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A document that got its number in a series (*repertorio*): decrees, contracts, certificates. What the series keeps of it
/// is the event's `register` part, whose area is [`series_area`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesEntered {
    /// The message.
    pub message: String,
    /// Code of the series.
    pub series: String,
    /// What it was called.
    pub title: String,
    /// Legal year.
    pub year: i32,
    /// Number in the series.
    pub number: u64,
    /// The words, for what has no number of the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Metadata of formation, for what has no number of the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formation: Option<Formation>,
}

/// What a case file was in the system that kept it before: somebody else's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerCase {
    /// Its number there, as it was written.
    pub number: String,
    /// The day it was opened, `YYYY-MM-DD`.
    pub opened: String,
    /// The day it was closed, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
}

/// A number of a series that does not count any more; it stays, and is not given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesAnnulled {
    /// The message.
    pub message: String,
    /// Code of the series.
    pub series: String,
    /// Legal year.
    pub year: i32,
    /// Number in the series.
    pub number: u64,
    /// Why.
    pub reason: String,
    /// The act that authorises it.
    pub authorisation: String,
}

/// A series among the areas of the register.
const SERIES: &str = "repertorio/";

/// The area whose numbers a series takes; no registry area has a slash.
pub fn series_area(code: &str) -> String {
    format!("{SERIES}{code}")
}

/// The code of the series that an area is; `None` for a registry area.
pub fn series_of(area: &str) -> Option<&str> {
    area.strip_prefix(SERIES)
}

/// The emergency register was opened (art. 63 DPR 445/2000): what is registered meanwhile is numbered on it by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyOpened {
    /// Identifier.
    pub emergency: String,
    /// Why.
    pub cause: String,
    /// Since when (UTC milliseconds).
    pub from: i64,
    /// The last day that the authorisation covers, `YYYY-MM-DD`: at most a week.
    pub until: String,
    /// The act that authorises it.
    pub authorisation: String,
}

/// Its use was authorised for more days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyRenewed {
    /// Identifier.
    pub emergency: String,
    /// The last day, `YYYY-MM-DD`.
    pub until: String,
    /// The act that authorises it.
    pub authorisation: String,
}

/// The ordinary register works again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyClosed {
    /// Identifier.
    pub emergency: String,
    /// Until when (UTC milliseconds).
    pub to: i64,
    /// How many were registered by hand on each day, `YYYY-MM-DD`.
    pub totals: Vec<(String, u32)>,
}

/// Entries of a register that was kept before this one: never numbers of ours. A file comes in pieces, all in one
/// transaction; the file itself is the document of the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterImported {
    /// SHA-256 of the file, hexadecimal.
    pub batch: String,
    /// What the file is called.
    pub name: String,
    /// Which piece, from 1.
    pub piece: u32,
    /// Of how many.
    pub pieces: u32,
    /// The entries.
    pub entries: Vec<PastEntry>,
}

/// An entry as the register before kept it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastEntry {
    /// The register, as it was called.
    pub area: String,
    /// Its year.
    pub year: i32,
    /// Its number.
    pub number: u64,
    /// Its day, `YYYY-MM-DD`.
    pub day: String,
    /// `in`, `out` or `internal`.
    pub direction: String,
    /// Senders or recipients, one a line.
    pub parties: String,
    /// Subject.
    pub subject: String,
    /// Office, as it was called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub office: String,
    /// Case file, as it was called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub case_file: String,
    /// SHA-256 of the document, hexadecimal, where it is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
}

/// The register of a closed day was handed to the preserver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterHandedOver {
    /// The registry area.
    pub area: String,
    /// The legal day.
    pub day: String,
    /// The package's name.
    pub package: String,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// Which time it is, from 1.
    pub attempt: u32,
}

/// What the preserver answered; its file is the event's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreserverAnswered {
    /// The package's name.
    pub package: String,
    /// SHA-256 of what it got, hexadecimal.
    pub sha256: String,
    /// Whether it keeps it.
    pub accepted: bool,
    /// Its own identifier of what it keeps.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// When, in its own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instant: String,
    /// Why it refuses.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}
