//! What registries of bodies say to each other by certified mail: the mark of what came is read and shown, our notices leave
//! like letters, and what another body says of a letter of ours is kept with it. Whatever came is a claim: what answers goes
//! only to the certified address that it came from.

use plico_archive::read::body;
use plico_archive::read::exchange::{self, AnswerRow, MarkRow, NoticeRow};
use plico_archive::read::ipa;
use plico_archive::{ActError, NewEvent, Work};
use plico_courier::pec::read::{Attachment, Content as Written, Registry};
use plico_crypto::DataKey;
use plico_crypto::digest::{sha256, to_hex};
use plico_record::act::{MarkAnswered, MarkNotice, MarkRead, Marked, Registered};
use plico_record::authority::Deed;
use plico_record::part::DocumentEntry;
use plico_registry::agid::{About, Identifier, Notice};
use plico_registry::exchange::{Found, Generation, Mark, Verdict, read};
use plico_signature::report::{Part, SignedPart};
use plico_signature::{Options, inspect};

use crate::between;
use crate::mail::{Mailbox, Taken};
use crate::pec::RECEIPT;
use crate::present::committed;
use crate::refusal::refuse;
use crate::upload::scan_document;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Characters of a reason.
const REASON: usize = 2000;

/// How our registry presents itself to others; empty codes are those of its registry area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaks {
    /// By which rules the marks of our letters are written.
    pub generation: Generation,
    /// Code of our area.
    pub area: String,
    /// Code of our register.
    pub register: String,
}

impl Default for Speaks {
    fn default() -> Self {
        Self { generation: Generation::Y2013, area: String::new(), register: String::new() }
    }
}

/// The mark of a mail, with what is to be said of it.
pub(crate) struct Marking {
    pub(crate) mark: Mark,
    signature: &'static str,
    documents: Vec<Marked>,
}

impl Marking {
    /// Whether each document is there and what it should be.
    fn fits(&self) -> bool {
        let wrong = [Verdict::Differs.code(), Verdict::Missing.code()];
        !self.documents.iter().any(|one| wrong.contains(&one.verdict.as_str()))
    }
}

/// The mark of a mail, where it has one that can be read.
pub(crate) fn marking(written: &Written, now_ms: i64) -> Option<Marking> {
    let is_mark = |one: &&Attachment| one.registry == Some(Registry::Mark);
    let file = written.attachments.iter().find(is_mark)?;
    let Ok(Some(Found::Mark(mark))) = read(&file.bytes) else { return None };
    let digests: Vec<(&str, String)> =
        written.attachments.iter().map(|one| (one.name.as_str(), to_hex(&sha256(&one.bytes)))).collect();
    let files: Vec<(&str, &str)> = digests.iter().map(|(name, digest)| (*name, digest.as_str())).collect();
    let documents = mark
        .compare(&files)
        .into_iter()
        .map(|(name, verdict)| Marked { name, verdict: verdict.code().into() })
        .collect();
    let signature = if mark.generation == Generation::V3 {
        let report = inspect(&file.bytes, &Options::at(now_ms, None));
        let all = |part: &SignedPart| part.what == Part::Document && part.intact;
        if report.signatures.is_empty() {
            "none"
        } else if report.signatures.iter().any(|one| one.intact && one.signed_parts.iter().any(all)) {
            "intact"
        } else {
            "broken"
        }
    } else {
        "none"
    };
    Some(Marking { mark: *mark, signature, documents })
}

pub(crate) fn registered(one: &Identifier) -> Registered {
    Registered {
        administration: one.administration.clone(),
        area: one.area.clone(),
        register: one.register.clone(),
        number: one.number,
        date: one.date.clone(),
    }
}

/// Keeps what the mark of a message says; a confirmation is ordered where one is asked for and nothing is wrong. `answers`:
/// the identifier for it, where this mailbox answers by itself.
pub(crate) async fn keep(
    work: &mut Work,
    actor: &Actor,
    message: &str,
    marking: Marking,
    (mailbox, address, ipa_code): (&Mailbox, &str, &str),
    answers: Option<String>,
) -> Result<(), ActError<Refusal>> {
    let asks = marking.mark.asks(&[&mailbox.address, ipa_code]);
    // A mark of version 3 whose signature does not hold says nothing that can be confirmed by itself.
    let sound =
        marking.fits() && (marking.mark.generation != Generation::V3 || marking.signature == "intact");
    let Marking { mark, signature, documents } = marking;
    let act = MarkRead {
        message: message.into(),
        generation: mark.generation.code().into(),
        from: registered(&mark.from),
        sender: mark.sender,
        subject: mark.subject,
        asks,
        signature: signature.into(),
        mailbox: mailbox.name.clone(),
        address: address.into(),
        documents,
    };
    work.append(NewEvent::by(actor, message, act)).await?;
    match answers {
        Some(delivery) if asks && sound && !address.is_empty() => {
            answer(work, actor, (delivery, message, address), "confirmation", "", "").await
        }
        _ => Ok(()),
    }
}

async fn answer(
    work: &mut Work,
    actor: &Actor,
    (delivery, message, to): (String, &str, &str),
    kind: &str,
    reason: &str,
    act: &str,
) -> Result<(), ActError<Refusal>> {
    let answered = MarkAnswered {
        delivery: delivery.clone(),
        message: message.into(),
        kind: kind.into(),
        reason: reason.into(),
        act: act.into(),
    };
    work.append(NewEvent::by(actor, message, answered)).await?;
    crate::pec::order(work, actor, &delivery, message, to.to_owned()).await
}

/// Tells the other body of a correction of our entry: of what we confirmed, or of a letter that went to it with a mark.
pub(crate) async fn tell_correction(
    work: &mut Work,
    actor: &Actor,
    (delivery, message): (String, &str),
    kind: &str,
    reason: &str,
    act: &str,
) -> Result<(), ActError<Refusal>> {
    let confirmed = exchange::answers_in(&mut work.tx, message).await?;
    let to = if confirmed.iter().any(|one| one.kind == "confirmation") {
        exchange::mark_in(&mut work.tx, message).await?.map(|mark| mark.address)
    } else if kind == "annulment" {
        exchange::went_to(&mut work.tx, message).await?
    } else {
        None
    };
    match to {
        // A web service has no operation for what keeps its number.
        Some(to) if kind == "update" && between::of_service(&to).is_some() => Ok(()),
        Some(to) if !to.is_empty() => answer(work, actor, (delivery, message, &to), kind, reason, act).await,
        _ => Ok(()),
    }
}

/// What a person may still tell the body that sent a message.
pub fn may_answer(mark: &MarkRow, answers: &[AnswerRow]) -> Vec<&'static str> {
    if mark.address.is_empty() {
        return Vec::new();
    }
    let open = |kind: &&&str| !answers.iter().any(|one| one.kind == ***kind);
    ["confirmation", "exception"].iter().filter(open).copied().collect()
}

impl Desk {
    /// Takes in what another body says of a letter of ours, or of a message that it sent; `None` where the mail is something
    /// else: then it is a message like any other. `address` is the certified one.
    pub(crate) async fn take_in_notice(
        &self,
        mailbox: &Mailbox,
        raw: &[u8],
        written: &Written,
        (key, address): (&str, &str),
    ) -> Outcome<Option<Taken>> {
        // With other files it is a letter, whatever else it says: they would be seen by nobody.
        let mut files = written.attachments.iter().filter(|file| !file.bytes.is_empty());
        let (Some(file), None) = (files.next(), files.next()) else { return Ok(None) };
        if file.registry.is_none_or(|kind| kind == Registry::Mark) {
            return Ok(None);
        }
        let Ok(Some(Found::Notice(_, said))) = read(&file.bytes) else { return Ok(None) };
        let Some(message) = self.spoken_of(&mailbox.administration, &said, address).await? else {
            return Ok(None);
        };
        let (kind, as_what, reason, act) = match *said {
            Notice::Confirmation { as_what, .. } => {
                ("confirmation", Some(as_what), String::new(), String::new())
            }
            Notice::Update { as_what, .. } => ("update", Some(as_what), String::new(), String::new()),
            Notice::Exception { as_what, reason, .. } => ("exception", as_what, reason, String::new()),
            Notice::Annulment { what, reason, act } => ("annulment", Some(what), reason, act),
        };
        let stored_key = DataKey::new(self.archive.entropy().bytes());
        let stored = self.archive.vault().store(&stored_key, self.archive.entropy().bytes(), raw).await;
        let stored = stored.map_err(plico_archive::ArchiveError::from)?;
        let entry = DocumentEntry {
            id: self.fresh_id(),
            name: format!("{kind}.eml"),
            media_type: "message/rfc822".into(),
            size: stored.size,
            sha256: to_hex(&stored.sha256),
            salt: String::new(),
            role: RECEIPT.into(),
            verification: None,
            sealed: false,
        };
        let id = entry.id.clone();
        let document = committed(stored, stored_key, entry);
        let actor = Actor::system(&mailbox.administration);
        let heard = MarkNotice {
            message: message.clone(),
            kind: kind.into(),
            mail: key.into(),
            address: address.into(),
            as_what: as_what.as_ref().map(registered),
            reason,
            act,
        };
        let (administration, key) = (mailbox.administration.clone(), key.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if crate::mail::is_known(work, &administration, &key).await? {
                        return Ok(Some(Taken::Known));
                    }
                    let mut event = NewEvent::by(&actor, &message, heard);
                    event.documents = vec![document];
                    work.append(event).await?;
                    scan_document(work, &administration, &id)?;
                    Ok(Some(Taken::Receipt))
                })
            })
            .await
    }

    /// The message that a notice is about, where whoever sent the notice has to do with it.
    async fn spoken_of(&self, administration: &str, said: &Notice, address: &str) -> Outcome<Option<String>> {
        let database = self.archive.database();
        let about = match said {
            Notice::Annulment { what, .. } => {
                let there = (what.administration.as_str(), what.number, what.date.as_str());
                return Ok(exchange::registered_there(database, administration, there, address).await?);
            }
            Notice::Confirmation { about, .. }
            | Notice::Update { about, .. }
            | Notice::Exception { about, .. } => about,
        };
        let About::Registered(ours) = about else { return Ok(None) };
        let body = body::body(database, administration).await?;
        let is_ours = body.is_some_and(|body| body.ipa_code.eq_ignore_ascii_case(&ours.administration));
        let Some(year) = ours.year().filter(|_| is_ours) else { return Ok(None) };
        Ok(exchange::letter(database, administration, (year, ours.number), address).await?)
    }

    /// The name of the body that sent a mark, where the index lists the address that it came from as its own.
    pub(crate) async fn listed_sender(&self, mark: &Mark, address: &str) -> Outcome<Option<String>> {
        let database = self.archive.database();
        let known = match between::of_service(address) {
            Some(_) => ipa::one(database, &mark.from.administration).await?,
            None => ipa::of_pec(database, address).await?,
        };
        Ok(known
            .filter(|body| body.code.eq_ignore_ascii_case(&mark.from.administration))
            .map(|body| body.name))
    }

    /// Tells the body that sent a message what became of it: a person decides.
    pub async fn answer_mark(&self, actor: &Actor, message: &str, kind: &str, reason: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Answer, message).await?;
        let reason = reason.trim().to_owned();
        let kind = match kind {
            "confirmation" => "confirmation",
            "exception" => "exception",
            _ => return refuse(Refusal::Invalid(vec![FieldError::required("decision")])),
        };
        if kind == "exception" && reason.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
        }
        if reason.chars().count() > REASON {
            return refuse(Refusal::Invalid(vec![FieldError::too_long("reason", REASON)]));
        }
        let (actor, delivery) = (actor.clone(), self.fresh_id());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let Some(mark) = exchange::mark_in(&mut work.tx, &row.id).await? else {
                        return refuse(Refusal::NotFound);
                    };
                    let answers = exchange::answers_in(&mut work.tx, &row.id).await?;
                    if !may_answer(&mark, &answers).contains(&kind) {
                        return refuse(Refusal::Exists);
                    }
                    let reason = if kind == "exception" { reason } else { String::new() };
                    answer(work, &actor, (delivery, &row.id, &mark.address), kind, &reason, "").await
                })
            })
            .await
    }

    /// What registries said to each other about a message: its mark, our notices, theirs.
    pub async fn exchanged(
        &self,
        actor: &Actor,
        message: &str,
    ) -> Outcome<(Option<MarkRow>, Vec<AnswerRow>, Vec<NoticeRow>)> {
        self.allowed_message(actor, Deed::ReadContent, message).await?;
        let database = self.archive.database();
        Ok((
            exchange::mark(database, message).await?,
            exchange::answers(database, message).await?,
            exchange::notices(database, message).await?,
        ))
    }
}
