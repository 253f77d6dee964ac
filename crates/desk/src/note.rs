//! A note for colleagues: never seen by the person.

use plico_archive::{NewEvent, Work};
use plico_record::act::MessageNoted;
use plico_record::authority::Deed;

use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

impl Desk {
    /// Writes a note.
    pub async fn note(&self, actor: &Actor, id: &str, text: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Note, id).await?;
        let text = text.trim().to_owned();
        if text.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("text")]));
        }
        if text.chars().count() > self.limits(&actor.administration).text_chars {
            return refuse(Refusal::Invalid(vec![FieldError::too_long(
                "text",
                self.limits(&actor.administration).text_chars,
            )]));
        }
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let note = work.new_id();
                    let mut event =
                        NewEvent::by(&actor, &row.id, MessageNoted { message: row.id.clone(), note });
                    event.internal = Some(serde_json::json!({"v": 1, "text": text}));
                    work.append(event).await?;
                    Ok(())
                })
            })
            .await
    }
}
