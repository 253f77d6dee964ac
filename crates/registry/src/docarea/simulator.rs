//! DocArea as a pure state machine, in any dialect.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::digest::{sha256, to_hex};

use super::Dialect;
use super::dialect::SPACE;
use crate::dates::italian;
use crate::multipart::Part;
use crate::packing;
use crate::simulator::{Fault, Faults, Kept, Ledger, Object, Reply, Request, Simulator, on_the_wire};
use crate::soap::{self, Node, element, envelope};

/// The service.
#[derive(Debug)]
pub struct DocArea {
    /// What it keeps.
    pub ledger: Ledger,
    /// What it does wrong.
    pub faults: Faults,
    /// The dialect it speaks.
    pub dialect: Dialect,
    /// Who is let in: code of the body, user, password.
    pub account: (String, String, String),
    /// Classifications that it knows; any, when there are none.
    pub titles: Vec<String>,
    /// Fiscal codes that several people of its address book have.
    pub ambiguous: Vec<String>,
    token: Option<String>,
    tokens: u64,
    files: HashMap<u64, Kept>,
}

/// An error as it is answered.
struct No(i64, String);

impl DocArea {
    /// One that lets an account in.
    pub fn new(dialect: Dialect, administration: &str, user: &str, password: &str) -> Self {
        Self {
            ledger: Ledger::default(),
            faults: Faults::default(),
            dialect,
            account: (administration.into(), user.into(), password.into()),
            titles: Vec::new(),
            ambiguous: Vec::new(),
            token: None,
            tokens: 0,
            files: HashMap::new(),
        }
    }

    fn act(
        &mut self,
        asked: &Node,
        beside: &[Part],
        fault: Option<&Fault>,
        day: &str,
    ) -> Result<Vec<(&'static str, String)>, No> {
        let own = usize::from(self.dialect == Dialect::Tinn);
        let said = |names: [&str; 2]| asked.said(names[own]).unwrap_or_default();
        if let Some(Fault::ErrorInside(code, words)) = fault {
            return Err(No(code.parse().unwrap_or(-1), words.clone()));
        }
        if asked.is("Login") {
            let given = (
                said(["strCodEnte", "CodiceEnte"]),
                said(["strUserName", "Username"]),
                said(["strPassword", "UserPassword"]),
            );
            let (administration, user, password) = &self.account;
            if given != (administration.as_str(), user.as_str(), password.as_str()) {
                return Err(No(-3, "utente o password errati".into()));
            }
            self.tokens += 1;
            let token = format!("DST{:016x}", 0x5eed_0000 + self.tokens);
            self.token = Some(token.clone());
            return Ok(vec![("strDST", token)]);
        }
        if fault == Some(&Fault::Expired) {
            self.token = None;
        }
        if self.token.as_deref() != Some(said(["strDST", "DSTLogin"])) {
            return Err(No(-2, "DST non valido o scaduto: non più valido".into()));
        }
        match asked.name.to_ascii_lowercase().as_str() {
            "inserimento" => self.insert(asked, beside),
            "protocollazione" => {
                let text = match self.dialect {
                    Dialect::Halley => asked.said("strDocumentInfo").unwrap_or_default().as_bytes().to_vec(),
                    Dialect::Tinn => {
                        STANDARD.decode(asked.said("FileXML").unwrap_or_default()).unwrap_or_default()
                    }
                    _ => beside.first().map(|part| part.content.clone()).unwrap_or_default(),
                };
                let profile = soap::read(&text).map_err(|error| No(-100, error.to_string()))?;
                self.register(&profile, fault, day)
            }
            "getregistrazione" if self.dialect.reads() => {
                let number = asked.number("Numero").zip(asked.number("Anno"));
                let object = number.and_then(|(number, year)| self.ledger.by_number(number, year));
                Ok(vec![("", object.map(told).unwrap_or_default())])
            }
            other => Err(No(-99, format!("{other}?"))),
        }
    }

    fn insert(&mut self, asked: &Node, beside: &[Part]) -> Result<Vec<(&'static str, String)>, No> {
        let decoded = |name: &str| STANDARD.decode(asked.said(name).unwrap_or_default());
        let (name, bytes) = match self.dialect {
            Dialect::Halley => (asked.said("strDocument").unwrap_or_default(), decoded("objDocument")),
            Dialect::Tinn => ("", decoded("FileBinario")),
            _ => {
                let part = beside.first().ok_or_else(|| No(-50, "manca il file".into()))?;
                (part.id.as_str(), Ok(part.content.clone()))
            }
        };
        let bytes = bytes.map_err(|_| No(-50, "il file non è in base64".into()))?;
        if bytes.is_empty() {
            return Err(No(-50, "il file è vuoto".into()));
        }
        let id = 500 + self.files.len() as u64;
        self.files.insert(id, Kept { name: name.to_owned(), sha256: to_hex(&sha256(&bytes)) });
        Ok(vec![("lngDocID", id.to_string())])
    }

    fn register(
        &mut self,
        profile: &Node,
        fault: Option<&Fault>,
        day: &str,
    ) -> Result<Vec<(&'static str, String)>, No> {
        let no = |number: i64, words: &str| No(number, words.to_owned());
        let head = profile.child("Intestazione").ok_or_else(|| no(-101, "manca l'intestazione"))?;
        let subject = head.said("Oggetto").ok_or_else(|| no(-101, "manca l'oggetto"))?;
        if head.said("NumeroRegistrazione") != Some("0")
            || !matches!(head.said("Flusso"), Some("E" | "U" | "I"))
        {
            return Err(no(-101, "identificatore errato"));
        }
        let title = head.said("CodiceTitolario").unwrap_or_default();
        if !self.titles.is_empty() && !self.titles.iter().any(|known| known == title) {
            return Err(no(-555, "titolario"));
        }
        let mut parties = Vec::new();
        for (side, error) in [("Mittente", -108), ("Destinatario", -112)] {
            for person in head.all(side).filter_map(|party| party.child("Persona")) {
                let name = person.said("Denominazione").or_else(|| person.said("Cognome"));
                let name = name.ok_or_else(|| no(error - 1, "corrispondente senza nome"))?;
                let code = person.attribute("id").unwrap_or_default();
                if self.ambiguous.iter().any(|known| known == code) && !name.contains('(') {
                    return Err(No(error, String::new()));
                }
                parties.push(name.to_owned());
            }
        }
        let description = profile.child("Descrizione").ok_or_else(|| no(-107, "documento principale"))?;
        let primary = description.child("Documento").ok_or_else(|| no(-107, "documento principale"))?;
        let attached = description.child("Allegati");
        let attached = attached.map(|all| all.all("Documento").collect::<Vec<_>>()).unwrap_or_default();
        let mut files = Vec::new();
        for document in std::iter::once(primary).chain(attached) {
            let id = document.attribute("id").and_then(|id| id.parse().ok());
            let kept =
                id.and_then(|id: u64| self.files.get(&id)).ok_or_else(|| no(-102, "documento ignoto"))?;
            let name = document.attribute("nome").unwrap_or(&kept.name).to_owned();
            files.push(Kept { name, sha256: kept.sha256.clone() });
        }
        let id = self.ledger.add(Object { subject: subject.to_owned(), parties, files, ..Object::default() });
        if fault == Some(&Fault::NumberTwice) {
            self.ledger.forget_last();
        }
        let (number, year) = self.ledger.number(id, day).unwrap_or_default();
        Ok(vec![
            ("lngNumPG", number.to_string()),
            ("lngAnnoPG", year.to_string()),
            ("strDataPG", italian(day)),
        ])
    }

    fn reply(
        &self,
        operation: &str,
        answer: Result<Vec<(&'static str, String)>, No>,
        other_case: bool,
    ) -> Reply {
        let (mut fields, no) = match answer {
            Ok(fields) => (fields, No(0, String::new())),
            Err(no) => (Vec::new(), no),
        };
        fields.push(("lngErrNumber", no.0.to_string()));
        fields.push(("strErrString", no.1));
        let named = |name: &str| match (self.dialect, name) {
            (Dialect::Tinn, "strDataPG") => "StrDataPG".to_owned(),
            (Dialect::Tinn, name) => name.replacen("lng", "Ing", 1),
            _ => name.to_owned(),
        };
        let fields: String = fields
            .iter()
            // What has no name is XML already.
            .map(|(name, text)| if name.is_empty() { text.clone() } else { element(&named(name), text) })
            .collect();
        let (lower, result) = (operation.to_ascii_lowercase(), format!("{operation}Result"));
        let body = match self.dialect {
            Dialect::Prisma => format!(
                "<r:{lower}Response xmlns:r=\"{SPACE}\"><{result}>{fields}</{result}></r:{lower}Response>"
            ),
            Dialect::Tinn => format!(
                "<r:{operation}Response xmlns:r=\"{SPACE}\"><return>{fields}</return></r:{operation}Response>"
            ),
            _ => format!(
                "<{operation}Response xmlns=\"{SPACE}\"><{result}>{fields}</{result}></{operation}Response>"
            ),
        };
        let body = if other_case { soap::in_small_letters(&body) } else { body };
        let text = envelope("", &body);
        if self.dialect == Dialect::Halley {
            let text = text.replace("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"");
            let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
            return Reply::ok("text/xml; charset=ISO-8859-1", bytes);
        }
        Reply::ok("text/xml; charset=utf-8", text)
    }
}

/// A registration as `GetRegistrazione` tells it.
fn told(object: &Object) -> String {
    let (number, _) = object.number.unwrap_or_default();
    let document = |file: &Kept| format!("<Documento id=\"0\" nome=\"{}\"/>", soap::escape(&file.name));
    let (first, rest) = object.files.split_at(object.files.len().min(1));
    format!(
        "<Registrazione xmlns=\"\"><Intestazione>{}<Identificatore><NumeroRegistrazione>{number:07}</NumeroRegistrazione><DataRegistrazione>{}</DataRegistrazione></Identificatore></Intestazione><Descrizione>{}<Allegati>{}</Allegati></Descrizione></Registrazione>",
        element("Oggetto", &object.subject),
        italian(&object.date),
        first.iter().map(document).collect::<String>(),
        rest.iter().map(document).collect::<String>()
    )
}

impl Simulator for DocArea {
    fn answer(&mut self, request: &Request, day: &str) -> Reply {
        let (asked, beside, fault) = match packing::hear(request, &mut self.faults) {
            Ok(heard) => heard,
            Err(reply) => return reply,
        };
        let operation = match asked.name.to_ascii_lowercase().as_str() {
            "login" => "Login",
            "inserimento" => "Inserimento",
            "protocollazione" => "Protocollazione",
            _ => "GetRegistrazione",
        };
        let answer = self.act(&asked, &beside, fault.as_ref(), day);
        let reply = self.reply(operation, answer, fault == Some(Fault::OtherCase));
        on_the_wire(fault.as_ref(), reply)
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }
}
