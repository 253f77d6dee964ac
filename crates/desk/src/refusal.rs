//! What the person can mend: what, why, how. The words are in the catalogues under `refusal-<code>`.

use plico_archive::{ActError, ArchiveError};
use plico_record::actor::Actor;
use plico_record::authority::{Deed, Denied, Thing, may};
use plico_record::message::Unfit;

/// A field that does not fit, with the catalogue key of what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The form field.
    pub field: &'static str,
    /// `required`, `too_long`, `unknown`, `fiscal_code` …: catalogue key `field-<code>`.
    pub code: &'static str,
    /// A number the text may name: a limit.
    pub limit: Option<u64>,
}

impl FieldError {
    /// Something that is missing.
    pub fn required(field: &'static str) -> Self {
        Self { field, code: "required", limit: None }
    }

    /// Something that is not one of the choices, or not readable.
    pub fn of(field: &'static str, code: &'static str) -> Self {
        Self { field, code, limit: None }
    }

    /// More than `limit` characters.
    pub fn too_long(field: &'static str, limit: usize) -> Self {
        Self { field, code: "too_long", limit: Some(limit as u64) }
    }
}

/// Why an act was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not there, or not his: the answer is the same.
    #[error("there is no such thing here for you")]
    NotFound,
    /// Not his to do.
    #[error("this act is not yours to do")]
    Forbidden,
    /// State the reason for reading first.
    #[error("state the reason for reading first")]
    ReasonNeeded,
    /// Fields that do not fit; what was typed is kept.
    #[error("some fields do not fit")]
    Invalid(Vec<FieldError>),
    /// The message is not in a state for it.
    #[error("{0}")]
    Unfit(Unfit),
    /// The case file is closed.
    #[error("the case file is closed")]
    CaseClosed,
    /// More files than allowed.
    #[error("a message carries at most {0} files")]
    TooManyFiles(usize),
    /// More drafts than one person may have.
    #[error("a person has at most {0} drafts")]
    TooManyDrafts(usize),
    /// A file larger than allowed, in bytes.
    #[error("a file has at most {0} bytes")]
    FileTooLarge(u64),
    /// All files together larger than allowed, in bytes.
    #[error("the files of a message have at most {0} bytes together")]
    MessageTooLarge(u64),
    /// A file without a byte.
    #[error("the file is empty")]
    EmptyFile,
    /// The draft was sent already as this message.
    #[error("this was sent already")]
    SentAlready(String),
    /// The file is sealed because malware was found in it, or was withdrawn: it is not served.
    #[error("this file is not served")]
    NotServed,
    /// It was destroyed by the lawful way: by whose act, its number and day.
    #[error("destroyed by authorisation {number} of {date} ({authority})")]
    Destroyed {
        /// Who authorised.
        authority: String,
        /// Number of the act.
        number: String,
        /// Its day, `YYYY-MM-DD`.
        date: String,
    },
    /// Under a hold nothing is destroyed, and there is one already.
    #[error("it is under a hold already")]
    Held,
    /// The delivery must be opened first.
    #[error("open the message first")]
    NotOpened,
    /// The log is not signed up to the last event: the running service does it within a second.
    #[error("the log is not signed up to the last event: the running service signs within a second")]
    NotSignedYet,
    /// Nobody has vouched yet for a checkpoint with the event of this receipt.
    #[error("nobody has vouched for it yet")]
    NoEvidenceYet,
    /// An outside registry does not answer: in its words.
    #[error("the registry does not answer: {0}")]
    NotAnswering(String),
    /// The number is an outside registry's: corrections are made there.
    #[error("the number is that of an outside registry: corrections are made there")]
    RegisteredElsewhere,
    /// A file that is not what was to be signed, signed by whom it was asked of.
    #[error("this is not taken as signed")]
    NotSigned(crate::signing::Unsigned),
    /// Nothing came of a signature at a distance.
    #[error("no remote signature was made")]
    Remote(crate::signing::Remote),
    /// The draft is not any more what was laid out to be signed.
    #[error("the draft was changed since it was laid out to be signed")]
    SignatureStale,
    /// The seal cannot be used now, and what would bear it waits.
    #[error("the seal cannot be used now")]
    SealUnusable,
    /// The same idempotency key with another request.
    #[error("this key was used for another request")]
    KeyReused,
    /// Somebody else changed it meanwhile, or it exists already.
    #[error("it exists already")]
    Exists,
}

impl Refusal {
    /// The stable name: catalogue key `refusal-<code>` and the last part of the API's problem type.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::ReasonNeeded => "reason-needed",
            Self::Invalid(_) => "invalid",
            Self::Unfit(Unfit::Withdrawn) => "message-withdrawn",
            Self::Unfit(Unfit::Answered) => "message-answered",
            Self::Unfit(Unfit::Taken) => "message-taken",
            Self::Unfit(Unfit::Annulled) => "registration-annulled",
            Self::Unfit(Unfit::Outgoing) => "message-outgoing",
            Self::Unfit(Unfit::NotRegistered) => "not-registered",
            Self::CaseClosed => "case-closed",
            Self::TooManyFiles(_) => "too-many-files",
            Self::TooManyDrafts(_) => "too-many-drafts",
            Self::FileTooLarge(_) => "file-too-large",
            Self::MessageTooLarge(_) => "message-too-large",
            Self::EmptyFile => "empty-file",
            Self::SentAlready(_) => "sent-already",
            Self::NotServed => "not-served",
            Self::Destroyed { .. } => "destroyed",
            Self::Held => "held",
            Self::NotOpened => "not-opened",
            Self::NotSignedYet => "not-signed-yet",
            Self::NoEvidenceYet => "no-evidence-yet",
            Self::NotAnswering(_) => "registry-not-answering",
            Self::RegisteredElsewhere => "registered-elsewhere",
            Self::NotSigned(why) => why.code(),
            Self::Remote(why) => why.code(),
            Self::SignatureStale => "signature-stale",
            Self::SealUnusable => "seal-unusable",
            Self::KeyReused => "key-reused",
            Self::Exists => "exists",
        }
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Hidden => Self::NotFound,
            Denied::Forbidden => Self::Forbidden,
            Denied::ReasonNeeded => Self::ReasonNeeded,
        }
    }
}

impl From<Unfit> for Refusal {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

/// Shorthand: a refusal as an act's outcome.
pub(crate) fn refuse<T>(refusal: impl Into<Refusal>) -> Result<T, ActError<Refusal>> {
    Err(ActError::Refused(refusal.into()))
}

/// Shorthand: a fault of ours.
pub(crate) fn fault(what: impl std::fmt::Display) -> ActError<Refusal> {
    ActError::Fault(ArchiveError::Corrupt(what.to_string()))
}

/// Asks the one authorisation function; a no is the act's outcome.
pub(crate) fn permit(actor: &Actor, deed: Deed, thing: &Thing) -> Result<(), ActError<Refusal>> {
    may(actor, deed, thing).map_err(|denied| ActError::Refused(denied.into()))
}
