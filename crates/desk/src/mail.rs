//! What came into a mailbox becomes a message of the registry, exactly once: certified mail by the key of its provider,
//! ordinary mail by its bytes. What proves nothing to anybody (receipts, notices that a mail did not arrive) stays where it lies.

use plico_archive::read::inbox::UploadRow;
use plico_archive::read::{body, queue};
use plico_archive::{ActError, Work};
use plico_courier::malware::Scanner;
use plico_courier::pec::daticert::Daticert;
use plico_courier::pec::read::{Content as Written, Incoming as Mail, What};
use plico_crypto::digest::{sha256, to_hex};
use plico_database::args;
use plico_locale::{Args, Lang};
use plico_record::act::{Arrival, Basis, Content, Formation, FormationChecks};
use plico_record::day::LegalDay;
use plico_record::part::Party;
use plico_vault::BlobReader;

use crate::exchange;
use crate::paper::{FilingPaper, PaperFile};
use crate::present::{Filed, Incoming, signed, take_in};
use crate::refusal::{fault, refuse};
use crate::upload::{Owner, scan};
use crate::{Actor, Desk, Outcome, Refusal};

/// What the mail itself is called among its files.
const RAW: &str = "messaggio.eml";
/// Files of a mail that become documents of their own; the others are in the mail itself.
pub(crate) const MOST_FILES: usize = 100;
/// Mails that stayed where they lie and are listed.
const LISTED: usize = 200;
/// A server's words that are kept, in characters.
const ERROR_CHARS: usize = 500;

/// Whose mailbox it is, and where what comes in goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Its name in the configuration.
    pub name: String,
    /// Identifier of the administration.
    pub administration: String,
    /// Its address.
    pub address: String,
    /// Identifier of the office that gets what comes in.
    pub office: String,
    /// Code of the kind that it is registered as.
    pub kind: String,
    /// Whether it answers other bodies' registries by itself: it sends, and no other registry reads it.
    pub answers: bool,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is a message.
    Message(Filed),
    /// It was one already.
    Known,
    /// A receipt of a letter of ours: it is kept with it.
    Receipt,
    /// It stays where it lies: `receipt`, `bounce`.
    Left(&'static str),
}

/// How far a mailbox was read.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct MailboxRow {
    /// Its name.
    pub mailbox: String,
    /// What its server calls UIDVALIDITY.
    pub validity: i64,
    /// The last UID that was read.
    pub last_uid: i64,
    /// When it was looked into (UTC milliseconds).
    pub looked_ms: i64,
    /// Why it could not be; empty when it could.
    pub error: String,
}

/// A mail that stayed where it lies.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct LeftRow {
    /// The mailbox.
    pub mailbox: String,
    /// UIDVALIDITY.
    pub validity: i64,
    /// UID.
    pub uid: i64,
    /// `receipt`, `bounce`, `large`, `unreadable`, `unmoved`.
    pub what: String,
    /// Its subject, as far as it could be read.
    pub subject: String,
    /// When it was read (UTC milliseconds).
    pub instant_ms: i64,
}

pub(crate) const KNOWN: &str = "select count(*) from mail_taken where administration = $1 and key = $2";
pub(crate) const DELETE_UPLOADS: &str = "delete from upload where owner = $1";
const STATES: &str = "select mailbox, validity, last_uid, looked_ms, error from mailbox_state
    where administration = $1 order by mailbox";
const STATE: &str =
    "select mailbox, validity, last_uid, looked_ms, error from mailbox_state where mailbox = $1";
const SAVE: &str = "insert into mailbox_state (mailbox, administration, validity, last_uid, looked_ms, error)
    values ($1, $2, $3, $4, $5, $6) on conflict (mailbox) do update set validity = excluded.validity,
    last_uid = excluded.last_uid, looked_ms = excluded.looked_ms, error = excluded.error";
const LEFT: &str = "select mailbox, validity, uid, what, subject, instant_ms from mailbox_left
    where administration = $1 order by instant_ms desc, uid desc limit $2";
const UNMOVED: &str = "select mailbox, validity, uid, what, subject, instant_ms from mailbox_left
    where mailbox = $1 and validity = $2 and what = 'unmoved' order by uid";
const LEAVE: &str = "insert into mailbox_left (mailbox, validity, uid, administration, what, subject, instant_ms)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (mailbox, validity, uid) do update set what = excluded.what,
    subject = excluded.subject, instant_ms = excluded.instant_ms";
const FORGET: &str = "delete from mailbox_left where mailbox = $1 and validity = $2 and uid = $3";

/// What came, apart from what was written.
pub(crate) struct Came<'a> {
    /// By what it is recognised when it is met again.
    pub(crate) key: String,
    /// How it came, as `channel-<code>` of the catalogues tells it.
    pub(crate) channel: &'static str,
    /// When somebody certifies that it did (UTC milliseconds).
    pub(crate) certified_ms: Option<i64>,
    /// Who is certain to have sent it, and where what answers goes; empty where nobody is.
    pub(crate) from: String,
    /// An address of the sender.
    pub(crate) email: Option<String>,
    /// The mail itself, where it is one.
    pub(crate) raw: Option<&'a [u8]>,
}

/// What certifies that a mail was sent to an address: one that somebody else was sent, and that is shown here again, is
/// certified to nobody here.
fn certificate<'a>(mail: &'a Mail, address: &str) -> Option<&'a Daticert> {
    let What::Transport(daticert) = &mail.what else { return None };
    let to_us = daticert.recipients.iter().any(|one| one.address.eq_ignore_ascii_case(address));
    Some(daticert).filter(|_| mail.seal.holds() && to_us)
}

/// How a mail came, as `channel-<code>` of the catalogues tells it, and when its provider certifies that it did.
fn channel(mail: &Mail, address: &str) -> (&'static str, Option<i64>) {
    if let Some(daticert) = certificate(mail, address) {
        return ("pec", daticert.at_ms);
    }
    match &mail.what {
        What::Anomaly => ("pec_anomaly", None),
        What::Ordinary => ("mail", None),
        _ => ("pec_unproven", None),
    }
}

/// By what a mail is recognised when it is met again. A header that anybody may write is no key: what bears somebody
/// else's would be taken for his and lost.
fn key(mail: &Mail, address: &str, raw: &[u8]) -> String {
    let identifier = certificate(mail, address).map(|daticert| plain(&daticert.identifier));
    match identifier.filter(|identifier| !identifier.is_empty()) {
        Some(identifier) => format!("pec:{identifier}"),
        None => format!("sha256:{}", to_hex(&sha256(raw))),
    }
}

fn is_of_code(receipt: &Daticert) -> bool {
    let id = receipt.message_id.as_deref().unwrap_or_default();
    id.trim_start_matches('<').starts_with(crate::address::CODE_ID)
}

/// Whether a mail was taken in already.
pub(crate) async fn is_known(
    work: &mut Work,
    administration: &str,
    key: &str,
) -> Result<bool, ActError<Refusal>> {
    Ok(work.tx.scalar_i64(KNOWN, args![administration, key]).await? > 0)
}

/// What a stranger wrote, without what no text holds: a sign that cannot be kept would keep the whole mail out.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

impl Desk {
    /// Takes in a mail: presented and numbered, or ordered of an outside registry, with its files and the mail itself as it
    /// came. Each is looked at by the
    /// malware scanner.
    pub async fn take_in_mail(
        &self,
        mailbox: &Mailbox,
        raw: &[u8],
        mail: Mail,
        scanner: &Scanner,
    ) -> Outcome<Taken> {
        if let Some(taken) = self.take_in_receipt(mailbox, raw, mail.clone()).await? {
            return Ok(taken);
        }
        match &mail.what {
            // Whether a code reached its address its reader shows.
            What::Receipt(daticert) if is_of_code(daticert) => return Ok(Taken::Known),
            What::Receipt(_) => return Ok(Taken::Left("receipt")),
            What::Bounce(_) => return Ok(Taken::Left("bounce")),
            _ => {}
        }
        let key = key(&mail, &mailbox.address, raw);
        if self.knows_mail(&mailbox.administration, &key).await? {
            return Ok(Taken::Known);
        }
        // The certified address is the one that the provider saw.
        let certified = certificate(&mail, &mailbox.address).map(|daticert| plain(&daticert.sender));
        if let (Some(address), Some(content)) = (&certified, &mail.content)
            && let Some(taken) = self.take_in_notice(mailbox, raw, content, (&key, address)).await?
        {
            return Ok(taken);
        }
        let (channel, certified_ms) = channel(&mail, &mailbox.address);
        let written = mail.content.unwrap_or_default();
        let email = certified.clone().filter(|address| !address.is_empty());
        let came = Came {
            key,
            channel,
            certified_ms,
            from: certified.filter(|address| address.contains('@')).unwrap_or_default(),
            email: email.or_else(|| Some(plain(&written.from))).filter(|email| email.contains('@')),
            raw: Some(raw),
        };
        self.take_in_written(mailbox, came, &written, scanner).await
    }

    /// Whether what has this key was taken in already.
    pub(crate) async fn knows_mail(&self, administration: &str, key: &str) -> Outcome<bool> {
        let known = self.archive.database().scalar_i64(KNOWN, args![administration, key]).await;
        Ok(known.map_err(plico_archive::ArchiveError::from)? > 0)
    }

    /// Makes a message of what somebody wrote, once.
    pub(crate) async fn take_in_written(
        &self,
        mailbox: &Mailbox,
        came: Came<'_>,
        written: &Written,
        scanner: &Scanner,
    ) -> Outcome<Taken> {
        let Came { key, channel, certified_ms, from: address, email, raw } = came;
        let (database, actor) = (self.archive.database(), Actor::system(&mailbox.administration));
        let (Some(kind), Some(office)) = (
            self.kind(&mailbox.administration, &mailbox.kind).await?,
            body::office(database, &mailbox.office).await?,
        ) else {
            return Err(fault("the kind or the office of a mailbox is not there any more"));
        };
        self.archive.need_room()?;
        let now = self.archive.now_ms();
        let arrived_ms = certified_ms.unwrap_or(now).min(now);
        let owner = Owner(format!("mail:{}:{}", mailbox.name, to_hex(&sha256(key.as_bytes()))));
        let uploads = self.mail_files(mailbox, &owner, raw, written, scanner).await?;

        let limits = self.limits(&mailbox.administration);
        let short = |text: &str, most: usize| plain(text).trim().chars().take(most).collect::<String>();
        let subject = match short(&written.subject, limits.subject_chars) {
            subject if subject.is_empty() => self.catalogue.text(Lang::It, "mail-no-subject", &Args::new()),
            subject => subject,
        };
        let marking = exchange::marking(written, now);
        let (mut listed, mut ipa_code) = (None, String::new());
        if let Some(marking) = &marking {
            listed = self.listed_sender(&marking.mark, &address).await?;
            let ours = body::body(database, &mailbox.administration).await?;
            ipa_code = ours.map(|body| body.ipa_code).unwrap_or_default();
        }
        let from_mark = marking.as_ref().filter(|_| !address.is_empty()).map(|marking| &marking.mark.sender);
        let name = from_mark.into_iter().chain([&written.from_name, &written.from]);
        let name = listed.as_ref().into_iter().chain(name).find(|name| !name.trim().is_empty());
        let his = match address.as_str() {
            "" => None,
            address => self.person_of_address(&mailbox.administration, address).await?,
        };
        let party = match his {
            // He showed that the address is his: the message is his own, and stands among what he sent.
            Some(person) => Party {
                v: 1,
                role: "sender".into(),
                person: person.id,
                name: person.name,
                fiscal_code: person.fiscal_code,
                email: person.email,
                organisation: person.organisation,
            },
            // Otherwise nobody knows here whose an address is: he is a person of this one message.
            None => Party {
                v: 1,
                role: "sender".into(),
                person: self.fresh_id(),
                name: short(name.map_or("?", |name| name), 200),
                fiscal_code: None,
                email,
                organisation: listed.is_some(),
            },
        };
        let id = self.fresh_id();
        let content = Content {
            message: id.clone(),
            kind: kind.code.clone(),
            office: office.id.clone(),
            subject,
            text: short(&written.text, limits.text_chars),
            thread: id,
            reply_to: None,
            effect: None,
        };
        let paper = FilingPaper {
            administration: self.body_name(&mailbox.administration).await?,
            office: office.name.clone(),
            kind: kind.name.clone(),
            sender: queue::PersonRow {
                id: party.person.clone(),
                administration: mailbox.administration.clone(),
                name: party.name.clone(),
                fiscal_code: None,
                email: party.email.clone(),
                organisation: party.organisation,
            },
            others: Vec::new(),
            author: mailbox.address.clone(),
            on_behalf: false,
            content: content.clone(),
            created_ms: now,
            files: uploads.iter().map(PaperFile::of_upload).collect(),
            demo: self.archive.is_demo().await?,
        };
        let mut documents = vec![self.store_paper(paper).await?];
        for upload in &uploads {
            documents.push(self.document_of(&mailbox.administration, upload, "attachment").await?);
        }
        let signed = signed(&uploads);
        let incoming = Incoming {
            due: kind.term_days.map(|days| LegalDay::at(arrived_ms).term(days).to_string()),
            formation: Formation {
                document_type: kind.document_type.clone(),
                mode: "c".into(),
                confidential: kind.confidential,
                format: "application/pdf".into(),
                verification: FormationChecks { signed: !signed.is_empty(), ..FormationChecks::default() },
                retention_years: kind.retention_years,
            },
            basis: Basis::NotEstablished,
            arrival: Some(Arrival {
                channel: channel.into(),
                at: arrived_ms,
                mail: Some(key.clone()),
                sender_number: marking.as_ref().map(|marking| marking.mark.from.mark()),
                sender_date: marking.as_ref().map(|marking| marking.mark.from.date.clone()),
                ..Arrival::default()
            }),
            class: self.usable(&mailbox.administration, &kind.class).await?,
            content,
            party,
            documents,
            office,
            signed,
            others: Vec::new(),
        };
        let placing = self.placed(&incoming, now).await?;
        let (mailbox, answer) = (mailbox.clone(), mailbox.answers.then(|| self.fresh_id()));
        let taken = self
            .archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if is_known(work, &actor.administration, &key).await? {
                        // Another machine reads the same mailbox.
                        return refuse(Refusal::Exists);
                    }
                    let message = incoming.content.message.clone();
                    let number = take_in(work, &actor, incoming, placing).await?;
                    if let Some(marking) = marking {
                        let from = (&mailbox, address.as_str(), ipa_code.as_str());
                        exchange::keep(work, &actor, &message, marking, from, answer).await?;
                    }
                    crate::upload::scan_later(work, &actor.administration, &owner.0).await?;
                    work.tx.write(DELETE_UPLOADS, args![owner.0])?;
                    Ok(Filed { message, number })
                })
            })
            .await;
        match taken {
            Ok(filed) => Ok(Taken::Message(filed)),
            Err(ActError::Refused(Refusal::Exists)) => Ok(Taken::Known),
            Err(error) => Err(error),
        }
    }

    /// The mail as it came, where it is one, and its files.
    pub(crate) async fn mail_files(
        &self,
        mailbox: &Mailbox,
        owner: &Owner,
        raw: Option<&[u8]>,
        written: &Written,
        scanner: &Scanner,
    ) -> Outcome<Vec<UploadRow>> {
        // What an earlier look left behind when it was broken off.
        let old = owner.0.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(DELETE_UPLOADS, args![old])?;
                    Ok::<_, ActError<Refusal>>(())
                })
            })
            .await?;
        let files = written.attachments.iter().filter(|file| !file.bytes.is_empty()).take(MOST_FILES);
        let files = files.map(|file| (file.name.as_str(), file.bytes.as_slice()));
        for (name, bytes) in raw.map(|raw| (RAW, raw)).into_iter().chain(files) {
            let name = if name.trim().is_empty() { "allegato" } else { name };
            let clean = plico_package::name::clean(name);
            let mut upload = self.begin_own_file(&mailbox.administration, owner, &clean)?;
            upload.write(bytes).await?;
            self.finish_upload(upload, async |reader: &BlobReader| scan(scanner, reader).await).await?;
        }
        self.uploads_of(owner).await
    }

    /// How far a mailbox was read.
    pub async fn mailbox_state(&self, name: &str) -> Outcome<Option<MailboxRow>> {
        let row = self.archive.database().optional(STATE, args![name]).await;
        Ok(row.map_err(plico_archive::ArchiveError::from)?)
    }

    /// Keeps how far a mailbox was read, and why it could not be read further.
    pub async fn save_mailbox_state(
        &self,
        mailbox: &Mailbox,
        (validity, last_uid): (u32, u32),
        error: &str,
    ) -> Outcome<()> {
        let (name, administration) = (mailbox.name.clone(), mailbox.administration.clone());
        let error: String = plain(error).chars().take(ERROR_CHARS).collect();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    work.tx.write(SAVE, args![name, administration, validity, last_uid, now, error])?;
                    Ok(())
                })
            })
            .await
    }

    /// Keeps that a mail stays where it lies.
    pub async fn leave_mail(
        &self,
        mailbox: &Mailbox,
        (validity, uid): (u32, u32),
        what: &'static str,
        subject: &str,
    ) -> Outcome<()> {
        let (name, administration) = (mailbox.name.clone(), mailbox.administration.clone());
        let subject: String = plain(subject).chars().take(200).collect();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    work.tx.write(LEAVE, args![name, validity, uid, administration, what, subject, now])?;
                    Ok(())
                })
            })
            .await
    }

    /// Mails that became messages and could not be moved away yet.
    pub async fn unmoved(&self, name: &str, validity: u32) -> Outcome<Vec<LeftRow>> {
        let rows = self.archive.database().all(UNMOVED, args![name, validity]).await;
        Ok(rows.map_err(plico_archive::ArchiveError::from)?)
    }

    /// One of them was moved.
    pub async fn moved(&self, name: &str, validity: u32, uid: u32) -> Outcome<()> {
        let name = name.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(FORGET, args![name, validity, uid])?;
                    Ok(())
                })
            })
            .await
    }

    /// The mailboxes of the actor's administration as they were last read, and what stayed in them.
    pub async fn mailboxes(&self, actor: &Actor) -> Outcome<(Vec<MailboxRow>, Vec<LeftRow>)> {
        Self::may_read_register(actor)?;
        let database = self.archive.database();
        let error = plico_archive::ArchiveError::from;
        Ok((
            database.all(STATES, args![&actor.administration]).await.map_err(error)?,
            database.all(LEFT, args![&actor.administration, LISTED]).await.map_err(error)?,
        ))
    }
}
