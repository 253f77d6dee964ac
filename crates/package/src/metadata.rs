//! What is known of a document, by the list of AgID's guidelines (Allegato 5, "Metadati"). The guidelines publish no schema:
//! names and order are theirs, the encoding is ours, and the namespace says so.

use std::io;

use crate::PackError;
use crate::xml::Sheet;

/// The namespace of this encoding.
pub const NAMESPACE: &str = "urn:plico:allegato5:1";

/// One administrative document.
#[derive(Debug, Clone, Default)]
pub struct Document<'a> {
    /// Identifier.
    pub id: &'a str,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: &'a str,
    /// Letter a–d of the guidelines, or nothing where it is not known.
    pub mode: &'a str,
    /// `istanza`, `comunicazione` …
    pub kind: &'a str,
    /// `in`, `out`.
    pub direction: &'a str,
    /// Registry area, number as it is shown, instant (RFC 3339); none where it was not registered.
    pub registration: Option<(&'a str, &'a str, &'a str)>,
    /// The body.
    pub body: &'a str,
    /// The office.
    pub office: &'a str,
    /// The other side.
    pub party: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// Code and title of its class; empty where it has none.
    pub class: (&'a str, &'a str),
    /// Whether it is the primary document of its message.
    pub primary: bool,
    /// Confidential, where it is known.
    pub confidential: Option<bool>,
    /// Media type, measured.
    pub media_type: &'a str,
    /// Signed, sealed, time stamped, a conforming copy: as at formation.
    pub checks: Option<[bool; 4]>,
    /// Number and title of the case file.
    pub case: (&'a str, &'a str),
    /// File name.
    pub name: &'a str,
    /// Years to keep it, 9999 for ever.
    pub retention_years: Option<u32>,
}

/// Writes it. The same document gives the same bytes.
pub fn write(document: &Document<'_>) -> Result<Vec<u8>, PackError> {
    fill(document).map_err(PackError::Index)
}

fn fill(document: &Document<'_>) -> io::Result<Vec<u8>> {
    let mut xml = Sheet::new()?;
    xml.with("DocumentoAmministrativoInformatico", &[("xmlns", NAMESPACE)], |xml| content(xml, document))?;
    Ok(xml.done())
}

fn content(xml: &mut Sheet, document: &Document<'_>) -> io::Result<()> {
    xml.inside("IdDoc", |xml| {
        xml.inside("ImprontaCrittograficaDelDocumento", |xml| {
            xml.text("Impronta", document.sha256)?;
            xml.text("Algoritmo", "SHA-256")
        })?;
        xml.text("Identificativo", document.id)
    })?;
    xml.text("ModalitaDiFormazione", document.mode)?;
    xml.text("TipologiaDocumentale", document.kind)?;
    if let Some((area, number, at)) = document.registration {
        xml.inside("DatiDiRegistrazione", |xml| {
            xml.text(
                "TipologiaDiFlusso",
                match document.direction {
                    "in" => "E",
                    "internal" => "I",
                    _ => "U",
                },
            )?;
            xml.text("TipoRegistro", "Protocollo Ordinario")?;
            xml.text("DataRegistrazione", at)?;
            xml.text("NumeroDocumento", number)?;
            xml.text("CodiceRegistro", area)
        })?;
    }
    let (from, to) = if document.direction == "in" {
        (document.party, document.body)
    } else {
        (document.body, document.party)
    };
    xml.inside("Soggetti", |xml| {
        for (role, name) in [("Mittente", from), ("Destinatario", to), ("Assegnatario", document.office)] {
            if !name.is_empty() {
                xml.inside("Ruolo", |xml| {
                    xml.text("TipoRuolo", role)?;
                    xml.text("Denominazione", name)
                })?;
            }
        }
        Ok(())
    })?;
    xml.inside("ChiaveDescrittiva", |xml| xml.text("Oggetto", document.subject))?;
    xml.text("Allegato", if document.primary { "false" } else { "true" })?;
    if !document.class.0.is_empty() {
        xml.inside("Classificazione", |xml| {
            xml.text("IndiceDiClassificazione", document.class.0)?;
            xml.text("Descrizione", document.class.1)
        })?;
    }
    if let Some(confidential) = document.confidential {
        xml.text("Riservato", if confidential { "true" } else { "false" })?;
    }
    xml.inside("IdentificativoDelFormato", |xml| xml.text("Formato", document.media_type))?;
    if let Some(checks) = document.checks {
        xml.inside("Verifica", |xml| {
            let names =
                ["FirmatoDigitalmente", "SigillatoElettronicamente", "MarcaturaTemporale", "ConformitaCopie"];
            names
                .into_iter()
                .zip(checks)
                .try_for_each(|(name, is)| xml.text(name, if is { "true" } else { "false" }))
        })?;
    }
    xml.inside("IdAgg", |xml| {
        xml.text("TipoAggregazione", "Fascicolo")?;
        xml.text("IdAggregazione", document.case.0)?;
        xml.text("Oggetto", document.case.1)
    })?;
    xml.text("NomeDelDocumento", document.name)?;
    xml.text("VersioneDelDocumento", "1")?;
    if let Some(years) = document.retention_years {
        xml.text("TempoDiConservazione", &years.to_string())?;
    }
    Ok(())
}
