//! Assignment, for competence or for knowledge, its refusal, and taking charge.

use plico_archive::read::body;
use plico_archive::{NewEvent, Work};
use plico_record::act::{MessageAssigned, MessageAssignmentRefused, MessageTakenInCharge};
use plico_record::authority::Deed;
use plico_record::message::Step;

use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// What an assignment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The office must deal with it.
    Competence,
    /// The office should know.
    Knowledge,
}

impl Desk {
    /// Assigns a message to an office.
    pub async fn assign(&self, actor: &Actor, id: &str, office: &str, purpose: Purpose) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Assign, id).await?;
        // An office that is over gets nothing new.
        if self.open_office(&actor.administration, office).await?.is_none() {
            return refuse(Refusal::Invalid(vec![FieldError::of("office", "unknown")]));
        }
        let (actor, office) = (actor.clone(), office.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    crate::view::fits(work, &row.id, Step::Assign).await?;
                    let purpose = match purpose {
                        Purpose::Competence => "competence",
                        Purpose::Knowledge => "knowledge",
                    };
                    let act = MessageAssigned {
                        message: row.id.clone(),
                        office,
                        operator: None,
                        purpose: purpose.into(),
                    };
                    work.append(NewEvent::by(&actor, &row.id, act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Refuses an assignment: the message goes back to the protocol office.
    pub async fn refuse_assignment(&self, actor: &Actor, id: &str, reason: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Assign, id).await?;
        if reason.trim().is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
        }
        let offices = self.open_offices(&actor.administration).await?;
        let Some(protocol) = offices.into_iter().find(|office| office.protocol) else {
            return refuse(Refusal::Invalid(vec![FieldError::of("office", "no_protocol_office")]));
        };
        let (actor, reason) = (actor.clone(), reason.trim().chars().take(2000).collect::<String>());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    crate::view::fits(work, &row.id, Step::Assign).await?;
                    let refused = MessageAssignmentRefused {
                        message: row.id.clone(),
                        office: row.office.clone(),
                        reason,
                    };
                    work.append(NewEvent::by(&actor, &row.id, refused)).await?;
                    let back = MessageAssigned {
                        message: row.id.clone(),
                        office: protocol.id,
                        operator: None,
                        purpose: "competence".into(),
                    };
                    work.append(NewEvent::by(&actor, &row.id, back)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Takes charge of a message: from now on it has a responsible person, and the sender is told who.
    pub async fn take_in_charge(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::TakeInCharge, id).await?;
        let office = body::office(self.archive.database(), &row.office).await?;
        let responsible = office.map_or_else(|| actor.name.clone(), |office| office.responsible);
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    crate::view::fits(work, &row.id, Step::TakeInCharge).await?;
                    let mut event = NewEvent::by(
                        &actor,
                        &row.id,
                        MessageTakenInCharge {
                            message: row.id.clone(),
                            operator: actor.account.clone(),
                            responsible,
                        },
                    );
                    event.receipts =
                        row.sender.iter().map(|person| (person.clone(), row.id.clone())).collect();
                    work.append(event).await?;
                    Ok(())
                })
            })
            .await
    }
}
