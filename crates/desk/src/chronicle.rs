//! What happened, told to whoever works for the body: each event with its author and what it says.

use plico_archive::read::history::{self, Happened};
use plico_archive::read::{body, ledger, message};
use plico_record::act::Act;
use plico_record::actor::{Role, Who};
use plico_record::authority::{Deed, Thing};
use plico_record::part::registration_number;

use crate::refusal::{permit, refuse};
use crate::view::MessageView;
use crate::{Actor, Desk, Outcome, Refusal};

/// An event, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Kind, as the leaf names it: `message.presented`.
    pub kind: String,
    /// UTC milliseconds.
    pub at: i64,
    /// Name of who did it; none when the program itself did.
    pub who: Option<String>,
    /// What it says, in the words of its author.
    pub note: Option<String>,
    /// What it says as a key of the catalogues: `outcome-granted`.
    pub word: Option<String>,
    /// Index in the log.
    pub index: i64,
}

/// A finished integrity check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// UTC milliseconds.
    pub at: i64,
    /// `archive` or the identifier of a message.
    pub scope: String,
    /// Who asked for it.
    pub who: String,
    /// Nothing was wrong.
    pub clean: bool,
    /// What was wrong.
    pub findings: Vec<String>,
}

/// Kinds whose note is what somebody wrote about the content of a message.
const WORDS: [&str; 11] = [
    "mark.answered",
    "mark.notice",
    "message.held",
    "message.hold_lifted",
    "pec.resolved",
    "message.assignment_refused",
    "message.concluded",
    "message.linked",
    "message.withdrawn",
    "delivery.unavailable",
    "document.withdrawn",
];

impl Desk {
    /// The history of a message that the actor sees.
    pub async fn chronicle(&self, actor: &Actor, view: &MessageView) -> Outcome<Vec<Told>> {
        self.tell(actor, &view.history, view.content).await
    }

    /// The whole history of a case file: its own and that of each message in it, oldest first.
    pub async fn case_chronicle(&self, actor: &Actor, id: &str) -> Outcome<Vec<Told>> {
        let case = self.case(actor, Deed::ReadMetadata, id).await?;
        let database = self.archive.database();
        let mut all = history::of_subject(database, "case_file", &case.id).await?;
        for row in self.case_messages(actor, id).await? {
            all.extend(history::of_message(database, &row.id).await?);
        }
        all.sort_by_key(|event| (event.instant_ms, event.log, event.idx));
        // Whoever reads by a mandate states his reason at each message.
        self.tell(actor, &all, !actor.has(Role::Auditor)).await
    }

    /// `reads`: whether the content of the messages is shown to him already; what people wrote of it is content, too.
    async fn tell(&self, actor: &Actor, events: &[Happened], reads: bool) -> Outcome<Vec<Told>> {
        if matches!(actor.who, Who::Person { .. } | Who::Anybody) {
            return refuse(Refusal::NotFound);
        }
        let mut told = Vec::with_capacity(events.len());
        for event in events {
            let mut line = Told {
                kind: event.kind.clone(),
                at: event.instant_ms,
                who: None,
                note: None,
                word: None,
                index: event.idx,
            };
            // What was erased, or comes from a later version, is told without its author.
            if let Some(entry) = self.archive.entry(event.log, event.idx).await? {
                line.who = Some(entry.actor.name)
                    .filter(|name| entry.actor.capacity != "system" && !name.is_empty());
                self.say(entry.act, &mut line).await?;
                if !reads && WORDS.contains(&event.kind.as_str()) {
                    line.note = None;
                }
            }
            told.push(line);
        }
        Ok(told)
    }

    async fn say(&self, act: Act, line: &mut Told) -> Outcome<()> {
        let database = self.archive.database();
        let note = match act {
            Act::MessageRegistered(act) => format!("n. {}", registration_number(act.number, act.year)),
            Act::RegistrationRectified(act) => format!("«{}» → «{}». {}", act.old, act.new, act.reason),
            Act::RegistrationAnnulled(act) => format!("{}. {}", act.authorisation, act.reason),
            Act::SeriesEntered(act) => format!("{} {}/{}", act.title, act.number, act.year),
            Act::SeriesAnnulled(act) => {
                format!("{} {}/{}. {}. {}", act.series, act.number, act.year, act.authorisation, act.reason)
            }
            Act::MessageAssigned(act) => {
                line.word = Some(format!("purpose-{}", act.purpose));
                let office = body::office(database, &act.office).await?;
                let office = office.map_or(act.office, |office| office.name);
                match act.operator {
                    Some(account) => {
                        let known = body::operator(database, &account).await?;
                        format!("{office}, {}", known.map_or(account, |operator| operator.name))
                    }
                    None => office,
                }
            }
            Act::MessageAssignmentRefused(act) => act.reason,
            Act::MessageTakenInCharge(act) => act.responsible,
            Act::MessageConcluded(act) => {
                line.word = Some(format!("outcome-{}", act.how));
                let to = act.body.map(|body| {
                    let more = [body.ipa_code, body.pec].into_iter().filter(|text| !text.is_empty());
                    std::iter::once(body.name).chain(more).collect::<Vec<_>>().join(", ")
                });
                to.into_iter().chain([act.reason]).collect::<Vec<_>>().join(". ")
            }
            // Which message it is stands beside, for whoever may see it.
            Act::MessageLinked(act) => act.reason,
            Act::MessageAnswered(act) => {
                line.word = Some(format!("outcome-{}", act.outcome));
                String::new()
            }
            Act::MessageWithdrawn(act) => act.reason,
            Act::DeliveryMadeAvailable(act) => message::delivery(database, &act.delivery)
                .await?
                .map_or(String::new(), |row| row.recipient_name),
            Act::DeliveryUnavailable(act) => act.reason,
            Act::NoticeSent(act) => act.answer,
            Act::NoticeFailed(act) => act.answer,
            Act::SentElsewhere(act) => act.to.join(", "),
            Act::DomicileAsked(act) => {
                line.word = Some(format!("domicile-said-{}", act.outcome));
                act.addresses.into_iter().map(|one| one.address).collect::<Vec<_>>().join(", ")
            }
            Act::PecOrdered(act) => act.to,
            Act::MarkRead(act) => format!("{} ({})", act.sender, act.from.administration),
            Act::MarkAnswered(act) => {
                line.word = Some(format!("exchange-kind-{}", act.kind));
                act.reason
            }
            Act::MarkNotice(act) => {
                line.word = Some(format!("exchange-heard-{}", act.kind));
                act.reason
            }
            Act::PecSubmitted(act) => act.answer,
            Act::PecRefused(act) => act.answer,
            Act::PecInDoubt(act) => act.answer,
            Act::PecResolved(act) => act.reason,
            Act::PecNotAccepted(act) => act.0.words,
            Act::PecUndelivered(act) => act.0.words,
            Act::PecLate(act) => act.0.words,
            Act::PecVirus(act) => act.0.words,
            Act::DocumentWithdrawn(act) => act.reason,
            Act::DocumentQuarantined(act) => act.found,
            Act::MessageHeld(act) => act.reason,
            Act::MessageHoldLifted(act) => act.reason,
            Act::CaseFileHeld(act) => act.reason,
            Act::CaseFileHoldLifted(act) => act.reason,
            Act::PartErased(act) => format!("{}, n. {} ({})", act.authority, act.number, act.date),
            Act::CaseFileFiled(act) => match message::message(database, &act.message).await? {
                Some(row) => row.registration_number().map_or(row.subject, |number| format!("n. {number}")),
                None => String::new(),
            },
            _ => String::new(),
        };
        line.note = Some(note).filter(|note| !note.trim().is_empty());
        Ok(())
    }

    /// The newest integrity checks of the administration.
    pub async fn checks(&self, actor: &Actor, most: usize) -> Outcome<Vec<Checked>> {
        permit(actor, Deed::CheckIntegrity, &Thing::Administration { id: actor.administration.clone() })?;
        self.checks_done(&actor.administration, most).await
    }

    pub(crate) async fn checks_done(&self, administration: &str, most: usize) -> Outcome<Vec<Checked>> {
        let events =
            ledger::newest(self.archive.database(), administration, "integrity.checked", most).await?;
        let mut checks = Vec::with_capacity(events.len());
        for event in events {
            let Some(entry) = self.archive.entry(event.log, event.idx).await? else { continue };
            if let Act::IntegrityChecked(act) = entry.act {
                checks.push(Checked {
                    at: event.instant_ms,
                    scope: act.scope,
                    who: entry.actor.name,
                    clean: act.clean,
                    findings: act.findings,
                });
            }
        }
        Ok(checks)
    }
}
