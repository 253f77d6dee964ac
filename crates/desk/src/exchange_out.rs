//! What our registry says to those of other bodies: the marks of letters, confirmations and what follows them, as they leave.

use plico_archive::read::exchange::{self, AnswerRow, MarkRow};
use plico_archive::read::message::{self, MessageRow};
use plico_archive::read::pec::{self, LetterMailRow};
use plico_archive::read::{body, ipa};
use plico_courier::pec::daticert::Extent;
use plico_courier::pec::{File, Post};
use plico_crypto::digest::{sha256, to_hex};
use plico_locale::{Args, Lang};
use plico_record::day::LegalDay;
use plico_registry::agid::{About, Identifier, Notice};
use plico_registry::exchange::{Generation, Letter, Side, letter, notice, sealed};

use crate::exchange::Speaks;
use crate::pec::Next;
use crate::refusal::fault;
use crate::{Desk, Outcome};

/// Characters of a code of an area or a register.
const CODE: usize = 16;

pub(crate) fn theirs(row: &MarkRow) -> Identifier {
    Identifier {
        administration: row.body.clone(),
        area: row.area.clone(),
        register: row.register.clone(),
        number: row.number.cast_unsigned(),
        date: row.day.clone(),
    }
}

/// A code as the schemas allow it.
fn code(chosen: &str, otherwise: &str) -> String {
    let code = if chosen.is_empty() { otherwise } else { chosen };
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(CODE).collect();
    if code.is_empty() { "1".into() } else { code }
}

impl Desk {
    /// Our registration of a message; none while it has none.
    pub(crate) async fn our_registration(
        &self,
        row: &MessageRow,
        speaks: &Speaks,
    ) -> Outcome<Option<Identifier>> {
        let (Some(area), Some(number), Some(at)) = (&row.area, row.number, row.registered_ms) else {
            return Ok(None);
        };
        let Some(body) = body::body(self.archive.database(), &row.administration).await? else {
            return Err(fault("a message of a body that is not there"));
        };
        Ok(Some(Identifier {
            administration: body.ipa_code,
            area: code(&speaks.area, area),
            register: code(&speaks.register, area),
            number: number.cast_unsigned(),
            date: LegalDay::at(at).to_string(),
        }))
    }

    /// What keeps a correction from leaving: the confirmation that it corrects has not left. `None`: nothing does.
    pub(crate) async fn before_correction(&self, message: &str, kind: &str) -> Outcome<Option<Next>> {
        if !["update", "annulment"].contains(&kind) {
            return Ok(None);
        }
        let database = self.archive.database();
        let answers = exchange::answers(database, message).await?;
        let Some(confirmation) = answers.iter().find(|one| one.kind == "confirmation") else {
            return Ok(None);
        };
        let stands = pec::letter(database, &confirmation.delivery).await?;
        Ok(match stands.map(|row| row.sending).as_deref() {
            Some("ordered" | "attempted") => Some(Next::NotYet),
            Some("refused") => Some(Next::Never("the confirmation that it corrects has not left")),
            _ => None,
        })
    }

    /// What is to be done with a notice of ours now.
    pub(crate) async fn next_of_notice(
        &self,
        mut row: LetterMailRow,
        answer: &AnswerRow,
        speaks: &Speaks,
    ) -> Outcome<Next> {
        let database = self.archive.database();
        let Some(about) = message::message(database, &row.message).await? else { return Ok(Next::Nothing) };
        if about.annulled && answer.kind == "confirmation" {
            return Ok(Next::Never("the registration was annulled before its confirmation left"));
        }
        let ours = self.our_registration(&about, speaks).await?;
        let mark = exchange::mark(database, &row.message).await?;
        if mark.is_some()
            && let Some(next) = self.before_correction(&row.message, &answer.kind).await?
        {
            return Ok(next);
        }
        let (generation, reference) = if let Some(mark) = &mark {
            if row.mailbox.is_empty() {
                row.mailbox.clone_from(&mark.mailbox);
            }
            (Generation::parse(&mark.generation), Some(theirs(mark)))
        } else {
            let (letters, _) = pec::of_message(database, &row.message).await?;
            let written = letters.iter().find(|one| !one.segnatura.is_empty());
            (written.and_then(|one| Generation::parse(&one.segnatura)), None)
        };
        let Some(generation) = generation else {
            return Err(fault("a notice about nothing that has a mark"));
        };
        let said = match (answer.kind.as_str(), ours, reference) {
            ("exception", as_what, Some(reference)) => Notice::Exception {
                as_what,
                about: About::Registered(reference),
                reason: answer.reason.clone(),
            },
            (_, None, _) => return Ok(Next::NotYet),
            ("confirmation", Some(as_what), Some(reference)) => {
                Notice::Confirmation { as_what, about: About::Registered(reference) }
            }
            ("update", Some(as_what), Some(reference)) => {
                Notice::Update { as_what, about: About::Registered(reference) }
            }
            ("annulment", Some(what), _) => {
                Notice::Annulment { what, reason: answer.reason.clone(), act: answer.act.clone() }
            }
            _ => return Err(fault("a notice of an unknown kind")),
        };
        let args = Args::new()
            .with("body", self.body_name(&row.administration).await?)
            .with("number", about.registration_number().unwrap_or_default())
            .with("subject", mark.map_or(about.subject, |mark| mark.subject));
        let words = |key: String| self.catalogue.text(Lang::It, &key, &args);
        let file = File {
            name: said.file_name().into(),
            media_type: "application/xml".into(),
            bytes: notice(generation, &said).into_bytes(),
        };
        let post = Post {
            id: format!("{}.{}", row.delivery, row.attempts + 1),
            instant_ms: self.archive.now_ms(),
            to: vec![row.recipient.clone()],
            subject: words(format!("exchange-mail-{}", answer.kind)),
            text: words("exchange-mail-text".into()),
            files: vec![file],
            extent: Extent::Complete,
        };
        Ok(Next::Send(Box::new(row), Box::new(post), String::new()))
    }

    /// The mark that a letter carries: to whom the index lists as a body. With the word of its rules; or why it cannot be made.
    pub(crate) async fn mark_of_letter(
        &self,
        row: &LetterMailRow,
        about: &MessageRow,
        files: &[File],
        (speaks, from): (&Speaks, &str),
    ) -> Outcome<Result<Option<(&'static str, File)>, &'static str>> {
        let Some(body) = ipa::of_pec(self.archive.database(), &row.recipient).await? else {
            return Ok(Ok(None));
        };
        let Some(ours) = self.our_registration(about, speaks).await? else { return Ok(Ok(None)) };
        let of = |file: &File| (file.name.clone(), file.media_type.clone(), to_hex(&sha256(&file.bytes)));
        let said = Letter {
            from: Side {
                name: self.body_name(&row.administration).await?,
                administration: ours.administration.clone(),
                area: ours.area.clone(),
                address: from.into(),
            },
            to: Side {
                name: body.name,
                administration: body.code,
                area: String::new(),
                address: row.recipient.clone(),
            },
            subject: about.subject.clone(),
            files: files.iter().map(of).collect(),
            ours,
        };
        let generation = speaks.generation;
        let text = if generation == Generation::V3 {
            let Some(sealer) = self.sealer()? else {
                return Ok(Err("a mark of version 3 wants the seal of the body, and there is none"));
            };
            let at_ms = self.archive.now_ms();
            let made = tokio::task::spawn_blocking(move || sealed(&said, &sealer, at_ms)).await;
            made.map_err(fault)?.map_err(|trouble| fault(trouble.to_string()))?
        } else {
            letter(generation, &said)
        };
        let file = File {
            name: "Segnatura.xml".into(),
            media_type: "application/xml".into(),
            bytes: text.into_bytes(),
        };
        Ok(Ok(Some((generation.code(), file))))
    }
}
