//! The profile of a registration: an XML called `Segnatura`, which is not that of the circulars. Number and date are 0: the
//! registry gives them. Sicr@web takes the same.

use std::fmt::Write as _;

use crate::order::{Correspondent, Flow, Order, SoFar};
use crate::soap::{element, escape, optional};
use crate::wire::Access;

/// Longest subject, in characters, where none is configured.
const SUBJECT: usize = 1000;

/// The profile of an order whose files are there already.
pub(crate) fn profile(order: &Order, so_far: &SoFar, access: &Access) -> String {
    let option = |name: &str, otherwise: &'static str| access.chosen(order, name, otherwise);
    let administration = element("CodiceAmministrazione", &access.administration);
    let area = element("CodiceAOO", option("aoo", ""));
    let (flow, incoming) = match order.flow {
        Flow::In => ("E", true),
        Flow::Out => ("U", false),
        Flow::Internal => ("I", false),
    };
    let office = if order.office_code.is_empty() {
        String::new()
    } else {
        format!("<UnitaOrganizzativa id=\"{}\"/>", escape(&order.office_code))
    };
    let name = match option("name", "") {
        "" => &access.administration,
        name => name,
    };
    let address = match option("email", "") {
        "" => String::new(),
        email => format!("<IndirizzoTelematico tipo=\"smtp\">{}</IndirizzoTelematico>", escape(email)),
    };
    let ours = format!(
        "<Amministrazione>{}{administration}{address}{office}</Amministrazione><AOO>{area}</AOO>",
        element("Denominazione", name)
    );
    let most = if option("parties", "all") == "one" { 1 } else { usize::MAX };
    let with_code = option("name_with_code", "no") == "yes";
    let organisation_in = option("organisation_name", "Denominazione");
    let theirs: Vec<String> = order
        .parties
        .iter()
        .take(most)
        .map(|party| person(party, with_code, if party.organisation { organisation_in } else { "Cognome" }))
        .collect();
    let (from, to) = if incoming { (theirs, vec![ours]) } else { (vec![ours], theirs) };
    let longest = option("subject_length", "").parse().unwrap_or(SUBJECT);
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Segnatura xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\".\\DOCAREAProto.xsd\"><Intestazione>",
    );
    xml += &element("Oggetto", &order.subject_with_key(longest));
    let _ = write!(
        xml,
        "<Identificatore>{administration}{area}<NumeroRegistrazione>0</NumeroRegistrazione><DataRegistrazione>0</DataRegistrazione><Flusso>{flow}</Flusso></Identificatore>"
    );
    for (parties, side) in [(from, "Mittente"), (to, "Destinatario")] {
        for party in parties {
            let _ = write!(xml, "<{side}>{party}</{side}>");
        }
    }
    let _ = write!(
        xml,
        "<Classifica>{administration}{area}{}</Classifica>",
        element("CodiceTitolario", &order.classification)
    );
    if !order.case_file.is_empty() {
        let (year, number) = order
            .case_file
            .split_once('/')
            .unwrap_or((order.day.get(..4).unwrap_or_default(), order.case_file.as_str()));
        let _ = write!(xml, "<Fascicolo anno=\"{}\" numero=\"{}\"/>", escape(year), escape(number));
    }
    xml += "</Intestazione><Descrizione>";
    for (position, file) in order.documents.iter().enumerate() {
        let id = so_far.uploaded.get(&file.id).map_or("", String::as_str);
        let kind = if position == 0 { "document_type" } else { "attachment_type" };
        if position == 1 {
            xml += "<Allegati>";
        }
        let _ = write!(
            xml,
            "<Documento id=\"{}\" nome=\"{}\">{}{}</Documento>",
            escape(id),
            escape(&file.name),
            element("DescrizioneDocumento", &file.name),
            optional("TipoDocumento", option(kind, ""))
        );
    }
    if order.documents.len() > 1 {
        xml += "</Allegati>";
    }
    let _ = write!(
        xml,
        "</Descrizione><ApplicativoProtocollo nome=\"{}\">",
        escape(option("application", "Plico"))
    );
    for (name, value) in parameters(order, access) {
        let _ = write!(xml, "<Parametro nome=\"{}\" valore=\"{}\"/>", escape(&name), escape(&value));
    }
    xml + "</ApplicativoProtocollo></Segnatura>"
}

fn person(party: &Correspondent, with_code: bool, name_in: &str) -> String {
    let code = party.fiscal_code.as_deref().unwrap_or_default();
    let name =
        if with_code && !code.is_empty() { format!("{} ({code})", party.name) } else { party.name.clone() };
    let id = if code.is_empty() { String::new() } else { format!(" id=\"{}\"", escape(code)) };
    let email = party.email.as_deref().map(escape);
    let email = email
        .map(|email| format!("<IndirizzoTelematico tipo=\"smtp\">{email}</IndirizzoTelematico>"))
        .unwrap_or_default();
    // The configuration chooses between two names.
    let name_in = if name_in == "Cognome" { "Cognome" } else { "Denominazione" };
    format!("<Persona{id}>{}{}{email}</Persona>", element(name_in, &name), optional("CodiceFiscale", code))
}

/// What a vendor wants besides: options `param.NAME`, or `param.NAME#2` where a name comes more than once; `{office}` is the
/// office's code. Those of the order stand for those of the system.
fn parameters(order: &Order, access: &Access) -> Vec<(String, String)> {
    let mut all = access.options.clone();
    all.extend(order.options.clone());
    all.iter()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix("param.")?;
            let name = name.split('#').next().unwrap_or_default();
            Some((name.to_owned(), value.replace("{office}", &order.office_code)))
        })
        .collect()
}
