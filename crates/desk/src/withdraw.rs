//! The person withdraws his own filing. What was registered stays registered; the office is told.

use plico_archive::{NewEvent, Work};
use plico_record::act::MessageWithdrawn;
use plico_record::authority::Deed;
use plico_record::message::Step;

use crate::delegation::stands;
use crate::refusal::refuse;
use crate::{Actor, Desk, Outcome, Refusal};

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
                    work.enqueue("notify-office", &key, &actor.administration, &payload).await?;
                    Ok(())
                })
            })
            .await
    }
}
