//! Bodies that speak to our registry by web service (Allegato 6 of the guidelines), in both roles: what comes becomes a message in
//! the same queue as mail does, once; what they say of what we sent is kept with it; what we say goes to the address that the
//! configuration knows of them. In the journal such a body stands as its service, `agid:<IPA code>`, where a certified
//! address stands otherwise.

use plico_archive::read::exchange::{self, AnswerRow};
use plico_archive::read::message;
use plico_archive::read::pec::{self, LetterMailRow};
use plico_archive::{ActError, NewEvent, Work};
use plico_courier::malware::Scanner;
use plico_courier::pec::read::{Attachment, Content as Written, Registry};
use plico_crypto::DataKey;
use plico_crypto::digest::{sha256, to_hex};
use plico_database::args;
use plico_record::act::MarkNotice;
use plico_record::part::DocumentEntry;
use plico_registry::Order;
use plico_registry::agid::{Annulment, Anomaly, By, Confirmation, Identifier, Received};

use crate::exchange::{Speaks, registered};
use crate::exchange_out::theirs;
use crate::mail::{Came, MOST_FILES, Mailbox, Taken, is_known};
use crate::pec::{Next, RECEIPT};
use crate::present::committed;
use crate::refusal::fault;
use crate::{Actor, Desk, Outcome};

/// What stands before the code of a body that is spoken to by web service.
const SERVICE: &str = "agid:";
/// How it came, as `channel-<code>` of the catalogues tells it.
const CHANNEL: &str = "service";
/// Characters of their words.
const WORDS: usize = 1000;

const KNOWN: &str = "select message from mail_taken where administration = $1 and key = $2";

/// A body that is known here, and where what comes from it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Identifier of our administration.
    pub administration: String,
    /// Its IPA code.
    pub code: String,
    /// Identifier of the office that gets what comes in.
    pub office: String,
    /// Code of the kind that it is registered as.
    pub kind: String,
    /// Whether its service as a sender is known: then what came from it is confirmed by itself.
    pub answers: bool,
}

impl Peer {
    /// What comes from it is taken in as if it came into a mailbox of its own.
    fn mailbox(&self) -> Mailbox {
        Mailbox {
            name: service(&self.code),
            administration: self.administration.clone(),
            address: service(&self.code),
            office: self.office.clone(),
            kind: self.kind.clone(),
            answers: self.answers,
        }
    }
}

/// What is to be told to another body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Telling {
    /// As the sender of a letter: the letter.
    Letter(Order),
    /// As its recipient: our number, or why there is none.
    Confirmation(Confirmation),
    /// That a registration was annulled, in either role.
    Annulment(Annulment),
}

/// What is to be done now with what is to be told.
#[derive(Debug)]
pub enum NextTelling {
    /// Nothing, or not by a machine.
    Nothing,
    /// This goes out.
    Tell(Box<LetterMailRow>, Box<Telling>),
    /// Somebody may be telling it.
    Wait(Box<LetterMailRow>),
    /// What it is about has no number yet.
    Unnumbered,
    /// It cannot go out: why.
    Never(Box<LetterMailRow>, &'static str),
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It is here, now or since earlier.
    Here,
    /// Its number is that of another message from there.
    Another,
    /// It has more files than are taken in.
    TooMany,
}

/// As what a body stands in the journal.
pub fn service(code: &str) -> String {
    format!("{SERVICE}{}", code.to_lowercase())
}

/// The body that an address stands for, where it is a service.
pub fn of_service(address: &str) -> Option<&str> {
    address.strip_prefix(SERVICE)
}

/// By what a message is recognised when it is met again: what its sender registered it as.
fn key(from: &Identifier) -> String {
    let Identifier { administration, area, register, number, date } = from;
    format!("{SERVICE}{administration}/{area}/{register}/{date}/{number}").to_lowercase()
}

/// The same for what is said afterwards: the same words again change nothing.
fn key_of_notice(peer: &Peer, request: &[u8]) -> String {
    format!("{}:{}", service(&peer.code), to_hex(&sha256(request)))
}

impl Desk {
    /// Takes in a message that a known body sent, its mark and digests checked: presented and numbered, or ordered of an outside
    /// registry. The same one again changes nothing.
    pub async fn take_in_forwarded(
        &self,
        peer: &Peer,
        received: Received,
        scanner: &Scanner,
    ) -> Outcome<Delivered> {
        let came = Came {
            key: key(&received.from),
            channel: CHANNEL,
            certified_ms: None,
            from: service(&peer.code),
            email: None,
            raw: None,
        };
        if self.knows_mail(&peer.administration, &came.key).await? {
            return self.is_the_same(peer, &received).await;
        }
        if received.files.len() >= MOST_FILES {
            return Ok(Delivered::TooMany);
        }
        let digests: Vec<String> = received.files.iter().map(|file| file.sha256.clone()).collect();
        let mark = Attachment {
            name: "Segnatura.xml".into(),
            media_type: "application/xml".into(),
            bytes: received.mark,
            registry: Some(Registry::Mark),
        };
        let files = received.files.into_iter().map(|file| Attachment {
            name: file.name,
            media_type: file.media_type,
            bytes: file.bytes,
            registry: None,
        });
        let written = Written {
            from_name: received.sender,
            subject: received.subject,
            attachments: std::iter::once(mark).chain(files).collect(),
            ..Written::default()
        };
        let mailbox = peer.mailbox();
        let key = came.key.clone();
        match self.take_in_written(&mailbox, came, &written, scanner).await? {
            Taken::Message(_) => Ok(Delivered::Here),
            // Another call brought it at the same moment.
            _ => self.has_files(peer, &key, &digests).await,
        }
    }

    /// Keeps that something of a known body was refused, where the office sees it; the same one again is one line.
    pub async fn service_refused(&self, peer: &Peer, sha256: [u8; 32], why: &str) -> Outcome<()> {
        let word = |at| sha256[at..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        let place = (word(0), word(4));
        self.leave_mail(&peer.mailbox(), place, "service", why).await
    }

    async fn is_the_same(&self, peer: &Peer, received: &Received) -> Outcome<Delivered> {
        let digests: Vec<String> = received.files.iter().map(|file| file.sha256.clone()).collect();
        self.has_files(peer, &key(&received.from), &digests).await
    }

    /// Whether the message of a key has files of these digests.
    async fn has_files(&self, peer: &Peer, key: &str, digests: &[String]) -> Outcome<Delivered> {
        let database = self.archive.database();
        let message = database.scalar_text(KNOWN, args![&peer.administration, key]).await;
        let message = message.map_err(plico_archive::ArchiveError::from)?;
        let Some(message) = message else { return Err(fault("a message that came is not there")) };
        let documents = message::documents(database, &message).await?;
        // A file without content is no document.
        let empty = to_hex(&sha256(b""));
        let there = |digest: &String| *digest == empty || documents.iter().any(|one| one.sha256 == *digest);
        // What was destroyed by its term has no documents to compare with.
        let same = documents.is_empty() || digests.iter().all(there);
        Ok(if same { Delivered::Here } else { Delivered::Another })
    }

    /// Keeps what a recipient says of what we sent to it; `false` where it was nothing of ours.
    pub async fn hear_confirmation(&self, peer: &Peer, request: &[u8], said: Confirmation) -> Outcome<bool> {
        let Some(message) = self.sent_there(peer, &said.from).await? else { return Ok(false) };
        let (kind, as_what, reason) = match &said.outcome {
            Ok(theirs) => ("confirmation", Some(theirs), String::new()),
            Err(anomaly) => ("exception", None, format!("{anomaly} {}", said.info).trim().to_owned()),
        };
        let heard = MarkNotice {
            message,
            kind: kind.into(),
            mail: key_of_notice(peer, request),
            address: service(&peer.code),
            as_what: as_what.map(registered),
            reason: reason.chars().take(WORDS).collect(),
            act: String::new(),
        };
        self.keep_notice(peer, request, heard).await?;
        Ok(true)
    }

    /// Keeps that the other body annulled its registration, of what it sent or of what we sent; `false` where neither is known.
    pub async fn hear_annulment(&self, peer: &Peer, request: &[u8], said: Annulment) -> Outcome<bool> {
        let message = match said.by {
            By::Sender => {
                let there =
                    (said.sender.administration.as_str(), said.sender.number, said.sender.date.as_str());
                let database = self.archive.database();
                exchange::registered_there(database, &peer.administration, there, &service(&peer.code))
                    .await?
            }
            By::Recipient => self.sent_there(peer, &said.sender).await?,
        };
        let Some(message) = message else { return Ok(false) };
        let what = match said.by {
            By::Sender => &said.sender,
            By::Recipient => &said.recipient,
        };
        let short = |words: &str| words.chars().take(WORDS).collect::<String>();
        let heard = MarkNotice {
            message,
            kind: "annulment".into(),
            mail: key_of_notice(peer, request),
            address: service(&peer.code),
            as_what: Some(registered(what)),
            reason: short(&said.note),
            act: short(&said.act),
        };
        self.keep_notice(peer, request, heard).await?;
        Ok(true)
    }

    /// The letter that we sent to a body under this number.
    async fn sent_there(&self, peer: &Peer, ours: &Identifier) -> Outcome<Option<String>> {
        let database = self.archive.database();
        let body = plico_archive::read::body::body(database, &peer.administration).await?;
        let is_ours = body.is_some_and(|body| body.ipa_code.eq_ignore_ascii_case(&ours.administration));
        let Some(year) = ours.year().filter(|_| is_ours) else { return Ok(None) };
        let to = service(&peer.code);
        Ok(exchange::letter(database, &peer.administration, (year, ours.number), &to).await?)
    }

    async fn keep_notice(&self, peer: &Peer, request: &[u8], heard: MarkNotice) -> Outcome<()> {
        let stored_key = DataKey::new(self.archive.entropy().bytes());
        let stored = self.archive.vault().store(&stored_key, self.archive.entropy().bytes(), request).await;
        let stored = stored.map_err(plico_archive::ArchiveError::from)?;
        let entry = DocumentEntry {
            id: self.fresh_id(),
            name: format!("{}.xml", heard.kind),
            media_type: "application/xml".into(),
            size: stored.size,
            sha256: to_hex(&stored.sha256),
            salt: String::new(),
            role: RECEIPT.into(),
            verification: None,
            sealed: false,
        };
        let document = committed(stored, stored_key, entry);
        let actor = Actor::system(&peer.administration);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if is_known(work, &actor.administration, &heard.mail).await? {
                        return Ok(());
                    }
                    let message = heard.message.clone();
                    let mut event = NewEvent::by(&actor, &message, heard);
                    event.documents = vec![document];
                    work.append(event).await?;
                    Ok::<_, ActError<crate::Refusal>>(())
                })
            })
            .await
    }

    /// The service that something is to be told to, where it is one: its body's code.
    pub async fn told_to(&self, delivery: &str) -> Outcome<Option<String>> {
        let row = pec::letter(self.archive.database(), delivery).await?;
        Ok(row.and_then(|row| of_service(&row.recipient).map(str::to_owned)))
    }

    /// What is to be done now with what is to be told to a service.
    pub async fn next_telling(&self, delivery: &str, speaks: &Speaks) -> Outcome<NextTelling> {
        let database = self.archive.database();
        let Some(row) = pec::letter(database, delivery).await? else { return Ok(NextTelling::Nothing) };
        match row.sending.as_str() {
            "ordered" => {}
            "attempted" => return Ok(NextTelling::Wait(Box::new(row))),
            _ => return Ok(NextTelling::Nothing),
        }
        let Some(answer) = exchange::answer(database, delivery).await? else {
            return self.letter_telling(Box::new(row), speaks).await;
        };
        self.telling(row, &answer, speaks).await
    }

    async fn telling(&self, row: LetterMailRow, answer: &AnswerRow, speaks: &Speaks) -> Outcome<NextTelling> {
        let database = self.archive.database();
        let row = Box::new(row);
        let Some(about) = message::message(database, &row.message).await? else {
            return Ok(NextTelling::Nothing);
        };
        if about.annulled && answer.kind == "confirmation" {
            let why = "the registration was annulled before its confirmation left";
            return Ok(NextTelling::Never(row, why));
        }
        match self.before_correction(&row.message, &answer.kind).await? {
            Some(Next::Never(why)) => return Ok(NextTelling::Never(row, why)),
            Some(_) => return Ok(NextTelling::Unnumbered),
            None => {}
        }
        let ours = self.our_registration(&about, speaks).await?;
        let Some(from) = exchange::mark(database, &row.message).await?.map(|mark| theirs(&mark)) else {
            return match ours {
                Some(ours) if answer.kind == "annulment" => self.annulled_letter(row, answer, ours).await,
                _ => Err(fault("a notice about nothing that came or went by web service")),
            };
        };
        let telling = match (answer.kind.as_str(), ours) {
            ("exception", _) => Telling::Confirmation(Confirmation {
                from,
                outcome: Err(Anomaly::NotReceivable.code().into()),
                info: answer.reason.clone(),
            }),
            (_, None) => return Ok(NextTelling::Unnumbered),
            ("confirmation", Some(ours)) => {
                Telling::Confirmation(Confirmation { from, outcome: Ok(ours), info: String::new() })
            }
            ("annulment", Some(ours)) => Telling::Annulment(Annulment {
                by: By::Recipient,
                sender: from,
                recipient: ours,
                act: answer.act.clone(),
                note: answer.reason.clone(),
            }),
            _ => return Ok(NextTelling::Never(row, "the web service has no operation that says this")),
        };
        Ok(NextTelling::Tell(row, Box::new(telling)))
    }
}
