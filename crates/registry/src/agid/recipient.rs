//! The recipient's side, for the application to serve: the bytes of a request become a checked message, or what is wrong
//! with it. Pure: whom to believe and what time it is come as options.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::digest::{sha256, to_hex};
use plico_signature::report::{Indication, Part, Report, SignatureReport};
use plico_signature::{Options, inspect};

use super::cut::cut_out;
use super::segnatura::{Identifier, MARK};
use crate::soap::{self, Node, element, envelope, escape};

/// Namespace of the recipient's service.
pub const RECIPIENT: &str = "http://ws.protocollo.comunicazione.aoo.destinatario/";

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

/// Entry point for fuzzing: any bytes, never a panic.
pub fn fuzz_received(bytes: &[u8]) {
    let _ = receive(bytes, &Options::at(0, None));
    let _ = super::Confirmation::read(bytes);
    let _ = super::Annulment::read_short(bytes);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::agid::{Annulment, By, Confirmation, Notice};

    fn number(number: u64) -> Identifier {
        let text = String::from;
        let (administration, area, register) = (text("p_x"), text("A"), text("R"));
        Identifier { administration, area, register, number, date: "2026-03-09".into() }
    }

    /// Requests as they are really written, one of them with a mark that nobody signed.
    fn requests() -> [String; 3] {
        let mark = format!(
            "<m:Segnatura xmlns:m=\"{}\" xmlns:prot=\"{MARK}\"><prot:Intestazione>{}</prot:Intestazione></m:Segnatura>",
            crate::agid::MESSAGE,
            number(1).write("prot:Identificatore")
        );
        let sent =
            format!("<d:RequestMessageInoltro xmlns:d=\"{RECIPIENT}\">{mark}</d:RequestMessageInoltro>");
        let (sender, recipient) = (number(1), number(2));
        let confirmation = Confirmation { from: number(1), outcome: Ok(number(2)), info: String::new() };
        let (act, note) = ("Atto".into(), String::new());
        let annulment = Annulment { by: By::Sender, sender, recipient, act, note };
        [envelope("", &sent), confirmation.write(), annulment.write()]
    }

    proptest! {
        #[test]
        fn nothing_that_was_changed_makes_it_panic(which in 0usize..3, at in 0usize..4000, byte in any::<u8>(), cut in any::<bool>()) {
            let mut request = requests()[which].clone().into_bytes();
            let place = at % request.len();
            if cut { request.truncate(place) } else { request[place] = byte }
            fuzz_received(&request);
        }

        #[test]
        fn nothing_makes_it_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            text in "(<e:Envelope xmlns:e='x'>|<Body>|<RequestMessageInoltro xmlns='http://www.agid.gov.it/protocollo/messaggi/'>|<Segnatura>|<a|b='c'|/>|</Segnatura>|</RequestMessageInoltro>|</Body>|</e:Envelope>| |<File nomeFile='f'>QQ==</File>){0,20}",
        ) {
            for request in [bytes.as_slice(), text.as_bytes()] {
                prop_assert!(receive(request, &Options::at(0, None)).is_err());
                prop_assert!(Confirmation::read(request).is_err() && Annulment::read(request).is_err());
                fuzz_received(request);
                let _ = Notice::read(request);
            }
        }
    }
}
