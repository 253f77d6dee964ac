//! ProWSApi as a pure state machine. Its answers are as Axis 1 writes them: values stand apart from where they belong.

use std::collections::HashMap;

use plico_crypto::digest::{sha256, to_hex};

use super::SPACE;
use crate::dates::italian;
use crate::multipart::Part;
use crate::packing;
use crate::simulator::{Fault, Faults, Kept, Ledger, Object, Reply, Request, Simulator};
use crate::soap::{self, Node, around, element};

/// The service.
#[derive(Debug, Default)]
pub struct Sicraweb {
    /// What it keeps.
    pub ledger: Ledger,
    /// What it does wrong.
    pub faults: Faults,
    /// The credential that it lets in.
    pub connection: String,
    files: HashMap<u64, Kept>,
}

/// An error as it is answered.
struct No(i64, String);

impl Sicraweb {
    /// One that lets a credential in.
    pub fn new(connection: &str) -> Self {
        Self { connection: connection.into(), ..Self::default() }
    }

    fn act(&mut self, asked: &Node, beside: &[Part], fault: Option<&Fault>, day: &str) -> Result<String, No> {
        if let Some(Fault::ErrorInside(code, words)) = fault {
            return Err(No(code.parse().unwrap_or(-1), words.clone()));
        }
        if asked.said("connectionString") != Some(&self.connection) {
            return Err(No(-10, "stringa di connessione errata".into()));
        }
        match asked.name.as_str() {
            "insertDocumento" => {
                let part = beside.first().filter(|part| !part.content.is_empty());
                let part = part.ok_or_else(|| No(-20, "manca il file".into()))?;
                let name =
                    asked.said("documentName").ok_or_else(|| No(-21, "manca il nome".into()))?.to_owned();
                let id = 900 + self.files.len() as u64;
                self.files.insert(id, Kept { name, sha256: to_hex(&sha256(&part.content)) });
                Ok(element("lngDocID", &id.to_string()))
            }
            "registraProtocollo" => self.register(beside, fault, day),
            _ => Err(No(-99, "operazione sconosciuta".into())),
        }
    }

    fn register(&mut self, beside: &[Part], fault: Option<&Fault>, day: &str) -> Result<String, No> {
        let profile = beside.first().and_then(|part| soap::read(&part.content).ok());
        let profile = profile.filter(|root| root.is("Segnatura"));
        let profile = profile.ok_or_else(|| No(-30, "manca il profilo".into()))?;
        let subject = profile.said("Oggetto").ok_or_else(|| No(-31, "manca l'oggetto".into()))?.to_owned();
        let description = profile.child("Descrizione").ok_or_else(|| No(-32, "manca il documento".into()))?;
        let primary = description.all("Documento");
        let attached = description.child("Allegati").into_iter().flat_map(|all| all.all("Documento"));
        let mut files = Vec::new();
        for document in primary.chain(attached) {
            let id = document.attribute("id").and_then(|id| id.parse().ok());
            let kept = id.and_then(|id: u64| self.files.get(&id)).cloned();
            files.push(kept.ok_or_else(|| No(-33, "documento ignoto".into()))?);
        }
        let id = self.ledger.add(Object { subject, files, ..Object::default() });
        if fault == Some(&Fault::NumberTwice) {
            self.ledger.forget_last();
        }
        let (number, year) = self.ledger.number(id, day).unwrap_or_default();
        Ok(element("lngNumPG", &number.to_string()) + &element("lngAnnoPG", &year.to_string()))
    }

    /// What it tells of a registration: nothing, where there is none.
    fn info(&self, asked: &Node) -> String {
        let number = asked.number("numProt").zip(asked.number("annoProt"));
        let object = number.and_then(|(number, year)| self.ledger.by_number(number, year));
        let Some(object) = object.filter(|_| asked.said("connectionString") == Some(&self.connection)) else {
            return String::new();
        };
        let (number, _) = object.number.unwrap_or_default();
        let told = element("Oggetto", &object.subject)
            + &element("NumeroRegistrazione", &number.to_string())
            + &element("DataRegistrazione", &italian(&object.date));
        around("Segnatura", &around("Intestazione", &told))
    }
}

impl Simulator for Sicraweb {
    fn answer(&mut self, request: &Request, day: &str) -> Reply {
        let (asked, beside, fault) = match packing::hear(request, &mut self.faults) {
            Ok(heard) => heard,
            Err(reply) => return reply,
        };
        let name = &asked.name;
        let (value, apart) = if name == "infoProtocollo" {
            (element("infoProtocolloReturn", &self.info(&asked)), String::new())
        } else {
            let (inside, no) = match self.act(&asked, &beside, fault.as_ref(), day) {
                Ok(inside) => (inside, No(0, String::new())),
                Err(no) => (String::new(), no),
            };
            let inside =
                inside + &element("lngErrNumber", &no.0.to_string()) + &element("strErrString", &no.1);
            (format!("<{name}Return href=\"#id0\"/>"), format!("<multiRef id=\"id0\">{inside}</multiRef>"))
        };
        let body = format!("<ns1:{name}Response xmlns:ns1=\"{SPACE}\">{value}</ns1:{name}Response>{apart}");
        let body = if fault == Some(Fault::OtherCase) { soap::in_small_letters(&body) } else { body };
        packing::say(&body, fault.as_ref())
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }
}
