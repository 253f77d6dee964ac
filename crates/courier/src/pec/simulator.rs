//! A provider of certified mail as a pure state machine: a submission in, the signed messages that it puts into mailboxes
//! out. Its authority is a test authority, its mailboxes are invented; it misbehaves on demand.

use std::collections::VecDeque;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use plico_crypto::digest::{sha256, to_hex};
use plico_signature::forge::{KeyKind, Pki, Subject};
use plico_signature::{Making, SealError, Sealer};

use super::daticert::Kind;
use super::verify::Providers;

/// Longest message it takes.
const LARGEST: usize = 30 * 1024 * 1024;
const MINUTE_MS: i64 = 60_000;
const YEAR_MS: i64 = 365 * 86_400_000;

/// A message that is handed in.
#[derive(Debug, Clone)]
pub struct Submission<'a> {
    /// The sender in the envelope.
    pub from: &'a str,
    /// The recipients in the envelope.
    pub to: &'a [&'a str],
    /// Headers and body, lines ended by CR LF.
    pub raw: &'a [u8],
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// A message that it puts into a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The mailbox.
    pub to: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Before the program that submits has had its answer.
    pub before_answer: bool,
    /// The message.
    pub raw: Vec<u8>,
}

/// What it does wrong with the next submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Each receipt comes twice.
    Twice,
    /// The receipts come so much later.
    Late(i64),
    /// No receipt comes.
    Silent,
    /// The receipts come before the program that submits has had its answer.
    BeforeAnswer,
    /// It does not take the message, and says this in `errore-esteso`.
    Refuse(String),
    /// It cannot deliver, and says this.
    Undelivered(String),
    /// It warns that it could not deliver yet, and says this.
    Warn(String),
    /// Whitespace in what it signs is made regular on the way: the signature breaks.
    Normalised,
    /// It is signed by somebody who is no provider.
    Stranger,
    /// The headers say another kind than what is signed.
    Mislabelled,
    /// The receipts bear no signature.
    Unsigned,
}

/// A provider.
#[derive(Debug)]
pub struct Provider {
    sealer: Sealer,
    stranger: Sealer,
    domain: String,
    ordinary: Vec<String>,
    faults: VecDeque<Fault>,
    taken: u64,
    written: u64,
}

impl Provider {
    /// A provider for a domain, with keys of its own; certificates are valid for a year around `now_ms`.
    pub fn new(domain: &str, now_ms: i64) -> Result<Self, SealError> {
        let mut pki = Pki::new("Gestore", now_ms).map_err(SealError::Sign)?;
        let mut sealer = |organization: &str| {
            let subject = Subject {
                given_name: "",
                surname: "",
                fiscal_code: "",
                organization,
                from_ms: now_ms - YEAR_MS,
                to_ms: now_ms + YEAR_MS,
            };
            pki.signer(&subject, KeyKind::P256).map_err(SealError::Sign)?.sealer()
        };
        Ok(Self {
            sealer: sealer("Gestore di prova")?,
            stranger: sealer("Nessun gestore")?,
            domain: domain.to_owned(),
            ordinary: Vec::new(),
            faults: VecDeque::new(),
            taken: 0,
            written: 0,
        })
    }

    /// The list on which it stands alone.
    pub fn providers(&self) -> Providers {
        Providers::new([self.certificate_sha256()])
    }

    /// The digest of its certificate, hexadecimal.
    pub fn certificate_sha256(&self) -> String {
        to_hex(&sha256(self.sealer.certificate_der()))
    }

    /// This mailbox is an ordinary one.
    pub fn ordinary(&mut self, address: &str) {
        self.ordinary.push(address.to_owned());
    }

    /// The next submission without a fault of its own goes wrong like this.
    pub fn misbehave(&mut self, fault: Fault) {
        self.faults.push_back(fault);
    }

    /// Takes a message; what it puts into mailboxes, in the order of time.
    pub fn submit(&mut self, submission: &Submission<'_>) -> Result<Vec<Delivery>, SealError> {
        let fault = self.faults.pop_front();
        self.taken += 1;
        let message =
            Known::of(submission, format!("opec{}.{}@{}", submission.at_ms, self.taken, self.domain));
        let mut out = Vec::new();
        let refused = match &fault {
            Some(Fault::Refuse(why)) => Some(why.clone()),
            _ if submission.raw.len() > LARGEST => Some("5.3.4 - Messaggio troppo grande".to_owned()),
            _ => None,
        };
        if let Some(why) = refused {
            out.push(self.receipt(submission, &message, Kind::Refused, None, &why, fault.as_ref())?);
            return Ok(out);
        }
        out.push(self.receipt(submission, &message, Kind::Accepted, None, "", fault.as_ref())?);
        for &to in submission.to {
            let (kind, why) = match &fault {
                Some(Fault::Undelivered(why)) => (Kind::Failed, why.as_str()),
                Some(Fault::Warn(why)) => (Kind::Warned, why.as_str()),
                _ => (Kind::Delivered, ""),
            };
            if kind == Kind::Delivered {
                out.push(self.envelope(submission, &message, to, fault.as_ref())?);
            }
            // Of an ordinary mailbox nobody says whether anything came there.
            if !self.ordinary.iter().any(|one| one == to) {
                out.push(self.receipt(submission, &message, kind, Some(to), why, fault.as_ref())?);
            }
        }
        let is_receipt = |one: &Delivery| one.to == submission.from;
        match fault {
            Some(Fault::Silent) => out.retain(|one| !is_receipt(one)),
            Some(Fault::Twice) => {
                let again: Vec<Delivery> = out.iter().filter(|one| is_receipt(one)).cloned().collect();
                out.extend(again);
            }
            Some(Fault::Late(by)) => {
                out.iter_mut().filter(|one| is_receipt(one)).for_each(|one| one.at_ms += by);
            }
            Some(Fault::BeforeAnswer) => {
                out.iter_mut().filter(|one| is_receipt(one)).for_each(|one| one.before_answer = true);
            }
            _ => {}
        }
        out.sort_by_key(|one| one.at_ms);
        Ok(out)
    }

    /// The envelope around an ordinary message that comes in.
    pub fn anomaly(&mut self, to: &str, raw: &[u8], at_ms: i64) -> Result<Delivery, SealError> {
        let (from, subject) = (header(raw, "From"), header(raw, "Subject"));
        let headers = format!(
            "From: \"Per conto di: {from}\" <posta-certificata@{}>\r\nTo: {to}\r\nSubject: ANOMALIA MESSAGGIO: {subject}\r\nX-Trasporto: errore\r\n",
            self.domain
        );
        let text = "Anomalia nel messaggio: quello allegato non è di posta certificata.";
        let parts = [text_part(text), original_part(raw)];
        self.message(to, at_ms, &headers, &parts, None)
    }

    fn envelope(
        &mut self,
        submission: &Submission<'_>,
        message: &Known,
        to: &str,
        fault: Option<&Fault>,
    ) -> Result<Delivery, SealError> {
        let headers = format!(
            "From: \"Per conto di: {from}\" <posta-certificata@{}>\r\nReply-To: {from}\r\nTo: {to}\r\nSubject: POSTA CERTIFICATA: {}\r\nX-Trasporto: posta-certificata\r\nX-TipoRicevuta: {}\r\nX-Riferimento-Message-ID: {}\r\n",
            self.domain,
            message.subject,
            message.extent,
            message.id,
            from = submission.from,
        );
        let daticert = self.daticert(submission, message, Kind::Transport, None, "");
        let parts = [
            text_part("Messaggio di posta certificata"),
            daticert_part(&daticert),
            original_part(submission.raw),
        ];
        self.message(to, submission.at_ms + MINUTE_MS, &headers, &parts, fault)
    }

    fn receipt(
        &mut self,
        submission: &Submission<'_>,
        message: &Known,
        kind: Kind,
        about: Option<&str>,
        why: &str,
        fault: Option<&Fault>,
    ) -> Result<Delivery, SealError> {
        let prefix = match kind {
            Kind::Accepted => "ACCETTAZIONE",
            Kind::Refused => "AVVISO DI NON ACCETTAZIONE",
            Kind::Delivered => "CONSEGNA",
            Kind::Warned => "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO",
            _ => "AVVISO DI MANCATA CONSEGNA",
        };
        let shown = if fault == Some(&Fault::Mislabelled) { Kind::Delivered.word() } else { kind.word() };
        let headers = format!(
            "From: posta-certificata@{}\r\nTo: {}\r\nSubject: {prefix}: {}\r\nX-Ricevuta: {shown}\r\nX-Tiporicevuta: {}\r\nX-Riferimento-Message-ID: {}\r\n",
            self.domain, submission.from, message.subject, message.extent, message.id
        );
        let daticert = self.daticert(submission, message, kind, about, why);
        let mut parts = vec![text_part(&format!("Ricevuta di {}", kind.word())), daticert_part(&daticert)];
        if kind == Kind::Delivered && message.extent == "completa" {
            parts.push(original_part(submission.raw));
        }
        let later = if kind == Kind::Accepted { 0 } else { 2 * MINUTE_MS };
        self.message(submission.from, submission.at_ms + later, &headers, &parts, fault)
    }

    fn message(
        &mut self,
        to: &str,
        at_ms: i64,
        headers: &str,
        parts: &[Vec<u8>],
        fault: Option<&Fault>,
    ) -> Result<Delivery, SealError> {
        self.written += 1;
        let number = self.written;
        let mut signed =
            format!("Content-Type: multipart/mixed; boundary=\"=_dentro{number}\"\r\n\r\n").into_bytes();
        for part in parts {
            signed.extend(format!("--=_dentro{number}\r\n").bytes());
            signed.extend(part);
            signed.extend(b"\r\n");
        }
        signed.extend(format!("--=_dentro{number}--\r\n").bytes());
        let sealer = if fault == Some(&Fault::Stranger) { &self.stranger } else { &self.sealer };
        let p7s = sealer.cades_detached(&sha256(&signed), &Making::at(at_ms))?;
        if fault == Some(&Fault::Normalised) {
            signed = String::from_utf8_lossy(&signed).replace("  ", " ").into_bytes();
        }
        let mut raw = format!(
            "Message-ID: <ricevuta{number}.{at_ms}@{}>\r\nDate: {}\r\n{headers}MIME-Version: 1.0\r\n",
            self.domain,
            local(at_ms).strftime("%a, %d %b %Y %H:%M:%S %z"),
        )
        .into_bytes();
        if fault == Some(&Fault::Unsigned) {
            raw.extend(signed);
        } else {
            raw.extend(format!("Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\"; micalg=sha-256; boundary=\"=_fuori{number}\"\r\n\r\nThis is an S/MIME signed message\r\n\r\n--=_fuori{number}\r\n").bytes());
            raw.extend(signed);
            raw.extend(format!("\r\n--=_fuori{number}\r\nContent-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n{}\r\n--=_fuori{number}--\r\n", base64(&p7s)).bytes());
        }
        Ok(Delivery { to: to.to_owned(), at_ms, before_answer: false, raw })
    }

    fn daticert(
        &self,
        submission: &Submission<'_>,
        message: &Known,
        kind: Kind,
        about: Option<&str>,
        why: &str,
    ) -> String {
        let fault = if why.is_empty() { "nessuno" } else { "altro" };
        let at = local(submission.at_ms);
        // Two spaces at the start of lines, as providers write it: what makes it regular breaks the signature.
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<postacert tipo=\"{}\" errore=\"{fault}\">\n  <intestazione>\n    <mittente>{}</mittente>\n",
            kind.word(),
            escaped(submission.from)
        );
        for to in submission.to {
            let how = if self.ordinary.iter().any(|one| one == to) { "esterno" } else { "certificato" };
            let _ = writeln!(xml, "    <destinatari tipo=\"{how}\">{}</destinatari>", escaped(to));
        }
        let _ = write!(
            xml,
            "    <risposte>{}</risposte>\n    <oggetto>{}</oggetto>\n  </intestazione>\n  <dati>\n    <gestore-emittente>Gestore di prova</gestore-emittente>\n    <data zona=\"{}\">\n      <giorno>{}</giorno>\n      <ora>{}</ora>\n    </data>\n    <identificativo>{}</identificativo>\n    <msgid>{}</msgid>\n",
            escaped(submission.from),
            escaped(&message.subject),
            at.strftime("%z"),
            at.strftime("%d/%m/%Y"),
            at.strftime("%H:%M:%S"),
            message.identifier,
            escaped(&message.id),
        );
        if kind == Kind::Delivered || kind == Kind::Transport {
            let _ = writeln!(xml, "    <ricevuta tipo=\"{}\"/>", message.extent);
        }
        if let Some(about) = about {
            let _ = writeln!(xml, "    <consegna>{}</consegna>", escaped(about));
        }
        if !why.is_empty() {
            let _ = writeln!(xml, "    <errore-esteso>{}</errore-esteso>", escaped(why));
        }
        xml + "  </dati>\n</postacert>\n"
    }
}

/// What it notes of a submission.
struct Known {
    id: String,
    subject: String,
    extent: &'static str,
    identifier: String,
}

impl Known {
    fn of(submission: &Submission<'_>, identifier: String) -> Self {
        let extent = match header(submission.raw, "X-TipoRicevuta").to_lowercase().as_str() {
            "breve" => "breve",
            "sintetica" => "sintetica",
            _ => "completa",
        };
        let id = header(submission.raw, "Message-ID");
        Self { id, subject: header(submission.raw, "Subject"), extent, identifier }
    }
}

/// The first header of this name; empty when there is none.
fn header(raw: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(raw);
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
    let found = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let mut found = found.filter(|(own, _)| own.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

fn text_part(text: &str) -> Vec<u8> {
    format!("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n")
        .into_bytes()
}

fn daticert_part(xml: &str) -> Vec<u8> {
    let xml = xml.replace('\n', "\r\n");
    format!("Content-Type: application/xml; name=\"daticert.xml\"\r\nContent-Transfer-Encoding: 8bit\r\nContent-Disposition: inline; filename=\"daticert.xml\"\r\n\r\n{xml}").into_bytes()
}

fn original_part(raw: &[u8]) -> Vec<u8> {
    let head = "Content-Type: message/rfc822; name=\"postacert.eml\"\r\nContent-Disposition: attachment; filename=\"postacert.eml\"\r\n\r\n";
    [head.as_bytes(), raw].concat()
}

/// Winter time all year: the zone stands beside it.
fn local(at_ms: i64) -> jiff::Zoned {
    let instant = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    instant.to_zoned(TimeZone::fixed(Offset::constant(1)))
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::Engine as _;
    let text = ::base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines: Vec<String> =
        text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    lines.join("\r\n")
}
