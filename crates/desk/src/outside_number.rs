//! A number that an outside registry gave becomes a registration, and what waited for it follows.

use plico_archive::read::message;
use plico_archive::read::order::OrderRow;
use plico_archive::{ActError, NewEvent, Work};
use plico_record::act::MessageRegistered;
use plico_record::part::{OutsideNumber, RegisterPart, RegisteredDocument};
use plico_registry::{Flow, Numbered, Order};

use crate::issue::{Leaving, leave};
use crate::outside::Outside;
use crate::refusal::fault;
use crate::{Actor, Desk, Outcome, Refusal};

/// A number that came: its registration, the documents whose signatures are to be looked at with it, and what follows for a
/// letter that waited for it.
pub(crate) struct Numbering {
    event: NewEvent,
    signed: Vec<String>,
    leaving: Option<Leaving>,
}

impl Numbering {
    /// Enters it: the message is registered, and what waited for that follows.
    pub(crate) async fn enter(
        self,
        work: &mut Work,
        actor: &Actor,
        message: &str,
    ) -> Result<(), ActError<Refusal>> {
        work.append(self.event).await?;
        if let Some((follows, cites)) = self.leaving {
            leave(work, actor, message, follows, cites).await?;
        }
        crate::verdict::renew_later(work, &actor.administration, message, &self.signed)?;
        Ok(())
    }
}

impl Desk {
    /// The registration that a number makes, with what it brings about.
    pub(crate) async fn registration_of(
        &self,
        system: &Outside,
        row: &OrderRow,
        number: &Numbered,
        actor: &Actor,
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
        let mut event = NewEvent::by(
            actor,
            &row.message,
            MessageRegistered {
                message: row.message.clone(),
                area: system.area.clone(),
                year: number.year,
                number: number.number,
                direction: direction.into(),
                outgoing: None,
                formation: None,
            },
        );
        event.register = Some(RegisterPart {
            v: 1,
            area: system.area.clone(),
            year: number.year,
            number: number.number,
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
            outside: Some(OutsideNumber {
                system: system.name.clone(),
                date: number.date.clone(),
                reference: number.reference.clone(),
                mark: number.mark.clone(),
            }),
        });
        event.receipts = of.sender.iter().map(|person| (person.clone(), row.message.clone())).collect();
        let documents = message::documents(database, &row.message).await?;
        let signed = |document: &&message::DocumentRow| {
            document.verification.as_ref().is_some_and(|text| text.contains("\"situation\":\"signed\""))
        };
        let signed = documents.iter().filter(signed).map(|document| document.id.clone()).collect();
        let leaving = self.leaving(&row.message).await?;
        Ok(Numbering { event, signed, leaving })
    }
}
