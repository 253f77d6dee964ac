//! What the `act` part of each kind of event says.

mod account;
mod card;
mod content;
mod desk;
mod destruction;
mod domicile;
mod exchange;
mod outside;
mod pec;
mod register;
mod setting;
mod signing;
mod succession;
mod upkeep;

use serde::{Deserialize, Serialize};

pub use account::{AccountAddressDropped, AccountAddressProven};
pub use card::{CardIssued, CardRenewed, CardResumed, CardRevoked, CardSuspended};
pub use content::{Arrival, Basis, Content, EmergencyNumber, Formation, FormationChecks};
pub use desk::{MessageAssignmentRefused, MessageConcluded, MessageLinked, MessageUnlinked, OtherBody};
pub use destruction::{
    CaseFileHeld, CaseFileHoldLifted, DestructionAuthorised, DestructionDone, DestructionProposed,
    MessageHeld, MessageHoldLifted, PartErased, Remains, Struck,
};
pub use domicile::{DomicileAsked, NamedAddress};
pub use exchange::{MarkAnswered, MarkNotice, MarkRead, Marked, Registered};
pub use outside::{
    Follows, MessagePrepared, RegistrationAnnulmentAnswered, RegistrationAnnulmentAsked,
    RegistrationAnswered, RegistrationAttempted, RegistrationOrdered, RegistrationResolved,
};
pub use pec::{
    PecAccepted, PecAnomaly, PecAttempted, PecDelivered, PecInDoubt, PecLate, PecNotAccepted, PecOrdered,
    PecProviderTakeover, PecReceipt, PecRefused, PecResolved, PecSubmitted, PecUndelivered, PecVirus,
    SentElsewhere,
};
pub use register::{
    EmergencyClosed, EmergencyOpened, EmergencyRenewed, FormerCase, PastEntry, PreserverAnswered,
    RegisterDayClosed, RegisterHandedOver, RegisterImported, RegistrationAnnulled, RegistrationRectified,
    SeriesAnnulled, SeriesEntered, series_area, series_of,
};
pub use setting::{OfficeChanged, RoleChanged, SettingChanged, UserChanged};
pub use signing::{Place, SigningRequested, SigningReturned, SigningSigned, SigningWithdrawn};
pub use signing::{SubstituteEnded, SubstituteNamed};
pub use succession::{Predecessor, Reserved, Signed};
pub use upkeep::{BackupMade, BackupRestored, ConsoleUsed, SchemaMigrated};

use crate::event::Kind;

macro_rules! acts {
    (elsewhere { $($other:ident)* } $($(#[$doc:meta])* $variant:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
            pub struct $variant { $($(#[$fdoc])* pub $field: $type,)* }
        )*

        /// The opened `act` part of an event.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Act {
            $(#[doc = "See the structure of the same name."] $variant($variant),)*
            $(#[doc = "See the structure of the same name."] $other($other),)*
        }

        impl Act {
            /// The kind whose `act` part this is.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant,)* $(Self::$other(_) => Kind::$other,)* }
            }

            /// The bytes of the part.
            pub fn to_bytes(&self) -> Vec<u8> {
                let value = match self {
                    $(Self::$variant(act) => serde_json::to_value(act),)*
                    $(Self::$other(act) => serde_json::to_value(act),)*
                };
                let mut whole = serde_json::Map::new();
                whole.insert("v".into(), 1.into());
                if let Ok(serde_json::Value::Object(fields)) = value {
                    whole.extend(fields);
                }
                serde_json::Value::Object(whole).to_string().into_bytes()
            }

            /// Reads the part of an event of `kind`.
            pub fn parse(kind: Kind, bytes: &[u8]) -> Result<Self, serde_json::Error> {
                Ok(match kind {
                    $(Kind::$variant => Self::$variant(serde_json::from_slice(bytes)?),)*
                    $(Kind::$other => Self::$other(serde_json::from_slice(bytes)?),)*
                })
            }
        }

        $(impl From<$variant> for Act { fn from(act: $variant) -> Self { Self::$variant(act) } })*
        $(impl From<$other> for Act { fn from(act: $other) -> Self { Self::$other(act) } })*
    };
}

acts! {
    elsewhere {
        MessageAssignmentRefused MessageConcluded MessageLinked MessageUnlinked
        MessageHeld MessageHoldLifted CaseFileHeld CaseFileHoldLifted
        DestructionProposed DestructionAuthorised DestructionDone PartErased
        RegistrationRectified RegistrationAnnulled RegisterDayClosed RegisterImported SeriesEntered SeriesAnnulled
        RegisterHandedOver PreserverAnswered
        EmergencyOpened EmergencyRenewed EmergencyClosed
        MessagePrepared RegistrationOrdered RegistrationAttempted RegistrationAnswered RegistrationResolved
        RegistrationAnnulmentAsked RegistrationAnnulmentAnswered
        PecOrdered PecAttempted PecSubmitted PecRefused PecInDoubt PecResolved
        PecAccepted PecNotAccepted PecProviderTakeover PecDelivered PecUndelivered PecLate PecVirus PecAnomaly
        MarkRead MarkAnswered MarkNotice DomicileAsked SentElsewhere
        CardIssued CardSuspended CardResumed CardRenewed CardRevoked
        SigningRequested SigningSigned SigningReturned SigningWithdrawn SubstituteNamed SubstituteEnded
        AccountAddressProven AccountAddressDropped
        UserChanged RoleChanged OfficeChanged SettingChanged BackupMade BackupRestored ConsoleUsed SchemaMigrated
    }
    /// A filing.
    MessagePresented {
        /// Words and address.
        content: Content,
        /// The sender's identifier.
        sender: String,
        /// Why it is valid.
        basis: Basis,
        /// Metadata of formation.
        formation: Formation,
        /// Last day to answer, `YYYY-MM-DD`, when the kind has a term.
        due: Option<String>,
        /// How it came, where the registry office took it in; none for what its sender presented himself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        arrival: Option<Arrival>,
        /// Identifiers of those who sent it together with the sender.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<String>,
    }
    /// A scan or a copy that was added to what came on paper. The document is the event's.
    MessageScanned {
        /// The message.
        message: String,
    }
    /// A registration. `outgoing` carries the words of a message that begins with its registration.
    MessageRegistered {
        /// The message.
        message: String,
        /// Registry area.
        area: String,
        /// Legal year.
        year: i32,
        /// Number.
        number: u64,
        /// `in`, `out` or `internal`.
        direction: String,
        /// The words, for what goes out.
        outgoing: Option<Content>,
        /// Metadata of formation, for what goes out.
        formation: Option<Formation>,
        /// The office that it comes from, where one office of the body writes to another: the words' own office is then the
        /// one that receives it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_office: Option<String>,
    }
    /// A class of the classification scheme that a message got, with its title at that time.
    MessageClassified {
        /// The message.
        message: String,
        /// Code of the class.
        class: String,
        /// What it was called.
        title: String,
    }
    /// Something added to one's own filing; `by_message` is the added message.
    MessageAddedTo {
        /// The filing.
        message: String,
        /// What was added.
        by_message: String,
    }
    /// An assignment.
    MessageAssigned {
        /// The message.
        message: String,
        /// Office.
        office: String,
        /// Operator, when it names one.
        operator: Option<String>,
        /// `competence` or `knowledge`.
        purpose: String,
    }
    /// Taking charge.
    MessageTakenInCharge {
        /// The message.
        message: String,
        /// The operator.
        operator: String,
        /// Name of the responsible person.
        responsible: String,
    }
    /// A request for what is missing.
    MessageSupplementRequested {
        /// The message.
        message: String,
        /// The outgoing message that asks.
        by_message: String,
    }
    /// An answer.
    MessageAnswered {
        /// The message.
        message: String,
        /// The outgoing message that answers.
        by_message: String,
        /// `granted`, `denied` or `information`.
        outcome: String,
    }
    /// An internal note; its text is in the `internal` part.
    MessageNoted {
        /// The message.
        message: String,
        /// The note's identifier.
        note: String,
    }
    /// A withdrawal by the person.
    MessageWithdrawn {
        /// The message.
        message: String,
        /// Why, if said.
        reason: String,
    }
    /// Making available.
    DeliveryMadeAvailable {
        /// The delivery.
        delivery: String,
        /// The message.
        message: String,
        /// The recipient.
        recipient: String,
        /// Sent to him for his knowledge, beside the one it is for.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        copy: bool,
    }
    /// Making unavailable.
    DeliveryUnavailable {
        /// The delivery.
        delivery: String,
        /// Why.
        reason: String,
    }
    /// A notice that left.
    NoticeSent {
        /// The delivery, or the message for an operator's notice.
        delivery: String,
        /// `email`.
        channel: String,
        /// The provider's answer.
        answer: String,
    }
    /// A notice that did not leave.
    NoticeFailed {
        /// The delivery.
        delivery: String,
        /// `email`.
        channel: String,
        /// Why.
        answer: String,
    }
    /// Opening.
    DeliveryOpened {
        /// The delivery.
        delivery: String,
        /// `recipient` or `delegate`.
        opened_as: String,
        /// `page`, `zip` or `api`.
        by: String,
    }
    /// A download.
    DocumentDownloaded {
        /// The delivery, or the message.
        delivery: String,
        /// The document.
        document: String,
    }
    /// A fetch by a program.
    DocumentFetched {
        /// The delivery, or the message.
        delivery: String,
        /// The document.
        document: String,
    }
    /// Issue of a document.
    DocumentIssued {
        /// The document.
        document: String,
        /// The message it goes with.
        message: String,
        /// `certificate`, `permit`, `letter`.
        category: String,
    }
    /// Withdrawal of a document.
    DocumentWithdrawn {
        /// The document.
        document: String,
        /// The message it went with.
        message: String,
        /// Why.
        reason: String,
    }
    /// Quarantine.
    DocumentQuarantined {
        /// The document.
        document: String,
        /// What was found, in the scanner's words.
        found: String,
    }
    /// What is known of a document's signatures now; what was said of them before stays.
    DocumentVerdictRenewed {
        /// The document.
        document: String,
        /// The message it came with.
        message: String,
        /// The verdict, as `verification` of the `documents` part.
        verdict: serde_json::Value,
    }
    /// A new case file.
    CaseFileOpened {
        /// Identifier.
        case_file: String,
        /// Office.
        office: String,
        /// Legal year.
        year: i32,
        /// Number in the year.
        number: u64,
        /// Title.
        title: String,
        /// Code of its class in the classification scheme; empty where it has none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        class: String,
        /// What it was elsewhere, where it was kept before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        former: Option<FormerCase>,
    }
    /// Filing into a case.
    CaseFileFiled {
        /// Case file.
        case_file: String,
        /// Message.
        message: String,
    }
    /// Closing.
    CaseFileClosed {
        /// Case file.
        case_file: String,
    }
    /// A dossier.
    DossierExported {
        /// Case file.
        case_file: String,
        /// SHA-256 of the file that was handed out, hexadecimal.
        sha256: String,
        /// Its bytes.
        size: u64,
        /// The stated reason.
        reason: String,
    }
    /// A delegation to read. Both persons stand in the `party` parts.
    DelegationGranted {
        /// Identifier.
        delegation: String,
        /// Whose messages.
        holder: String,
        /// Who may read them, once he accepts.
        delegate: String,
        /// Last day, `YYYY-MM-DD`.
        until: String,
    }
    /// An accepted delegation.
    DelegationAccepted {
        /// Identifier.
        delegation: String,
    }
    /// The end of a delegation, by whom the `actor` part says.
    DelegationRevoked {
        /// Identifier.
        delegation: String,
    }
    /// A title to act for another. Both persons stand in the `party` parts.
    MandateGranted {
        /// Identifier.
        mandate: String,
        /// For whom.
        holder: String,
        /// Who may act, once it is confirmed.
        delegate: String,
        /// The title: `legal_representative`, `attorney`, `guardian`, `parent` …
        title: String,
        /// The document that shows it, in words.
        evidence: String,
        /// Last day, `YYYY-MM-DD`, when it has one.
        until: Option<String>,
    }
    /// A title whose evidence was checked.
    MandateConfirmed {
        /// Identifier.
        mandate: String,
    }
    /// The end of a title.
    MandateRevoked {
        /// Identifier.
        mandate: String,
        /// Why.
        reason: String,
    }
    /// Reading by a mandate.
    ArchiveRead {
        /// What was read: `search`, `message`, `document`, `case_file`, `register`, `log`.
        what: String,
        /// Identifier or query.
        thing: String,
        /// The stated reason.
        reason: String,
    }
    /// An integrity check.
    IntegrityChecked {
        /// `archive` or an identifier.
        scope: String,
        /// Whether it was clean.
        clean: bool,
        /// Findings, in words.
        findings: Vec<String>,
    }
    /// A sign-in. The person is in `party.0`.
    AccountSignedIn {
        /// The account.
        account: String,
        /// `person` or `operator`.
        kind: String,
        /// Method and level.
        level: String,
    }
    /// A changed contact. The new one is in `party.0`.
    AccountContactChanged {
        /// The account.
        account: String,
    }
    /// A new epoch of the administration's key: what is wrapped from now on is wrapped under it.
    KeyAdded {
        /// Its number.
        epoch: u32,
    }
    /// The key of an epoch was destroyed: nothing is wrapped under it any more.
    KeyRetired {
        /// Its number.
        epoch: u32,
    }
    /// A log's first leaf.
    LogOpened {
        /// Origin.
        origin: String,
        /// Verifier key.
        vkey: String,
        /// A demo archive for ever.
        demo: bool,
        /// Name of the administration, or of the installation.
        name: String,
        /// The log that it goes on from, when that one's continuity cannot be shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        predecessor: Option<Predecessor>,
    }
    /// A time without service. Everybody may read it: nobody is named in it.
    ServiceOutage {
        /// Whose service, an administration; none when it was everybody's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        administration: Option<String>,
        /// From when (UTC milliseconds).
        from: i64,
        /// Until when (UTC milliseconds).
        to: i64,
        /// What was not available: `filing`, `reading`, `sign_in`, `receipts`, `notices`, `verification`, `witnesses`, `timestamps`.
        parts: Vec<String>,
        /// What is told of it.
        note: String,
        /// The program found it by itself; otherwise whoever runs the service declared it.
        detected: bool,
    }
    /// A clock that stepped.
    ClockAlarmed {
        /// What the clock said (UTC milliseconds).
        clock: i64,
        /// The last instant written.
        last: i64,
    }
}

#[cfg(test)]
mod tests;
