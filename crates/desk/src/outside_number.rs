//! The registration that follows an order: with the number of an outside registry, or with one of ours where a person decides
//! that none will come from there.

use plico_archive::read::message;
use plico_archive::read::order::OrderRow;
use plico_archive::{ActError, NewEvent, Work};
use plico_record::act::MessageRegistered;
use plico_record::part::{OutsideNumber, RegisterPart, RegisteredDocument};
use plico_registry::{Flow, Numbered, Order};

use crate::refusal::fault;
use crate::{Actor, Desk, Outcome, Refusal};

/// What an order says of its registration, without the number.
fn part_of(order: &Order, at: i64) -> RegisterPart {
    RegisterPart {
        v: 1,
        area: String::new(),
        year: 0,
        number: 0,
        direction: direction(order).into(),
        at,
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
    }
}

fn direction(order: &Order) -> &'static str {
    match order.flow {
        Flow::In => "in",
        Flow::Out => "out",
        Flow::Internal => "internal",
    }
}

/// Numbers in the built-in register what was ordered elsewhere; answers the number.
pub(crate) async fn number_here(
    work: &mut Work,
    actor: &Actor,
    row: &OrderRow,
    sender: Option<String>,
) -> Result<String, ActError<Refusal>> {
    let order: Order = serde_json::from_str(&row.what).map_err(fault)?;
    let mut part = part_of(&order, work.now_ms());
    let number = work.next_number(&actor.administration).await?;
    part.area.clone_from(&number.area);
    (part.year, part.number) = (number.year, number.number);
    let act = MessageRegistered {
        message: row.message.clone(),
        area: number.area,
        year: number.year,
        number: number.number,
        direction: direction(&order).into(),
        outgoing: None,
        formation: None,
    };
    let mut event = NewEvent::by(actor, &row.message, act);
    event.register = Some(part);
    event.receipts = sender.into_iter().map(|person| (person, row.message.clone())).collect();
    work.append(event).await?;
    Ok(plico_record::part::registration_number(number.number, number.year))
}

impl Desk {
    /// The registration that a number makes, and the documents whose signatures are to be looked at with it.
    pub(crate) async fn registration_of(
        &self,
        (system, area): (&str, &str),
        row: &OrderRow,
        number: &Numbered,
        actor: &Actor,
    ) -> Outcome<(NewEvent, Vec<String>)> {
        let order: Order = serde_json::from_str(&row.what).map_err(fault)?;
        let database = self.archive.database();
        let Some(of) = message::message(database, &row.message).await? else {
            return Err(ActError::Refused(Refusal::NotFound));
        };
        let mut event = NewEvent::by(
            actor,
            &row.message,
            MessageRegistered {
                message: row.message.clone(),
                area: area.into(),
                year: number.year,
                number: number.number,
                direction: direction(&order).into(),
                outgoing: None,
                formation: None,
            },
        );
        event.register = Some(RegisterPart {
            area: area.into(),
            year: number.year,
            number: number.number,
            outside: Some(OutsideNumber {
                system: system.into(),
                date: number.date.clone(),
                reference: number.reference.clone(),
                mark: number.mark.clone(),
            }),
            ..part_of(&order, self.archive.now_ms())
        });
        event.receipts = of.sender.iter().map(|person| (person.clone(), row.message.clone())).collect();
        let signed = self.signed_of(&row.message).await?;
        Ok((event, signed))
    }

    /// The signed documents of a message: they are looked at again with its number.
    pub(crate) async fn signed_of(&self, message: &str) -> Outcome<Vec<String>> {
        let documents = message::documents(self.archive.database(), message).await?;
        let signed = |document: &&message::DocumentRow| {
            document.verification.as_ref().is_some_and(|text| text.contains("\"situation\":\"signed\""))
        };
        Ok(documents.iter().filter(signed).map(|document| document.id.clone()).collect())
    }
}
