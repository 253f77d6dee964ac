//! The person withdraws his own filing: what was registered stays registered, and the office is told. The office
//! withdraws what it sent to the wrong person.

use plico_archive::read::message;
use plico_archive::{NewEvent, Work};
use plico_database::args;
use plico_record::act::{DeliveryUnavailable, DocumentWithdrawn, MessageWithdrawn};
use plico_record::authority::{Deed, Thing};
use plico_record::message::Step;

use crate::delegation::stands;
use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

const OTHERS: &str = "select count(*) from delivery where message = $1 and id <> $2 and withdrawn_ms is null";

impl Desk {
    /// Withdraws a filing.
    pub async fn withdraw(&self, actor: &Actor, id: &str, reason: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Withdraw, id).await?;
        let Some(person) = actor.person().map(str::to_owned) else { return refuse(Refusal::Forbidden) };
        let (actor, reason) = (actor.clone(), reason.chars().take(2000).collect::<String>());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    stands(work, &actor).await?;
                    crate::view::fits(work, &row.id, Step::Withdraw).await?;
                    let mut event =
                        NewEvent::by(&actor, &row.id, MessageWithdrawn { message: row.id.clone(), reason });
                    event.receipts = vec![(person, row.id.clone())];
                    work.append(event).await?;
                    let payload = serde_json::json!({"v": 1, "message": row.id, "what": "withdrawn"});
                    let key = format!("office-withdrawn/{}", row.id);
                    work.enqueue("notify-office", &key, &actor.administration, &payload)?;
                    Ok(())
                })
            })
            .await
    }

    /// Withdraws what was sent to the wrong person: its documents are no longer served, and that they were there
    /// stays known.
    pub async fn withdraw_delivery(&self, actor: &Actor, delivery: &str, reason: &str) -> Outcome<()> {
        let database = self.archive.database();
        let Some(row) = message::delivery(database, delivery).await? else {
            return refuse(Refusal::NotFound);
        };
        let thing = Thing::Delivery {
            administration: row.administration.clone(),
            recipient: row.recipient.clone(),
            office: row.office.clone(),
            withdrawn: row.withdrawn_ms.is_some(),
        };
        permit(actor, Deed::WithdrawDocument, &thing)?;
        if let Some(message) = message::message(database, &row.message).await? {
            self.still_there(&message).await?;
        }
        if reason.trim().is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
        }
        if row.withdrawn_ms.is_some() {
            return refuse(Refusal::Exists);
        }
        let documents = message::documents(database, &row.message).await?;
        let (actor, reason) = (actor.clone(), reason.trim().chars().take(2000).collect::<String>());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let act = DeliveryUnavailable { delivery: row.id.clone(), reason: reason.clone() };
                    work.append(NewEvent::by(&actor, &row.id, act)).await?;
                    // Another recipient has the right to them still.
                    if work.tx.scalar_i64(OTHERS, args![&row.message, &row.id]).await? > 0 {
                        return Ok(());
                    }
                    for document in documents.into_iter().filter(|d| d.withdrawn_ms.is_none()) {
                        let mut event = NewEvent::by(
                            &actor,
                            &document.id,
                            DocumentWithdrawn {
                                document: document.id.clone(),
                                message: row.message.clone(),
                                reason: reason.clone(),
                            },
                        );
                        if document.role != "attachment" {
                            event.receipts = vec![(row.recipient.clone(), row.message.clone())];
                        }
                        work.append(event).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
