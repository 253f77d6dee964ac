//! What shows when a signature existed, and the parts of a report that say so.

use serde::{Deserialize, Serialize};

use crate::report::{Indication, Reason, SubIndication};
use crate::revocation::Source;

/// Evidence from outside that a file existed at an instant: an opposable reference in time (DPCM 22/2/2013 art. 41).
/// Whoever gives it has checked it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poe {
    /// The latest instant at which the file can have come into being, UTC milliseconds.
    pub at_ms: i64,
    /// What kind of reference it is.
    pub source: PoeSource,
    /// What it is called, such as a registration number.
    pub name: String,
}

/// Kinds of reference in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoeSource {
    /// The mark of a protocol register.
    RegistrationMark,
    /// The receipt of certified mail.
    PecReceipt,
    /// A time stamp beside the file or around it.
    TimeStamp,
    /// The transfer to a preservation system.
    Preservation,
    /// A time stamp inside of the signature or the document.
    InnerTimeStamp,
}

/// The verdict at three instants, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// At the time of validation.
    pub now: Moment,
    /// At the time that the signer declares, for which nobody vouches.
    pub claimed: Option<Moment>,
    /// At the best reference that others must accept.
    pub opposable: Option<Moment>,
}

/// The verdict at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The instant, RFC 3339.
    pub at: String,
    /// What kind of reference shows it.
    pub reference: Option<PoeSource>,
    /// What the reference is called.
    pub name: Option<String>,
    /// Main indication as of that instant.
    pub indication: Indication,
    /// Why.
    pub sub_indication: Option<SubIndication>,
}

/// What a time stamp is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampKind {
    /// The signature (`signature-time-stamp`): it existed before.
    Signature,
    /// The content, before it was signed (`content-time-stamp`): the signature was made after.
    Content,
    /// The signature with all of its evidence (`archive-time-stamp-v3`).
    Archive,
    /// The whole document: a PDF's document time-stamp, or one beside a file or around it.
    Document,
}

/// A time stamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StampReport {
    /// What it is over.
    pub kind: StampKind,
    /// The time it says, RFC 3339.
    pub at: Option<String>,
    /// Whose it is.
    pub authority: Option<String>,
    /// Its signature and what it is over hold.
    pub intact: bool,
    /// The verifier's anchors vouch for its authority, at its own time and since.
    pub trusted: bool,
    /// Trusted lists say that its authority was qualified when it was made; absent when none were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualified: Option<bool>,
    /// What is open about it.
    pub reason: Option<Reason>,
}

/// A certificate of the path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainReport {
    /// Common name of the subject, or its organisation.
    pub subject: Option<String>,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// What is known of its revocation; nothing of an anchor.
    pub revocation: Option<RevocationReport>,
}

/// What is known of a certificate's revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationReport {
    /// The state.
    pub state: RevocationState,
    /// Since when it is revoked or on hold, RFC 3339.
    pub since: Option<String>,
    /// The reason's code (RFC 5280 §5.3.1).
    pub reason_code: Option<u8>,
    /// What says so.
    pub source: Option<Source>,
    /// When that was made, RFC 3339.
    pub made: Option<String>,
    /// Until when it says it holds, RFC 3339.
    pub next: Option<String>,
}

/// States of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationState {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked,
    /// On hold: it may be revoked or be good again.
    Suspended,
    /// It could not be found out.
    Unknown,
}
