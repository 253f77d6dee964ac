//! The recipient's side, for the application to serve: the bytes of a request become a checked message, or what is wrong
//! with it. And what both sides answer and confirm. Pure: whom to believe and what time it is come as options.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::digest::{sha256, to_hex};
use plico_signature::report::{Indication, Part, Report, SignatureReport};
use plico_signature::{Options, inspect};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::segnatura::{Identifier, MARK, MESSAGE};
use crate::soap::{self, Node, element, envelope, escape};

/// Namespace of the recipient's service.
pub const RECIPIENT: &str = "http://ws.protocollo.comunicazione.aoo.destinatario/";
/// Namespace of the sender's service.
pub const SENDER: &str = "http://ws.protocollo.comunicazione.aoo.mittente/";

/// What is wrong with a message, by the names of the guidelines: the misspelled one is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anomaly {
    /// It cannot be received.
    NotReceivable,
    /// The mark's signature does not hold.
    Signature,
    /// A file is not what the mark says.
    Digests,
    /// A document cannot be read.
    Unreadable,
    /// A document's signature does not hold.
    DocumentSignature,
    /// A document's time stamp does not hold.
    DocumentStamp,
    /// A document's seal does not hold.
    DocumentSeal,
}

impl Anomaly {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::NotReceivable,
        Self::Signature,
        Self::Digests,
        Self::Unreadable,
        Self::DocumentSignature,
        Self::DocumentStamp,
        Self::DocumentSeal,
    ];

    /// The name on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotReceivable => "000_Irricevibile",
            Self::Signature => "001_ValidazioneFirma",
            Self::Digests => "002_AnomaliaImpronte",
            Self::Unreadable => "003_DocumentoAllegatiNonLeggibili",
            Self::DocumentSignature => "004_DocumentoAllegatiErroreValidazioneFirma",
            Self::DocumentStamp => "005_DocumentoAllegatiErroreVaidazioneMarcaTemporale",
            Self::DocumentSeal => "006_DocumentoAllegatiErroreValidazioneSigillo",
        }
    }
}

/// A file that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// Its name.
    pub name: String,
    /// Media type as it was told.
    pub media_type: String,
    /// SHA-256, hexadecimal: that of the mark, and of the bytes.
    pub sha256: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A message that came whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// What its sender registered it as. A message that bears one that is known already came twice.
    pub from: Identifier,
    /// Its subject.
    pub subject: String,
    /// The sender's name.
    pub sender: String,
    /// Whether its sender wants to be told our number.
    pub confirm: bool,
    /// Its files, the primary one first.
    pub files: Vec<Came>,
    /// The mark, as it was signed.
    pub mark: Vec<u8>,
    /// What is to be said of its signature.
    pub report: Box<Report>,
}

/// Why a message is not received.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// It is no message: a SOAP fault.
    NoMessage(String),
    /// It is one, with this anomaly.
    Anomaly {
        /// What its sender registered it as.
        from: Box<Identifier>,
        /// Which.
        anomaly: Anomaly,
        /// In words, for people.
        info: String,
    },
}

impl Refusal {
    /// The answer.
    pub fn answer(&self) -> String {
        match self {
            Self::NoMessage(why) => envelope(
                "",
                &format!(
                    "<soapenv:Fault><faultcode>soapenv:Client</faultcode>{}</soapenv:Fault>",
                    element("faultstring", why)
                ),
            ),
            Self::Anomaly { from, anomaly, info } => received_answer(from, Some((*anomaly, info))),
        }
    }
}

impl Received {
    /// The answer: it came.
    pub fn answer(&self) -> String {
        received_answer(&self.from, None)
    }
}

fn received_answer(from: &Identifier, anomaly: Option<(Anomaly, &str)>) -> String {
    let anomaly = anomaly.map(|(anomaly, info)| {
        format!("<dest:Anomalia info=\"{}\">{}</dest:Anomalia>", escape(info), anomaly.code())
    });
    let body = format!(
        "<dest:ResponseMessageInoltro xmlns:dest=\"{RECIPIENT}\" xmlns:prot=\"{MARK}\">{}{}</dest:ResponseMessageInoltro>",
        from.write("dest:IdentificatoreMittente"),
        anomaly.unwrap_or_default()
    );
    envelope("", &body)
}

/// Reads and checks a request of `MessaggioInoltro`: the mark's signature over the whole of it, and every file against its
/// digest. With anchors in the options the signature must have passed; without, it must be intact, and who made it is in
/// the report.
pub fn receive(request: &[u8], options: &Options<'_>) -> Result<Received, Refusal> {
    let no = |why: &str| Refusal::NoMessage(why.to_owned());
    let text =
        std::str::from_utf8(request).map_err(|_| no("it is not UTF-8"))?.trim_start_matches('\u{feff}');
    let root = soap::read(request).map_err(|error| no(&error.to_string()))?;
    let body = root.child("Body").and_then(|body| body.child("RequestMessageInoltro"));
    let body = body.filter(|_| root.is("Envelope")).ok_or_else(|| no("it is no RequestMessageInoltro"))?;
    let mark = cut_out(text).ok_or_else(|| no("it has not one Segnatura"))?;
    // From here on only what is signed is read.
    let signed = soap::read(mark.as_bytes()).map_err(|error| no(&error.to_string()))?;
    let head = signed.child("Intestazione").ok_or_else(|| no("Intestazione is missing"))?;
    let from = head.child("Identificatore").and_then(Identifier::read);
    let from = from.ok_or_else(|| no("Identificatore is missing, or incomplete"))?;
    let report = inspect(mark.as_bytes(), options);
    let anomaly =
        |anomaly: Anomaly, info: String| Refusal::Anomaly { from: Box::new(from.clone()), anomaly, info };
    let whole = |one: &SignatureReport| {
        let passed = options.anchors.is_none() || one.indication == Indication::TotalPassed;
        let all = |part: &plico_signature::report::SignedPart| part.what == Part::Document && part.intact;
        one.intact && passed && one.signed_parts.iter().any(all)
    };
    if !report.signatures.iter().any(whole) {
        return Err(anomaly(Anomaly::Signature, format!("{:?}", report.indication)));
    }
    let description = signed.child("Descrizione").ok_or_else(|| no("Descrizione is missing"))?;
    let files = files(description, body).map_err(|info| anomaly(Anomaly::Digests, info))?;
    let sender = description.child("Mittente");
    let sender = sender.and_then(|sender| {
        ["DenominazioneAmministrazione", "Denominazione", "Cognome"].iter().find_map(|name| sender.said(name))
    });
    let wants =
        |to: &Node| to.attribute("confermaRicezione").is_none_or(|value| value == "true" || value == "1");
    Ok(Received {
        subject: head.child("Oggetto").map(|node| node.text.trim().to_owned()).unwrap_or_default(),
        sender: sender.unwrap_or_default().to_owned(),
        confirm: description.all("Destinatario").any(wants),
        files,
        mark: mark.into_bytes(),
        report: Box::new(report),
        from,
    })
}

/// The files that a mark names, with their bytes. Names may come twice: then the digest tells which is which.
fn files(description: &Node, body: &Node) -> Result<Vec<Came>, String> {
    let mut sent = Vec::new();
    for file in body.all("File") {
        let text: String = file.text.split_whitespace().collect();
        let name = file.attribute("nomeFile").unwrap_or_default();
        let bytes = STANDARD.decode(text).map_err(|_| format!("{name}: it is not base64"))?;
        sent.push(Some((name, sha256(&bytes), bytes)));
    }
    let mut files = Vec::new();
    for document in description.all("DocumentoPrimario").chain(description.all("Allegato")) {
        let name = document.attribute("nomeFile").unwrap_or_default();
        let print = document.child("Impronta").ok_or_else(|| format!("{name}: no Impronta"))?;
        let algorithm = print.attribute("algoritmo").unwrap_or("SHA-256");
        if !["SHA-256", "SHA256"].iter().any(|known| algorithm.eq_ignore_ascii_case(known)) {
            return Err(format!("{name}: {algorithm} is not SHA-256"));
        }
        let text: String = print.text.split_whitespace().collect();
        let wanted = STANDARD.decode(text).unwrap_or_default();
        let fits = |one: &Option<(&str, [u8; 32], Vec<u8>)>| {
            one.as_ref().is_some_and(|(known, digest, _)| *known == name && digest[..] == wanted[..])
        };
        let found = sent.iter().position(fits).and_then(|index| sent[index].take());
        let (_, digest, bytes) = found.ok_or_else(|| format!("{name}: no such file, or another content"))?;
        files.push(Came {
            name: name.to_owned(),
            media_type: document.attribute("mimeType").unwrap_or_default().to_owned(),
            sha256: to_hex(&digest),
            bytes,
        });
    }
    if files.is_empty() || sent.iter().any(Option::is_some) {
        return Err("the mark does not name every file".into());
    }
    Ok(files)
}

/// The one `Segnatura` of a message as a document of its own: byte by byte, with the namespaces that were declared around it.
/// Its canonical form, which is exclusive, is the same.
fn cut_out(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    let (mut open, mut found) = (Vec::<(String, Vec<(String, String)>)>::new(), None::<String>);
    loop {
        let before = reader.buffer_position() as usize;
        let event = reader.read_event().ok()?;
        match &event {
            Event::Start(start) => {
                let inside = open.len() == 3 && open[2].0 == "RequestMessageInoltro";
                if inside && start.local_name().as_ref() == "Segnatura" {
                    if found.is_some() || !is_message(start, &open) {
                        return None;
                    }
                    let around: Vec<_> = open.iter().flat_map(|(_, spaces)| spaces.clone()).collect();
                    let end = start.to_end().into_owned();
                    let after = reader.buffer_position() as usize;
                    reader.read_to_end(end.name()).ok()?;
                    let over = reader.buffer_position() as usize;
                    found = Some(standing_alone(
                        start,
                        &around,
                        text.get(before..after)?,
                        text.get(after..over)?,
                    ));
                    continue;
                }
                open.push((start.local_name().as_ref().to_owned(), spaces(start)?));
            }
            Event::End(_) => drop(open.pop()?),
            Event::Eof => return found,
            _ => {}
        }
    }
}

/// Whether an element is in the namespace of messages.
fn is_message(start: &BytesStart<'_>, open: &[(String, Vec<(String, String)>)]) -> bool {
    let prefix = start.name().prefix().map(|prefix| prefix.as_ref().to_owned());
    let name = prefix.map_or("xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
    let own = spaces(start).unwrap_or_default();
    let around = open.iter().flat_map(|(_, spaces)| spaces.iter());
    let declared = around.chain(&own).rfind(|(known, _)| *known == name);
    declared.is_some_and(|(_, value)| value == MESSAGE)
}

fn spaces(start: &BytesStart<'_>) -> Option<Vec<(String, String)>> {
    let mut spaces = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let name = attribute.key.as_ref();
        if name == "xmlns" || name.starts_with("xmlns:") {
            spaces.push((name.to_owned(), attribute.value.as_ref().to_owned()));
        }
    }
    Some(spaces)
}

fn standing_alone(start: &BytesStart<'_>, around: &[(String, String)], tag: &str, rest: &str) -> String {
    let own = spaces(start).unwrap_or_default();
    let at = 1 + start.name().as_ref().len();
    let mut alone = tag[..at].to_owned();
    for (index, (name, value)) in around.iter().enumerate() {
        // What is declared further in stands for what is declared further out.
        let again = own.iter().chain(&around[index + 1..]).any(|(known, _)| known == name);
        if !again {
            // The value as it was written, quotes apart.
            let _ = write!(alone, " {name}=\"{}\"", value.replace('"', "&quot;"));
        }
    }
    alone + &tag[at..] + rest
}

/// What the recipient tells the sender afterwards: its own number, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// What the sender registered the message as.
    pub from: Identifier,
    /// What the recipient registered it as; or the anomaly's name on the wire.
    pub outcome: Result<Identifier, String>,
}

impl Confirmation {
    /// A request of `ConfermaMessaggioInoltro`.
    pub fn write(&self) -> String {
        let outcome = match &self.outcome {
            Ok(theirs) => theirs.write("mitt:IdentificatoreDestinatario"),
            Err(anomaly) => element("mitt:Anomalia", anomaly),
        };
        let body = format!(
            "<mitt:RequestConfermaMessaggioInoltro xmlns:mitt=\"{SENDER}\" xmlns:prot=\"{MARK}\">{}{outcome}</mitt:RequestConfermaMessaggioInoltro>",
            self.from.write("mitt:IdentificatoreMittente")
        );
        envelope("", &body)
    }

    /// Reads one, for the sender's service.
    pub fn read(request: &[u8]) -> Result<Self, Refusal> {
        let no = |why: &str| Refusal::NoMessage(why.to_owned());
        let root = soap::read(request).map_err(|error| no(&error.to_string()))?;
        let body = root.child("Body").and_then(|body| body.child("RequestConfermaMessaggioInoltro"));
        let body = body.ok_or_else(|| no("it is no RequestConfermaMessaggioInoltro"))?;
        let from = body.child("IdentificatoreMittente").and_then(Identifier::read);
        let from = from.ok_or_else(|| no("IdentificatoreMittente is missing, or incomplete"))?;
        let theirs = body.child("IdentificatoreDestinatario").and_then(Identifier::read);
        let anomaly = body.child("Anomalia").map(|node| node.text.trim().to_owned());
        match (theirs, anomaly) {
            (Some(theirs), None) => Ok(Self { from, outcome: Ok(theirs) }),
            (None, Some(anomaly)) if Anomaly::ALL.iter().any(|known| known.code() == anomaly) => {
                Ok(Self { from, outcome: Err(anomaly) })
            }
            _ => Err(no("neither a number nor an anomaly that is known")),
        }
    }

    /// The answer to it.
    pub fn answer(&self) -> String {
        let body = format!(
            "<mitt:ResponseConfermaMessaggioInoltro xmlns:mitt=\"{SENDER}\" xmlns:prot=\"{MARK}\">{}</mitt:ResponseConfermaMessaggioInoltro>",
            self.from.write("mitt:IdentificatoreMittente")
        );
        envelope("", &body)
    }
}
