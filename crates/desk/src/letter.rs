//! Letters in the making: what an operator types is kept until it is sent, so that nothing is lost between the form,
//! the page to check, and a second click. Not evidence.

use plico_archive::Work;
use plico_archive::read::queue;
use plico_courier::pec::send::is_address;
use plico_database::args;
use plico_locale::Lang;
use plico_record::act::DomicileAsked;
use plico_record::actor::Role;
use plico_record::authority::Deed;
use plico_record::fiscal::FiscalCode;
use serde::{Deserialize, Serialize};

use crate::addressee::Recipient;
use crate::answer::{Act, Letter, Sent};
use crate::certificate::Filled;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// `message`, `supplement`, `answer`, `issue`, `certificate`.
    pub purpose: String,
    /// The message it answers.
    pub about: Option<String>,
    /// The sending office.
    pub office: String,
    /// Recipient's fiscal code, when it answers nothing.
    pub fiscal_code: String,
    /// His name.
    pub name: String,
    /// His e-mail.
    pub email: String,
    /// Who gets it for his knowledge, one a line.
    pub copies: String,
    /// Address of certified mail that it goes to as well; may be empty.
    pub pec: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// `courtesy`, `communication`, `notification`.
    pub effect: String,
    /// `granted`, `denied`, `information`, for an answer.
    pub outcome: String,
    /// Category of what is issued.
    pub category: String,
    /// What was filled in of a certificate.
    pub certificate: Option<Filled>,
    /// Tag of the language of what the program writes around it; empty: Italian.
    pub language: String,
    /// What registers of digital domiciles were asked meanwhile, and said. No form brings it.
    pub looked: Vec<DomicileAsked>,
}

/// A letter as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Still being written.
    Typed(Box<Typed>),
    /// Sent as this message.
    Sent(String),
    /// It waits for signatures, to be this message.
    Waiting(String),
}

/// The categories of what is issued.
pub const CATEGORIES: [&str; 3] = ["certificate", "permit", "letter"];

const SAVE: &str =
    "insert into draft (id, administration, person, author, kind, office, subject, text, reply_to, purpose,
    updated_ms) values ($1, $2, '', $3, '', '', '', $4, null, 'letter', $5)
    on conflict (id) do update set text = excluded.text, updated_ms = excluded.updated_ms
    where draft.author = excluded.author and draft.purpose = 'letter'";
const LOAD: &str = "select purpose, subject, text from draft where id = $1 and author = $2
    and purpose in ('letter', 'letter-waiting', 'letter-sent')";
impl Typed {
    /// What the letter does; `None` while the operator has not said how he answers.
    pub fn act(&self) -> Option<Act> {
        match self.purpose.as_str() {
            "answer" => Act::parse(&self.outcome)
                .filter(|act| [Act::Granted, Act::Denied, Act::Information].contains(act)),
            "message" | "supplement" | "issue" => Act::parse(&self.purpose),
            "certificate" => Some(Act::Issue),
            _ => None,
        }
    }

    /// The letter, under the key that makes sending it twice one letter.
    pub fn letter(&self, act: Act, key: &str) -> Letter {
        Letter {
            act,
            about: self.about.clone(),
            office: self.office.clone(),
            recipient: Recipient {
                fiscal_code: self.fiscal_code.clone(),
                name: self.name.clone(),
                email: self.email.clone(),
                pec: self.pec.clone(),
            },
            // What is issued is one person's own.
            copies: match self.purpose.as_str() {
                "issue" | "certificate" => String::new(),
                _ => self.copies.clone(),
            },
            effect: self.effect.clone(),
            subject: self.subject.clone(),
            text: self.text.clone(),
            category: if self.purpose == "certificate" {
                "certificate".into()
            } else {
                self.category.clone()
            },
            certificate: self.certificate.clone().filter(|_| self.purpose == "certificate"),
            language: Lang::from_code(&self.language)
                .filter(|lang| Lang::RECEIPTS.contains(lang))
                .unwrap_or_default(),
            token: key.to_owned(),
        }
    }
}

impl Desk {
    /// What does not fit in a letter, before it is shown for confirmation.
    pub async fn check_letter(&self, actor: &Actor, letter: &Letter) -> Outcome<Vec<FieldError>> {
        let mut errors = Vec::new();
        let first = FiscalCode::parse(&letter.recipient.fiscal_code).ok();
        errors.extend(crate::senders::copies(&letter.copies, first.as_ref()).err());
        if !letter.recipient.pec.trim().is_empty() && !is_address(letter.recipient.pec.trim()) {
            errors.push(FieldError::of("pec", "email"));
        }
        if letter.about.is_none() {
            let open = self.open_office(&actor.administration, &letter.office).await?.is_some();
            if !open || !actor.in_office(&letter.office) {
                errors.push(FieldError::of("office", "unknown"));
            }
            match FiscalCode::parse(&letter.recipient.fiscal_code) {
                // By certified mail a letter reaches whoever has no code here.
                Err(_) if letter.recipient.has_only_address() => {
                    if letter.recipient.name.trim().is_empty() {
                        errors.push(FieldError::required("name"));
                    }
                }
                Ok(code) => {
                    let known =
                        queue::person_by_code(self.archive.database(), &actor.administration, code.as_str())
                            .await?;
                    if known.is_none() && letter.recipient.name.trim().is_empty() {
                        errors.push(FieldError::required("name"));
                    }
                }
                Err(_) => errors.push(FieldError::of("fiscal_code", "fiscal_code")),
            }
        }
        if !["courtesy", "communication", "notification"].contains(&letter.effect.as_str()) {
            errors.push(FieldError::of("effect", "unknown"));
        }
        if let Some(filled) = &letter.certificate {
            errors.extend(self.check_certificate(actor, filled).await?.1);
            return Ok(errors);
        }
        for (field, text, limit) in [
            ("subject", &letter.subject, self.limits(&actor.administration).subject_chars),
            ("text", &letter.text, self.limits(&actor.administration).text_chars),
        ] {
            if text.trim().is_empty() {
                errors.push(FieldError::required(field));
            } else if text.chars().count() > limit {
                errors.push(FieldError::too_long(field, limit));
            }
        }
        if letter.act == Act::Issue {
            let (_, files) = self.form_files(actor, &letter.token).await?;
            if files.is_empty() {
                errors.push(FieldError::required("files"));
            }
        }
        Ok(errors)
    }

    /// A key for a new letter.
    pub fn letter_key(&self) -> String {
        self.fresh_id()
    }

    /// Keeps what was typed.
    pub async fn keep_letter(&self, actor: &Actor, key: &str, typed: &Typed) -> Outcome<()> {
        let good = (20..=40).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric());
        if !actor.has(Role::Operator) || !good {
            return refuse(Refusal::NotFound);
        }
        if let Some(about) = &typed.about {
            self.allowed_message(actor, Deed::Answer, about).await?;
        }
        let mut typed = typed.clone();
        // Twice the limit is kept, so that whoever wrote too much can shorten it.
        typed.subject =
            typed.subject.chars().take(self.limits(&actor.administration).subject_chars * 2).collect();
        typed.text = typed.text.chars().take(self.limits(&actor.administration).text_chars * 2).collect();
        let (administration, account, key) =
            (actor.administration.clone(), actor.account.clone(), key.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    let before: Option<(String, String, String)> =
                        work.tx.optional(LOAD, args![&key, &account]).await?;
                    let before = before.and_then(|(_, _, text)| serde_json::from_str::<Typed>(&text).ok());
                    typed.looked = before.map(|before| before.looked).unwrap_or_default();
                    let text = serde_json::to_string(&typed).map_err(fault)?;
                    match work.tx.execute(SAVE, args![key, administration, account, text, now]).await? {
                        0 => refuse(Refusal::NotFound),
                        _ => Ok(()),
                    }
                })
            })
            .await
    }

    /// A letter of the actor's.
    pub async fn kept_letter(&self, actor: &Actor, key: &str) -> Outcome<Kept> {
        let row: Option<(String, String, String)> =
            self.archive.database().optional(LOAD, args![key, &actor.account]).await?;
        match row {
            None => refuse(Refusal::NotFound),
            Some((purpose, message, _)) if purpose == "letter-sent" => Ok(Kept::Sent(message)),
            Some((purpose, message, _)) if purpose == "letter-waiting" => Ok(Kept::Waiting(message)),
            Some((_, _, text)) => Ok(Kept::Typed(Box::new(serde_json::from_str(&text).map_err(fault)?))),
        }
    }

    /// Sends a kept letter; sent already, it answers the same message.
    pub async fn send_kept_letter(&self, actor: &Actor, key: &str) -> Outcome<String> {
        let typed = match self.kept_letter(actor, key).await? {
            Kept::Sent(message) => return Ok(message),
            Kept::Waiting(_) => return refuse(Refusal::Exists),
            Kept::Typed(typed) => *typed,
        };
        let Some(act) = typed.act() else {
            return refuse(Refusal::Invalid(vec![FieldError::required("outcome")]));
        };
        let letter = typed.letter(act, key);
        let Sent { message, .. } = match self.send_letter(actor, letter.clone()).await {
            // Its files were changed in another window meanwhile: it goes with those that are there.
            Err(plico_archive::ActError::Refused(Refusal::Exists)) => self.send_letter(actor, letter).await?,
            other => other?,
        };
        Ok(message)
    }
}
