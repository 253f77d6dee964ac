#![doc = include_str!("README.md")]

pub mod simulator;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use plico_courier::http::HttpError;

use crate::dates::{iso, italian};
use crate::order::{Abilities, Correspondent, File, Finding, Flow, Numbered, Order, SoFar, Way, key_in};
use crate::packing::{self, Packing};
use crate::seam::{Contents, Found, Read, Registry, Trouble};
use crate::soap::{self, Node, around, element, envelope, optional};
use crate::wire::{self, Access, Line, Talk};

/// Its namespace.
const SPACE: &str = "http://tempuri.org/";
/// Longest subject, in characters, where none is configured.
const SUBJECT: usize = 1000;

/// The client.
#[derive(Debug)]
pub struct Iride {
    access: Access,
    line: Line,
}

impl Iride {
    /// A client as `access` says.
    pub fn new(access: Access) -> Result<Self, HttpError> {
        Ok(Self { line: Line::new(&access)?, access })
    }

    fn files_after(&self) -> bool {
        self.access.option("attachments", "with") == "after"
    }

    /// Asks with fields in the order of the schema. What comes back is XML inside of a text.
    async fn ask(
        &self,
        operation: &str,
        fields: &[(&str, &str)],
        harmless: bool,
        talk: &mut Talk,
    ) -> Result<Node, Trouble> {
        let mut inside = String::new();
        for (name, text) in fields {
            inside += &element(&format!("tem:{name}"), text);
        }
        let body = format!("<tem:{operation}>{inside}</tem:{operation}>");
        let packed = Packing::Plain.pack(envelope(&format!("xmlns:tem=\"{SPACE}\""), &body), None)?;
        let bare = self.access.option("action", "") == "bare";
        let action = if bare { operation.to_owned() } else { format!("{SPACE}{operation}") };
        let call = packing::call(operation, &self.access.url, &action, packed, harmless);
        let answer = self.line.ask(call, &[], talk).await?;
        let body = soap::answered(&answer, harmless)?;
        let text = body.said(&format!("{operation}Result")).unwrap_or_default();
        let unclear = || wire::unclear("the answer cannot be read: it holds no XML", harmless);
        let said = soap::read(text.as_bytes()).map_err(|_| unclear())?;
        // `Messaggio` is no error, whatever it says.
        let error: String =
            said.child("Errore").map(|node| node.text.trim().chars().take(500).collect()).unwrap_or_default();
        let numbered = said.number::<u64>("NumeroProtocollo").is_some_and(|number| number > 0);
        if error.is_empty() {
            Ok(said)
        } else if numbered && !harmless {
            Err(Trouble::Doubt(error))
        } else {
            Err(Trouble::Refused { code: String::new(), words: error })
        }
    }

    fn body(&self) -> (&str, &str) {
        (&self.access.administration, self.access.option("aoo", ""))
    }

    /// The registrations of the first party with a fiscal code that bear our key; nothing where nobody has one. One that is
    /// not among them may still be there: the list may cut subjects.
    async fn search(&self, order: &Order, talk: &mut Talk) -> Result<Option<Vec<Numbered>>, Trouble> {
        let code = order.parties.iter().find_map(|party| party.fiscal_code.as_deref());
        let Some(code) = code.filter(|code| !code.is_empty()) else { return Ok(None) };
        let (body, area) = self.body();
        let fields = [
            ("CodiceFiscale", code),
            ("SoloProtocollo", "S"),
            ("Utente", &self.access.user),
            ("Ruolo", self.access.option("role", "")),
            ("CodiceAmministrazione", body),
            ("CodiceAOO", area),
        ];
        match self.ask("RicercaPerCodiceFiscaleString", &fields, true, talk).await {
            Ok(found) => {
                let all = found.child("Protocolli").into_iter().flat_map(|all| all.children.iter());
                let ours = |one: &&Node| one.said("Oggetto").and_then(key_in).as_ref() == Some(&order.key);
                Ok(Some(all.filter(ours).filter_map(numbered).collect()))
            }
            Err(trouble) => Err(trouble),
        }
    }

    async fn look(&self, number: u64, year: i32, talk: &mut Talk) -> Result<Option<Node>, Trouble> {
        let ((body, area), number_text, year) = (self.body(), number.to_string(), year.to_string());
        let fields = [
            ("AnnoProtocollo", year.as_str()),
            ("NumeroProtocollo", &number_text),
            ("Utente", &self.access.user),
            ("Ruolo", self.access.option("role", "")),
            ("CodiceAmministrazione", body),
            ("CodiceAOO", area),
            ("OutputBreve", "N"),
        ];
        match self.ask("LeggiProtocolloString", &fields, true, talk).await {
            Ok(found) => {
                Ok(Some(found).filter(|found| found.number::<u64>("NumeroProtocollo") == Some(number)))
            }
            Err(Trouble::Refused { .. }) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }
}

fn numbered(said: &Node) -> Option<Numbered> {
    let date = iso(said.said("DataProtocollo").unwrap_or_default());
    let year = ["AnnoProtocollo", "AnnoProtocollazione"].iter().find_map(|name| said.number(name));
    Some(Numbered {
        number: said.number("NumeroProtocollo").filter(|number| *number > 0)?,
        year: year.filter(|year| *year > 0).or_else(|| date.get(..4)?.parse().ok())?,
        date,
        reference: said.said("IdDocumento").unwrap_or_default().to_owned(),
        mark: String::new(),
    })
}

/// A file; its comment says its exact name and its position, its name is what the system takes.
fn attachment(order: &Order, file: &File, bytes: &[u8]) -> String {
    let kind = file.name.rsplit_once('.').map_or("", |(_, kind)| kind);
    let name: String = file
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' })
        .collect();
    format!(
        "<Allegato>{}{}<Image>{}</Image>{}{}</Allegato>",
        element("TipoFile", kind),
        element("ContentType", &file.media_type),
        STANDARD.encode(bytes),
        element("Commento", &file.described(order.position(file))),
        element("NomeAllegato", &name)
    )
}

fn party(party: &Correspondent) -> String {
    let email = party.email.as_deref().map(|email| {
        format!(
            "<Recapiti><Recapito><TipoRecapito>EMAIL</TipoRecapito>{}</Recapito></Recapiti>",
            element("ValoreRecapito", email)
        )
    });
    format!(
        "<MittenteDestinatario>{}{}<TipoSogg>S</TipoSogg><TipoPersona>{}</TipoPersona>{}</MittenteDestinatario>",
        optional("CodiceFiscale", party.fiscal_code.as_deref().unwrap_or_default()),
        element("CognomeNome", &party.name),
        if party.organisation { "GI" } else { "FI" },
        email.unwrap_or_default()
    )
}

fn protocol(order: &Order, access: &Access, attachments: &str) -> String {
    let chosen = |name: &str| access.chosen(order, name, "");
    let longest = chosen("subject_length").parse().unwrap_or(SUBJECT);
    let (origin, sender, charge) = match order.flow {
        Flow::In => ("A", "", order.office_code.as_str()),
        Flow::Out => ("P", order.office_code.as_str(), chosen("assign_to")),
        Flow::Internal => ("I", order.office_code.as_str(), chosen("assign_to")),
    };
    let mut xml = String::from("<ProtoIn>");
    xml += &element("Data", &italian(&order.day));
    xml += &element("Classifica", &order.classification);
    xml += &element("TipoDocumento", chosen("document_type"));
    xml += &element("Oggetto", &order.subject_with_key(longest));
    xml += &element("Origine", origin);
    xml += &optional("MezzoInvio", chosen("means"));
    xml += &optional("MittenteInterno", sender);
    let parties: String = order.parties.iter().map(party).collect();
    xml += &around("MittentiDestinatari", &parties);
    xml += &element("AggiornaAnagrafiche", access.chosen(order, "update_people", "N"));
    xml += &optional("InCaricoA", charge);
    if let Some((year, number)) = order.case_file.split_once('/') {
        xml += &element("AnnoPratica", year);
        xml += &element("NumeroPratica", number);
    } else {
        xml += &optional("IdFascicolo", &order.case_file);
    }
    xml += &element("NumeroAllegati", &order.documents.len().to_string());
    xml += &element("Utente", &access.user);
    xml += &element("Ruolo", chosen("role"));
    xml += &around("Allegati", attachments);
    xml + "</ProtoIn>"
}

#[async_trait]
impl Registry for Iride {
    fn can(&self) -> Abilities {
        Abilities {
            way: if self.files_after() { Way::FilesAfter } else { Way::AllAtOnce },
            finding: Finding::ByKey,
            numbers_once: false,
            out: true,
            annul: false,
            case_files: false,
            days: false,
        }
    }

    async fn check(&self, talk: &mut Talk) -> Result<String, Trouble> {
        // There is no signing in: a registration that cannot be there is looked for.
        self.look(0, 1900, talk).await?;
        Ok("it answers; whether it knows us shows when it registers".into())
    }

    async fn number(
        &self,
        order: &Order,
        _so_far: &SoFar,
        contents: &dyn Contents,
        talk: &mut Talk,
    ) -> Result<Numbered, Trouble> {
        let mut attachments = String::new();
        if !self.files_after() {
            for file in &order.documents {
                attachments += &attachment(order, file, &contents.read(file).await?);
            }
        }
        let (text, (body, area)) = (protocol(order, &self.access, &attachments), self.body());
        let fields =
            [("ProtocolloInStr", text.as_str()), ("CodiceAmministrazione", body), ("CodiceAOO", area)];
        let said = self.ask("InserisciProtocolloEAnagraficheString", &fields, false, talk).await?;
        let numbered = numbered(&said);
        let numbered = numbered.ok_or_else(|| Trouble::Doubt("the answer names no number".into()))?;
        let taken = said.child("Allegati").map(|all| all.all("Allegato").count());
        if !self.files_after() && taken.is_some_and(|taken| taken != order.documents.len()) {
            let (taken, all) = (taken.unwrap_or_default(), order.documents.len());
            let (number, year) = (numbered.number, numbered.year);
            return Err(Trouble::Doubt(format!("{number}/{year} was given, with {taken} of {all} files")));
        }
        Ok(numbered)
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
        let (body, area) = self.body();
        let text = format!(
            "<NuoviAllegati>{}{}{}{}{}<Allegati>{}</Allegati></NuoviAllegati>",
            optional("idDoc", &numbered.reference),
            element("annoProt", &numbered.year.to_string()),
            element("numProt", &numbered.number.to_string()),
            element("utente", &self.access.user),
            element("ruolo", self.access.option("role", "")),
            attachment(order, file, &bytes)
        );
        let fields =
            [("NuoviAllegatiStr", text.as_str()), ("CodiceAmministrazione", body), ("CodiceAOO", area)];
        let said = self.ask("AggiungiAllegatiString", &fields, false, talk).await?;
        if said.child("Allegati").is_some_and(|all| all.all("Allegato").count() == 0) {
            return Err(Trouble::Doubt("the answer names no file".into()));
        }
        Ok(())
    }

    async fn find(&self, order: &Order, so_far: &SoFar, talk: &mut Talk) -> Result<Found, Trouble> {
        let numbered = match &so_far.numbered {
            Some(numbered) => numbered.clone(),
            None => match self.search(order, talk).await? {
                Some(mut found) if found.len() == 1 => found.remove(0),
                Some(found) if found.is_empty() => return Ok(Found::Nothing),
                Some(found) => return Ok(Found::Several(found)),
                None => return Ok(Found::CannotLook),
            },
        };
        let found = match self.look(numbered.number, numbered.year, talk).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Found::Nothing),
            // Not to be let in is not to be told that nothing is there.
            Err(Trouble::Refused { .. }) => return Ok(Found::CannotLook),
            Err(trouble) => return Err(trouble),
        };
        // A number that bears no key of ours is somebody else's, or its subject was changed: a person looks.
        if key_in(found.said("Oggetto").unwrap_or_default()).as_ref() != Some(&order.key) {
            return Ok(Found::Several(vec![numbered]));
        }
        let there: Vec<&str> = attachments(&found).filter_map(|one| one.said("Commento")).collect();
        let mut so_far = SoFar { numbered: Some(numbered), ..so_far.clone() };
        so_far.attached = order
            .documents
            .iter()
            .filter(|file| there.contains(&file.described(order.position(file)).trim()))
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
        let subject = found.said("Oggetto").unwrap_or_default().to_owned();
        let Some(numbered) = numbered(&found) else { return Ok(None) };
        Ok(Some(Read {
            numbered,
            key: key_in(&subject),
            subject,
            files: Some(attachments(&found).count()),
            annulled: false,
        }))
    }
}

fn attachments(found: &Node) -> impl Iterator<Item = &Node> {
    found.child("Allegati").into_iter().flat_map(|all| all.children.iter())
}
