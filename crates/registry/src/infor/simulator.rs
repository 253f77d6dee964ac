//! jProtocollo as a pure state machine.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::digest::{sha256, to_hex};

use super::SPACE;
use crate::dates::italian;
use crate::packing;
use crate::simulator::{Fault, Faults, Kept, Ledger, Object, Reply, Request, Simulator};
use crate::soap::{self, Node, around, element};

/// The service.
#[derive(Debug, Default)]
pub struct Infor {
    /// What it keeps.
    pub ledger: Ledger,
    /// What it does wrong.
    pub faults: Faults,
    /// The user it knows.
    pub user: String,
    titles: HashMap<u64, Vec<String>>,
}

impl Infor {
    /// One that knows a user.
    pub fn new(user: &str) -> Self {
        Self { user: user.into(), ..Self::default() }
    }

    fn act(&mut self, asked: &Node, fault: Option<&Fault>, day: &str) -> Result<String, String> {
        if let Some(Fault::ErrorInside(_, words)) = fault {
            return Err(words.clone());
        }
        let wrapper = asked.children.first().ok_or("richiesta vuota")?;
        if wrapper.said("username") != Some(&self.user) {
            return Err("utente non abilitato".into());
        }
        match asked.name.as_str() {
            "inserisciArrivo" | "inserisciPartenza" | "inserisciInterno" => {
                self.register(wrapper, fault, day)
            }
            "allegaDocumento" => self.attach(wrapper),
            "leggiProtocollo" => {
                let object = self.object(wrapper).ok_or("protocollo non trovato")?;
                let titles = self.titles.get(&object.id).cloned().unwrap_or_default();
                Ok(told(&object, &titles))
            }
            other => Err(format!("{other}: operazione sconosciuta")),
        }
    }

    fn object(&self, wrapper: &Node) -> Option<Object> {
        let reference = wrapper.child("riferimento")?;
        self.ledger.by_number(reference.number("numero")?, reference.number("anno")?).cloned()
    }

    fn register(&mut self, wrapper: &Node, fault: Option<&Fault>, day: &str) -> Result<String, String> {
        let subject = wrapper.said("oggetto").ok_or("oggetto mancante")?.to_owned();
        let parties: Vec<String> = wrapper
            .find("soggetti")
            .map(|all| {
                all.all("soggetto").filter_map(|one| one.said("denominazione")).map(str::to_owned).collect()
            })
            .unwrap_or_default();
        if parties.is_empty() && wrapper.is("richiestaProtocollaArrivo") {
            return Err("soggetti mancanti".into());
        }
        let id = self.ledger.add(Object { subject, parties, ..Object::default() });
        if fault == Some(&Fault::NumberTwice) {
            self.ledger.forget_last();
        }
        let (number, year) = self.ledger.number(id, day).ok_or("errore interno")?;
        Ok(format!(
            "<segnatura><registro><codice>PG</codice><descrizione>Protocollo generale</descrizione></registro><sezione><codice>1</codice></sezione><anno>{year}</anno><numero>{number}</numero><data>{}</data><ora>10:30</ora><amministrazione><ente><codice>c_x000</codice></ente></amministrazione></segnatura>",
            italian(day)
        ))
    }

    fn attach(&mut self, wrapper: &Node) -> Result<String, String> {
        let id = self.object(wrapper).ok_or("protocollo non trovato")?.id;
        let said = |name: &str| wrapper.said(name).unwrap_or_default();
        let (title, name) = (said("titolo").to_owned(), said("nomeFile").to_owned());
        if title.is_empty() || title.chars().count() > 99 {
            return Err("titolo mancante o troppo lungo".into());
        }
        let bytes = STANDARD.decode(said("file")).map_err(|_| "file non in base64")?;
        if bytes.is_empty() {
            return Err("file vuoto".into());
        }
        let object = self.ledger.object(id).ok_or("protocollo non trovato")?;
        object.files.push(Kept { name, sha256: to_hex(&sha256(&bytes)) });
        self.titles.entry(id).or_default().push(title);
        Ok(String::new())
    }
}

fn told(object: &Object, titles: &[String]) -> String {
    let (number, year) = object.number.unwrap_or_default();
    let mut documents = String::new();
    for (index, (title, file)) in titles.iter().zip(&object.files).enumerate() {
        let number = element("progressivo", &(index + 1).to_string());
        let told = number + &element("titolo", title) + &element("nomeFile", &file.name);
        documents += &around("documento", &told);
    }
    format!(
        "<protocollo><anno>{year}</anno><numero>{number}</numero><dataArrivoPartenza>{}</dataArrivoPartenza>{}<annullamento><annullato>{}</annullato></annullamento><documenti>{documents}</documenti></protocollo>",
        object.date.replace('-', ""),
        element("oggetto", &object.subject),
        object.annulled
    )
}

impl Simulator for Infor {
    fn answer(&mut self, request: &Request, day: &str) -> Reply {
        let (asked, _, fault) = match packing::hear(request, &mut self.faults) {
            Ok(heard) => heard,
            Err(reply) => return reply,
        };
        let inside = match self.act(&asked, fault.as_ref(), day) {
            Ok(inside) => format!("<esito>OK</esito>{inside}"),
            Err(words) => format!("<esito>KO</esito>{}", element("messaggio", &words)),
        };
        let wrapper = match asked.name.as_str() {
            "allegaDocumento" => "rispostaAllegaDocumento",
            "leggiProtocollo" => "rispostaLeggiProtocollo",
            _ => "rispostaProtocolla",
        };
        let name = format!("{}Response", asked.name);
        let body = format!("<ns2:{name} xmlns:ns2=\"{SPACE}\"><{wrapper}>{inside}</{wrapper}></ns2:{name}>");
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
