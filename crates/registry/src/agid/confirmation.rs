//! What follows a message, on both sides: the recipient tells the sender its own number, or why there is none.

use super::recipient::{Anomaly, Refusal};
use super::segnatura::{Identifier, MARK};
use crate::soap::{self, envelope, escape};

/// Namespace of the sender's service.
pub const SENDER: &str = "http://ws.protocollo.comunicazione.aoo.mittente/";

/// What the recipient tells the sender afterwards: its own number, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// What the sender registered the message as.
    pub from: Identifier,
    /// What the recipient registered it as; or the anomaly's name on the wire.
    pub outcome: Result<Identifier, String>,
    /// An anomaly in words, for people; may be empty.
    pub info: String,
}

impl Confirmation {
    /// A request of `ConfermaMessaggioInoltro`.
    pub fn write(&self) -> String {
        let outcome = match &self.outcome {
            Ok(theirs) => theirs.write("mitt:IdentificatoreDestinatario"),
            Err(anomaly) => {
                let info = match self.info.as_str() {
                    "" => String::new(),
                    info => format!(" info=\"{}\"", escape(info)),
                };
                format!("<mitt:Anomalia{info}>{}</mitt:Anomalia>", escape(anomaly))
            }
        };
        let body = format!(
            "<mitt:RequestConfermaMessaggioInoltro xmlns:mitt=\"{SENDER}\" xmlns:prot=\"{MARK}\">{}{outcome}</mitt:RequestConfermaMessaggioInoltro>",
            self.from.write("mitt:IdentificatoreMittente")
        );
        envelope("", &body)
    }

    /// Reads one, for the sender's service.
    pub fn read(request: &[u8]) -> Result<Self, Refusal> {
        let no = |why: &str| Refusal::NoMessage(why.to_owned());
        let root = soap::read(request).map_err(|error| no(&error.to_string()))?;
        let body = root.child("Body").and_then(|body| body.child("RequestConfermaMessaggioInoltro"));
        let body = body.ok_or_else(|| no("it is no RequestConfermaMessaggioInoltro"))?;
        let from = body.child("IdentificatoreMittente").and_then(Identifier::read);
        let from = from.ok_or_else(|| no("IdentificatoreMittente is missing, or incomplete"))?;
        let theirs = body.child("IdentificatoreDestinatario").and_then(Identifier::read);
        let anomaly = body.child("Anomalia");
        let info = anomaly.and_then(|node| node.attribute("info")).unwrap_or_default().to_owned();
        let anomaly = anomaly.map(|node| node.text.trim().to_owned());
        match (theirs, anomaly) {
            (Some(theirs), None) => Ok(Self { from, outcome: Ok(theirs), info }),
            (None, Some(anomaly)) if Anomaly::ALL.iter().any(|known| known.code() == anomaly) => {
                Ok(Self { from, outcome: Err(anomaly), info })
            }
            _ => Err(no("neither a number nor an anomaly that is known")),
        }
    }

    /// The answer to it.
    pub fn answer(&self) -> String {
        let body = format!(
            "<mitt:ResponseConfermaMessaggioInoltro xmlns:mitt=\"{SENDER}\" xmlns:prot=\"{MARK}\">{}</mitt:ResponseConfermaMessaggioInoltro>",
            self.from.write("mitt:IdentificatoreMittente")
        );
        envelope("", &body)
    }
}
