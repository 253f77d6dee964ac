//! What another body is competent for, sent on to it: a registered letter by certified mail with the files as they came, and
//! with it, or not at all, the end of the message here.

use std::pin::pin;

use futures_util::StreamExt as _;
use plico_archive::read::message::{self, MessageRow};
use plico_archive::{ActError, Work};
use plico_database::args;
use plico_locale::{Args, Lang};
use plico_record::act::OtherBody;
use plico_record::authority::Deed;
use plico_record::message::Step;

use crate::addressee::Recipient;
use crate::answer::{Act, Letter, Sent};
use crate::conclude::How;
use crate::pec::{MOST_BYTES, RECEIPT};
use crate::refusal::refuse;
use crate::upload::Scan;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

const DELETE_UPLOADS: &str = "delete from upload where owner = $1";

impl Desk {
    /// Sends a message on to the body that is competent, and ends it here. Once: what is ended is not sent again.
    pub async fn send_on(&self, actor: &Actor, id: &str, body: OtherBody, reason: &str) -> Outcome<Sent> {
        let row = self.allowed_message(actor, Deed::Answer, id).await?;
        let end = self.ending(&row, How::Forwarded(body), reason).await?;
        let body = end.body.clone().unwrap_or_default();
        if body.pec.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("body_pec")]));
        }
        let token = format!("i{}", row.id);
        self.take_along(actor, &row.id, &token).await?;
        let known = self.ipa_body(&body.ipa_code).await?;
        let letter = Letter {
            act: Act::Message,
            about: None,
            office: row.office.clone(),
            recipient: Recipient {
                fiscal_code: known.map(|known| known.fiscal_code).unwrap_or_default(),
                name: body.name,
                email: String::new(),
                pec: body.pec,
            },
            copies: String::new(),
            effect: "communication".into(),
            subject: self.forwarding(&row, "subject", reason),
            text: self.forwarding(&row, "text", reason),
            category: String::new(),
            certificate: None,
            language: Lang::It,
            token,
        };
        self.send_ending(actor, letter, Some(end)).await
    }

    fn forwarding(&self, row: &MessageRow, what: &str, reason: &str) -> String {
        let limits = self.limits(&row.administration);
        let day = |ms: i64| self.catalogue.date(Lang::It, ms);
        let args = Args::new()
            .with("subject", row.subject.clone())
            .with("number", row.registration_number().unwrap_or_default())
            .with("day", day(row.registered_ms.unwrap_or(row.instant_ms)))
            .with("arrived", day(row.arrived_ms.unwrap_or(row.instant_ms)))
            .with("sender", row.sender_name.clone().unwrap_or_default())
            .with("reason", reason.trim().to_owned());
        let most = if what == "subject" { limits.subject_chars } else { limits.text_chars };
        let text = self.catalogue.text(Lang::It, &format!("forward-letter-{what}"), &args);
        text.chars().take(most).collect()
    }

    /// Copies the files of a message into a letter in the making, byte by byte.
    async fn take_along(&self, actor: &Actor, message: &str, token: &str) -> Outcome<()> {
        let documents = message::documents(self.archive.database(), message).await?;
        let documents: Vec<_> = documents
            .into_iter()
            .filter(|one| one.role != RECEIPT && !one.sealed && one.withdrawn_ms.is_none())
            .collect();
        if documents.iter().map(|one| one.size.cast_unsigned()).sum::<u64>() > MOST_BYTES {
            let limit = Some(MOST_BYTES >> 20);
            let error = FieldError { field: "send", code: "too_large_for_mail", limit };
            return refuse(Refusal::Invalid(vec![error]));
        }
        let (owner, _) = self.form_files(actor, token).await?;
        let (old, about) = (owner.0.clone(), message.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    // Asked again when the letter leaves: here it saves the copying.
                    crate::view::fits(work, &about, Step::Conclude).await?;
                    // What an earlier attempt left behind.
                    work.tx.write(DELETE_UPLOADS, args![old])?;
                    Ok::<_, ActError<Refusal>>(())
                })
            })
            .await?;
        for document in documents {
            let mut upload = self.begin_own_file(&actor.administration, &owner, &document.name)?;
            let mut content = pin!(self.archive.open_document(&document.id).await?.stream());
            while let Some(piece) = content.next().await {
                upload.write(&piece.map_err(plico_archive::ArchiveError::from)?).await?;
            }
            // It was looked at when it came.
            self.finish_upload(upload, async |_| Scan::Off).await?;
        }
        Ok(())
    }
}
