//! How a message ends that no letter answers: filed away, because nothing is to be decided, or sent on to the body that is
//! competent. Its sender reads it in his history, with the reason.

use plico_archive::read::message::MessageRow;
use plico_archive::{NewEvent, Work};
use plico_record::act::{MessageConcluded, OtherBody};
use plico_record::authority::Deed;
use plico_record::message::Step;

use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Characters of a reason.
const REASON: usize = 2000;

/// How it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// Nothing is to be decided (*agli atti*).
    Filed,
    /// Another body is competent. For ours the term is over; for that one it runs from when it gets it (L. 241/1990,
    /// art. 2 c. 6), and the sender reads it in his history (DPR 184/2006, art. 6 c. 2);
    /// no notice is sent.
    Forwarded(OtherBody),
}

impl Desk {
    /// Ends a message without a letter. What has a term is owed an express act (L. 241/1990, art. 2 c. 1): it can be
    /// sent on, but not just filed away.
    pub async fn conclude(&self, actor: &Actor, id: &str, how: How, reason: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Answer, id).await?;
        let act = self.ending(&row, how, reason).await?;
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    crate::view::fits(work, &row.id, Step::Conclude).await?;
                    work.append(NewEvent::by(&actor, &row.id, act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// How a message ends, as it is written down.
    pub(crate) async fn ending(&self, row: &MessageRow, how: How, reason: &str) -> Outcome<MessageConcluded> {
        let reason = reason.trim().to_owned();
        let mut errors = Vec::new();
        if reason.is_empty() {
            errors.push(FieldError::required("reason"));
        } else if reason.chars().count() > REASON {
            errors.push(FieldError::too_long("reason", REASON));
        }
        let (how, body) = match how {
            How::Filed if row.due.is_some() => {
                errors.push(FieldError::of("reason", "owed_answer"));
                ("filed", None)
            }
            How::Filed => ("filed", None),
            How::Forwarded(body) => ("forwarded", Some(self.other_body(body, &mut errors).await?)),
        };
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        Ok(MessageConcluded { message: row.id.clone(), how: how.into(), reason, body })
    }

    /// The body as it was typed; of one that the index knows, what the index says where nothing was typed.
    async fn other_body(&self, typed: OtherBody, errors: &mut Vec<FieldError>) -> Outcome<OtherBody> {
        let cut = |text: &str| text.trim().chars().take(300).collect::<String>();
        let mut body =
            OtherBody { name: cut(&typed.name), ipa_code: cut(&typed.ipa_code), pec: cut(&typed.pec) };
        if !body.ipa_code.is_empty() {
            match self.ipa_body(&body.ipa_code).await? {
                Some(known) => {
                    body.ipa_code = known.code;
                    if body.name.is_empty() {
                        body.name = known.name;
                    }
                    if body.pec.is_empty() {
                        body.pec = known.pec;
                    }
                }
                None if body.name.is_empty() => errors.push(FieldError::of("body_code", "unknown")),
                None => {}
            }
        }
        if body.name.is_empty() {
            errors.push(FieldError::required("body_name"));
        }
        if !body.pec.is_empty() && !body.pec.contains('@') {
            errors.push(FieldError::of("body_pec", "email"));
        }
        Ok(body)
    }
}
