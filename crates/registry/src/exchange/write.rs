//! Written as the rules of each shape want it. What is fixed there and real files write otherwise (`versione`) is left out,
//! as the rules allow; so is the document type, which nobody should fetch. Of postal addresses there is only an empty one
//! where the older shapes want one.

use plico_signature::Sealer;

use super::{Generation, base64_of};
use crate::agid::{self, About, Identifier, Notice, Root};
use crate::order::{File, Flow, Order};
use crate::seam::Trouble;
use crate::soap::{around, element, escape, optional};
use crate::wire::Access;

const SPACE_2013: &str = "http://www.digitPa.gov.it/protocollo/";

/// One who sends or is sent something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// Name of the body.
    pub name: String,
    /// Its IPA code; may be empty of a recipient.
    pub administration: String,
    /// Code of its area; may be empty of a recipient.
    pub area: String,
    /// Address.
    pub address: String,
}

/// A letter of ours to a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Our registration.
    pub ours: Identifier,
    /// We.
    pub from: Side,
    /// The body.
    pub to: Side,
    /// Subject.
    pub subject: String,
    /// Name, media type and SHA-256 in hexadecimal digits of each file, the primary one first.
    pub files: Vec<(String, String, String)>,
}

fn root(generation: Generation, name: &str, inside: &str) -> String {
    let space = match generation {
        Generation::Y2013 => format!(" xmlns=\"{SPACE_2013}\""),
        _ => String::new(),
    };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name}{space}>{inside}</{name}>")
}

fn identifier(generation: Generation, one: &Identifier) -> String {
    let register = match generation {
        Generation::Y2001 => String::new(),
        _ => element("CodiceRegistro", &one.register),
    };
    around(
        "Identificatore",
        &(element("CodiceAmministrazione", &one.administration)
            + &element("CodiceAOO", &one.area)
            + &register
            + &element("NumeroRegistrazione", &format!("{:07}", one.number))
            + &element("DataRegistrazione", &one.date)),
    )
}

fn about(generation: Generation, about: &About) -> String {
    let inside = match about {
        About::Registered(one) => identifier(generation, one),
        About::Described(words) => element("DescrizioneMessaggio", words),
    };
    around("MessaggioRicevuto", &inside)
}

/// A notice, as a file.
pub fn notice(generation: Generation, notice: &Notice) -> String {
    let (name, inside) = match notice {
        _ if generation == Generation::V3 => return notice.write(),
        Notice::Confirmation { as_what, about: of } => {
            ("ConfermaRicezione", identifier(generation, as_what) + &about(generation, of))
        }
        Notice::Update { as_what, about: of } => {
            ("AggiornamentoConferma", identifier(generation, as_what) + &about(generation, of))
        }
        Notice::Exception { as_what, about: of, reason } => {
            let known = as_what.as_ref().map(|known| identifier(generation, known)).unwrap_or_default();
            ("NotificaEccezione", known + &about(generation, of) + &element("Motivo", reason))
        }
        Notice::Annulment { what, reason, act } => (
            "AnnullamentoProtocollazione",
            identifier(generation, what) + &element("Motivo", reason) + &element("Provvedimento", act),
        ),
    };
    root(generation, name, &inside)
}

fn administration(side: &Side) -> String {
    let empty = around("IndirizzoPostale", "<Denominazione></Denominazione>");
    around(
        "Amministrazione",
        &(element("Denominazione", &side.name)
            + &optional("CodiceAmministrazione", &side.administration)
            + &empty),
    )
}

fn area(side: &Side) -> String {
    if side.area.is_empty() {
        return String::new();
    }
    around("AOO", &(element("Denominazione", &side.area) + &element("CodiceAOO", &side.area)))
}

/// The mark of a letter, in one of the older shapes: version 3 is sealed (`agid::sealed`). A confirmation is asked for.
pub fn letter(generation: Generation, letter: &Letter) -> String {
    let address = |side: &Side| {
        format!("<IndirizzoTelematico tipo=\"smtp\">{}</IndirizzoTelematico>", escape(&side.address))
    };
    let from = around(
        "Origine",
        &(address(&letter.from) + &around("Mittente", &(administration(&letter.from) + &area(&letter.from)))),
    );
    let to = address(&letter.to) + &around("Destinatario", &(administration(&letter.to) + &area(&letter.to)));
    let head = identifier(generation, &letter.ours)
        + &from
        + &format!("<Destinazione confermaRicezione=\"si\">{to}</Destinazione>")
        + &element("Oggetto", &letter.subject);
    let files: Vec<String> = letter.files.iter().map(document).collect();
    let (first, others) = match files.split_first() {
        Some((first, others)) => (first.clone(), others.concat()),
        None => ("<TestoDelMessaggio/>".to_owned(), String::new()),
    };
    let others = if others.is_empty() { others } else { around("Allegati", &others) };
    root(
        generation,
        "Segnatura",
        &(around("Intestazione", &head) + &around("Descrizione", &(first + &others))),
    )
}

/// The mark of a letter, version 3, sealed at an instant (UTC milliseconds).
pub fn sealed(letter: &Letter, sealer: &Sealer, at_ms: i64) -> Result<String, Trouble> {
    let number = letter.ours.number.to_string();
    let options = [
        ("aoo", letter.ours.area.as_str()),
        ("register", &letter.ours.register),
        ("registration_number", &number),
        ("registration_date", &letter.ours.date),
        ("name", &letter.from.name),
        ("email", &letter.from.address),
        ("recipient_administration", &letter.to.administration),
        ("recipient_aoo", &letter.to.area),
        ("recipient_name", &letter.to.name),
        ("recipient_email", &letter.to.address),
    ];
    let file = |(name, media_type, sha256): &(String, String, String)| File {
        id: name.clone(),
        name: name.clone(),
        media_type: media_type.clone(),
        size: 0,
        sha256: sha256.clone(),
    };
    let order = Order {
        key: String::new(),
        flow: Flow::Out,
        subject: letter.subject.clone(),
        presented_ms: at_ms,
        day: letter.ours.date.clone(),
        parties: Vec::new(),
        office: String::new(),
        office_code: String::new(),
        classification: String::new(),
        case_file: String::new(),
        documents: letter.files.iter().map(file).collect(),
        options: options.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    };
    let access = Access { administration: letter.ours.administration.clone(), ..Access::default() };
    agid::sealed(Root::Pec, &order, &access, sealer)
}

fn document((name, media_type, sha256): &(String, String, String)) -> String {
    let print = base64_of(sha256).map(|digest| {
        format!(
            "<CollocazioneTelematica></CollocazioneTelematica><Impronta algoritmo=\"SHA-256\" codifica=\"base64\">{digest}</Impronta>"
        )
    });
    format!(
        "<Documento nome=\"{}\" tipoMIME=\"{}\" tipoRiferimento=\"MIME\">{}</Documento>",
        escape(name),
        escape(media_type),
        print.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Found, read};
    use super::*;

    fn ours(register: &str) -> Identifier {
        Identifier {
            administration: "c_b999".into(),
            area: "BORGO".into(),
            register: register.into(),
            number: 12,
            date: "2026-03-10".into(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for generation in Generation::ALL {
            let register = if generation == Generation::Y2001 { "" } else { "PROT" };
            let registered = About::Registered(ours(register));
            for one in [
                Notice::Confirmation { as_what: ours(register), about: registered.clone() },
                Notice::Update { as_what: ours(register), about: registered.clone() },
                Notice::Exception { as_what: None, about: registered, reason: "Non è <nostra>".into() },
                Notice::Annulment { what: ours(register), reason: "Errore".into(), act: "Atto 1".into() },
            ] {
                let file = notice(generation, &one);
                assert_eq!(
                    read(file.as_bytes()),
                    Ok(Some(Found::Notice(generation, Box::new(one)))),
                    "{file}"
                );
            }
            if generation == Generation::V3 {
                continue;
            }
            let side = |name: &str| Side {
                name: name.into(),
                address: format!("{name}@x.example"),
                ..Side::default()
            };
            let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned();
            let file = ("a & b.pdf".to_owned(), "application/pdf".to_owned(), digest.clone());
            let one = Letter {
                ours: ours(register),
                from: side("noi"),
                to: side("loro"),
                subject: "à".into(),
                files: vec![file],
            };
            let Ok(Some(Found::Mark(mark))) = read(letter(generation, &one).as_bytes()) else {
                panic!("a mark")
            };
            assert_eq!((mark.generation, &mark.from, mark.subject.as_str()), (generation, &one.ours, "à"));
            assert!(mark.asks(&["loro@x.example"]) && mark.sender == "noi");
            assert_eq!((mark.documents[0].name.as_str(), &mark.documents[0].sha256), ("a & b.pdf", &digest));
        }
    }
}
