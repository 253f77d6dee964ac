//! The office writes to a person: a message, a request for what is missing, an answer, a document for his documents.
//! What goes out is registered and made available in one transaction, or waits for the number of an outside registry.

use plico_archive::read::inbox::{self, UploadRow};
use plico_archive::read::{body, message};
use plico_archive::{ActError, NewDocument, NewEvent, Work};
use plico_database::args;
use plico_locale::Lang;
use plico_record::act::{Content, Formation, FormationChecks, MessageConcluded, MessageLinked};
use plico_record::actor::Role;
use plico_record::authority::{Deed, Thing};
use plico_record::message::Step;
use serde::{Deserialize, Serialize};

use crate::addressee::Recipient;
use crate::certificate::{CertificatePaper, Filled};
use crate::issue::{Made, Prepared, issue, unchanged};
use crate::kind::LETTER_YEARS;
use crate::paper::{LetterPaper, PaperFile};
use crate::refusal::{permit, refuse};
use crate::upload::Owner;
use crate::{Actor, Desk, Outcome, Refusal};

/// What a letter of the office does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Tells something; the matter goes on.
    Message,
    /// Asks for what is missing.
    Supplement,
    /// Answers: granted.
    Granted,
    /// Answers: denied.
    Denied,
    /// Answers without a decision.
    Information,
    /// Puts documents into the person's documents.
    Issue,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 6] =
        [Self::Message, Self::Supplement, Self::Granted, Self::Denied, Self::Information, Self::Issue];

    /// The stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Supplement => "supplement",
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Information => "information",
            Self::Issue => "issue",
        }
    }

    /// Reads a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }

    pub(crate) fn outcome(self) -> Option<&'static str> {
        match self {
            Self::Granted => Some("granted"),
            Self::Denied => Some("denied"),
            Self::Information => Some("information"),
            _ => None,
        }
    }
}

/// A letter of the office.
#[derive(Debug, Clone)]
pub struct Letter {
    /// What it does.
    pub act: Act,
    /// The message it answers.
    pub about: Option<String>,
    /// The sending office, when it answers nothing.
    pub office: String,
    /// To whom, when it answers nothing.
    pub recipient: Recipient,
    /// Who gets it for his knowledge, one a line: name, semicolon, fiscal code; may be empty.
    pub copies: String,
    /// `courtesy`, `communication` or `notification`.
    pub effect: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// `certificate`, `permit`, `letter`, for what is issued.
    pub category: String,
    /// The certificate that it is; subject and text are then its own.
    pub certificate: Option<Filled>,
    /// The language of what the program writes around it: one of [`Lang::RECEIPTS`].
    pub language: Lang,
    /// The form's own token: sending twice is one letter.
    pub token: String,
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The outgoing message.
    pub message: String,
    /// The delivery; none while an outside registry is asked for the number.
    pub delivery: Option<String>,
    /// `0000123/2026`; none while an outside registry is asked for it.
    pub number: Option<String>,
}

const KNOWN_KEY: &str = "select request, answer from idempotency where account = $1 and key = $2";
const WAITS: &str = "select count(*) from draft where id = $1 and author = $2 and purpose = 'letter-waiting'";
const DELETE_UPLOADS: &str = "delete from upload where owner = $1";

impl Desk {
    /// Sends a letter: registered, made available, the notice enqueued.
    pub async fn send_letter(&self, actor: &Actor, letter: Letter) -> Outcome<Sent> {
        self.send_ending(actor, letter, None).await
    }

    /// The same; with it, or not at all, a message ends that it sends on.
    pub(crate) async fn send_ending(
        &self,
        actor: &Actor,
        letter: Letter,
        ends: Option<MessageConcluded>,
    ) -> Outcome<Sent> {
        self.may_write(actor, &letter).await?;
        let key = format!("letter/{}", letter.token);
        if let Some(sent) = self.sent_before(actor, &key).await? {
            return Ok(sent);
        }
        let Made { prepared, name, pdf, owner, uploads } =
            self.make_letter(actor, &letter, self.has_seal()).await?;
        let mut documents = vec![self.store_pdf(&name, &pdf).await?];
        documents.extend(self.attachments(actor, &prepared, &uploads).await?);
        let gives = self.gives(&prepared, &documents).await?;
        let signed = crate::present::signed(&uploads);
        let (author, actor, token) = (actor, actor.clone(), letter.token.clone());
        let sent = self
            .archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let known = work
                        .tx
                        .optional::<(Vec<u8>, String)>(KNOWN_KEY, args![&prepared.author, &key])
                        .await?;
                    // In another window it was sent, or is at the signing desk.
                    let waits = work.tx.scalar_i64(WAITS, args![&token, &prepared.author]).await? > 0;
                    if known.is_some() || waits {
                        return refuse(Refusal::Exists);
                    }
                    // A file may have been added or discarded in another window while the letter was rendered.
                    unchanged(work, &owner, &uploads).await?;
                    let sent = issue(work, &actor, prepared, documents, &signed, gives).await?;
                    if let Some(end) = ends {
                        crate::view::fits(work, &end.message, Step::Conclude).await?;
                        let about = end.message.clone();
                        let (message, other) = (about.clone(), sent.message.clone());
                        let link = MessageLinked { message, other, reason: end.reason.clone() };
                        work.append(NewEvent::by(&actor, &about, link)).await?;
                        work.append(NewEvent::by(&actor, &about, end)).await?;
                    }
                    crate::upload::scan_later(work, &actor.administration, &owner.0).await?;
                    work.tx.write(DELETE_UPLOADS, args![owner.0])?;
                    Ok(sent)
                })
            })
            .await;
        match sent {
            // A second click that came while the first was on its way is told what the first one did.
            Err(ActError::Refused(Refusal::Exists)) => {
                match self.sent_before(author, &format!("letter/{}", letter.token)).await? {
                    Some(sent) => Ok(sent),
                    None => refuse(Refusal::Exists),
                }
            }
            sent => sent,
        }
    }

    async fn may_write(&self, actor: &Actor, letter: &Letter) -> Outcome<Option<message::MessageRow>> {
        if let Some(id) = &letter.about {
            return Ok(Some(self.allowed_message(actor, Deed::Answer, id).await?));
        }
        permit(actor, Deed::Answer, &Thing::Administration { id: actor.administration.clone() })?;
        Ok(None)
    }

    /// Checks a letter and lays it out, `sealed` by the body or to be signed by others.
    pub(crate) async fn make_letter(&self, actor: &Actor, letter: &Letter, sealed: bool) -> Outcome<Made> {
        let grade = if sealed { Some(self.usable_seal()?) } else { None };
        let database = self.archive.database();
        let about = self.may_write(actor, letter).await?;
        self.archive.need_room()?;
        let errors = self.check_letter(actor, letter).await?;
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let office_id = about.as_ref().map_or(&letter.office, |about| &about.office).clone();
        let Some(office) = body::office(database, &office_id).await? else {
            return refuse(Refusal::NotFound);
        };
        let party = self.recipient(actor, about.as_ref(), &letter.recipient).await?;
        let looked = self.looked_of(actor, &letter.token, party.fiscal_code.as_deref()).await?;
        let certificate = self.certificate(actor, letter).await?;
        let copies = crate::senders::copies(&letter.copies, None).unwrap_or_default();
        let mut copies = self.parties(actor, copies, "copy").await?;
        copies.retain(|copy| copy.person != party.person);
        let (owner, uploads) = self.form_files(actor, &letter.token).await?;
        let now = self.archive.now_ms();
        let id = self.fresh_id();
        let (subject, text) = match &certificate {
            Some(certificate) => certificate.words(&party),
            None => (letter.subject.trim().to_owned(), letter.text.trim().to_owned()),
        };
        let content = Content {
            message: id.clone(),
            kind: about.as_ref().map_or_else(|| "comunicazione".into(), |about| about.kind.clone()),
            office: office.id.clone(),
            subject,
            text,
            thread: about.as_ref().map_or_else(|| id.clone(), |about| about.thread.clone()),
            reply_to: about.as_ref().map(|about| about.id.clone()),
            effect: Some(letter.effect.clone()),
        };
        let code = self.fresh_code();
        let files = uploads.iter().map(PaperFile::of_upload).collect();
        let administration = self.body_name(&actor.administration).await?;
        let arms = self.arms(&actor.administration).await?;
        let demo = self.archive.is_demo().await?;
        let retention_years =
            certificate.as_ref().map_or(LETTER_YEARS, |certificate| certificate.kind.retention_years);
        let is_certificate = certificate.is_some();
        let office_name = office.name.clone();
        let pdf = if let Some(certificate) = certificate {
            let paper = CertificatePaper {
                administration,
                arms,
                office: office.name,
                certificate,
                recipient: party.clone(),
                content: content.clone(),
                created_ms: now,
                files,
                sealed: grade,
                code: Some(code.clone()),
                original_url: format!("{}/contrassegno", self.public_url),
                demo,
            };
            self.certificate_pdf(paper, letter.language).await?
        } else {
            let paper = LetterPaper {
                administration,
                arms,
                office: office.name,
                responsible: office.responsible,
                author: actor.name.clone(),
                recipient: party.clone(),
                copies: copies.iter().map(|copy| copy.name.clone()).collect(),
                answers: about.as_ref().and_then(message::MessageRow::registration_number),
                content: content.clone(),
                created_ms: now,
                files,
                code: code.clone(),
                verify_url: format!("{}/verifica", self.public_url),
                demo,
            };
            self.letter_pdf(paper, sealed, letter.language).await?
        };
        let formation = Formation {
            document_type: if is_certificate { "certificato" } else { "comunicazione" }.into(),
            mode: "a".into(),
            confidential: false,
            format: "application/pdf".into(),
            verification: FormationChecks { sealed, ..FormationChecks::default() },
            retention_years,
        };
        let name = format!("{}.pdf", content.subject);
        let pec = match letter.recipient.pec.trim() {
            "" => None,
            address => Some(self.goes_to(&actor.administration, address).await?),
        };
        let prepared = Prepared {
            author: actor.account.clone(),
            token: letter.token.clone(),
            act: letter.act.code().into(),
            answers: about.filter(|about| about.direction == "in").map(|about| about.id),
            category: letter.category.clone(),
            certificate: is_certificate,
            office: office_name,
            party,
            copies,
            content,
            formation,
            code,
            pec,
            looked,
        };
        Ok(Made { prepared, name, pdf, owner, uploads })
    }

    /// The files of a letter as they go with it.
    pub(crate) async fn attachments(
        &self,
        actor: &Actor,
        prepared: &Prepared,
        uploads: &[UploadRow],
    ) -> Outcome<Vec<NewDocument>> {
        let mut documents = Vec::new();
        for upload in uploads {
            documents.push(self.document_of(&actor.administration, upload, prepared.role()).await?);
        }
        Ok(documents)
    }

    pub(crate) async fn sent_before(&self, actor: &Actor, key: &str) -> Outcome<Option<Sent>> {
        let row: Option<(Vec<u8>, String)> =
            self.archive.database().optional(KNOWN_KEY, args![&actor.account, key]).await?;
        Ok(row.and_then(|(_, answer)| serde_json::from_str(&answer).ok()))
    }

    /// Offices an operator may write from.
    pub async fn own_offices(&self, actor: &Actor) -> Outcome<Vec<body::Office>> {
        let offices = self.open_offices(&actor.administration).await?;
        Ok(offices.into_iter().filter(|office| actor.in_office(&office.id)).collect())
    }

    /// The files gathered for a letter.
    pub async fn letter_files(&self, actor: &Actor, token: &str) -> Outcome<(Owner, Vec<UploadRow>)> {
        if !actor.has(Role::Operator) {
            return refuse(Refusal::NotFound);
        }
        self.form_files(actor, token).await
    }

    /// One upload of a letter or draft.
    pub async fn uploads_of(&self, owner: &Owner) -> Outcome<Vec<UploadRow>> {
        Ok(inbox::uploads(self.archive.database(), &owner.0).await?)
    }
}
