//! What another program of the office sent from its mailbox: found in the folder of what was sent, it reaches the person's inbox,
//! exactly once. Whose it is must be certain; where it is not, it stays where it lies and the office is told.

use plico_archive::read::body;
use plico_archive::{ActError, ArchiveError, NewEvent, Work};
use plico_courier::malware::Scanner;
use plico_courier::pec::read::{Incoming as Mail, What};
use plico_crypto::digest::{sha256, to_hex};
use plico_database::args;
use plico_locale::{Args, Lang};
use plico_record::act::{Content, Formation, FormationChecks, SentElsewhere};
use plico_record::fiscal::FiscalCode;
use plico_record::part::{OutsideNumber, Party};
use plico_registry::exchange::Mark;

use crate::addressee::Recipient;
use crate::answer::Act;
use crate::exchange::marking;
use crate::issue::{Gives, Prepared, issue};
use crate::kind::LETTER_YEARS;
use crate::mail::{DELETE_UPLOADS, KNOWN, Mailbox, Taken, is_known, plain};
use crate::pec_receipt::OURS;
use crate::present::Filed;
use crate::refusal::{fault, refuse};
use crate::upload::Owner;
use crate::{Actor, Desk, Outcome, Refusal};

/// Characters of an area or a mark.
const CODE: usize = 60;

/// Whose the addresses of a mail are, and by what each is told.
struct Told {
    parties: Vec<Party>,
    by: Vec<String>,
}

impl Desk {
    /// Takes what was found among what a mailbox sent: a letter in the inbox of whom it went to, or what it is instead.
    pub async fn take_in_sent(
        &self,
        mailbox: &Mailbox,
        raw: &[u8],
        mail: Mail,
        scanner: &Scanner,
    ) -> Outcome<Taken> {
        let (database, actor) = (self.archive.database(), Actor::system(&mailbox.administration));
        let count = async |sql: &'static str, value: &str| {
            let rows = database.scalar_i64(sql, args![&mailbox.administration, value]).await;
            rows.map_err(ArchiveError::from)
        };
        let key = format!("sent:{}", to_hex(&sha256(raw)));
        let ours = match &mail.message_id {
            Some(id) => count(OURS, id).await? > 0,
            None => false,
        };
        // A letter of ours lies there as well.
        if ours || count(KNOWN, &key).await? > 0 {
            return Ok(Taken::Known);
        }
        let (What::Ordinary, Some(written)) = (&mail.what, mail.content) else {
            return Ok(Taken::Left("sent_other"));
        };
        if !written.from.eq_ignore_ascii_case(&mailbox.address) {
            return Ok(Taken::Left("sent_other"));
        }
        let Some(office) = body::office(database, &mailbox.office).await? else {
            return Err(fault("the office of a mailbox is not there any more"));
        };
        let Some(own) = body::body(database, &mailbox.administration).await? else {
            return Err(fault("the body of a mailbox is not there any more"));
        };
        // A mark that somebody else put on what is only sent on says nothing of this mail.
        let mark = marking(&written, self.archive.now_ms()).map(|marking| marking.mark);
        let mark = mark.filter(|mark| mark.from.administration.eq_ignore_ascii_case(&own.ipa_code));
        let Some(Told { mut parties, by }) = self.told(&actor, &written.to, mark.as_ref()).await? else {
            return Ok(Taken::Left("sent_unknown"));
        };
        self.archive.need_room()?;
        let owner = Owner(format!("mail:{}:{}", mailbox.name, to_hex(&sha256(key.as_bytes()))));
        let uploads = self.mail_files(mailbox, &owner, Some(raw), &written, scanner).await?;
        let limits = self.limits(&mailbox.administration);
        let short = |text: &str, most: usize| plain(text).trim().chars().take(most).collect::<String>();
        let subject = match short(&written.subject, limits.subject_chars) {
            subject if subject.is_empty() => self.catalogue.text(Lang::It, "mail-no-subject", &Args::new()),
            subject => subject,
        };
        let id = self.fresh_id();
        let signed = crate::present::signed(&uploads);
        let token = format!("sent/{id}");
        let prepared = Prepared {
            author: actor.account.clone(),
            token,
            act: Act::Message.code().into(),
            answers: None,
            category: String::new(),
            certificate: false,
            office: office.name,
            party: parties.remove(0),
            copies: parties,
            content: Content {
                message: id.clone(),
                kind: "comunicazione".into(),
                office: office.id,
                subject,
                text: short(&written.text, limits.text_chars),
                thread: id.clone(),
                reply_to: None,
                effect: Some("communication".into()),
            },
            formation: Formation {
                document_type: "comunicazione".into(),
                mode: "b".into(),
                confidential: false,
                format: "message/rfc822".into(),
                verification: FormationChecks { signed: !signed.is_empty(), ..FormationChecks::default() },
                retention_years: LETTER_YEARS,
            },
            code: String::new(),
            pec: None,
            looked: Vec::new(),
        };
        let documents = self.attachments(&actor, &prepared, &uploads).await?;
        let numbered = mark.is_some();
        let gives = match mark {
            Some(mark) => there(&mark, &own.area),
            None => Gives::Here,
        };
        let found = SentElsewhere {
            message: id.clone(),
            mail: key.clone(),
            mailbox: mailbox.name.clone(),
            message_id: short(written.message_id.as_deref().unwrap_or_default(), 300),
            to: written.to.iter().map(|address| short(address, 254)).collect(),
            by,
        };
        let swept = owner.clone();
        let taken = self
            .archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if is_known(work, &actor.administration, &key).await? {
                        // Another machine reads the same mailbox.
                        return refuse(Refusal::Exists);
                    }
                    let sent = issue(work, &actor, prepared, documents, &signed, gives).await?;
                    work.append(NewEvent::by(&actor, &id, found)).await?;
                    crate::upload::scan_later(work, &actor.administration, &owner.0).await?;
                    work.tx.write(DELETE_UPLOADS, args![owner.0])?;
                    Ok(Filed { message: id, number: sent.number })
                })
            })
            .await;
        match taken {
            Ok(filed) => Ok(Taken::Message(filed)),
            Err(ActError::Refused(Refusal::Exists)) => Ok(Taken::Known),
            // Its number is that of another letter that is here: brought by a program, or counted twice.
            Err(ActError::Refused(Refusal::Invalid(_))) if numbered => {
                self.drop_files(&swept).await?;
                Ok(Taken::Left("sent_number"))
            }
            Err(error) => Err(error),
        }
    }

    /// Whose every address is: whom the office's own mark names beside it, or the one person who is known by it. `None` where
    /// one of them cannot be told, or where mark and address name two.
    async fn told(&self, actor: &Actor, to: &[String], mark: Option<&Mark>) -> Outcome<Option<Told>> {
        let people = mark.map_or(&[][..], |mark| &mark.people);
        let mut told = Told { parties: Vec::new(), by: Vec::new() };
        for address in to {
            let beside = people.iter().find(|(_, other)| other.eq_ignore_ascii_case(address));
            // One address, and one person beside no address: he is meant.
            let alone =
                people.first().filter(|(_, other)| to.len() == 1 && people.len() == 1 && other.is_empty());
            let named = match beside.or(alone) {
                Some((code, _)) => match FiscalCode::parse(code) {
                    Ok(code) => Some(code),
                    Err(_) => return Ok(None),
                },
                None => None,
            };
            let known = self.person_of_address(&actor.administration, address).await?;
            let known = known.and_then(|person| person.fiscal_code);
            let (code, by) = match (named, known) {
                (Some(named), Some(known)) if named.as_str() != known => return Ok(None),
                (Some(named), _) => (named.as_str().to_owned(), "segnatura"),
                (None, Some(known)) => (known, "address"),
                (None, None) => return Ok(None),
            };
            let recipient = Recipient { name: code.clone(), fiscal_code: code, ..Recipient::default() };
            let mut party = self.recipient(actor, None, &recipient).await?;
            if !told.parties.is_empty() {
                party.role = "copy".into();
            }
            if told.parties.iter().all(|other| other.person != party.person) {
                told.parties.push(party);
            }
            told.by.push(by.into());
        }
        Ok(Some(told).filter(|told| !told.parties.is_empty()))
    }
}

/// The number that the office's own mark says. An area that is the built-in register's own would be counted twice here.
fn there(mark: &Mark, own: &str) -> Gives {
    let area: String = mark.from.area.chars().take(CODE).collect();
    let year = mark.from.year().filter(|year| (2000..3000).contains(year));
    match year {
        Some(year) if area != own && mark.from.number > 0 && i64::try_from(mark.from.number).is_ok() => {
            let outside = OutsideNumber {
                system: "segnatura".into(),
                date: mark.from.date.clone(),
                reference: mark.from.register.clone(),
                mark: String::new(),
            };
            Gives::There(area, year, mark.from.number, outside)
        }
        _ => Gives::Here,
    }
}
