//! What a receipt says, gathered before it is laid out. What differs from subject to subject is in a file of its own.

use plico_archive::read::queue;
use plico_archive::read::receipt::Order;
use plico_locale::Args;
use plico_pdf::paper::{Arms, Fact};
use plico_record::act::Act;
use plico_record::event::{Kind, ReceiptKind};

use super::card::CardFacts;
use super::delegation::DelegationFacts;
use super::message::MessageFacts;
use super::outage::OutageFacts;
use super::register::RegisterFacts;
use crate::paper::Words;
use crate::{Desk, Outcome};

/// Everything a receipt says.
pub(super) struct Facts {
    pub(super) kind: ReceiptKind,
    pub(super) body: String,
    pub(super) arms: Option<Arms>,
    /// Name of the holder; empty for what everybody may have.
    pub(super) who: String,
    /// Who did it is the holder's to know.
    pub(super) names_actor: bool,
    pub(super) when_ms: i64,
    pub(super) subject: Subject,
    pub(super) origin: String,
    pub(super) index: i64,
    pub(super) size: i64,
    pub(super) url: String,
    pub(super) demo: bool,
    pub(super) id: String,
}

impl Facts {
    /// The instant that it attests: of what came on paper, when it arrived; of certified mail, what its provider says.
    pub(super) fn told_ms(&self) -> i64 {
        match &self.subject {
            Subject::Message(facts) if self.kind == ReceiptKind::Presentation => {
                facts.message.arrived_ms.unwrap_or(self.when_ms)
            }
            Subject::Message(facts) => facts.certified.as_ref().map_or(self.when_ms, |one| one.at),
            _ => self.when_ms,
        }
    }
}

/// What a receipt is about.
pub(super) enum Subject {
    Message(Box<MessageFacts>),
    Delegation(DelegationFacts),
    Card(Box<CardFacts>),
    Outage(OutageFacts),
    Register(Box<RegisterFacts>),
}

impl Subject {
    /// The office that stands on the page's head.
    pub(super) fn office(&self) -> &str {
        match self {
            Self::Message(message) => &message.office,
            _ => "",
        }
    }

    /// What the leading sentence of a kind may name.
    pub(super) fn lead(&self, words: &Words<'_>, args: Args) -> Args {
        match self {
            Self::Message(message) => message.lead(args),
            Self::Delegation(delegation) => delegation.lead(args),
            Self::Card(card) => card.lead(args),
            Self::Outage(outage) => outage.lead(words, args),
            Self::Register(register) => register.lead(words, args),
        }
    }

    pub(super) fn listed(&self, words: &Words<'_>) -> Vec<Fact> {
        match self {
            Self::Message(message) => message.listed(words),
            Self::Delegation(delegation) => delegation.listed(words),
            Self::Card(card) => card.listed(words),
            Self::Outage(outage) => outage.listed(words),
            Self::Register(register) => register.listed(words),
        }
    }

    /// The end of the file's name: the number, or an identifier.
    pub(super) fn name(&self, id: &str) -> String {
        match self {
            Self::Message(message) => message.name(),
            Self::Delegation(delegation) => delegation.id.clone(),
            Self::Card(card) => card.row.id.clone(),
            Self::Outage(_) => id.into(),
            Self::Register(register) => register.act.day.clone(),
        }
    }
}

impl Desk {
    /// `None` when what it is about is not there.
    pub(super) async fn facts(
        &self,
        administration: &str,
        order: &Order,
        origin: &str,
        size: i64,
    ) -> Outcome<Option<Facts>> {
        let Some(event) = self.archive.entry(order.log, order.index).await? else { return Ok(None) };
        let Some(kind) = Kind::parse(event.act.kind().name()).and_then(Kind::receipt) else {
            return Ok(None);
        };
        let (subject, names_actor) = match &event.act {
            Act::ServiceOutage(act) => (Some(Subject::Outage(OutageFacts(act.clone()))), false),
            Act::RegisterDayClosed(act) => {
                let facts = self.register_facts(&event, act).await?;
                (facts.map(|facts| Subject::Register(Box::new(facts))), false)
            }
            Act::CardIssued(_) | Act::CardRevoked(_) => {
                let facts = self.card_facts(&event).await?;
                (facts.map(|facts| Subject::Card(Box::new(facts))), true)
            }
            Act::DelegationGranted(_)
            | Act::DelegationRevoked(_)
            | Act::MandateGranted(_)
            | Act::MandateRevoked(_) => match self.delegation_facts(&event, &order.holder).await? {
                Some((facts, names_actor)) => (Some(Subject::Delegation(facts)), names_actor),
                None => (None, false),
            },
            _ => {
                let facts = self.message_facts(administration, &event, &order.message).await?;
                (facts.map(|facts| Subject::Message(Box::new(facts))), true)
            }
        };
        let Some(subject) = subject else { return Ok(None) };
        let body = match &event.act {
            Act::ServiceOutage(act) => self.outage_body(act.administration.as_deref()).await?,
            _ => self.body_name(administration).await?,
        };
        let holder = queue::person(self.archive.database(), &order.holder).await?;
        Ok(Some(Facts {
            kind,
            body,
            arms: self.arms(administration).await?,
            who: holder.map_or_else(String::new, |person| person.name),
            names_actor,
            when_ms: event.at.instant_ms,
            subject,
            origin: origin.into(),
            index: order.index,
            size,
            url: format!("{}/verifica", self.public_url),
            demo: self.archive.is_demo().await?,
            id: self.fresh_id(),
        }))
    }
}
