//! J-Iride as a pure state machine.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::digest::{sha256, to_hex};

use super::SPACE;
use crate::packing;
use crate::simulator::{Fault, Faults, Kept, Ledger, Object, Reply, Request, Simulator};
use crate::soap::{self, Node, around, element};

/// The service.
#[derive(Debug, Default)]
pub struct Iride {
    /// What it keeps.
    pub ledger: Ledger,
    /// What it does wrong.
    pub faults: Faults,
    /// An older release: `ProtoOut`, names that begin small, Italian dates.
    pub older: bool,
    /// Files of a registration that it loses without a word.
    pub loses: usize,
    comments: HashMap<u64, Vec<String>>,
    codes: HashMap<u64, Vec<String>>,
}

impl Iride {
    fn act(&mut self, asked: &Node, fault: Option<&Fault>, day: &str) -> Result<String, String> {
        if let Some(Fault::ErrorInside(_, words)) = fault {
            return Err(words.clone());
        }
        let inside = |name: &str| {
            let text = asked.said(name).ok_or("parametro mancante")?;
            soap::read(text.as_bytes()).map_err(|error| error.to_string())
        };
        match asked.name.as_str() {
            "InserisciProtocolloEAnagraficheString" => self.register(&inside("ProtocolloInStr")?, fault, day),
            "AggiungiAllegatiString" => {
                let asked = inside("NuoviAllegatiStr")?;
                let number = asked.number("numProt").zip(asked.number("annoProt"));
                let object = number.and_then(|(number, year)| self.ledger.by_number(number, year));
                let id = object.ok_or("protocollo inesistente")?.id;
                let files = files(&asked)?;
                let told = self.keep(id, files);
                Ok(format!("<IdDocumento>{id}</IdDocumento>{told}"))
            }
            "LeggiProtocolloString" => {
                let number = asked.number("NumeroProtocollo").zip(asked.number("AnnoProtocollo"));
                let object = number.and_then(|(number, year)| self.ledger.by_number(number, year));
                let object = object.ok_or("Documento non trovato")?;
                Ok(self.told(object))
            }
            "RicercaPerCodiceFiscaleString" => {
                let code = asked.said("CodiceFiscale").ok_or("codice fiscale obbligatorio")?;
                let has = |object: &&Object| {
                    self.codes.get(&object.id).is_some_and(|codes| codes.iter().any(|known| known == code))
                };
                let found: String = self.ledger.objects.iter().filter(has).map(listed).collect();
                Ok(around("Protocolli", &found))
            }
            other => Err(format!("{other}: operazione sconosciuta")),
        }
    }

    fn register(&mut self, asked: &Node, fault: Option<&Fault>, day: &str) -> Result<String, String> {
        let subject = asked.said("Oggetto").ok_or("oggetto obbligatorio")?.to_owned();
        if !matches!(asked.said("Origine"), Some("A" | "P" | "I")) {
            return Err("origine errata".into());
        }
        let parties = asked.find("MittentiDestinatari").ok_or("mittenti obbligatori")?;
        let codes = parties.children.iter().filter_map(|one| one.said("CodiceFiscale")).map(str::to_owned);
        let codes: Vec<String> = codes.collect();
        let parties =
            parties.children.iter().filter_map(|one| one.said("CognomeNome")).map(str::to_owned).collect();
        let mut files = files(asked)?;
        files.truncate(files.len().saturating_sub(self.loses));
        let id = self.ledger.add(Object { subject, parties, ..Object::default() });
        self.codes.insert(id, codes);
        let told = self.keep(id, files);
        if fault == Some(&Fault::NumberTwice) {
            self.ledger.forget_last();
        }
        let (number, year) = self.ledger.number(id, day).ok_or("errore interno")?;
        let date = if self.older { crate::dates::italian(day) } else { format!("{day}T10:30:42.337+0200") };
        Ok(format!(
            "<IdDocumento>{id}</IdDocumento><AnnoProtocollo>{year}</AnnoProtocollo><NumeroProtocollo>{number}</NumeroProtocollo><DataProtocollo>{date}</DataProtocollo><Messaggio>Inserimento Protocollo eseguito con successo, senza Avvio Iter</Messaggio>{told}"
        ))
    }

    fn keep(&mut self, id: u64, files: Vec<(String, Kept)>) -> String {
        let mut told = String::new();
        for (comment, file) in files {
            let Some(object) = self.ledger.object(id) else { continue };
            object.files.push(file);
            let serial = id * 10 + object.files.len() as u64;
            let serial = serial.to_string();
            let one = element("Serial", &serial) + &element("IDBase", &serial) + "<Versione>0</Versione>";
            told += &around("Allegato", &one);
            self.comments.entry(id).or_default().push(comment);
        }
        format!("<Allegati>{told}</Allegati>")
    }

    fn told(&self, object: &Object) -> String {
        let (number, year) = object.number.unwrap_or_default();
        let none = Vec::new();
        let comments = self.comments.get(&object.id).unwrap_or(&none);
        let mut files = String::new();
        for (file, comment) in object.files.iter().zip(comments) {
            let one = "<Serial>1</Serial>".to_owned() + &element("Commento", comment);
            files += &around("Allegato", &(one + &element("NomeAllegato", &file.name)));
        }
        format!(
            "<IdDocumento>{}</IdDocumento><AnnoProtocollo>{year}</AnnoProtocollo><NumeroProtocollo>{number}</NumeroProtocollo><DataProtocollo>{}T00:00:00.000+0200</DataProtocollo>{}<Allegati>{files}</Allegati>",
            object.id,
            object.date,
            element("Oggetto", &object.subject)
        )
    }
}

/// As a search lists it.
fn listed(object: &Object) -> String {
    let (number, year) = object.number.unwrap_or_default();
    let told = element("IdDocumento", &object.id.to_string())
        + &element("NumeroProtocollo", &number.to_string())
        + &element("DataProtocollo", &crate::dates::italian(&object.date))
        + &element("AnnoProtocollazione", &year.to_string())
        + &element("Oggetto", &object.subject);
    around("item", &told)
}

/// Comments and files. Names that are not plain are refused.
fn files(asked: &Node) -> Result<Vec<(String, Kept)>, String> {
    let all = asked.child("Allegati").into_iter().flat_map(|all| all.all("Allegato"));
    all.map(|one| {
        let name = one.said("NomeAllegato").unwrap_or_default().to_owned();
        if !name.is_ascii() || name.contains('\'') {
            return Err(format!("nome allegato non valido: {name}"));
        }
        let image = one.said("Image").unwrap_or_default();
        let bytes = STANDARD.decode(image).map_err(|_| "allegato non in base64")?;
        if bytes.is_empty() {
            return Err("allegato vuoto".into());
        }
        let comment = one.said("Commento").unwrap_or_default().to_owned();
        Ok((comment, Kept { name, sha256: to_hex(&sha256(&bytes)) }))
    })
    .collect()
}

/// Names that begin small.
fn beginning_small(xml: &str) -> String {
    let (mut small, mut before) = (String::with_capacity(xml.len()), [' ', ' ']);
    for c in xml.chars() {
        let first = before[1] == '<' || before == ['<', '/'];
        small.push(if first { c.to_ascii_lowercase() } else { c });
        before = [before[1], c];
    }
    small
}

impl Simulator for Iride {
    fn answer(&mut self, request: &Request, day: &str) -> Reply {
        let (asked, _, fault) = match packing::hear(request, &mut self.faults) {
            Ok(heard) => heard,
            Err(reply) => return reply,
        };
        let root = match asked.name.as_str() {
            "LeggiProtocolloString" => "DocumentoOut",
            "AggiungiAllegatiString" => "AllegatiInseriti",
            "RicercaPerCodiceFiscaleString" => "ProtocolliSoggettoOut",
            _ if self.older => "ProtoOut",
            _ => "ProtocolloOut",
        };
        let inside = match self.act(&asked, fault.as_ref(), day) {
            Ok(inside) => format!("{inside}<Errore/>"),
            Err(words) => element("Errore", &words),
        };
        let inside = if self.older { beginning_small(&inside) } else { inside };
        let mut xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root}>{inside}</{root}>");
        if fault == Some(Fault::OtherCase) {
            xml = soap::in_small_letters(&xml);
        }
        let name = &asked.name;
        let result = element(&format!("{name}Result"), &xml);
        packing::say(&format!("<{name}Response xmlns=\"{SPACE}\">{result}</{name}Response>"), fault.as_ref())
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }
}
