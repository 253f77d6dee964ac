//! The registration that follows an order, and what waited for it: with the number of an outside registry, or with one of ours
//! where a person decides that none will come from there.

use plico_archive::read::message;
use plico_archive::read::order::OrderRow;
use plico_archive::{ActError, NewEvent, Work};
use plico_record::act::MessageRegistered;
use plico_record::part::{OutsideNumber, RegisterPart, RegisteredDocument};
use plico_registry::{Flow, Numbered, Order};

use crate::issue::{Leaving, leave};
use crate::refusal::fault;
use crate::{Actor, Desk, Outcome, Refusal};

/// A number that came: its registration, the documents whose signatures are to be looked at with it, and what follows for a
/// letter that waited for it.
pub(crate) struct Numbering {
    part: RegisterPart,
    sender: Option<String>,
    signed: Vec<String>,
    leaving: Option<Leaving>,
}

impl Numbering {
    /// Enters it: the message is registered, and what waited for that follows.
    pub(crate) async fn enter(
        mut self,
        work: &mut Work,
        actor: &Actor,
        message: &str,
    ) -> Result<(), ActError<Refusal>> {
        if self.part.outside.is_none() {
            let number = work.next_number(&actor.administration).await?;
            self.part.area = number.area;
            (self.part.year, self.part.number) = (number.year, number.number);
        }
        let act = MessageRegistered {
            message: message.into(),
            area: self.part.area.clone(),
            year: self.part.year,
            number: self.part.number,
            direction: self.part.direction.clone(),
            outgoing: None,
            formation: None,
            from_office: None,
        };
        let mut event = NewEvent::by(actor, message, act);
        event.register = Some(self.part);
        event.receipts = self.sender.into_iter().map(|person| (person, message.to_owned())).collect();
        work.append(event).await?;
        if let Some((follows, cites)) = self.leaving {
            leave(work, actor, message, follows, cites).await?;
        }
        crate::verdict::renew_later(work, &actor.administration, message, &self.signed)?;
        Ok(())
    }
}

impl Desk {
    /// The registration that an order comes to, with what it brings about: under a number of the registry area of a system
    /// (its name, its area), or under the next one of the built-in register.
    pub(crate) async fn registration_of(
        &self,
        row: &OrderRow,
        there: Option<((&str, &str), &Numbered)>,
    ) -> Outcome<Numbering> {
        let order: Order = serde_json::from_str(&row.what).map_err(fault)?;
        let database = self.archive.database();
        let Some(of) = message::message(database, &row.message).await? else {
            return Err(ActError::Refused(Refusal::NotFound));
        };
        let direction = match order.flow {
            Flow::In => "in",
            Flow::Out => "out",
            Flow::Internal => "internal",
        };
        let mut part = RegisterPart {
            v: 1,
            area: String::new(),
            year: 0,
            number: 0,
            direction: direction.into(),
            at: self.archive.now_ms(),
            presented: Some(order.presented_ms),
            parties: order.parties.iter().map(|party| party.name.clone()).collect(),
            subject: order.subject.clone(),
            office: order.office.clone(),
            documents: order
                .documents
                .iter()
                .map(|file| RegisteredDocument { name: file.name.clone(), sha256: file.sha256.clone() })
                .collect(),
            outside: None,
        };
        if let Some(((system, area), number)) = there {
            part.area = area.into();
            (part.year, part.number) = (number.year, number.number);
            part.outside = Some(OutsideNumber {
                system: system.into(),
                date: number.date.clone(),
                reference: number.reference.clone(),
                mark: number.mark.clone(),
            });
        }
        let documents = message::documents(database, &row.message).await?;
        let signed = |document: &&message::DocumentRow| {
            document.verification.as_ref().is_some_and(|text| text.contains("\"situation\":\"signed\""))
        };
        Ok(Numbering {
            part,
            sender: of.sender,
            signed: documents.iter().filter(signed).map(|document| document.id.clone()).collect(),
            leaving: self.leaving(&row.message).await?,
        })
    }
}
