//! Forms of an office that take something in: each is carried out once, however often it comes. Its token is remembered
//! with what it said, so that the same form with other words is told, and not answered with what the first ones did.

use plico_archive::{ActError, Acting, Work};
use plico_crypto::digest::sha256;
use plico_database::args;

use crate::present::Filed;
use crate::refusal::refuse;
use crate::upload::Owner;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

const KNOWN: &str = "select request, answer from idempotency where account = $1 and key = $2";
const KEEP: &str =
    "insert into idempotency (account, key, request, answer, created_ms) values ($1, $2, $3, $4, $5)";
const DELETE_UPLOADS: &str = "delete from upload where owner = $1";

/// A form that was sent.
#[derive(Debug, Clone)]
pub(crate) struct EntryForm {
    key: String,
    words: [u8; 32],
}

/// What came with it.
pub(crate) struct Brought {
    /// To whom its uploads belong.
    pub(crate) owner: Owner,
    /// SHA-256 of what of them is signed.
    pub(crate) signed: Vec<String>,
    /// The message that it becomes.
    pub(crate) message: String,
}

impl EntryForm {
    /// The form with this token, and the words that must not differ when it comes again.
    pub(crate) fn new(form: &str, token: &str, words: &[&str]) -> Self {
        let said: Vec<&str> = words.iter().map(|word| word.trim()).collect();
        let words = sha256(serde_json::json!(said).to_string().as_bytes());
        Self { key: format!("{form}/{token}"), words }
    }
}

impl Desk {
    /// What the form did when it came before.
    pub(crate) async fn entered_before(&self, actor: &Actor, sent: &EntryForm) -> Outcome<Option<Filed>> {
        let row: Option<(Vec<u8>, String)> =
            self.archive.database().optional(KNOWN, args![&actor.account, &sent.key]).await?;
        let Some((words, answer)) = row else { return Ok(None) };
        if words != sent.words {
            return refuse(Refusal::Invalid(vec![FieldError::of("subject", "sent_already")]));
        }
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        Ok(text("message").map(|message| Filed { message, number: text("number") }))
    }

    /// Carries a form out, with what came with it; `deed` answers with the number.
    pub(crate) async fn enter_form<F>(
        &self,
        actor: &Actor,
        sent: EntryForm,
        brought: Brought,
        deed: F,
    ) -> Outcome<Filed>
    where
        F: for<'a> FnOnce(&'a mut Work, &'a Actor) -> Acting<'a, Outcome<Option<String>>> + Send + 'static,
    {
        let (actor_then, form_then) = (actor.clone(), sent.clone());
        let filed = self
            .archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let (actor, EntryForm { key, words }) = (actor_then, form_then);
                    let again: Option<(Vec<u8>, String)> =
                        work.tx.optional(KNOWN, args![&actor.account, &key]).await?;
                    if again.is_some() {
                        return refuse(Refusal::Exists);
                    }
                    let Brought { owner, signed, message } = brought;
                    let number = deed(work, &actor).await?;
                    crate::upload::scan_later(work, &actor.administration, &owner.0).await?;
                    crate::verdict::renew_later(work, &actor.administration, &message, &signed)?;
                    let answer = serde_json::json!({"message": message, "number": number}).to_string();
                    let now = work.now_ms();
                    work.tx.write(KEEP, args![&actor.account, key, words, answer, now])?;
                    work.tx.write(DELETE_UPLOADS, args![owner.0])?;
                    Ok(Filed { message, number })
                })
            })
            .await;
        match filed {
            // A second click that came while the first was on its way is told what the first one did.
            Err(ActError::Refused(Refusal::Exists)) => match self.entered_before(actor, &sent).await? {
                Some(filed) => Ok(filed),
                None => refuse(Refusal::Exists),
            },
            filed => filed,
        }
    }
}
