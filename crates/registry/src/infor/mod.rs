#![doc = include_str!("README.md")]

pub mod simulator;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use plico_courier::http::HttpError;

use crate::dates::iso;
use crate::order::{Abilities, Correspondent, File, Finding, Flow, Numbered, Order, SoFar, Way, key_in};
use crate::packing::{self, Packing};
use crate::seam::{Contents, Found, Read, Registry, Trouble};
use crate::soap::{self, Node, around, element, envelope};
use crate::wire::{self, Access, Line, Talk};

/// Its namespace.
const SPACE: &str = "http://webservices.jprotocollo.jente.infor.arezzo.it/";
/// Longest subject, in characters, where none is configured.
const SUBJECT: usize = 1000;
/// Longest title of a file, in characters.
const TITLE: usize = 99;

/// The client.
#[derive(Debug)]
pub struct Infor {
    access: Access,
    line: Line,
}

impl Infor {
    /// A client as `access` says.
    pub fn new(access: Access) -> Result<Self, HttpError> {
        Ok(Self { line: Line::new(&access)?, access })
    }

    /// Asks: the request's own element is not qualified, what is in it is. What was done is said by `esito`.
    async fn ask(
        &self,
        operation: &str,
        wrapper: &str,
        inside: &str,
        harmless: bool,
        talk: &mut Talk,
    ) -> Result<Node, Trouble> {
        let user = element("web:username", &self.access.user);
        let body = format!("<web:{operation}><{wrapper}>{user}{inside}</{wrapper}></web:{operation}>");
        let text = envelope(&format!("xmlns:web=\"{SPACE}\""), &body);
        let packed = Packing::Plain.pack(text, None)?;
        let call = packing::call(operation, &self.access.url, operation, packed, harmless);
        let answer = self.line.ask(call, &[], talk).await?;
        let body = soap::answered(&answer, harmless)?;
        match body.said("esito") {
            Some(outcome) if outcome.eq_ignore_ascii_case("OK") => Ok(body),
            Some(outcome) if outcome.eq_ignore_ascii_case("KO") => {
                let words = body.said("messaggio").unwrap_or_default().chars().take(500).collect();
                Err(Trouble::Refused { code: outcome.to_owned(), words })
            }
            _ => Err(wire::unclear("the answer does not say whether it was done", harmless)),
        }
    }

    async fn look(&self, number: u64, year: i32, talk: &mut Talk) -> Result<Option<Node>, Trouble> {
        let inside = format!("{}<web:allegati>true</web:allegati>", reference(number, year));
        match self.ask("leggiProtocollo", "richiestaLeggiProtocollo", &inside, true, talk).await {
            Ok(answer) => {
                let found = answer.find("protocollo").cloned();
                Ok(found.filter(|found| found.number::<u64>("numero") == Some(number)))
            }
            Err(trouble) => Err(trouble),
        }
    }
}

fn reference(number: u64, year: i32) -> String {
    format!("<web:riferimento><web:anno>{year}</web:anno><web:numero>{number}</web:numero></web:riferimento>")
}

/// What a file is called there: its position first, because the end is cut.
fn title(order: &Order, file: &File) -> String {
    file.described(order.position(file)).chars().take(TITLE).collect()
}

fn titles(found: &Node) -> impl Iterator<Item = &str> {
    let documents = found.child("documenti").into_iter().flat_map(|all| all.children.iter());
    documents.filter_map(|document| document.said("titolo"))
}

fn code(name: &str, code: &str) -> String {
    if code.is_empty() {
        String::new()
    } else {
        format!("<web:{name}>{}</web:{name}>", element("web:codice", code))
    }
}

/// In the order of the service's schema.
fn request(order: &Order, access: &Access) -> (&'static str, &'static str, String) {
    let (operation, wrapper, name) = match order.flow {
        Flow::In => ("inserisciArrivo", "richiestaProtocollaArrivo", "protocollaArrivo"),
        Flow::Out => ("inserisciPartenza", "richiestaProtocollaPartenza", "protocollaPartenza"),
        Flow::Internal => ("inserisciInterno", "richiestaProtocollaInterno", "protocollaInterno"),
    };
    let mut inside = code("registro", access.chosen(order, "register", ""));
    if order.flow != Flow::In && !order.office_code.is_empty() {
        inside += &around("web:mittenteInterno", &code("corrispondente", &order.office_code));
    }
    if order.flow != Flow::Internal {
        let parties: String = order.parties.iter().map(party).collect();
        inside += &around("web:soggetti", &parties);
    }
    let longest = access.chosen(order, "subject_length", "").parse().unwrap_or(SUBJECT);
    inside += &element("web:oggetto", &order.subject_with_key(longest));
    let office =
        access.chosen(order, "assign_to", if order.flow == Flow::In { &order.office_code } else { "" });
    if !office.is_empty() {
        inside += &around("web:smistamenti", &around("web:smistamento", &code("corrispondente", office)));
    }
    if !order.classification.is_empty() {
        let case_file = order.case_file.split_once('/').map(|(year, number)| {
            format!(
                "<web:fascicolo>{}{}</web:fascicolo>",
                element("web:anno", year),
                element("web:numero", number)
            )
        });
        let title = element("web:titolario", &order.classification);
        inside += &around("web:classificazione", &(title + &case_file.unwrap_or_default()));
    }
    let (kind, means) = (access.chosen(order, "document_type", ""), access.chosen(order, "means", ""));
    if !kind.is_empty() || !means.is_empty() {
        inside += &around("web:altriDati", &(code("tipoDocumento", kind) + &code("tramite", means)));
    }
    (operation, wrapper, format!("<web:{name}>{inside}</web:{name}>"))
}

/// There is no place for a fiscal code: it goes behind the name.
fn party(party: &Correspondent) -> String {
    let code: String = party.fiscal_code.iter().flat_map(|code| code.chars()).take(16).collect();
    let name = format!("{} {code}", party.name);
    around("web:soggetto", &element("web:denominazione", name.trim_end()))
}

#[async_trait]
impl Registry for Infor {
    fn can(&self) -> Abilities {
        Abilities {
            way: Way::FilesAfter,
            finding: Finding::ByNumber,
            numbers_once: false,
            out: true,
            annul: false,
            case_files: false,
            days: false,
        }
    }

    async fn check(&self, talk: &mut Talk) -> Result<String, Trouble> {
        // There is no signing in: a registration that cannot be there is looked for, and anything but silence will do.
        let inside = format!("{}<web:allegati>false</web:allegati>", reference(0, 1900));
        match self.ask("leggiProtocollo", "richiestaLeggiProtocollo", &inside, true, talk).await {
            Ok(_) | Err(Trouble::Refused { .. }) => {
                Ok("it answers; whether it knows us shows when it registers".into())
            }
            Err(trouble) => Err(trouble),
        }
    }

    async fn number(
        &self,
        order: &Order,
        _so_far: &SoFar,
        _contents: &dyn Contents,
        talk: &mut Talk,
    ) -> Result<Numbered, Trouble> {
        let (operation, wrapper, inside) = request(order, &self.access);
        let answer = self.ask(operation, wrapper, &inside, false, talk).await?;
        let mark = answer.find("segnatura");
        let number = mark.and_then(|mark| mark.number("numero")).filter(|number: &u64| *number > 0);
        let year = mark.and_then(|mark| mark.number("anno"));
        let (Some(mark), Some(number), Some(year)) = (mark, number, year) else {
            return Err(Trouble::Doubt("the answer names no number".into()));
        };
        let register =
            mark.child("registro").and_then(|register| register.said("codice")).unwrap_or_default();
        Ok(Numbered {
            number,
            year,
            date: iso(mark.said("data").unwrap_or_default()),
            reference: String::new(),
            mark: format!("{register} {year}/{number}").trim().to_owned(),
        })
    }

    async fn attach(
        &self,
        order: &Order,
        so_far: &SoFar,
        file: &File,
        bytes: Bytes,
        talk: &mut Talk,
    ) -> Result<(), Trouble> {
        let Some(numbered) = &so_far.numbered else { return Err(Trouble::Unable) };
        let inside = format!(
            "{}<web:documento>{}{}{}</web:documento>",
            reference(numbered.number, numbered.year),
            element("web:titolo", &title(order, file)),
            element("web:nomeFile", &file.name),
            element("web:file", &STANDARD.encode(&bytes))
        );
        self.ask("allegaDocumento", "richiestaAllegaDocumento", &inside, false, talk).await?;
        Ok(())
    }

    async fn find(&self, order: &Order, so_far: &SoFar, talk: &mut Talk) -> Result<Found, Trouble> {
        let Some(numbered) = &so_far.numbered else { return Ok(Found::CannotLook) };
        let found = match self.look(numbered.number, numbered.year, talk).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Found::Nothing),
            // Not to be let in is not to be told that nothing is there.
            Err(Trouble::Refused { .. }) => return Ok(Found::CannotLook),
            Err(trouble) => return Err(trouble),
        };
        // A number that bears no key of ours is somebody else's, or its subject was changed: a person looks.
        if key_in(found.said("oggetto").unwrap_or_default()).as_ref() != Some(&order.key) {
            return Ok(Found::Several(vec![numbered.clone()]));
        }
        let mut so_far = so_far.clone();
        so_far.attached = order
            .documents
            .iter()
            .filter(|file| titles(&found).any(|known| known == title(order, file).trim()))
            .map(|file| file.id.clone())
            .collect();
        Ok(Found::There(Box::new(so_far)))
    }

    async fn read(&self, number: u64, year: i32, talk: &mut Talk) -> Result<Option<Read>, Trouble> {
        let found = match self.look(number, year, talk).await {
            Ok(Some(found)) => found,
            Ok(None) | Err(Trouble::Refused { .. }) => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let subject = found.said("oggetto").unwrap_or_default().to_owned();
        let date = iso(found.said("dataArrivoPartenza").unwrap_or_default());
        Ok(Some(Read {
            numbered: Numbered { number, year, date, reference: String::new(), mark: String::new() },
            key: key_in(&subject),
            subject,
            files: Some(titles(&found).count()),
            annulled: found.said("annullato").is_some_and(|said| said.eq_ignore_ascii_case("true")),
        }))
    }
}
