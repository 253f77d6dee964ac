//! From an outside registry to a person: what an office registered in its own system, with its number, becomes a letter in his inbox.

use plico_archive::read::body;
use plico_archive::{ActError, Work};
use plico_database::args;
use plico_record::act::{Content, Formation, FormationChecks};
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;
use plico_record::part::OutsideNumber;

use crate::addressee::Recipient;
use crate::answer::{Act, Letter, Sent};
use crate::issue::{Gives, Prepared, issue, unchanged};
use crate::kind::LETTER_YEARS;
use crate::refusal::{permit, refuse};
use crate::upload::Owner;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Longest name of a system or an area, in characters.
const NAME: usize = 60;
const DROP_FILES: &str = "delete from upload where owner = $1";

/// A letter that has its number.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The office that sends.
    pub office: String,
    /// To whom.
    pub recipient: Recipient,
    /// `courtesy`, `communication` or `notification`.
    pub effect: String,
    /// Subject.
    pub subject: String,
    /// Text; may be empty.
    pub text: String,
    /// Registry area of the number: never the built-in register's own.
    pub area: String,
    /// Its year.
    pub year: i32,
    /// The number.
    pub number: u64,
    /// What the registry says of it.
    pub outside: OutsideNumber,
}

impl Desk {
    /// Makes a letter available that an outside registry numbered. The same key is the same letter; `files` are received
    /// already, the first one is what was registered.
    pub async fn push_letter(
        &self,
        actor: &Actor,
        key: &str,
        request: [u8; 32],
        letter: Registered,
        files: Owner,
    ) -> Outcome<Sent> {
        let pushed = self.pushed(actor, key, request, letter, &files).await;
        if pushed.is_err() {
            self.drop_files(&files).await?;
        }
        pushed
    }

    async fn pushed(
        &self,
        actor: &Actor,
        key: &str,
        request: [u8; 32],
        letter: Registered,
        files: &Owner,
    ) -> Outcome<Sent> {
        permit(actor, Deed::Answer, &Thing::Administration { id: actor.administration.clone() })?;
        self.archive.need_room()?;
        let uploads = self.uploads_of(files).await?;
        let mut errors = self.check_letter(actor, &plain(&letter)).await?;
        let own = self.body(actor).await?.area;
        for (field, text) in [("area", &letter.area), ("system", &letter.outside.system)] {
            match text.trim().chars().count() {
                0 => errors.push(FieldError::required(field)),
                chars if chars > NAME => errors.push(FieldError::too_long(field, NAME)),
                _ => {}
            }
        }
        if letter.area.trim() == own {
            errors.push(FieldError::of("area", "registry_own"));
        }
        if letter.number == 0 || letter.number > i64::MAX as u64 {
            errors.push(FieldError::of("number", "number"));
        }
        if !(2000..3000).contains(&letter.year) {
            errors.push(FieldError::of("year", "number"));
        }
        if LegalDay::parse(&letter.outside.date).is_none() {
            errors.push(FieldError::of("date", "date"));
        }
        if uploads.is_empty() {
            errors.push(FieldError::required("files"));
        }
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let key = format!("registered/{key}");
        let token = self.claim_key(actor, &key, request, &self.fresh_id()).await?;
        if let Some(sent) = self.sent_before(actor, &format!("letter/{token}")).await? {
            self.drop_files(files).await?;
            return Ok(sent);
        }
        let sent = self.issue_pushed(actor, &token, letter, files, uploads).await;
        if matches!(sent, Err(ActError::Refused(_))) {
            // Called twice at once, the other call has sent it meanwhile, and the number is refused here.
            if let Some(sent) = self.sent_before(actor, &format!("letter/{token}")).await? {
                self.drop_files(files).await?;
                return Ok(sent);
            }
            self.forget_key(actor, &key, &token).await?;
        }
        sent
    }

    async fn issue_pushed(
        &self,
        actor: &Actor,
        token: &str,
        letter: Registered,
        files: &Owner,
        uploads: Vec<plico_archive::read::inbox::UploadRow>,
    ) -> Outcome<Sent> {
        let Some(office) = body::office(self.archive.database(), &letter.office).await? else {
            return refuse(Refusal::NotFound);
        };
        let party = self.recipient(actor, None, &letter.recipient).await?;
        let id = self.fresh_id();
        let signed = crate::present::signed(&uploads);
        let formation = Formation {
            document_type: "comunicazione".into(),
            mode: "b".into(),
            confidential: false,
            format: uploads.first().map(|upload| upload.media_type.clone()).unwrap_or_default(),
            verification: FormationChecks { signed: !signed.is_empty(), ..FormationChecks::default() },
            retention_years: LETTER_YEARS,
        };
        let prepared = Prepared {
            author: actor.account.clone(),
            token: token.to_owned(),
            act: Act::Message.code().into(),
            answers: None,
            category: String::new(),
            certificate: false,
            office: office.name,
            party,
            copies: Vec::new(),
            content: Content {
                message: id.clone(),
                kind: "comunicazione".into(),
                office: office.id,
                subject: letter.subject.trim().to_owned(),
                text: letter.text.trim().to_owned(),
                thread: id,
                reply_to: None,
                effect: Some(letter.effect),
            },
            formation,
            code: String::new(),
            pec: None,
            looked: Vec::new(),
        };
        let documents = self.attachments(actor, &prepared, &uploads).await?;
        let gives = Gives::There(letter.area.trim().to_owned(), letter.year, letter.number, letter.outside);
        let (actor, files) = (actor.clone(), files.clone());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    unchanged(work, &files, &uploads).await?;
                    let sent = issue(work, &actor, prepared, documents, &signed, gives).await?;
                    crate::upload::scan_later(work, &actor.administration, &files.0).await?;
                    work.tx.write(DROP_FILES, args![files.0])?;
                    Ok(sent)
                })
            })
            .await
    }
}

/// As a letter that an operator writes, to be checked as one.
fn plain(letter: &Registered) -> Letter {
    Letter {
        act: Act::Message,
        about: None,
        office: letter.office.clone(),
        recipient: letter.recipient.clone(),
        copies: String::new(),
        effect: letter.effect.clone(),
        subject: letter.subject.clone(),
        // What it says is in its document.
        text: if letter.text.trim().is_empty() { "–".into() } else { letter.text.clone() },
        category: String::new(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: String::new(),
    }
}
