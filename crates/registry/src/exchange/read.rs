//! Whatever came is data of a stranger: the document type is never fetched, and nothing here is believed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::digest::to_hex;

use super::{Found, Generation, Mark, Named};
use crate::agid::{About, Identifier, Notice};
use crate::dates::{day, number};
use crate::soap::{self, Node, ReadError};

/// A file that is longer is none of these.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Documents that are read of a mark.
const MOST_DOCUMENTS: usize = 500;
/// People that are read of one.
const MOST_PEOPLE: usize = 100;
/// Characters of a text.
const WORDS: usize = 1000;
/// Characters of a code.
const CODE: usize = 64;

/// Reads a file; nothing where it is none of these, or says too little to be one.
pub fn read(file: &[u8]) -> Result<Option<Found>, ReadError> {
    if file.len() > MOST_BYTES {
        return Err(ReadError::TooMuch);
    }
    let root = soap::read_typed(file)?;
    let generation = generation(file, &root);
    if ["Segnatura", "SegnaturaInformatica"].iter().any(|name| root.is(name)) {
        return Ok(mark(generation, &root).map(|mark| Found::Mark(Box::new(mark))));
    }
    Ok(notice(&root).map(|notice| Found::Notice(generation, Box::new(notice))))
}

/// Entry point for fuzzing: any bytes, never a panic.
pub fn fuzz_exchange(bytes: &[u8]) {
    if let Ok(Some(Found::Mark(mark))) = read(bytes) {
        let _ = mark.compare(&[("a", "b")]);
    }
}

/// Names are read without their namespaces, so the bytes tell which it is.
fn generation(file: &[u8], root: &Node) -> Generation {
    let names = |space: &[u8]| file.windows(space.len()).any(|found| found.eq_ignore_ascii_case(space));
    if root.is("SegnaturaInformatica") || names(b"agid.gov.it/protocollo/") {
        Generation::V3
    } else if names(b"digitpa.gov.it/protocollo/") {
        Generation::Y2013
    } else if root.find("CodiceRegistro").is_some() {
        Generation::Y2001Register
    } else {
        Generation::Y2001
    }
}

fn cut(text: &str, most: usize) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(most).collect()
}

fn said(node: &Node, name: &str, most: usize) -> Option<String> {
    let text = cut(&node.child(name)?.text, most);
    Some(text).filter(|text| !text.is_empty())
}

fn identifier(node: &Node) -> Option<Identifier> {
    Some(Identifier {
        administration: said(node, "CodiceAmministrazione", CODE)?,
        area: said(node, "CodiceAOO", CODE)?,
        register: said(node, "CodiceRegistro", CODE).unwrap_or_default(),
        number: number(&said(node, "NumeroRegistrazione", CODE)?)?,
        date: day(&said(node, "DataRegistrazione", CODE)?)?,
    })
}

fn mark(generation: Generation, root: &Node) -> Option<Mark> {
    let (head, description) = (root.child("Intestazione")?, root.child("Descrizione")?);
    let from = identifier(head.child("Identificatore")?)?;
    let sender = head.child("Origine").unwrap_or(description).find("Mittente");
    let name = sender.and_then(|sender| {
        ["DenominazioneAmministrazione", "Denominazione", "Cognome"].iter().find_map(|name| sender.said(name))
    });
    let mut to = Vec::new();
    for one in description.all("Destinatario") {
        let asks = one.attribute("confermaRicezione").is_none_or(yes);
        for code in ["CodiceIPAAmministrazione", "IndirizzoTelematico"] {
            to.extend(one.said(code).map(|code| (cut(code, WORDS), asks)));
        }
    }
    for one in head.all("Destinazione").chain(head.all("PerConoscenza")) {
        let asks = one.attribute("confermaRicezione").is_some_and(yes);
        for code in ["IndirizzoTelematico", "CodiceAmministrazione"] {
            to.extend(one.said(code).map(|code| (cut(code, WORDS), asks)));
        }
    }
    let addressed = head.all("Destinazione").chain(head.all("PerConoscenza")).chain([description]);
    let addressed = addressed.flat_map(|one| one.all("Destinatario"));
    let mut people = Vec::new();
    // Whoever stands inside of a body is its official, not the one who is written to.
    for one in addressed.filter(|one| one.child("Amministrazione").is_none()).take(MOST_PEOPLE) {
        let address = one.said("IndirizzoTelematico").map_or_else(String::new, |text| cut(text, WORDS));
        people.extend(one.said("CodiceFiscale").map(|code| (cut(code, CODE), address)));
    }
    let mut documents = Vec::new();
    named(description, &mut documents);
    Some(Mark {
        generation,
        sender: cut(name.unwrap_or(&from.administration), 200),
        subject: head.child("Oggetto").map(|node| cut(&node.text, WORDS)).unwrap_or_default(),
        to,
        people,
        documents,
        from,
    })
}

fn yes(value: &str) -> bool {
    ["si", "sì", "true", "1"].iter().any(|yes| value.trim().eq_ignore_ascii_case(yes))
}

/// The documents below a node: case files of the older shapes hold some, too.
fn named(node: &Node, documents: &mut Vec<Named>) {
    for child in &node.children {
        let is = |names: &[&str]| names.iter().any(|name| child.is(name));
        if documents.len() >= MOST_DOCUMENTS {
            return;
        }
        if is(&["Allegati", "Fascicolo"]) {
            named(child, documents);
        } else if is(&["Documento", "DocumentoPrimario", "Allegato"]) {
            documents.push(document(child));
        }
    }
}

fn document(node: &Node) -> Named {
    let attribute = |names: [&str; 2]| names.iter().find_map(|name| node.attribute(name)).unwrap_or_default();
    let print = node.child("Impronta");
    let algorithm = print.and_then(|print| print.attribute("algoritmo")).unwrap_or("SHA-256");
    let sha256 = ["SHA-256", "SHA256"].iter().any(|known| algorithm.eq_ignore_ascii_case(known));
    let text: String =
        print.map(|print| print.text.split_whitespace().collect()).filter(|_| sha256).unwrap_or_default();
    let digest = STANDARD.decode(text).ok().filter(|digest| digest.len() == 32);
    let reference = node.attribute("tipoRiferimento").unwrap_or("MIME");
    Named {
        name: cut(attribute(["nomeFile", "nome"]), 300),
        elsewhere: !reference.eq_ignore_ascii_case("MIME"),
        sha256: digest.map(|digest| to_hex(&digest)).unwrap_or_default(),
    }
}

fn notice(root: &Node) -> Option<Notice> {
    let as_what = root.child("Identificatore").and_then(identifier);
    let about = root.child("MessaggioRicevuto").and_then(|node| match node.child("Identificatore") {
        Some(registered) => identifier(registered).map(About::Registered),
        None => said(node, "DescrizioneMessaggio", WORDS).map(About::Described),
    });
    let words = |name: &str| said(root, name, WORDS).unwrap_or_default();
    match root.name.as_str() {
        "ConfermaRicezione" => {
            as_what.zip(about).map(|(as_what, about)| Notice::Confirmation { as_what, about })
        }
        "AggiornamentoConferma" => {
            as_what.zip(about).map(|(as_what, about)| Notice::Update { as_what, about })
        }
        "NotificaEccezione" => {
            about.map(|about| Notice::Exception { as_what, about, reason: words("Motivo") })
        }
        "AnnullamentoProtocollazione" => as_what.map(|what| Notice::Annulment {
            what,
            reason: words("Motivo"),
            act: words("Provvedimento"),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Verdict;
    use super::*;

    const OLD: &str = r#"<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE Segnatura SYSTEM "Segnatura.dtd">
<Segnatura versione="2001-05-07" xml:lang="it"><Intestazione><Identificatore><CodiceAmministrazione>p_xy</CodiceAmministrazione>
<CodiceAOO>AOO1</CodiceAOO><NumeroRegistrazione>0004711</NumeroRegistrazione><DataRegistrazione>2026-03-09</DataRegistrazione></Identificatore>
<Origine><IndirizzoTelematico tipo="smtp">ente@pec.example</IndirizzoTelematico><Mittente><Amministrazione><Denominazione>Provincia</Denominazione>
<CodiceAmministrazione>p_xy</CodiceAmministrazione><UnitaOrganizzativa><Denominazione/><IndirizzoPostale><Denominazione/></IndirizzoPostale></UnitaOrganizzativa></Amministrazione>
<AOO><Denominazione>AOO</Denominazione></AOO></Mittente></Origine>
<Destinazione confermaRicezione="si"><IndirizzoTelematico>noi@pec.example</IndirizzoTelematico></Destinazione>
<PerConoscenza><IndirizzoTelematico>altri@pec.example</IndirizzoTelematico></PerConoscenza>
<Oggetto>Richiesta &amp; parere</Oggetto></Intestazione>
<Descrizione><Documento nome="a.pdf"/><Allegati><Documento nome="b.pdf"><CollocazioneTelematica/><Impronta algoritmo="SHA-256">ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=</Impronta></Documento>
<Fascicolo><Documento nome="c" tipoRiferimento="cartaceo"/><Documento nome="d"><Impronta algoritmo="SHA-1">x</Impronta></Documento></Fascicolo></Allegati></Descrizione></Segnatura>"#;

    #[test]
    fn a_mark_of_2001_is_read_with_its_document_type_which_nobody_fetches() {
        let Some(Found::Mark(mark)) = read(OLD.as_bytes()).expect("XML") else { panic!("a mark") };
        assert_eq!(
            (mark.generation, mark.from.number, mark.from.date.as_str()),
            (Generation::Y2001, 4711, "2026-03-09")
        );
        assert_eq!((mark.sender.as_str(), mark.subject.as_str()), ("Provincia", "Richiesta & parere"));
        assert!(mark.asks(&["NOI@pec.example"]) && !mark.asks(&["altri@pec.example", "c_b999"]));
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let verdicts =
            |files: &[(&str, &str)]| mark.compare(files).into_iter().map(|one| one.1).collect::<Vec<_>>();
        use Verdict::{Differs, Elsewhere, Fits, Missing, Unsaid};
        assert_eq!(verdicts(&[("a.pdf", ""), ("B.PDF", abc), ("d", "")]), [Unsaid, Fits, Elsewhere, Unsaid]);
        assert_eq!(verdicts(&[("b.pdf", "00")]), [Missing, Differs, Elsewhere, Missing]);
        // Whatever a document type of its own would do.
        let own = OLD.replace("SYSTEM \"Segnatura.dtd\"", "[<!ENTITY x SYSTEM \"file:///etc/passwd\">]");
        assert_eq!(read(own.as_bytes()), Err(ReadError::DocumentType));
        assert_eq!(read(OLD.replace("Provincia", "&x;").as_bytes()), Err(ReadError::DocumentType));
        assert_eq!(read(&vec![b' '; MOST_BYTES + 1]), Err(ReadError::TooMuch));
        for wrong in [
            OLD.replace("0004711", "quasi"),
            OLD.replace("0004711", "0"),
            OLD.replace("0004711", "18446744073709551615"),
            OLD.replace("2026-03-09", "2026-99-99"),
            OLD.replace("2026-03-09", "9.3.2026"),
            OLD.replace("CodiceAOO", "x"),
        ] {
            assert_eq!(read(wrong.as_bytes()), Ok(None), "no number, no mark");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            text in "(<Segnatura>|</Segnatura>|<Intestazione>|</Intestazione>|<Descrizione>|</Descrizione>|<Identificatore>|</Identificatore>|<!DOCTYPE x|\\[|>|<Documento nome='è'/>|<DataRegistrazione>éééééé</DataRegistrazione>|<NumeroRegistrazione>1</NumeroRegistrazione>|<CodiceAOO>a</CodiceAOO>|<CodiceAmministrazione>b</CodiceAmministrazione>){0,24}",
            at in 0usize..2000,
            byte in any::<u8>(),
        ) {
            fuzz_exchange(&bytes);
            fuzz_exchange(text.as_bytes());
            let mut changed = OLD.as_bytes().to_vec();
            let place = at % changed.len();
            changed[place] = byte;
            fuzz_exchange(&changed);
        }
    }
}
