//! From the raw bytes of a message to what it is: receipt, transport envelope, anomaly, ordinary mail, bounce.
//!
//! Headers claim, the signed part decides: whatever is certified is read from the bytes that the signature is over, and a
//! header that says otherwise makes the message a contradiction, not a receipt.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};
use thiserror::Error;

use super::correlate::Receipt;
use super::daticert::{Daticert, DaticertError, Kind, bracketed};
use super::verify::{Providers, Seal, verify};

/// Longest message.
pub const MAX_BYTES: usize = 150 * 1024 * 1024;
/// Messages inside of messages, at most.
const MAX_INSIDE: usize = 64;
/// Recipients that are read.
const MAX_RECIPIENTS: usize = 100;
const MAX_TEXT: usize = 4 * 1024 * 1024;

/// Why a message cannot be read at all. It is kept as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Too long, messages in messages without end, or a message that is hidden by an encoding.
    #[error("the message is too much to read")]
    TooMuch,
    /// No headers.
    #[error("this is not a mail message")]
    NotMail,
}

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A certified message that comes in.
    Transport(Daticert),
    /// An ordinary one, in the envelope that a provider puts around such: nobody certifies anything of it.
    Anomaly,
    /// What a provider says of a message that we sent.
    Receipt(Daticert),
    /// An ordinary message.
    Ordinary,
    /// A mail server says that a message of ours did not arrive (RFC 3464).
    Bounce(Bounce),
    /// It looks certified and is not: the reason.
    Contradiction(&'static str),
    /// Its certification cannot be read.
    Unreadable(DaticertError),
}

/// A notification of non-delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounce {
    /// Our message's id, if it came back.
    pub message_id: Option<String>,
    /// Recipient, action (`failed`, `delayed`, …) and status (`5.1.1`), each as written.
    pub recipients: Vec<(String, String, String)>,
}

/// Files by which registries speak to each other (segnatura informatica): known by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registry {
    /// `Segnatura.xml`.
    Mark,
    /// `Conferma.xml`.
    Confirmation,
    /// `Eccezione.xml`.
    Exception,
    /// `Aggiornamento.xml`.
    Update,
    /// `Annullamento.xml`.
    Annulment,
}

impl Registry {
    /// The kind of file that has this name, whatever the case of its letters.
    pub fn named(name: &str) -> Option<Self> {
        match name.trim().to_lowercase().as_str() {
            "segnatura.xml" => Some(Self::Mark),
            "conferma.xml" | "confermaricezione.xml" => Some(Self::Confirmation),
            "eccezione.xml" | "notificaeccezione.xml" => Some(Self::Exception),
            "aggiornamento.xml" | "aggiornamentoconferma.xml" => Some(Self::Update),
            "annullamento.xml" | "annullamentoprotocollazione.xml" => Some(Self::Annulment),
            _ => None,
        }
    }
}

/// A file in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name as given: whoever stores it makes a safe one of it.
    pub name: String,
    /// Its media type as given.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Which file of a registry it is.
    pub registry: Option<Registry>,
}

/// What people wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The address in `From`.
    pub from: String,
    /// The name beside it.
    pub from_name: String,
    /// To whom, and for whose knowledge.
    pub to: Vec<String>,
    /// When it was written, as its sender's program says (UTC milliseconds).
    pub written_ms: Option<i64>,
    /// The subject.
    pub subject: String,
    /// The message id.
    pub message_id: Option<String>,
    /// The text; from HTML where there is no other.
    pub text: String,
    /// The files.
    pub attachments: Vec<Attachment>,
}

/// A message that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// What it is.
    pub what: What,
    /// Whether its signature holds.
    pub seal: Seal,
    /// Its own id, by which it is recognised when it is met again.
    pub message_id: Option<String>,
    /// `X-Riferimento-Message-ID`: the id that the sender's program gave.
    pub reference: Option<String>,
    /// `X-TipoRicevuta`.
    pub receipt_type: Option<String>,
    /// The original message: of a transport envelope, an anomaly, a complete receipt; or ordinary mail itself.
    pub content: Option<Content>,
}

impl Incoming {
    /// What the message proves about one of ours: nothing, unless it is a receipt of which the seal holds.
    pub fn receipt(&self) -> Option<Receipt<'_>> {
        match &self.what {
            What::Receipt(daticert) if self.seal.holds() => Some(Receipt(daticert)),
            _ => None,
        }
    }
}

/// Reads a message.
pub fn read(raw: &[u8], providers: &Providers) -> Result<Incoming, ReadError> {
    let message = parse(raw)?;
    let claim = |name: &'static str| {
        let value = message.header_raw(name).map(|value| value.trim().to_owned());
        value.filter(|value| !value.is_empty())
    };
    let (receipt, transport) = (claim("X-Ricevuta"), claim("X-Trasporto"));
    let mut incoming = Incoming {
        what: What::Ordinary,
        seal: Seal::Unsigned,
        message_id: message.message_id().map(bracketed),
        reference: claim("X-Riferimento-Message-ID").map(|id| bracketed(&id)),
        receipt_type: claim("X-TipoRicevuta"),
        content: None,
    };
    if receipt.is_none() && transport.is_none() {
        match bounce(&message) {
            Some(bounce) => incoming.what = What::Bounce(bounce),
            None => incoming.content = Some(content(&message)),
        }
        return Ok(incoming);
    }
    let boundary = message.content_type().filter(|kind| kind.is_of("multipart", "signed"));
    let boundary = boundary.and_then(|kind| kind.attribute("boundary"));
    let (seal, signed) = boundary.map_or((Seal::Unsigned, None), |boundary| verify(raw, boundary, providers));
    incoming.seal = seal;
    // A provider that signs nothing around ordinary mail is still one; what it marks so proves nothing.
    let signed = signed.unwrap_or_else(|| raw.to_vec());
    let inner = parse(&signed)?;
    let (certificates, original) = direct(&inner);
    incoming.content = original.map(content);
    let what = match (receipt.as_deref(), transport.as_deref()) {
        (None, Some(word)) if word.eq_ignore_ascii_case("errore") => What::Anomaly,
        (receipt, transport) => {
            let claimed = receipt.or(transport).and_then(Kind::read);
            certified(&certificates, claimed, incoming.reference.as_deref())
        }
    };
    incoming.what = match what {
        What::Transport(_) | What::Receipt(_) if incoming.seal == Seal::Unsigned => {
            What::Contradiction("it is marked as certified mail and not signed")
        }
        other => other,
    };
    Ok(incoming)
}

fn certified(certificates: &[&[u8]], claimed: Option<Kind>, reference: Option<&str>) -> What {
    let [bytes] = certificates else {
        return What::Contradiction("it is marked as certified mail and has not exactly one daticert.xml");
    };
    let daticert = match Daticert::read(bytes) {
        Ok(daticert) => daticert,
        Err(error) => return What::Unreadable(error),
    };
    if claimed != Some(daticert.kind) {
        return What::Contradiction("its headers and its daticert.xml say different things");
    }
    if let (Some(reference), Some(own)) = (reference, &daticert.message_id)
        && reference != own
    {
        return What::Contradiction("its headers and its daticert.xml are about different messages");
    }
    if daticert.kind == Kind::Transport { What::Transport(daticert) } else { What::Receipt(daticert) }
}

/// The certifications and the original message directly in a signed part, not those inside of other messages.
fn direct<'a, 'x>(message: &'a Message<'x>) -> (Vec<&'a [u8]>, Option<&'a Message<'x>>) {
    let PartType::Multipart(places) = &message.root_part().body else { return (Vec::new(), None) };
    let (mut certificates, mut original) = (Vec::new(), None);
    for part in places.iter().filter_map(|&place| message.part(place)) {
        let name = part.attachment_name().unwrap_or_default();
        match &part.body {
            PartType::Message(inside) if original.is_none() => original = Some(inside),
            _ if name.eq_ignore_ascii_case("daticert.xml") => certificates.push(part.contents()),
            _ => {}
        }
    }
    (certificates, original)
}

/// Parses what is not too much. Nested messages cost stack, and are counted before they are met; those that an encoding
/// hides cannot be counted, and are refused: RFC 2046 §5.2.1 forbids to encode a message.
fn parse(raw: &[u8]) -> Result<Message<'_>, ReadError> {
    let inside = inside(raw);
    if raw.len() > MAX_BYTES || inside > MAX_INSIDE {
        return Err(ReadError::TooMuch);
    }
    if inside > 0 && hides(raw) {
        return Err(ReadError::TooMuch);
    }
    let message = MessageParser::default().parse(raw).ok_or(ReadError::NotMail)?;
    if message.headers().is_empty() { Err(ReadError::NotMail) } else { Ok(message) }
}

/// How many parts may be messages: `message/…` and `multipart/digest`, with whatever blanks and comments around the slash.
fn inside(raw: &[u8]) -> usize {
    let ends = |bytes: &[u8], word: &[u8]| {
        bytes.len().checked_sub(word.len()).is_some_and(|at| bytes[at..].eq_ignore_ascii_case(word))
    };
    let starts = |bytes: &[u8], word: &[u8]| {
        bytes.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let slashes = raw.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes
        .filter(|&(at, _)| {
            let (before, after) = (raw[..at].trim_ascii_end(), raw[at + 1..].trim_ascii_start());
            let commented = before.ends_with(b")") || after.starts_with(b"(");
            let subtype =
                ["rfc822", "global", "digest", "("].iter().any(|word| starts(after, word.as_bytes()));
            ends(before, b"message") || (ends(before, b"multipart") && subtype) || (commented && subtype)
        })
        .count()
}

/// Whether a message within may be encoded: lines without an empty one between say both, wherever a reader sees a part begin;
/// in a digest, where a message need not say that it is one, whether anything is.
fn hides(raw: &[u8]) -> bool {
    let has = |bytes: &[u8], word: &str| {
        bytes.windows(word.len()).any(|here| here.eq_ignore_ascii_case(word.as_bytes()))
    };
    let (mut digest, mut encoding) = (false, false);
    let mut lines = raw.split_inclusive(|byte| *byte == b'\n');
    let (mut start, mut at) = (0, 0);
    loop {
        let line = lines.next();
        at += line.map_or(0, <[u8]>::len);
        if line.is_some_and(|line| !matches!(line, b"\n" | b"\r\n")) {
            continue;
        }
        let block = &raw[start..at];
        let encoded = has(block, "content-transfer-encoding")
            && (has(block, "base64") || has(block, "quoted-printable"));
        let within = inside(block) > 0;
        if encoded && within {
            return true;
        }
        encoding |= encoded;
        digest |= within && has(block, "multipart") && has(block, "digest");
        start = at;
        if line.is_none() {
            return digest && encoding;
        }
    }
}

fn content(message: &Message<'_>) -> Content {
    let from = message.from().and_then(|from| from.first());
    let text = message.body_text(0).unwrap_or_default();
    let attachments = message.attachments().map(|part| {
        let name = part.attachment_name().unwrap_or_default().to_owned();
        let kind = part.content_type();
        let kind = kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")));
        Attachment {
            registry: Registry::named(&name),
            name,
            media_type: kind.unwrap_or_else(|| "application/octet-stream".into()).to_lowercase(),
            bytes: part.contents().to_vec(),
        }
    });
    Content {
        from: from.and_then(|one| one.address()).unwrap_or_default().to_owned(),
        from_name: from.and_then(|one| one.name()).unwrap_or_default().to_owned(),
        to: [message.to(), message.cc()]
            .into_iter()
            .flatten()
            .flat_map(|list| list.iter())
            .filter_map(|one| one.address())
            .take(MAX_RECIPIENTS)
            .map(|address| address.trim().to_owned())
            .collect(),
        written_ms: message.date().map(|date| date.to_timestamp().saturating_mul(1000)),
        subject: message.subject().unwrap_or_default().to_owned(),
        message_id: message.message_id().map(bracketed),
        text: text.chars().take(MAX_TEXT).collect(),
        attachments: attachments.collect(),
    }
}

fn bounce(message: &Message<'_>) -> Option<Bounce> {
    message.content_type().filter(|kind| kind.is_of("multipart", "report"))?;
    let status = message.parts.iter().find(|part| part.is_content_type("message", "delivery-status"))?;
    let mut found = Bounce::default();
    for line in String::from_utf8_lossy(status.contents()).lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match (name.trim().to_lowercase().as_str(), found.recipients.last_mut()) {
            ("final-recipient", _) => {
                let address = value.rsplit(';').next().unwrap_or_default().trim();
                found.recipients.push((address.to_owned(), String::new(), String::new()));
            }
            ("action", Some(last)) => last.1 = value.to_lowercase(),
            ("status", Some(last)) => value.clone_into(&mut last.2),
            _ => {}
        }
    }
    found.message_id = message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(inside) => inside.message_id().map(bracketed),
        _ if part.is_content_type("text", "rfc822-headers") => {
            let headers = MessageParser::default().parse_headers(part.contents())?;
            headers.message_id().map(bracketed)
        }
        _ => None,
    });
    Some(found)
}

trait OfKind {
    fn is_of(&self, kind: &str, subtype: &str) -> bool;
}

impl OfKind for mail_parser::ContentType<'_> {
    fn is_of(&self, kind: &str, subtype: &str) -> bool {
        self.ctype().eq_ignore_ascii_case(kind)
            && self.subtype().is_some_and(|own| own.eq_ignore_ascii_case(subtype))
    }
}
