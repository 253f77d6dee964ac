//! `daticert.xml` (RFC 6109 §4.4): what a provider certifies, as data. Foreign bytes, read with limits.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use thiserror::Error;

const MAX_BYTES: usize = 4 * 1024 * 1024;
const MAX_DEPTH: usize = 8;
const MAX_ELEMENTS: usize = 20_000;

/// Kinds of certification, by the attribute `tipo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The provider took the message (`accettazione`).
    Accepted,
    /// It did not (`non-accettazione`).
    Refused,
    /// The recipient's provider took it over (`presa-in-carico`); normally not shown to senders.
    TakenOver,
    /// It lies in the recipient's mailbox (`avvenuta-consegna`).
    Delivered,
    /// The envelope around a message that comes in (`posta-certificata`).
    Transport,
    /// It could not be delivered (`errore-consegna`).
    Failed,
    /// It could not be delivered yet (`preavviso-errore-consegna`).
    Warned,
    /// A provider found malware (`rilevazione-virus`).
    Malware,
}

impl Kind {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Accepted, "accettazione"),
        (Self::Refused, "non-accettazione"),
        (Self::TakenOver, "presa-in-carico"),
        (Self::Delivered, "avvenuta-consegna"),
        (Self::Transport, "posta-certificata"),
        (Self::Failed, "errore-consegna"),
        (Self::Warned, "preavviso-errore-consegna"),
        (Self::Malware, "rilevazione-virus"),
    ];

    /// As the attribute and the headers say it.
    pub fn read(word: &str) -> Option<Self> {
        let word = word.trim();
        Self::ALL.into_iter().find(|(_, own)| own.eq_ignore_ascii_case(word)).map(|(kind, _)| kind)
    }

    /// The word of the attribute and the headers.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }
}

/// What went wrong, by the attribute `errore`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// No such mailbox.
    Mailbox,
    /// No such domain.
    Domain,
    /// Malware.
    Malware,
    /// Something else; `errore-esteso` may say what.
    Other,
}

/// An addressee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub address: String,
    /// Whether it is certified mail: to an ordinary mailbox there is no receipt of delivery.
    pub certified: bool,
}

/// How much of the message comes back with a receipt of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it (`completa`).
    Complete,
    /// Attachments as digests (`breve`).
    Brief,
    /// Nothing (`sintetica`).
    Synthetic,
}

/// What is certified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daticert {
    /// What kind of message it is in.
    pub kind: Kind,
    /// What went wrong.
    pub fault: Fault,
    /// The sender of the original message.
    pub sender: String,
    /// Its recipients.
    pub recipients: Vec<Recipient>,
    /// Where answers go.
    pub reply_to: String,
    /// Its subject.
    pub subject: String,
    /// The provider that certifies.
    pub provider: String,
    /// When, UTC milliseconds; nothing when the date is none.
    pub at_ms: Option<i64>,
    /// When, as it is written: day, hour and zone.
    pub written: String,
    /// The provider's own id of the message, which links all of its receipts.
    pub identifier: String,
    /// The `Message-ID` that the sender gave it, with its angle brackets.
    pub message_id: Option<String>,
    /// Which receipt of delivery was asked for.
    pub extent: Option<Extent>,
    /// The recipient that this is about.
    pub delivery: Option<String>,
    /// The recipients that a provider took over.
    pub taken: Vec<String>,
    /// What went wrong, in the words of the provider.
    pub explanation: Option<String>,
}

/// Why a `daticert.xml` cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DaticertError {
    /// Not well-formed, or with entities of its own.
    #[error("the certification is not well-formed XML")]
    Malformed,
    /// Too long, too deep, too many elements.
    #[error("the certification is too much to read")]
    TooMuch,
    /// Something that must be there is not.
    #[error("the certification lacks {0}")]
    Lacks(&'static str),
}

impl Daticert {
    /// Reads one. No document type is followed and no entity but the five of XML is known.
    pub fn read(bytes: &[u8]) -> Result<Self, DaticertError> {
        let leaves = leaves(bytes)?;
        let all = |path: &'static str| leaves.iter().filter(move |leaf| leaf.path == path);
        let text = |path| all(path).map(|leaf| leaf.text.trim()).find(|text| !text.is_empty());
        let need = |path, name| text(path).map(str::to_owned).ok_or(DaticertError::Lacks(name));
        let root = all("postacert").next().ok_or(DaticertError::Lacks("postacert"))?;
        let kind = root.get("tipo").and_then(Kind::read).ok_or(DaticertError::Lacks("tipo"))?;
        let fault = match root.get("errore").unwrap_or("nessuno") {
            "nessuno" => Fault::None,
            "no-dest" => Fault::Mailbox,
            "no-dominio" => Fault::Domain,
            "virus" => Fault::Malware,
            _ => Fault::Other,
        };
        let recipients = all("postacert/intestazione/destinatari").map(|leaf| Recipient {
            address: leaf.text.trim().to_owned(),
            certified: leaf.get("tipo") != Some("esterno"),
        });
        let day = text("postacert/dati/data/giorno").unwrap_or_default();
        let hour = text("postacert/dati/data/ora").unwrap_or_default();
        let zone = all("postacert/dati/data").next().and_then(|leaf| leaf.get("zona")).unwrap_or_default();
        let extent = all("postacert/dati/ricevuta").next().and_then(|leaf| leaf.get("tipo"));
        Ok(Self {
            kind,
            fault,
            sender: need("postacert/intestazione/mittente", "mittente")?,
            recipients: recipients.filter(|one| !one.address.is_empty()).collect(),
            reply_to: text("postacert/intestazione/risposte").unwrap_or_default().to_owned(),
            subject: text("postacert/intestazione/oggetto").unwrap_or_default().to_owned(),
            provider: need("postacert/dati/gestore-emittente", "gestore-emittente")?,
            at_ms: instant(day, hour, zone),
            written: format!("{day} {hour} {zone}").trim().to_owned(),
            identifier: need("postacert/dati/identificativo", "identificativo")?,
            message_id: text("postacert/dati/msgid").map(bracketed),
            extent: extent.and_then(|word| match word {
                "completa" => Some(Extent::Complete),
                "breve" => Some(Extent::Brief),
                "sintetica" => Some(Extent::Synthetic),
                _ => None,
            }),
            delivery: text("postacert/dati/consegna").map(str::to_owned),
            taken: all("postacert/dati/ricezione").map(|leaf| leaf.text.trim().to_owned()).collect(),
            explanation: text("postacert/dati/errore-esteso").map(str::to_owned),
        })
    }
}

/// A message id with its angle brackets, also when they were escaped twice or left out.
pub(crate) fn bracketed(id: &str) -> String {
    let id = id.trim().replace("&lt;", "<").replace("&gt;", ">");
    format!("<{}>", id.trim().trim_start_matches('<').trim_end_matches('>').trim())
}

fn instant(day: &str, hour: &str, zone: &str) -> Option<i64> {
    let local = DateTime::strptime("%d/%m/%Y %H:%M:%S", format!("{day} {hour}")).ok()?;
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = zone.chars().skip(1).filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
    Some(local.to_zoned(TimeZone::fixed(offset)).ok()?.timestamp().as_millisecond())
}

/// An element with its place, its text and its attributes.
struct Leaf {
    path: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Leaf {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

fn leaves(bytes: &[u8]) -> Result<Vec<Leaf>, DaticertError> {
    if bytes.len() > MAX_BYTES {
        return Err(DaticertError::TooMuch);
    }
    // Some declare one encoding and send the other: the bytes decide.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    let (mut all, mut open) = (Vec::<Leaf>::new(), Vec::<usize>::new());
    loop {
        let event = reader.read_event().map_err(|_| DaticertError::Malformed)?;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                if all.len() >= MAX_ELEMENTS || open.len() >= MAX_DEPTH {
                    return Err(DaticertError::TooMuch);
                }
                if open.is_empty() && !all.is_empty() {
                    return Err(DaticertError::Malformed);
                }
                let leaf = leaf(start, open.last().map(|&above| all[above].path.as_str()))?;
                all.push(leaf);
                if matches!(event, Event::Start(_)) {
                    open.push(all.len() - 1);
                }
            }
            Event::End(_) => drop(open.pop().ok_or(DaticertError::Malformed)?),
            Event::Text(text) => put(&mut all, &open, &text.xml10_content())?,
            Event::CData(data) => put(&mut all, &open, &data.xml10_content())?,
            Event::GeneralRef(reference) => put(&mut all, &open, &referred(&reference)?)?,
            // One that only names a DTD is passed over; one with declarations of its own is refused.
            Event::DocType(kind) if kind.contains('[') => return Err(DaticertError::Malformed),
            Event::DocType(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof if open.is_empty() => return Ok(all),
            Event::Eof => return Err(DaticertError::Malformed),
        }
    }
}

fn leaf(start: &BytesStart<'_>, above: Option<&str>) -> Result<Leaf, DaticertError> {
    let name = start.name().as_ref().to_owned();
    let path = above.map_or_else(|| name.clone(), |above| format!("{above}/{name}"));
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| DaticertError::Malformed)?;
        let value = quick_xml::escape::unescape(attribute.value.as_ref());
        let value = value.map_err(|_| DaticertError::Malformed)?.into_owned();
        attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(Leaf { path, attributes, text: String::new() })
}

fn put(all: &mut [Leaf], open: &[usize], text: &str) -> Result<(), DaticertError> {
    match open.last() {
        Some(&place) => all[place].text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(DaticertError::Malformed),
    }
    Ok(())
}

fn referred(reference: &BytesRef<'_>) -> Result<String, DaticertError> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| DaticertError::Malformed)? {
        return Ok(c.to_string());
    }
    let known = match &**reference {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err(DaticertError::Malformed),
    };
    Ok(known.to_owned())
}
