//! What a message says, and what must be recorded when its document is formed.

use serde::{Deserialize, Serialize};

/// Why a document is valid as a filing (CAD art. 65), or that it is not established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Signed in with SPID, CIE or the like (art. 65 c. 1 b).
    Identity,
    /// Signed with a valid signature (art. 65 c. 1 a).
    Signature,
    /// Handed in by somebody whom the clerk identified (art. 38 c. 3 DPR 445/2000).
    InPerson,
    /// Signed on paper, with a copy of an identity document (art. 38 c. 3 DPR 445/2000; art. 65 c. 1 c).
    IdentityCopy,
    /// Provenance not established.
    NotEstablished,
}

/// What must be recorded when a document is formed (AgID Allegato 5), because it exists only then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formation {
    /// Type of document (`istanza`, `dichiarazione`, `segnalazione`, `comunicazione` …).
    pub document_type: String,
    /// Mode of formation, letters a–d of the guidelines (par. 2.1.1): `d` for data entered in a form.
    pub mode: String,
    /// Confidential.
    pub confidential: bool,
    /// Format of the primary document.
    pub format: String,
    /// How it was checked at formation: `signed`, `sealed`, `time_stamped`, `conforms` as booleans.
    pub verification: FormationChecks,
    /// Retention class: years, 9999 for permanent.
    pub retention_years: u32,
}

/// The checks of Allegato 5 ("Verifica").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct FormationChecks {
    /// Signed digitally.
    pub signed: bool,
    /// Sealed electronically.
    pub sealed: bool,
    /// With a time stamp.
    pub time_stamped: bool,
    /// Conformity of an image copy.
    pub conforms: bool,
}

/// The words and address of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The message's identifier.
    pub message: String,
    /// Code of the kind of message.
    pub kind: String,
    /// Office identifier.
    pub office: String,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub text: String,
    /// The first message of the conversation (itself when it starts one).
    pub thread: String,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// `courtesy`, `communication` or `notification`, for what goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
}

/// How something came that the registry office took in: what art. 53 DPR 445/2000 wants told beside the number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// `hand`, `post`, `registered_post`, `courier`, `fax`, `mail`, `pec`, `pec_anomaly`, `pec_unproven`.
    pub channel: String,
    /// When it arrived (UTC milliseconds).
    pub at: i64,
    /// Why it is registered on a later day than it arrived (*registrazione differita*).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred: Option<String>,
    /// The sender's own registration number, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_number: Option<String>,
    /// And its date, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_date: Option<String>,
    /// The number that it had on the emergency register, where it was registered there first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<EmergencyNumber>,
    /// By what it is recognised when it is met again, where it was read from a mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

/// A number of the emergency register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyNumber {
    /// Which emergency.
    pub emergency: String,
    /// The number, from 1 in each year and emergency.
    pub number: u32,
}
