//! The one function that answers "may this actor do this act on this thing", asked of the thing itself.

use crate::actor::{Actor, Role, Who};

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// File a message with an office.
    File,
    /// Answer a message in one's inbox, or go on with one's own.
    Reply,
    /// Add to one's own filing.
    Add,
    /// Withdraw one's own filing.
    Withdraw,
    /// See that it exists and its data.
    ReadMetadata,
    /// Read text and documents.
    ReadContent,
    /// Open a delivery: proof of knowledge.
    Open,
    /// Take in and register what came by hand, by post or in any other way than the portal.
    TakeIn,
    /// Assign, or refuse an assignment.
    Assign,
    /// Refuse an assignment for knowledge.
    Decline,
    /// Take charge.
    TakeInCharge,
    /// Write a note for colleagues.
    Note,
    /// Write or answer to the person, or issue a document to him.
    Answer,
    /// Sign a prepared letter, or send it back.
    Sign,
    /// Name who signs in the place of an officer.
    NameSubstitute,
    /// Withdraw a document sent to the wrong person.
    WithdrawDocument,
    /// Issue, suspend, renew or revoke a card.
    IssueCard,
    /// Open, fill or close a case file.
    CaseFile,
    /// Read the register.
    ReadRegister,
    /// Correct an entry.
    Rectify,
    /// Annul an entry.
    Annul,
    /// Search the whole archive.
    Search,
    /// Check integrity.
    CheckIntegrity,
    /// See who looked at what.
    ReadAccessLog,
    /// Fetch the leaves of a log, which name nobody.
    ReadLog,
    /// One's own contact, delegations and programs.
    ManageAccount,
    /// Record, confirm or end a title to act for another.
    RecordMandate,
    /// Set and lift holds; propose a destruction, record its authorisation, carry it out.
    Destroy,
    /// Users, offices, kinds, channels, limits.
    Administer,
    /// Bodies, keys, backups, health.
    AdministerHub,
    /// Verify a receipt, a document with its code, a card.
    Verify,
}

impl Deed {
    /// Every deed, for tests that cover the table.
    pub const ALL: [Self; 31] = [
        Self::File,
        Self::Reply,
        Self::Add,
        Self::Withdraw,
        Self::ReadMetadata,
        Self::ReadContent,
        Self::Open,
        Self::TakeIn,
        Self::Assign,
        Self::Decline,
        Self::TakeInCharge,
        Self::Note,
        Self::Answer,
        Self::Sign,
        Self::NameSubstitute,
        Self::WithdrawDocument,
        Self::IssueCard,
        Self::CaseFile,
        Self::ReadRegister,
        Self::Rectify,
        Self::Annul,
        Self::Search,
        Self::CheckIntegrity,
        Self::ReadAccessLog,
        Self::ReadLog,
        Self::ManageAccount,
        Self::RecordMandate,
        Self::Destroy,
        Self::Administer,
        Self::AdministerHub,
        Self::Verify,
    ];
}

/// What it is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// An administration as a whole: its desk, register, settings.
    Administration {
        /// Identifier.
        id: String,
    },
    /// A message.
    Message {
        /// Administration.
        administration: String,
        /// The person who sent it, for what came in.
        sender: Option<String>,
        /// The persons it was made available to.
        recipients: Vec<String>,
        /// The office assigned for competence.
        office: String,
        /// Offices that know of it.
        knowledge: Vec<String>,
        /// The auditor stated a reason and it was recorded.
        reason_stated: bool,
    },
    /// A delivery: one recipient's copy.
    Delivery {
        /// Administration.
        administration: String,
        /// The recipient.
        recipient: String,
        /// The sending office.
        office: String,
        /// It was withdrawn.
        withdrawn: bool,
    },
    /// A case file.
    CaseFile {
        /// Administration.
        administration: String,
        /// Its office.
        office: String,
    },
    /// A digital card.
    Card {
        /// Administration.
        administration: String,
        /// Whose it is; none while it is not issued.
        holder: Option<String>,
        /// The office that issues it.
        office: String,
    },
    /// A letter that waits for signatures, or waited.
    Letter {
        /// Administration.
        administration: String,
        /// Account of who wrote it.
        author: String,
        /// Accounts of those who may sign it now: whose turn it is, and who substitutes him.
        signers: Vec<String>,
        /// Accounts of all whose signature is asked for.
        asked: Vec<String>,
    },
    /// An operator.
    Officer {
        /// Administration.
        administration: String,
        /// His account.
        account: String,
    },
    /// A person's account with an administration.
    Person {
        /// Administration.
        administration: String,
        /// The person.
        person: String,
    },
    /// The installation.
    Installation,
}

impl Thing {
    fn administration(&self) -> Option<&str> {
        match self {
            Self::Administration { id } => Some(id),
            Self::Message { administration, .. }
            | Self::Delivery { administration, .. }
            | Self::Card { administration, .. }
            | Self::Letter { administration, .. }
            | Self::Officer { administration, .. }
            | Self::Person { administration, .. }
            | Self::CaseFile { administration, .. } => Some(administration),
            Self::Installation => None,
        }
    }
}

/// A no. `Hidden` is answered like a thing that does not exist, so that nobody learns that it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Not his: answered as "not found".
    #[error("there is no such thing here for you")]
    Hidden,
    /// He may know that it exists, but not do this.
    #[error("this act is not yours to do")]
    Forbidden,
    /// He may read the content after stating a reason.
    #[error("state the reason for reading first")]
    ReasonNeeded,
}

/// May `actor` do `deed` to `thing`? The table of product.md, line by line; every cell is a test.
pub fn may(actor: &Actor, deed: Deed, thing: &Thing) -> Result<(), Denied> {
    if deed == Deed::Verify {
        return Ok(());
    }
    if matches!(actor.who, Who::System | Who::Console) {
        return Ok(());
    }
    // Nothing of another administration exists for anybody.
    if thing.administration().is_some_and(|id| id != actor.administration) {
        return Err(Denied::Hidden);
    }
    match &actor.who {
        Who::Anybody => Err(Denied::Hidden),
        Who::Person { .. } => person_may(actor, deed, thing),
        Who::Staff { .. } => staff_may(actor, deed, thing),
        Who::System | Who::Console => Ok(()),
    }
}

fn person_may(actor: &Actor, deed: Deed, thing: &Thing) -> Result<(), Denied> {
    let Who::Person { person, acts_for, reads_for, on_behalf_of } = &actor.who else {
        return Err(Denied::Hidden);
    };
    let acting = on_behalf_of.as_ref().unwrap_or(person);
    // Acting for another needs a mandate, reading for him a delegation; without either the session is nobody's.
    let acts = acting == person || acts_for.contains(acting);
    if !acts && !reads_for.contains(acting) {
        return Err(Denied::Hidden);
    }
    let own = |owner: &String| acts && owner == acting;
    // For another he reads only while he says so: at his own desk nobody sees another's things among his own.
    let reads = |owner: &String| owner == acting;
    match (deed, thing) {
        (Deed::File, Thing::Administration { .. }) if acts => Ok(()),
        (Deed::File, Thing::Administration { .. }) => Err(Denied::Forbidden),
        (Deed::ManageAccount, Thing::Person { person, .. }) if own(person) => Ok(()),
        (Deed::ManageAccount, Thing::Person { person, .. }) if reads(person) => Err(Denied::Forbidden),
        (Deed::Add | Deed::Withdraw, Thing::Message { sender: Some(sender), .. }) if own(sender) => Ok(()),
        (Deed::Add | Deed::Withdraw, Thing::Message { sender: Some(sender), .. }) if reads(sender) => {
            Err(Denied::Forbidden)
        }
        (Deed::Reply, Thing::Message { sender, recipients, .. })
            if sender.iter().chain(recipients).any(own) =>
        {
            Ok(())
        }
        (Deed::Reply, Thing::Message { sender, recipients, .. })
            if sender.iter().chain(recipients).any(reads) =>
        {
            Err(Denied::Forbidden)
        }
        (Deed::ReadMetadata | Deed::ReadContent, Thing::Message { sender: Some(sender), .. })
            if reads(sender) =>
        {
            Ok(())
        }
        // What was withdrawn stays known to have been there; its content is no longer served.
        (Deed::ReadMetadata, Thing::Delivery { recipient, .. }) if reads(recipient) => Ok(()),
        (Deed::ReadContent | Deed::Open, Thing::Delivery { recipient, withdrawn, .. })
            if reads(recipient) =>
        {
            if *withdrawn {
                Err(Denied::Forbidden)
            } else {
                Ok(())
            }
        }
        (Deed::ReadContent, Thing::Card { holder: Some(holder), .. }) if reads(holder) => Ok(()),
        _ => Err(Denied::Hidden),
    }
}

fn staff_may(actor: &Actor, deed: Deed, thing: &Thing) -> Result<(), Denied> {
    let manager = actor.has(Role::RecordsManager);
    let operator = actor.has(Role::Operator);
    let auditor = actor.has(Role::Auditor);
    let protocol = actor.in_protocol_office();
    let granted = match (deed, thing) {
        (Deed::Administer, Thing::Administration { .. }) => actor.has(Role::Administrator),
        (Deed::RecordMandate, Thing::Administration { .. }) => manager,
        (Deed::Destroy, Thing::Administration { .. } | Thing::Message { .. } | Thing::CaseFile { .. }) => {
            manager
        }
        (Deed::AdministerHub, Thing::Installation) => actor.has(Role::HubAdministrator),
        (Deed::Rectify | Deed::Annul, Thing::Administration { .. } | Thing::Message { .. }) => manager,
        (Deed::ReadRegister, Thing::Administration { .. }) => manager || operator || auditor,
        (Deed::Search, Thing::Administration { .. }) => auditor || manager,
        (Deed::CheckIntegrity, _) => auditor || manager,
        (Deed::ReadAccessLog, Thing::Administration { .. }) => auditor || manager,
        (Deed::ReadLog, Thing::Administration { .. } | Thing::Installation) => auditor,
        (Deed::Answer | Deed::CaseFile | Deed::IssueCard, Thing::Administration { .. }) => operator,
        (Deed::Sign, Thing::Administration { .. }) => operator,
        (Deed::Sign, Thing::Letter { signers, .. }) => operator && signers.contains(&actor.account),
        (Deed::Withdraw, Thing::Letter { author, .. }) => operator && *author == actor.account,
        (Deed::ReadContent, Thing::Letter { author, signers, asked, .. }) => {
            operator && [author].into_iter().chain(signers).chain(asked).any(|one| *one == actor.account)
        }
        (Deed::NameSubstitute, Thing::Officer { account, .. }) => {
            manager || (operator && *account == actor.account)
        }
        (Deed::IssueCard, Thing::Card { office, .. }) => actor.in_office(office),
        (Deed::ReadContent, Thing::Card { office, .. }) => manager || actor.in_office(office),
        (Deed::CaseFile, Thing::CaseFile { office, .. }) => manager || actor.in_office(office),
        (Deed::ReadMetadata, Thing::CaseFile { office, .. }) => manager || auditor || actor.in_office(office),
        (Deed::ReadMetadata, Thing::Message { office, knowledge, .. }) => {
            manager
                || auditor
                || protocol
                || actor.in_office(office)
                || knowledge.iter().any(|o| actor.in_office(o))
        }
        (Deed::ReadContent, Thing::Message { office, knowledge, reason_stated, .. }) => {
            if auditor && !manager && !actor.in_office(office) {
                return if *reason_stated { Ok(()) } else { Err(Denied::ReasonNeeded) };
            }
            manager || protocol || actor.in_office(office) || knowledge.iter().any(|o| actor.in_office(o))
        }
        (Deed::TakeIn, Thing::Administration { .. }) => manager || (operator && protocol),
        (Deed::TakeIn, Thing::Message { office, .. }) => manager || protocol || actor.in_office(office),
        (Deed::Assign, Thing::Message { office, .. }) => manager || protocol || actor.in_office(office),
        (Deed::Decline, Thing::Message { knowledge, .. }) => knowledge.iter().any(|o| actor.in_office(o)),
        (Deed::TakeInCharge | Deed::Note, Thing::Message { office, .. }) => {
            manager || actor.in_office(office)
        }
        (Deed::Answer | Deed::CaseFile, Thing::Message { office, .. }) => actor.in_office(office),
        (Deed::ReadMetadata | Deed::ReadContent | Deed::WithdrawDocument, Thing::Delivery { office, .. }) => {
            manager || actor.in_office(office)
        }
        _ => false,
    };
    if granted {
        return Ok(());
    }
    // Who may see the thing is told that the act is not his; to others it does not exist.
    let sees = match thing {
        Thing::Message { .. } | Thing::CaseFile { .. } if deed != Deed::ReadMetadata => {
            staff_may(actor, Deed::ReadMetadata, thing).is_ok()
        }
        Thing::Letter { .. } if deed != Deed::ReadContent => {
            staff_may(actor, Deed::ReadContent, thing).is_ok()
        }
        Thing::Administration { .. } | Thing::Installation => true,
        _ => false,
    };
    Err(if sees { Denied::Forbidden } else { Denied::Hidden })
}

#[cfg(test)]
mod tests;
