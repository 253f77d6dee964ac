//! What pages read: always through the authorisation function.

use plico_archive::read::message::{self, DeliveryRow, DocumentRow, MessageRow, NoteRow};
use plico_archive::read::receipt::{Order, ReceiptRow};
use plico_archive::read::{Cursor, body, destruction, history, inbox, queue, receipt, registry};
use plico_archive::{ActError, Work};
use plico_record::act::{Act, MessageConcluded};
use plico_record::actor::{Role, Who};
use plico_record::authority::{Deed, Thing, may};
use plico_record::message::Step;

use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// How long a stated reason opens a thing to an auditor (milliseconds): a working day.
const REASON_LASTS_MS: i64 = 8 * 3_600_000;

/// Whether a step fits the present state, asked inside the transaction.
pub(crate) async fn fits(work: &mut Work, message: &str, step: Step) -> Result<(), ActError<Refusal>> {
    match work.message(message).await? {
        None => refuse(Refusal::NotFound),
        Some(state) => state.check(step).map_err(|unfit| ActError::Refused(unfit.into())),
    }
}

/// A message as somebody sees it.
#[derive(Debug, Clone)]
pub struct MessageView {
    /// The message.
    pub message: MessageRow,
    /// Its documents; empty when only its data may be seen.
    pub documents: Vec<DocumentRow>,
    /// Whether text and documents may be read.
    pub content: bool,
    /// For the auditor: content opens after a stated reason.
    pub reason_needed: bool,
    /// Its deliveries.
    pub deliveries: Vec<DeliveryRow>,
    /// Notes for colleagues; empty for the person.
    pub notes: Vec<NoteRow>,
    /// The actor's receipts about it.
    pub receipts: Vec<ReceiptRow>,
    /// Those that are still being made.
    pub receipts_ordered: Vec<Order>,
    /// The register's entry.
    pub entry: Option<registry::Entry>,
    /// Its corrections.
    pub changes: Vec<registry::Change>,
    /// Everything that happened.
    pub history: Vec<history::Happened>,
    /// The conversation, oldest first, as far as the actor may see it.
    pub thread: Vec<MessageRow>,
    /// How it ended, when no letter ended it.
    pub conclusion: Option<MessageConcluded>,
    /// The deeds the actor may do to it, state aside.
    pub may: Vec<Deed>,
}

impl Desk {
    /// A message on which the actor may do a deed.
    pub(crate) async fn allowed_message(&self, actor: &Actor, deed: Deed, id: &str) -> Outcome<MessageRow> {
        let database = self.archive.database();
        let Some(row) = message::message(database, id).await? else { return refuse(Refusal::NotFound) };
        let thing = self.thing(actor, &row).await?;
        permit(actor, deed, &thing)?;
        self.still_there(&row).await?;
        Ok(row)
    }

    /// Whoever may know of a message that was destroyed is told so.
    pub(crate) async fn still_there(&self, row: &MessageRow) -> Outcome<()> {
        let Some(id) = &row.destruction else { return Ok(()) };
        let gone = destruction::one(self.archive.database(), id).await?;
        let (authority, number, date) = gone.map_or_else(Default::default, |gone| {
            (
                gone.authority.unwrap_or_default(),
                gone.number.unwrap_or_default(),
                gone.date.unwrap_or_default(),
            )
        });
        refuse(Refusal::Destroyed { authority, number, date })
    }

    /// For a document, or a receipt, that is not there: it may have gone with its message.
    pub(crate) async fn gone<T>(&self, actor: &Actor, id: &str) -> Outcome<T> {
        let message = destruction::former(self.archive.database(), id).await?;
        if let Some(message) = message {
            self.message(actor, &message).await?;
        }
        refuse(Refusal::NotFound)
    }

    pub(crate) async fn thing(&self, actor: &Actor, row: &MessageRow) -> Outcome<Thing> {
        let database = self.archive.database();
        let mut stated = false;
        if actor.has(Role::Auditor) {
            let since = self.archive.now_ms() - REASON_LASTS_MS;
            stated = history::reason_stated(database, &actor.account, &row.id, since).await?;
        }
        Ok(message::thing(database, row, stated).await?)
    }

    /// A message with everything around it that the actor may see.
    pub async fn message(&self, actor: &Actor, id: &str) -> Outcome<MessageView> {
        let database = self.archive.database();
        let Some(row) = message::message(database, id).await? else { return refuse(Refusal::NotFound) };
        let thing = self.thing(actor, &row).await?;
        let is_person = matches!(actor.who, Who::Person { .. });
        let mut content = may(actor, Deed::ReadContent, &thing).is_ok();
        let deliveries = message::deliveries(database, id).await?;
        let mut seen = may(actor, Deed::ReadMetadata, &thing).is_ok();
        if is_person && row.direction == "out" {
            // What came from an office is seen through the person's own delivery, opened first.
            seen = false;
            content = false;
            for delivery in &deliveries {
                if self.delivery(actor, Deed::ReadMetadata, &delivery.id).await.is_ok() {
                    seen = true;
                    content = delivery.opened_ms.is_some() && delivery.withdrawn_ms.is_none();
                }
            }
        }
        if !seen {
            return refuse(Refusal::NotFound);
        }
        self.still_there(&row).await?;
        let reason_needed = !content
            && may(actor, Deed::ReadContent, &thing) == Err(plico_record::authority::Denied::ReasonNeeded);
        let documents = if content { message::documents(database, id).await? } else { Vec::new() };
        let notes = if is_person || !content { Vec::new() } else { message::notes(database, id).await? };
        let (mut receipts, mut receipts_ordered) = (Vec::new(), Vec::new());
        if let Some(person) = actor.person() {
            receipts = receipt::of_message(database, id, person).await?;
            receipts_ordered = receipt::ordered(database, &row.administration, person).await?;
            receipts_ordered.retain(|order| order.message == id);
        }
        let mut thread = Vec::new();
        for other in message::thread(database, &row.thread).await? {
            let visible = if is_person && other.direction == "out" {
                let mut any = false;
                for delivery in message::deliveries(database, &other.id).await? {
                    any |= self.delivery(actor, Deed::ReadMetadata, &delivery.id).await.is_ok();
                }
                any
            } else {
                let thing = self.thing(actor, &other).await?;
                may(actor, Deed::ReadMetadata, &thing).is_ok()
            };
            if visible {
                thread.push(other);
            }
        }
        let mut row = row;
        if !content {
            row.text.clear();
        }
        Ok(MessageView {
            receipts_ordered,
            entry: registry::entry(database, id).await?,
            changes: registry::changes(database, id).await?,
            history: history::of_message(database, id).await?,
            conclusion: self.conclusion(id).await?,
            may: Deed::ALL.into_iter().filter(|deed| may(actor, *deed, &thing).is_ok()).collect(),
            message: row,
            documents,
            content,
            reason_needed,
            deliveries: if is_person {
                deliveries.into_iter().filter(|d| actor.person() == Some(&d.recipient)).collect()
            } else {
                deliveries
            },
            notes,
            receipts,
            thread,
        })
    }

    async fn conclusion(&self, id: &str) -> Outcome<Option<MessageConcluded>> {
        let events = history::of_message(self.archive.database(), id).await?;
        let Some(event) = events.iter().rfind(|event| event.kind == "message.concluded") else {
            return Ok(None);
        };
        let entry = self.archive.entry(event.log, event.idx).await?;
        Ok(entry.and_then(|entry| match entry.act {
            Act::MessageConcluded(act) => Some(act),
            _ => None,
        }))
    }

    /// A page of a person's messages.
    pub async fn inbox(
        &self,
        actor: &Actor,
        filter: &inbox::Filter,
        most: usize,
    ) -> Outcome<(Vec<inbox::Line>, Option<Cursor>)> {
        let person = Self::own(actor)?;
        Ok(inbox::lines(self.archive.database(), &actor.administration, &person, filter, most).await?)
    }

    /// How many messages a person has not opened.
    pub async fn unopened(&self, actor: &Actor) -> Outcome<i64> {
        let person = Self::own(actor)?;
        Ok(inbox::tally(self.archive.database(), &actor.administration, &person, "unopened").await?)
    }

    /// A person's drafts; none for whoever only reads for him: what was not sent is nobody's to read.
    pub async fn drafts(&self, actor: &Actor) -> Outcome<Vec<inbox::DraftRow>> {
        let person = Self::own(actor)?;
        if may(actor, Deed::File, &Thing::Administration { id: actor.administration.clone() }).is_err() {
            return Ok(Vec::new());
        }
        Ok(inbox::drafts(self.archive.database(), &actor.administration, &person).await?)
    }

    /// A person's documents.
    pub async fn documents(&self, actor: &Actor) -> Outcome<Vec<inbox::Owned>> {
        let person = Self::own(actor)?;
        Ok(inbox::documents(self.archive.database(), &actor.administration, &person).await?)
    }

    /// The person whose lists these are.
    pub(crate) fn own(actor: &Actor) -> Result<String, ActError<Refusal>> {
        if let Who::Person { person, acts_for, reads_for, on_behalf_of: Some(other) } = &actor.who
            && other != person
            && !acts_for.contains(other)
            && !reads_for.contains(other)
        {
            return refuse(Refusal::NotFound);
        }
        actor.person().map(str::to_owned).ok_or(ActError::Refused(Refusal::Forbidden))
    }

    /// A page of the queue of the actor's offices; the protocol office and the records manager see all.
    pub async fn queue(
        &self,
        actor: &Actor,
        filter: &queue::Filter,
        cursor: &Cursor,
        most: usize,
    ) -> Outcome<(Vec<MessageRow>, Option<Cursor>)> {
        let offices = Self::seen_offices(actor)?;
        let database = self.archive.database();
        Ok(queue::lines(database, &actor.administration, offices.as_deref(), filter, cursor, most).await?)
    }

    /// How many messages wait in each of the actor's offices.
    pub async fn waiting(&self, actor: &Actor) -> Outcome<Vec<(body::Office, i64)>> {
        let seen = Self::seen_offices(actor)?;
        let mut counts = Vec::new();
        for office in body::offices(self.archive.database(), &actor.administration).await? {
            if seen.as_ref().is_none_or(|seen| seen.contains(&office.id)) {
                let database = self.archive.database();
                let count = inbox::tally(database, &actor.administration, &office.id, "waiting").await?;
                counts.push((office, count));
            }
        }
        Ok(counts)
    }

    /// `None`: all offices.
    pub(crate) fn seen_offices(actor: &Actor) -> Result<Option<Vec<String>>, ActError<Refusal>> {
        match &actor.who {
            Who::Staff { roles, offices, protocol_office } => {
                if roles.contains(&Role::RecordsManager)
                    || (*protocol_office && roles.contains(&Role::Operator))
                {
                    Ok(None)
                } else if roles.contains(&Role::Operator) {
                    Ok(Some(offices.clone()))
                } else {
                    refuse(Refusal::Forbidden)
                }
            }
            Who::System | Who::Console => Ok(None),
            _ => refuse(Refusal::NotFound),
        }
    }

    /// Case files of the actor's offices; the records manager and the auditor see all.
    pub async fn cases(
        &self,
        actor: &Actor,
        filter: &queue::CaseFilter,
        most: usize,
    ) -> Outcome<Vec<queue::CaseRow>> {
        let all = actor.has(Role::Auditor) || actor.has(Role::RecordsManager);
        // The protocol office sees what comes in, and of case files those of its own.
        let offices = match (&actor.who, all) {
            (_, true) => None,
            (Who::Staff { offices, .. }, false) => {
                Self::seen_offices(actor)?.or_else(|| Some(offices.clone()))
            }
            _ => Self::seen_offices(actor)?,
        };
        let database = self.archive.database();
        let rows = queue::cases(database, &actor.administration, offices.as_deref(), filter, most).await?;
        Ok(rows
            .into_iter()
            .filter(|row| {
                let thing = Thing::CaseFile {
                    administration: row.administration.clone(),
                    office: row.office.clone(),
                };
                may(actor, Deed::ReadMetadata, &thing).is_ok()
            })
            .collect())
    }

    /// The messages of a case file that the actor may see.
    pub async fn case_messages(&self, actor: &Actor, id: &str) -> Outcome<Vec<MessageRow>> {
        self.case(actor, Deed::ReadMetadata, id).await?;
        Ok(queue::case_messages(self.archive.database(), id).await?)
    }

    /// Entries of the register below a number, highest first.
    pub async fn register_entries(
        &self,
        actor: &Actor,
        year: i32,
        below: i64,
        most: usize,
    ) -> Outcome<Vec<registry::Entry>> {
        Self::may_read_register(actor)?;
        Ok(registry::entries(self.archive.database(), &actor.administration, year, below, most).await?)
    }

    /// The years that have entries.
    pub async fn register_years(&self, actor: &Actor) -> Outcome<Vec<i32>> {
        Self::may_read_register(actor)?;
        Ok(registry::years(self.archive.database(), &actor.administration).await?)
    }

    /// Offices of an administration that are open today.
    pub async fn open_offices(&self, administration: &str) -> Outcome<Vec<body::Office>> {
        let today = plico_record::day::LegalDay::at(self.archive.now_ms()).to_string();
        let offices = body::offices(self.archive.database(), administration).await?;
        Ok(offices
            .into_iter()
            .filter(|o| o.valid_from <= today && o.valid_until.as_ref().is_none_or(|until| *until >= today))
            .collect())
    }
}
