//! The mark of a message between bodies, version 3.0.0 (Allegato 6 of the guidelines, `segnatura_protocollo.xsd`): written
//! and sealed. No postal address: the schema wants six digits where an Italian postcode has five. Attributes are qualified.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::digest::from_hex;
use plico_signature::{Making, SealError, Sealer};

use crate::dates::{day, number};
use crate::order::{File, Order};
use crate::seam::Trouble;
use crate::soap::{Node, around, element, escape};
use crate::wire::Access;

/// Namespace of the mark.
pub const MARK: &str = "http://www.agid.gov.it/protocollo/";
/// Namespace of what goes by web service.
pub const MESSAGE: &str = "http://www.agid.gov.it/protocollo/messaggi/";
/// Namespace of what goes by PEC.
pub const PEC: &str = "http://www.agid.gov.it/protocollo/pec/";

/// What the element around it is called: the type is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// A file by itself.
    File,
    /// In a message by web service.
    Message,
    /// A file in a PEC.
    Pec,
}

/// Who registered something, where, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// Code of the body in the public index.
    pub administration: String,
    /// Code of its area.
    pub area: String,
    /// Code of the register.
    pub register: String,
    /// The number.
    pub number: u64,
    /// Its day, `YYYY-MM-DD`.
    pub date: String,
}

impl Identifier {
    /// As an element of this name.
    pub fn write(&self, name: &str) -> String {
        let inside = element("prot:CodiceAmministrazione", &self.administration)
            + &element("prot:CodiceAOO", &self.area)
            + &element("prot:CodiceRegistro", &self.register)
            + &element("prot:NumeroRegistrazione", &format!("{:07}", self.number))
            + &element("prot:DataRegistrazione", &self.date);
        around(name, &inside)
    }

    /// Reads one; nothing where a part of it is missing.
    pub fn read(node: &Node) -> Option<Self> {
        let said =
            |name: &str| node.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty());
        Some(Self {
            administration: said("CodiceAmministrazione")?.to_owned(),
            area: said("CodiceAOO")?.to_owned(),
            register: said("CodiceRegistro")?.to_owned(),
            number: number(said("NumeroRegistrazione")?)?,
            date: day(said("DataRegistrazione")?)?,
        })
    }

    /// The year of its day.
    pub fn year(&self) -> Option<i32> {
        self.date.get(..4)?.parse().ok()
    }

    /// As people write it.
    pub fn mark(&self) -> String {
        let number = format!("{:07}", self.number);
        let parts = [&self.administration, &self.area, &self.register, &number];
        // Marks of before 2013 have no code of the register.
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("/")
    }

    /// Ours, as an order says it: the message was registered here before it goes.
    pub(super) fn ours(order: &Order, access: &Access) -> Result<Self, Trouble> {
        let wanted = |name: &str| {
            let value = access.chosen(order, name, "");
            if value.is_empty() {
                Err(Trouble::Ours(format!("options.{name} is missing")))
            } else {
                Ok(value)
            }
        };
        let number = wanted("registration_number")?;
        Ok(Self {
            administration: access.administration.clone(),
            area: wanted("aoo")?.to_owned(),
            register: wanted("register")?.to_owned(),
            number: number
                .parse()
                .map_err(|_| Trouble::Ours(format!("options.registration_number is no number: {number}")))?,
            date: wanted("registration_date")?.to_owned(),
        })
    }
}

/// The mark of an order, sealed; without a declaration, so that it can stand in a message.
pub fn sealed(root: Root, order: &Order, access: &Access, sealer: &Sealer) -> Result<String, Trouble> {
    let mark = unsealed(root, order, access)?;
    let sealed = sealer.xades_enveloped(mark.as_bytes(), &Making::at(order.presented_ms));
    let cannot = |error: SealError| Trouble::Ours(format!("the mark cannot be sealed: {error}"));
    String::from_utf8(sealed.map_err(cannot)?)
        .map_err(|_| Trouble::Ours("the sealed mark is not text".into()))
}

fn unsealed(root: Root, order: &Order, access: &Access) -> Result<String, Trouble> {
    let chosen = |name: &str| access.chosen(order, name, "");
    let ours = Identifier::ours(order, access)?;
    if chosen("recipient_administration").is_empty() {
        return Err(Trouble::Ours("options.recipient_administration is missing".into()));
    }
    let named = |name: &str, otherwise: &str| {
        let name = chosen(name);
        element("prot:DenominazioneAmministrazione", if name.is_empty() { otherwise } else { name })
    };
    let contact = |name: &str| match chosen(name) {
        "" => String::new(),
        email => format!(
            "<prot:ContattiAmministrazione><prot:IndirizzoTelematico prot:tipo=\"smtp\">{}</prot:IndirizzoTelematico></prot:ContattiAmministrazione>",
            escape(email)
        ),
    };
    let code = |name: &str, value: &str| {
        if value.is_empty() { String::new() } else { element(&format!("prot:{name}"), value) }
    };
    let head = ours.write("prot:Identificatore")
        + &element("prot:Oggetto", &order.subject)
        + &around("prot:Classifica", &classification(order, access))
        + &case_file(order);
    let from = named("name", &access.administration)
        + &element("prot:CodiceIPAAmministrazione", &access.administration)
        + &contact("email")
        + &code("CodiceIPAAOO", &ours.area)
        + &code("CodiceIPAUO", &order.office_code);
    let first = order.parties.first().map_or("", |party| party.name.as_str());
    let to =
        named("recipient_name", if first.is_empty() { chosen("recipient_administration") } else { first })
            + &element("prot:CodiceIPAAmministrazione", chosen("recipient_administration"))
            + &contact("recipient_email")
            + &code("CodiceIPAAOO", chosen("recipient_aoo"));
    let mut description = around("prot:Mittente", &around("prot:Amministrazione", &from));
    let to = around("prot:Amministrazione", &to);
    let _ =
        write!(description, "<prot:Destinatario prot:confermaRicezione=\"true\">{to}</prot:Destinatario>");
    for (position, file) in order.documents.iter().enumerate() {
        description += &document(if position == 0 { "DocumentoPrimario" } else { "Allegato" }, file)?;
    }
    let inside = around("prot:Intestazione", &head) + &around("prot:Descrizione", &description);
    let (name, own) = match root {
        Root::File => ("prot:SegnaturaInformatica", String::new()),
        Root::Message => ("msg:Segnatura", format!(" xmlns:msg=\"{MESSAGE}\"")),
        Root::Pec => ("pec:SegnaturaInformatica", format!(" xmlns:pec=\"{PEC}\"")),
    };
    Ok(format!(
        "<{name}{own} xmlns:prot=\"{MARK}\" prot:versione=\"3.0.0\" prot:lang=\"it\">{inside}</{name}>"
    ))
}

fn classification(order: &Order, access: &Access) -> String {
    let code = if order.classification.is_empty() { "0" } else { &order.classification };
    let name = access.chosen(order, "classification_name", code);
    element("prot:Denominazione", name) + &element("prot:CodiceFlat", code)
}

fn case_file(order: &Order) -> String {
    if order.case_file.is_empty() {
        return String::new();
    }
    let inside =
        element("prot:Denominazione", &order.case_file) + &element("prot:CodiceFascicolo", &order.case_file);
    around("prot:Fascicolo", &inside)
}

fn document(name: &str, file: &File) -> Result<String, Trouble> {
    let digest: Option<[u8; 32]> = from_hex(&file.sha256);
    let digest = digest.ok_or_else(|| Trouble::Ours(format!("{}: no SHA-256", file.name)))?;
    Ok(format!(
        "<prot:{name} prot:nomeFile=\"{}\" prot:mimeType=\"{}\"><prot:Impronta prot:algoritmo=\"SHA-256\">{}</prot:Impronta></prot:{name}>",
        escape(&file.name),
        escape(&file.media_type),
        STANDARD.encode(digest)
    ))
}
