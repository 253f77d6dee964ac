//! The one list of event kinds. It may grow; a name is never reused.

/// Whose history an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// A message, in or out.
    Message,
    /// A message as placed with one recipient.
    Delivery,
    /// A document as placed with an administration.
    Document,
    /// A register, for its own acts.
    Register,
    /// A case file.
    CaseFile,
    /// A delegation or a mandate.
    Delegation,
    /// A digital card.
    Card,
    /// A destruction, from its proposal on.
    Destruction,
    /// A person's or operator's account.
    Account,
    /// The installation, or an administration's settings.
    Installation,
}

/// The receipt an event gives its holder. Names in the interface: evidence table of GLOSSARY.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptKind {
    /// Ricevuta di presentazione.
    Presentation,
    /// Ricevuta di protocollazione.
    Registration,
    /// Receipt of something added to one's own filing.
    Added,
    /// Receipt that the office took charge.
    TakenInCharge,
    /// Receipt of a withdrawal.
    Withdrawal,
    /// Messa a disposizione.
    MadeAvailable,
    /// Consegna per posta elettronica certificata, by the provider's clock.
    CertifiedDelivery,
    /// Attestazione di presa visione.
    Opening,
    /// A document of the office was withdrawn.
    DocumentWithdrawn,
    /// A delegation to read was granted.
    DelegationGranted,
    /// A delegation to read ended.
    DelegationRevoked,
    /// A title to act was recorded.
    MandateGranted,
    /// A title to act ended.
    MandateRevoked,
    /// Registro giornaliero di protocollo: of whoever may read the register.
    DailyRegister,
    /// A card was issued.
    CardIssued,
    /// A card was revoked.
    CardRevoked,
    /// Attestazione di indisponibilità: of nobody in particular, for everybody.
    Outage,
}

impl ReceiptKind {
    /// What is held by no person: everybody's by the empty name, the register's by that of those who may read it.
    pub fn common_holder(self) -> Option<&'static str> {
        match self {
            Self::Outage => Some(""),
            Self::DailyRegister => Some("register"),
            _ => None,
        }
    }

    /// The stable name, in message catalogues (`receipt-<code>-…`) and in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Presentation => "presentation",
            Self::Registration => "registration",
            Self::Added => "added",
            Self::TakenInCharge => "taken-in-charge",
            Self::Withdrawal => "withdrawal",
            Self::MadeAvailable => "made-available",
            Self::CertifiedDelivery => "certified-delivery",
            Self::Opening => "opening",
            Self::DocumentWithdrawn => "document-withdrawn",
            Self::DelegationGranted => "delegation-granted",
            Self::DelegationRevoked => "delegation-revoked",
            Self::MandateGranted => "mandate-granted",
            Self::MandateRevoked => "mandate-revoked",
            Self::DailyRegister => "daily-register",
            Self::CardIssued => "card-issued",
            Self::CardRevoked => "card-revoked",
            Self::Outage => "outage",
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $subject:ident, $receipt:expr;)*) => {
        /// What happened. The text of each is its name in the leaf.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $variant,)* }

        impl Kind {
            /// Every kind, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the leaf.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whose history it belongs to.
            pub fn subject(self) -> SubjectKind {
                match self { $(Self::$variant => SubjectKind::$subject,)* }
            }

            /// The receipt that its holder gets, if any.
            pub fn receipt(self) -> Option<ReceiptKind> {
                match self { $(Self::$variant => $receipt,)* }
            }

            /// Reads a name; a name of a later version is `None` and still verifies.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// A person filed a message with an office.
    MessagePresented = "message.presented", Message, Some(ReceiptKind::Presentation);
    /// A letter of the office is ready, and waits for the number of an outside registry.
    MessagePrepared = "message.prepared", Message, None;
    /// A message, in or out, got its number.
    MessageRegistered = "message.registered", Message, Some(ReceiptKind::Registration);
    /// A field of a registration was corrected; the old value stays beside the new.
    RegistrationRectified = "registration.rectified", Message, None;
    /// A registration was annulled; its number stays.
    RegistrationAnnulled = "registration.annulled", Message, None;
    /// A scan or a copy was added to what came on paper.
    MessageScanned = "message.scanned", Message, None;
    /// A document got its number in a series.
    SeriesEntered = "series.entered", Message, None;
    /// A number of a series was annulled; it stays.
    SeriesAnnulled = "series.annulled", Message, None;
    /// A message got its class in the classification scheme, or another one.
    MessageClassified = "message.classified", Message, None;
    /// The emergency register was opened.
    EmergencyOpened = "emergency.opened", Register, None;
    /// The use of the emergency register was authorised for more days.
    EmergencyRenewed = "emergency.renewed", Register, None;
    /// The emergency register was closed: the ordinary one works again.
    EmergencyClosed = "emergency.closed", Register, None;
    /// A registration was ordered of an outside registry.
    RegistrationOrdered = "registration.ordered", Message, None;
    /// An outside registry is about to be asked for a step of a registration.
    RegistrationAttempted = "registration.attempted", Message, None;
    /// What an outside registry answered, or that its answer was lost.
    RegistrationAnswered = "registration.answered", Message, None;
    /// A person decided what becomes of an order that was in doubt or refused.
    RegistrationResolved = "registration.resolved", Message, None;
    /// An outside registry is about to be asked to annul a registration.
    RegistrationAnnulmentAsked = "registration.annulment_asked", Message, None;
    /// What an outside registry answered to that, or that its answer was lost.
    RegistrationAnnulmentAnswered = "registration.annulment_answered", Message, None;
    /// A day of a register is over: what was registered in it was written down.
    RegisterDayClosed = "register.day_closed", Register, Some(ReceiptKind::DailyRegister);
    /// The register of a closed day was handed to the preserver.
    RegisterHandedOver = "register.handed_over", Register, None;
    /// The preserver took a package, or refused it.
    PreserverAnswered = "preserver.answered", Register, None;
    /// Entries of a register that was kept before this one were brought.
    RegisterImported = "register.imported", Register, None;
    /// The person added to his own filing.
    MessageAddedTo = "message.added_to", Message, Some(ReceiptKind::Added);
    /// The message was assigned to an office, for competence or for knowledge.
    MessageAssigned = "message.assigned", Message, None;
    /// An office refused an assignment: for competence back to the protocol office, or for knowledge.
    MessageAssignmentRefused = "message.assignment_refused", Message, None;
    /// An operator of the office took charge.
    MessageTakenInCharge = "message.taken_in_charge", Message, Some(ReceiptKind::TakenInCharge);
    /// The office asks the person for something that is missing.
    MessageSupplementRequested = "message.supplement_requested", Message, None;
    /// The office answered.
    MessageAnswered = "message.answered", Message, None;
    /// The message ended without a letter: filed away, or sent on to the competent body.
    MessageConcluded = "message.concluded", Message, None;
    /// Another message has to do with it.
    MessageLinked = "message.linked", Message, None;
    /// Another message has nothing to do with it after all.
    MessageUnlinked = "message.unlinked", Message, None;
    /// An internal note, for colleagues only.
    MessageNoted = "message.noted", Message, None;
    /// The person withdrew his filing.
    MessageWithdrawn = "message.withdrawn", Message, Some(ReceiptKind::Withdrawal);
    /// A letter was prepared, and its signatures were asked for.
    SigningRequested = "signing.requested", Message, None;
    /// One of the signatures of a prepared letter was made.
    SigningSigned = "signing.signed", Message, None;
    /// A signer sent a prepared letter back.
    SigningReturned = "signing.returned", Message, None;
    /// The writer took a prepared letter back.
    SigningWithdrawn = "signing.withdrawn", Message, None;
    /// A document was put into the recipient's inbox.
    DeliveryMadeAvailable = "delivery.made_available", Delivery, Some(ReceiptKind::MadeAvailable);
    /// What was made available is no longer.
    DeliveryUnavailable = "delivery.unavailable", Delivery, None;
    /// A courtesy notice left.
    NoticeSent = "notice.sent", Delivery, None;
    /// A courtesy notice could not be sent.
    NoticeFailed = "notice.failed", Delivery, None;
    /// A register of digital domiciles was asked about the recipient of a letter.
    DomicileAsked = "domicile.asked", Message, None;
    /// A letter had been sent by another program of the office, and was found in its mailbox.
    SentElsewhere = "message.sent_elsewhere", Message, None;
    /// A letter is to go out by certified mail as well.
    PecOrdered = "pec.ordered", Delivery, None;
    /// A letter is about to be handed to the provider of certified mail.
    PecAttempted = "pec.attempted", Delivery, None;
    /// The provider of certified mail has a letter.
    PecSubmitted = "pec.submitted", Delivery, None;
    /// The provider of certified mail did not take a letter over SMTP.
    PecRefused = "pec.refused", Delivery, None;
    /// Whether the provider of certified mail has a letter is not known.
    PecInDoubt = "pec.in_doubt", Delivery, None;
    /// A person decided what becomes of a letter that was in doubt or refused.
    PecResolved = "pec.resolved", Delivery, None;
    /// Our provider of certified mail accepted a letter.
    PecAccepted = "pec.accepted", Delivery, None;
    /// Our provider of certified mail did not accept a letter.
    PecNotAccepted = "pec.not_accepted", Delivery, None;
    /// The recipient's provider took a letter over.
    PecProviderTakeover = "pec.provider_takeover", Delivery, None;
    /// A letter lies in the recipient's certified mailbox.
    PecDelivered = "pec.delivered", Delivery, Some(ReceiptKind::CertifiedDelivery);
    /// A letter could not be delivered by certified mail.
    PecUndelivered = "pec.undelivered", Delivery, None;
    /// A letter is not delivered by certified mail yet.
    PecLate = "pec.late", Delivery, None;
    /// A provider of certified mail found malware in a letter.
    PecVirus = "pec.virus", Delivery, None;
    /// A receipt of certified mail came that proves nothing.
    PecAnomaly = "pec.anomaly", Delivery, None;
    /// The mark that another body's registry put on a message was read.
    MarkRead = "mark.read", Message, None;
    /// The other body's registry is to be told what became of its message.
    MarkAnswered = "mark.answered", Message, None;
    /// Another body's registry said what became of a letter.
    MarkNotice = "mark.notice", Message, None;
    /// The recipient, or his delegate, opened.
    DeliveryOpened = "delivery.opened", Delivery, Some(ReceiptKind::Opening);
    /// A document was downloaded.
    DocumentDownloaded = "document.downloaded", Delivery, None;
    /// A program fetched a document: never an opening.
    DocumentFetched = "document.fetched", Delivery, None;
    /// A document was issued to a person.
    DocumentIssued = "document.issued", Document, None;
    /// A document sent to the wrong person was withdrawn.
    DocumentWithdrawn = "document.withdrawn", Document, Some(ReceiptKind::DocumentWithdrawn);
    /// Malware was found in a document: it is sealed away.
    DocumentQuarantined = "document.quarantined", Document, None;
    /// The signatures of a document were checked again, and more is known of them.
    DocumentVerdictRenewed = "document.verdict_renewed", Document, None;
    /// A message was put under a hold: nothing of it may be destroyed.
    MessageHeld = "message.held", Message, None;
    /// The hold on a message was lifted.
    MessageHoldLifted = "message.hold_lifted", Message, None;
    /// A case file was opened.
    CaseFileOpened = "casefile.opened", CaseFile, None;
    /// A message was filed into a case file.
    CaseFileFiled = "casefile.filed", CaseFile, None;
    /// A case file was closed.
    CaseFileClosed = "casefile.closed", CaseFile, None;
    /// A case file was put under a hold: nothing in it may be destroyed.
    CaseFileHeld = "casefile.held", CaseFile, None;
    /// The hold on a case file was lifted.
    CaseFileHoldLifted = "casefile.hold_lifted", CaseFile, None;
    /// A dossier of a case file was handed out.
    DossierExported = "dossier.exported", CaseFile, None;
    /// Messages past their term were proposed for destruction.
    DestructionProposed = "destruction.proposed", Destruction, None;
    /// An authority allowed a destruction, or part of it.
    DestructionAuthorised = "destruction.authorised", Destruction, None;
    /// A destruction is complete: no key opens what was destroyed.
    DestructionDone = "destruction.done", Destruction, None;
    /// A message was destroyed: the parts of its events, its documents and its receipts were erased.
    PartErased = "part.erased", Message, None;
    /// A card was issued to a person.
    CardIssued = "card.issued", Card, Some(ReceiptKind::CardIssued);
    /// A card is no good for a while.
    CardSuspended = "card.suspended", Card, None;
    /// The suspension of a card ended.
    CardResumed = "card.resumed", Card, None;
    /// A card was issued anew, with a later end.
    CardRenewed = "card.renewed", Card, None;
    /// A card is no good any more.
    CardRevoked = "card.revoked", Card, Some(ReceiptKind::CardRevoked);
    /// A person lets somebody read what is his.
    DelegationGranted = "delegation.granted", Delegation, Some(ReceiptKind::DelegationGranted);
    /// Whom it was granted accepts: from now on he may read.
    DelegationAccepted = "delegation.accepted", Delegation, None;
    /// One of the two ended a delegation.
    DelegationRevoked = "delegation.revoked", Delegation, Some(ReceiptKind::DelegationRevoked);
    /// A title to act for another was recorded, with the evidence of it.
    MandateGranted = "mandate.granted", Delegation, Some(ReceiptKind::MandateGranted);
    /// The evidence of a title was checked: from now on he may act.
    MandateConfirmed = "mandate.confirmed", Delegation, None;
    /// A title to act for another ended.
    MandateRevoked = "mandate.revoked", Delegation, Some(ReceiptKind::MandateRevoked);
    /// Somebody read by a mandate.
    ArchiveRead = "archive.read", Installation, None;
    /// Integrity was checked.
    IntegrityChecked = "integrity.checked", Installation, None;
    /// Somebody signed in.
    AccountSignedIn = "account.signed_in", Account, None;
    /// A person's contact was changed.
    AccountContactChanged = "account.contact_changed", Account, None;
    /// A person showed that an address of certified mail is his.
    AccountAddressProven = "account.address_proven", Account, None;
    /// An address of certified mail is not a person's any more.
    AccountAddressDropped = "account.address_dropped", Account, None;
    /// Somebody may sign in the place of another for some time.
    SubstituteNamed = "substitute.named", Account, None;
    /// A substitution ended before its last day.
    SubstituteEnded = "substitute.ended", Account, None;
    /// An operator was added or changed.
    UserChanged = "user.changed", Account, None;
    /// An operator's roles or offices were changed.
    RoleChanged = "role.changed", Account, None;
    /// An office was added or changed.
    OfficeChanged = "office.changed", Installation, None;
    /// A setting or a kind of message was changed.
    SettingChanged = "setting.changed", Installation, None;
    /// A new epoch of an administration's key was added.
    KeyAdded = "key.added", Installation, None;
    /// The key of an epoch was destroyed, after everything was wrapped again under a newer one.
    KeyRetired = "key.retired", Installation, None;
    /// A log was opened: the first leaf of each log.
    LogOpened = "log.opened", Installation, None;
    /// A command was used on the archive.
    ConsoleUsed = "console.used", Installation, None;
    /// A backup was made.
    BackupMade = "backup.made", Installation, None;
    /// A backup was restored.
    BackupRestored = "backup.restored", Installation, None;
    /// The database schema was migrated.
    SchemaMigrated = "schema.migrated", Installation, None;
    /// The service, or a part of it, was not available for a while.
    ServiceOutage = "service.outage", Installation, Some(ReceiptKind::Outage);
    /// The clock ran backwards or jumped.
    ClockAlarmed = "clock.alarmed", Installation, None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_is_unique() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|k| k.name()).collect();
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.name()), Some(*kind));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
        assert_eq!(Kind::parse("message.teleported"), None);
    }
}
