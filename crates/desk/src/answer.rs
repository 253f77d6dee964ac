//! The office writes to a person: a message, a request for what is missing, an answer, a document for his documents.
//! What goes out is registered and made available in one transaction.

use plico_archive::read::inbox::{self, UploadRow};
use plico_archive::read::{body, message};
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{
    Content, DeliveryMadeAvailable, DocumentIssued, Formation, FormationChecks, MessageAnswered,
    MessageSupplementRequested,
};
use plico_record::actor::Role;
use plico_record::authority::{Deed, Thing};
use plico_record::message::Step;
use plico_record::part::{DocumentEntry, RegisterPart, RegisteredDocument};

use crate::addressee::Recipient;
use crate::certificate::{CertificatePaper, Filled};
use crate::kind::LETTER_YEARS;
use crate::paper::{LetterPaper, PaperFile};
use crate::present::{Extra, register};
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

    fn outcome(self) -> Option<&'static str> {
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
    /// The form's own token: sending twice is one letter.
    pub token: String,
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The outgoing message.
    pub message: String,
    /// The delivery.
    pub delivery: String,
    /// `0000123/2026`.
    pub number: String,
}

const KNOWN_KEY: &str = "select request, answer from idempotency where account = $1 and key = $2";
const KEEP_KEY: &str =
    "insert into idempotency (account, key, request, answer, created_ms) values ($1, $2, $3, $4, $5)";
const ATTACHED: &str = "select id from upload where owner = $1 order by position";
const DELETE_UPLOADS: &str = "delete from upload where owner = $1";
/// What was being written is not there to be sent again.
const SENT: &str = "update draft set purpose = 'letter-sent', subject = $3, text = ''
    where id = $1 and author = $2 and purpose = 'letter'";
const PERSON_OF_CODE: &str = "select id from person where administration = $1 and fiscal_code = $2";

impl Desk {
    /// Sends a letter: registered, made available, the notice enqueued.
    pub async fn send_letter(&self, actor: &Actor, letter: Letter) -> Outcome<Sent> {
        let database = self.archive.database();
        let about = if let Some(id) = &letter.about {
            Some(self.allowed_message(actor, Deed::Answer, id).await?)
        } else {
            permit(actor, Deed::Answer, &Thing::Administration { id: actor.administration.clone() })?;
            None
        };
        let key = format!("letter/{}", letter.token);
        if let Some(sent) = self.sent_before(actor, &key).await? {
            return Ok(sent);
        }
        self.archive.need_room()?;
        let errors = self.check_letter(actor, &letter).await?;
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let office_id = about.as_ref().map_or(&letter.office, |about| &about.office).clone();
        let Some(office) = body::office(database, &office_id).await? else {
            return refuse(Refusal::NotFound);
        };
        let party = self.recipient(actor, about.as_ref(), &letter.recipient).await?;
        let certificate = self.certificate(actor, &letter).await?;
        let (owner, uploads) = self.form_files(actor, &letter.token).await?;
        let now = self.archive.now_ms();
        let id = plico_record::id::PublicId::new(now, self.archive.entropy().bytes()).to_string();
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
        let verify_url = format!("{}/verifica", self.public_url);
        let (demo, sealed) = (self.archive.is_demo().await?, self.archive.seal_pem().is_some());
        let retention_years =
            certificate.as_ref().map_or(LETTER_YEARS, |certificate| certificate.kind.retention_years);
        let is_certificate = certificate.is_some();
        let primary = if let Some(certificate) = certificate {
            let paper = CertificatePaper {
                administration,
                office: office.name.clone(),
                certificate,
                recipient: party.clone(),
                content: content.clone(),
                created_ms: now,
                files,
                sealed,
                code: Some(code.clone()),
                original_url: format!("{}/contrassegno", self.public_url),
                demo,
            };
            self.store_certificate(paper).await?
        } else {
            let paper = LetterPaper {
                administration,
                office: office.name.clone(),
                responsible: office.responsible.clone(),
                author: actor.name.clone(),
                recipient: party.clone(),
                answers: about.as_ref().and_then(message::MessageRow::registration_number),
                content: content.clone(),
                created_ms: now,
                files,
                code: code.clone(),
                verify_url,
                demo,
            };
            self.store_letter(paper).await?
        };
        let mut documents = vec![primary];
        let role = if letter.act == Act::Issue && !is_certificate { "issued" } else { "attachment" };
        for upload in &uploads {
            documents.push(self.document_of(&actor.administration, upload, role).await?);
        }
        let formation = Formation {
            document_type: if is_certificate { "certificato" } else { "comunicazione" }.into(),
            mode: "a".into(),
            confidential: false,
            format: "application/pdf".into(),
            verification: FormationChecks { sealed, ..FormationChecks::default() },
            retention_years,
        };
        let signed = crate::present::signed(&uploads);
        let (author, actor, known_key) = (actor, actor.clone(), key.clone());
        let sent = self
            .archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.optional::<(Vec<u8>, String)>(KNOWN_KEY, args![&actor.account, &key]).await?.is_some() {
                        return refuse(Refusal::Exists);
                    }
                    let attached: Vec<(String,)> = work.tx.all(ATTACHED, args![&owner.0]).await?;
                    if !attached.iter().map(|row| &row.0).eq(uploads.iter().map(|upload| &upload.id)) {
                        // A file was added or discarded in another window while the letter was rendered.
                        return refuse(Refusal::Exists);
                    }
                    if let Some(about) = &about
                        && letter.act != Act::Message
                        && about.direction == "in"
                    {
                        crate::view::fits(work, &about.id, Step::Answer).await?;
                    }
                    // Somebody may have addressed the same new person a moment ago.
                    let mut party = party;
                    if let Some(code) = &party.fiscal_code
                        && let Some(known) =
                            work.tx.scalar_text(PERSON_OF_CODE, args![&actor.administration, code]).await?
                    {
                        party.person = known;
                    }
                    let now = work.now_ms();
                    let registered = documents
                        .iter()
                        .map(|d| RegisteredDocument { name: d.entry.name.clone(), sha256: d.entry.sha256.clone() })
                        .collect();
                    let cites = documents.iter().map(|document| DocumentEntry { verification: None, ..document.entry.clone() }).collect();
                    let primary = documents[0].entry.id.clone();
                    let issued: Vec<String> = documents
                        .iter()
                        .filter(|d| d.entry.role == if is_certificate { "primary" } else { "issued" })
                        .map(|d| d.entry.id.clone())
                        .collect();
                    let part = RegisterPart {
                        v: 1, area: String::new(), year: 0, number: 0, direction: "out".into(), at: now,
                        presented: None, parties: vec![party.name.clone()], subject: content.subject.clone(),
                        office: office.name.clone(), documents: registered, outside: None, };
                    let number = register(work, &actor, &content, "out", part, Extra {
                        outgoing: Some((content.clone(), formation)),
                        documents,
                        parties: vec![party.clone()],
                        receipts: Vec::new(),
                    })
                    .await?;
                    crate::code::keep(work, &code, &primary)?;
                    let delivery = work.new_id();
                    let mut available = NewEvent::by(&actor, &delivery, DeliveryMadeAvailable {
                        delivery: delivery.clone(),
                        message: content.message.clone(),
                        recipient: party.person.clone(),
                    });
                    available.cites = cites;
                    available.receipts = vec![(party.person.clone(), content.message.clone())];
                    work.append(available).await?;
                    for document in issued {
                        let act = DocumentIssued {
                            document: document.clone(),
                            message: content.message.clone(),
                            category: letter.category.clone(),
                        };
                        work.append(NewEvent::by(&actor, document, act)).await?;
                    }
                    if let Some(about) = about.filter(|about| about.direction == "in") {
                        follow_up(work, &actor, &about.id, &content.message, letter.act).await?;
                    }
                    let payload = serde_json::json!({"v": 1, "delivery": delivery});
                    work.enqueue("notice", &format!("notice/{delivery}/email"), &actor.administration, &payload)?;
                    let sent = Sent { message: content.message.clone(), delivery, number };
                    let answer =
                        serde_json::json!({"message": sent.message, "delivery": sent.delivery, "number": sent.number});
                    work.tx
                        .write(KEEP_KEY, args![&actor.account, key, vec![0u8; 32], answer.to_string(), now])?;
                    crate::upload::scan_later(work, &actor.administration, &owner.0).await?;
                    crate::verdict::renew_later(work, &actor.administration, &sent.message, &signed)?;
                    work.tx.write(DELETE_UPLOADS, args![owner.0])?;
                    work.tx.write(SENT, args![letter.token, &actor.account, &sent.message])?;
                    Ok(sent)
                })
            })
            .await;
        match sent {
            // A second click that came while the first was on its way is told what the first one did.
            Err(ActError::Refused(Refusal::Exists)) => match self.sent_before(author, &known_key).await? {
                Some(sent) => Ok(sent),
                None => refuse(Refusal::Exists),
            },
            sent => sent,
        }
    }

    async fn sent_before(&self, actor: &Actor, key: &str) -> Outcome<Option<Sent>> {
        let row: Option<(Vec<u8>, String)> =
            self.archive.database().optional(KNOWN_KEY, args![&actor.account, key]).await?;
        Ok(row.and_then(|(_, answer)| {
            let answer: serde_json::Value = serde_json::from_str(&answer).ok()?;
            let text = |name: &str| answer[name].as_str().map(str::to_owned);
            Some(Sent { message: text("message")?, delivery: text("delivery")?, number: text("number")? })
        }))
    }

    /// Offices an operator may write from.
    pub async fn own_offices(&self, actor: &Actor) -> Outcome<Vec<body::Office>> {
        let offices = body::offices(self.archive.database(), &actor.administration).await?;
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

async fn follow_up(
    work: &mut Work,
    actor: &Actor,
    about: &str,
    by_message: &str,
    act: Act,
) -> Result<(), ActError<Refusal>> {
    let (about, by_message) = (about.to_owned(), by_message.to_owned());
    if let Some(outcome) = act.outcome() {
        let answered = MessageAnswered { message: about.clone(), by_message, outcome: outcome.into() };
        work.append(NewEvent::by(actor, about, answered)).await?;
    } else if act == Act::Supplement {
        let asked = MessageSupplementRequested { message: about.clone(), by_message };
        work.append(NewEvent::by(actor, about, asked)).await?;
    }
    Ok(())
}
