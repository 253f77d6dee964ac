//! A letter leaves by certified mail: each submission is recorded before it is made and after it was answered. What lies
//! between is in doubt, and is never repeated by a machine: a receipt tells, or a person.

use plico_archive::read::pec::{self, LetterMailRow, LetterReceiptRow};
use plico_archive::read::{body, exchange, message};
use plico_archive::{ActError, NewEvent, Work};
use plico_courier::pec::daticert::Extent;
use plico_courier::pec::{File, Post};
use plico_locale::{Args, Lang};
use plico_record::act::{Act, PecAttempted, PecInDoubt, PecOrdered, PecRefused, PecResolved, PecSubmitted};
use plico_record::authority::Deed;

use crate::exchange::Speaks;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// The role of a receipt among the documents of a letter.
pub(crate) const RECEIPT: &str = "pec";
/// What is sent in one message at most, before it is encoded (bytes).
pub(crate) const MOST_BYTES: u64 = 70 * 1024 * 1024;
/// A letter of which nothing final was heard for so long waits for a person (milliseconds).
pub(crate) const PATIENCE_MS: i64 = plico_courier::pec::correlate::PATIENCE_MS;
const WORDS: usize = 500;

/// What is to be done with a letter now.
#[derive(Debug)]
pub enum Next {
    /// Nothing, or not by a machine.
    Nothing,
    /// It goes out like this; by which rules its mark is written, where it has one.
    Send(Box<LetterMailRow>, Box<Post>, String),
    /// Somebody may be sending it.
    Wait(Box<LetterMailRow>),
    /// Its files are still being looked at.
    Scanned,
    /// What it says is not so yet: the number that it tells, or the notice before it.
    NotYet,
    /// It cannot go out: why.
    Never(&'static str),
}

/// How a submission ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// The provider has it.
    Yes(String),
    /// It has not; it will be tried again by itself.
    NotYet(String),
    /// It has not.
    No(String),
    /// Nobody knows.
    InDoubt(String),
}

/// What a person decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It did not leave: send it again.
    Again,
    /// It left.
    Left,
}

/// Orders that a letter goes out by certified mail as well.
pub(crate) async fn order(
    work: &mut Work,
    actor: &Actor,
    delivery: &str,
    message: &str,
    to: String,
) -> Result<(), ActError<Refusal>> {
    let act = PecOrdered { delivery: delivery.into(), message: message.into(), to };
    work.append(NewEvent::by(actor, delivery, act)).await?;
    send_later(work, &actor.administration, delivery, 0)
}

fn send_later(
    work: &mut Work,
    administration: &str,
    delivery: &str,
    attempt: i64,
) -> Result<(), ActError<Refusal>> {
    let payload = serde_json::json!({"v": 1, "delivery": delivery});
    work.enqueue("pec", &format!("pec/{delivery}/{attempt}"), administration, &payload)?;
    Ok(())
}

fn short(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(WORDS).collect()
}

impl Desk {
    /// What is to be done with a letter now.
    /// `speaks` and `from`: how our registry presents itself, and the address that it writes from.
    pub async fn next_of_letter(&self, delivery: &str, speaks: &Speaks, from: &str) -> Outcome<Next> {
        let database = self.archive.database();
        let Some(row) = pec::letter(database, delivery).await? else { return Ok(Next::Nothing) };
        match row.sending.as_str() {
            "ordered" => {}
            "attempted" => return Ok(Next::Wait(Box::new(row))),
            _ => return Ok(Next::Nothing),
        }
        if let Some(answer) = exchange::answer(database, delivery).await? {
            return self.next_of_notice(row, &answer, speaks).await;
        }
        let sent = message::delivery(database, delivery).await?;
        if sent.is_none_or(|sent| sent.withdrawn_ms.is_some()) {
            return Ok(Next::Never("the letter was withdrawn before it left"));
        }
        if self.being_scanned(&row.message, row.ordered_ms).await? {
            return Ok(Next::Scanned);
        }
        Ok(match self.letter_post(&row, (speaks, from)).await? {
            Ok((post, mark)) => Next::Send(Box::new(row), Box::new(post), mark.into()),
            Err(why) => Next::Never(why),
        })
    }

    /// As it goes out, or why it cannot.
    async fn letter_post(
        &self,
        row: &LetterMailRow,
        speaks: (&Speaks, &str),
    ) -> Outcome<Result<(Post, &'static str), &'static str>> {
        let database = self.archive.database();
        let Some(letter) = message::message(database, &row.message).await? else {
            return Err(fault("a letter that is to be sent is not there"));
        };
        let documents = message::documents(database, &row.message).await?;
        let documents: Vec<_> = documents
            .into_iter()
            .filter(|one| one.role != RECEIPT && !one.sealed && one.withdrawn_ms.is_none())
            .collect();
        if documents.iter().map(|one| one.size.cast_unsigned()).sum::<u64>() > MOST_BYTES {
            return Ok(Err("its files are too large for a certified message"));
        }
        let mut files = Vec::with_capacity(documents.len());
        for document in documents {
            let reader = self.archive.open_document(&document.id).await?;
            let bytes = reader.read_all(MOST_BYTES).await.map_err(plico_archive::ArchiveError::from)?;
            files.push(File { name: document.name, media_type: document.media_type, bytes });
        }
        let mark = match self.mark_of_letter(row, &letter, &files, speaks).await? {
            Ok(mark) => mark,
            Err(why) => return Ok(Err(why)),
        };
        let mark = mark.map_or("", |(rules, file)| {
            files.push(file);
            rules
        });
        let office = body::office(database, &letter.office).await?.map_or_else(String::new, |one| one.name);
        let number = letter.registration_number().unwrap_or_default();
        let args = Args::new()
            .with("body", self.body_name(&row.administration).await?)
            .with("office", office)
            .with("number", number);
        let words = |key: &str| self.catalogue.text(Lang::It, key, &args);
        let post = Post {
            id: format!("{}.{}", row.delivery, row.attempts + 1),
            instant_ms: self.archive.now_ms(),
            to: vec![row.recipient.clone()],
            subject: letter.subject,
            text: words("pec-letter-text"),
            files,
            extent: Extent::Complete,
        };
        Ok(Ok((post, mark)))
    }

    /// Records that a letter is about to be handed over; whether it may be, since nobody else does meanwhile.
    pub async fn attempt_letter(
        &self,
        row: &LetterMailRow,
        (mailbox, from): (&str, &str),
        message_id: &str,
        (sha256, segnatura): (String, String),
    ) -> Outcome<bool> {
        let (delivery, attempts, actor) =
            (row.delivery.clone(), row.attempts, Actor::system(&row.administration));
        let act = PecAttempted {
            delivery: delivery.clone(),
            mailbox: mailbox.into(),
            from: from.into(),
            message_id: message_id.into(),
            sha256,
            segnatura,
        };
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = pec::letter_in(&mut work.tx, &delivery).await?;
                    let same = now.is_some_and(|now| now.sending == "ordered" && now.attempts == attempts);
                    if same {
                        work.append(NewEvent::by(&actor, &delivery, act)).await?;
                    }
                    Ok(same)
                })
            })
            .await
    }

    /// Records how a submission ended. A receipt that came before says more than our own line.
    pub async fn letter_submitted(
        &self,
        row: &LetterMailRow,
        message_id: &str,
        ended: Submitted,
    ) -> Outcome<()> {
        let (delivery, message_id) = (row.delivery.clone(), message_id.to_owned());
        let actor = Actor::system(&row.administration);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = pec::letter_in(&mut work.tx, &delivery).await?;
                    let Some(now) = now.filter(|now| now.message_id == message_id) else { return Ok(()) };
                    let open = ["attempted", "in_doubt"].contains(&now.sending.as_str());
                    let name = delivery.clone();
                    let act: Act = match ended {
                        Submitted::Yes(answer) if open || now.sending == "submitted" => {
                            PecSubmitted { delivery: name, answer: short(&answer) }.into()
                        }
                        Submitted::NotYet(answer) if open => {
                            PecRefused { delivery: name, answer: short(&answer), again: true }.into()
                        }
                        Submitted::No(answer) if open => {
                            PecRefused { delivery: name, answer: short(&answer), again: false }.into()
                        }
                        Submitted::InDoubt(answer) if now.sending == "attempted" => {
                            PecInDoubt { delivery: name, answer: short(&answer) }.into()
                        }
                        _ => return Ok(()),
                    };
                    work.append(NewEvent::by(&actor, &delivery, act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Records that a letter will not go out as it is.
    pub async fn letter_never_leaves(&self, administration: &str, delivery: &str, why: &str) -> Outcome<()> {
        let (delivery, actor) = (delivery.to_owned(), Actor::system(administration));
        let act = PecRefused { delivery: delivery.clone(), answer: short(why), again: false };
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = pec::letter_in(&mut work.tx, &delivery).await?;
                    if now.is_some_and(|now| now.sending == "ordered") {
                        work.append(NewEvent::by(&actor, &delivery, act)).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Does what a person decided of a letter that is in doubt or was refused: of one of those that left about a message.
    pub async fn resolve_letter(
        &self,
        actor: &Actor,
        message: &str,
        delivery: &str,
        decision: Option<Decision>,
        reason: &str,
    ) -> Outcome<()> {
        self.allowed_message(actor, Deed::Answer, message).await?;
        let reason: String = reason.trim().chars().take(2000).collect();
        let Some(decision) = decision else {
            return refuse(Refusal::Invalid(vec![FieldError::required("decision")]));
        };
        if reason.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
        }
        let (rows, _) = pec::of_message(self.archive.database(), message).await?;
        let Some(row) = rows.into_iter().find(|row| row.delivery == delivery && may_resolve(row, decision))
        else {
            return refuse(Refusal::Exists);
        };
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = pec::letter_in(&mut work.tx, &row.delivery).await?;
                    // A receipt may have come while it was decided.
                    if now.is_none_or(|now| !may_resolve(&now, decision)) {
                        return refuse(Refusal::Exists);
                    }
                    let again = decision == Decision::Again;
                    let act = PecResolved {
                        delivery: row.delivery.clone(),
                        decision: if again { "again" } else { "left" }.into(),
                        reason,
                    };
                    work.append(NewEvent::by(&actor, &row.delivery, act)).await?;
                    if again {
                        send_later(work, &actor.administration, &row.delivery, row.attempts)?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// How a letter went out by certified mail, with every receipt.
    pub async fn letter_mail(
        &self,
        actor: &Actor,
        message: &str,
    ) -> Outcome<(Vec<LetterMailRow>, Vec<LetterReceiptRow>)> {
        self.allowed_message(actor, Deed::ReadContent, message).await?;
        Ok(pec::of_message(self.archive.database(), message).await?)
    }

    /// Letters that wait for a person: in doubt, refused, not delivered, or not heard of for a day.
    pub async fn held_letters(&self, administration: &str) -> Outcome<Vec<LetterMailRow>> {
        let before = self.archive.now_ms() - PATIENCE_MS;
        Ok(pec::held(self.archive.database(), administration, before).await?)
    }
}

/// Whether a person may decide this of it.
pub fn may_resolve(row: &LetterMailRow, decision: Decision) -> bool {
    match decision {
        // Neither what a provider refused nor what could not be delivered is with anybody: it may go once more.
        Decision::Again => {
            ["in_doubt", "refused"].contains(&row.sending.as_str())
                || ["not_accepted", "undelivered"].contains(&row.fate.as_str())
        }
        Decision::Left => row.sending == "in_doubt",
    }
}

/// Whether nothing final was heard of it though it is time.
pub fn is_late(row: &LetterMailRow, now_ms: i64) -> bool {
    let open = ["sent", "accepted", "warned"].contains(&row.fate.as_str());
    open && row.sent_ms.is_some_and(|sent| now_ms - sent >= PATIENCE_MS)
}
