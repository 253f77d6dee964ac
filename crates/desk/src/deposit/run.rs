//! Sending a deposit: one letter a line, by a job that goes on where it stood. A line's token is its letter's key, so that a line
//! that was sent when we died is found to be sent.

use plico_archive::{ActError, Work};
use plico_database::args;
use plico_locale::{Args, Lang};

use super::check::Fault;
use super::{START, owner};
use crate::addressee::Recipient;
use crate::answer::{Act, Letter};
use crate::outside_work::Ran;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// After so long a run lets go of its job, and goes on with a new lease (milliseconds).
const RUN_MS: i64 = 30_000;

const SENDING: &str =
    "select author, office, effect, administration from deposit where id = $1 and state = 'sending'";
const NEXT: &str = "select position, token, fiscal_code, name, subject, text, files from deposit_line
    where deposit = $1 and state = 'waiting' order by position limit 1";
const TAKE: &str = "update upload set owner = $3, position = $4 where owner = $1 and name = $2";
// The words are the letter's from now on.
const SENT: &str = "update deposit_line set state = 'sent', message = $3, text = '', why = '[]'
    where deposit = $1 and position = $2";
const FAILED: &str = "update deposit_line set state = 'failed', why = $3 where deposit = $1 and position = $2 and state = 'waiting'";
const FAILURES: &str = "select count(*) from deposit_line where deposit = $1 and state = 'failed'";
const DONE: &str = "update deposit set state = 'done', done_ms = $2 where id = $1 and state = 'sending'";
const DROP_FILES: &str = "delete from upload where owner = $1";

type Next = (i64, String, String, String, String, String, String);

/// Starts the job. `turn` makes it another one than those before.
pub(super) fn start(
    work: &mut Work,
    administration: &str,
    id: &str,
    turn: i64,
) -> Result<(), ActError<Refusal>> {
    let now = work.now_ms();
    work.tx.write(START, args![id, now])?;
    let payload = serde_json::json!({"v": 1, "deposit": id});
    work.enqueue("deposit", &format!("deposit/{id}/{turn}"), administration, &payload)?;
    Ok(())
}

impl Desk {
    /// Sends what waits of a deposit, as far as it comes now.
    pub async fn run_deposit(&self, id: &str) -> Outcome<Ran> {
        let until_ms = self.archive.now_ms() + RUN_MS;
        let database = self.archive.database();
        let sending: Option<(String, String, String, String)> = database.optional(SENDING, args![id]).await?;
        let Some((author, office, effect, _)) = sending else { return Ok(Ran::Done) };
        let actor = self.operator_actor(&author, None).await?;
        while let Some(next) = database.optional::<Next>(NEXT, args![id]).await? {
            let position = next.0;
            let sent = match &actor {
                Some(actor) => self.send_line(actor, id, &office, &effect, next).await,
                // Whoever started it works here no more.
                None => Err(ActError::Refused(Refusal::Forbidden)),
            };
            match sent {
                Ok(message) => self.settle(SENT, id, position, message).await?,
                Err(ActError::Refused(refusal)) => {
                    let about = match &refusal {
                        Refusal::Invalid(errors) => {
                            errors.iter().map(|error| error.field).collect::<Vec<_>>().join(", ")
                        }
                        other => other.code().to_owned(),
                    };
                    let why = [Fault { code: "refused".into(), about }];
                    self.settle(FAILED, id, position, serde_json::to_string(&why).map_err(fault)?).await?;
                }
                Err(error) => return Err(error),
            }
            if self.archive.now_ms() >= until_ms {
                return Ok(Ran::Later(0));
            }
        }
        let id = id.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    work.tx.write(DONE, args![&id, now])?;
                    // What failed may be sent again, and wants its files.
                    if work.tx.scalar_i64(FAILURES, args![&id]).await? == 0 {
                        work.tx.write(DROP_FILES, args![owner(&id).0])?;
                    }
                    Ok(Ran::Done)
                })
            })
            .await
    }

    async fn send_line(
        &self,
        actor: &Actor,
        id: &str,
        office: &str,
        effect: &str,
        next: Next,
    ) -> Outcome<String> {
        let (_, token, fiscal_code, name, subject, text, files) = next;
        if let Some(sent) = self.sent_before(actor, &format!("letter/{token}")).await? {
            return Ok(sent.message);
        }
        let files: Vec<String> = serde_json::from_str(&files).map_err(fault)?;
        let named = files.len();
        let (form, _) = self.form_files(actor, &token).await?;
        let from = owner(id);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    for (position, name) in (1i64..).zip(files) {
                        work.tx.write(TAKE, args![&from.0, name, &form.0, position])?;
                    }
                    Ok::<_, ActError<Refusal>>(())
                })
            })
            .await?;
        if self.form_files(actor, &token).await?.1.len() != named {
            // No letter leaves without what its line names.
            return refuse(Refusal::Invalid(vec![FieldError::required("files")]));
        }
        let text = if text.is_empty() {
            self.catalogue.text(Lang::It, "deposit-letter-text", &Args::new())
        } else {
            text
        };
        let letter = Letter {
            act: Act::Message,
            about: None,
            office: office.into(),
            recipient: Recipient { fiscal_code, name, ..Recipient::default() },
            copies: String::new(),
            effect: effect.into(),
            subject,
            text,
            category: String::new(),
            certificate: None,
            language: plico_locale::Lang::It,
            token,
        };
        Ok(self.send_letter(actor, letter).await?.message)
    }

    async fn settle(&self, sql: &'static str, id: &str, position: i64, said: String) -> Outcome<()> {
        let id = id.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(sql, args![id, position, said])?;
                    Ok(())
                })
            })
            .await
    }
}
