//! Assignment, to an office or to one of its people, for competence or for knowledge; its refusal, and taking charge.

use plico_archive::read::body;
use plico_archive::read::message::MessageRow;
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{MessageAssigned, MessageAssignmentRefused, MessageTakenInCharge};
use plico_record::authority::{Deed, Thing};
use plico_record::message::{State, Step};

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

const KNOWS: &str = "select count(*) from knowledge where message = $1 and office = $2";

/// Whoever decides has seen where a message is: when somebody has moved it since, he looks again.
async fn unmoved(work: &mut Work, row: &MessageRow) -> Result<(), ActError<Refusal>> {
    match work.message(&row.id).await? {
        Some(now) if now.office == row.office && now.operator == row.operator => Ok(()),
        _ => refuse(Refusal::Exists),
    }
}

impl Desk {
    /// Assigns a message to an office, or for competence to somebody of it.
    pub async fn assign(
        &self,
        actor: &Actor,
        id: &str,
        (office, operator): (&str, Option<&str>),
        purpose: Purpose,
    ) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Assign, id).await?;
        let database = self.archive.database();
        let wrong = |code| refuse(Refusal::Invalid(vec![FieldError::of("office", code)]));
        // An office that is over gets nothing new.
        if self.open_office(&actor.administration, office).await?.is_none() {
            return wrong(if office.is_empty() { "required" } else { "unknown" });
        }
        let operator = operator.filter(|_| purpose == Purpose::Competence).map(str::to_owned);
        if let Some(account) = &operator
            && !body::operators_of(database, office).await?.iter().any(|one| one.account == *account)
        {
            return wrong("unknown");
        }
        if purpose == Purpose::Competence && row.office == office {
            if row.operator == operator {
                return wrong("there_already");
            }
            // What somebody has in charge goes to a colleague or to another office: nobody would have it otherwise.
            let taken = [State::TakenInCharge, State::SupplementRequested].map(State::code);
            if operator.is_none() && taken.contains(&row.state.as_str()) {
                return wrong("in_charge");
            }
        }
        let (actor, office) = (actor.clone(), office.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    crate::view::fits(work, &row.id, Step::Assign).await?;
                    unmoved(work, &row).await?;
                    let purpose = match purpose {
                        Purpose::Competence => "competence",
                        Purpose::Knowledge => "knowledge",
                    };
                    let act = MessageAssigned {
                        message: row.id.clone(),
                        office,
                        operator,
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
                    unmoved(work, &row).await?;
                    let refused = MessageAssignmentRefused {
                        message: row.id.clone(),
                        office: row.office.clone(),
                        reason,
                        purpose: String::new(),
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

    /// Refuses an assignment for knowledge, for each of the actor's offices that have it.
    pub async fn decline(&self, actor: &Actor, id: &str, reason: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Decline, id).await?;
        if reason.trim().is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
        }
        let Thing::Message { knowledge, .. } = self.thing(actor, &row).await? else {
            return refuse(Refusal::NotFound);
        };
        let (actor, reason) = (actor.clone(), reason.trim().chars().take(2000).collect::<String>());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    for office in knowledge
                        .into_iter()
                        .filter(|office| actor.in_office(office) && *office != row.from_office)
                    {
                        if work.tx.scalar_i64(KNOWS, args![&row.id, &office]).await? == 0 {
                            return refuse(Refusal::Exists);
                        }
                        let refused = MessageAssignmentRefused {
                            message: row.id.clone(),
                            office,
                            reason: reason.clone(),
                            purpose: "knowledge".into(),
                        };
                        work.append(NewEvent::by(&actor, &row.id, refused)).await?;
                    }
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
                    unmoved(work, &row).await?;
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
