//! A forwarding undone, on both sides: either body tells the other that its registration was annulled, and by which act.

use super::confirmation::SENDER;
use super::recipient::{RECIPIENT, Refusal};
use super::segnatura::{Identifier, MARK};
use crate::soap::{self, element, envelope, escape};

/// An annulment is shorter.
const MOST_BYTES: usize = 256 * 1024;

/// Who annulled, and so who tells whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The sender tells the recipient.
    Sender,
    /// The recipient tells the sender.
    Recipient,
}

/// What is wrong with an annulment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnulmentAnomaly {
    /// It cannot be received.
    NotReceivable,
    /// No such registration.
    NotFound,
}

impl AnnulmentAnomaly {
    /// The name on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotReceivable => "000_Irricevibilita",
            Self::NotFound => "007_ErroreIdentificatoreNonTrovato",
        }
    }
}

/// An annulment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annulment {
    /// Who annulled.
    pub by: By,
    /// What the sender registered the message as.
    pub sender: Identifier,
    /// What the recipient registered it as.
    pub recipient: Identifier,
    /// The act of authority.
    pub act: String,
    /// A note; may be empty.
    pub note: String,
}

impl By {
    /// The operation, and the namespace of the service that has it.
    fn service(self) -> (&'static str, &'static str) {
        match self {
            Self::Sender => ("AnnullamentoInoltroMittente", RECIPIENT),
            Self::Recipient => ("AnnullamentoInoltroDestinatario", SENDER),
        }
    }

    /// The operation.
    pub fn operation(self) -> &'static str {
        self.service().0
    }
}

impl Annulment {
    /// A request.
    pub fn write(&self) -> String {
        // One of the schemas wants a note, the other does not mind one.
        self.body(
            "Request",
            &(element("an:RiferimentoProvvedimento", &self.act) + &element("an:Note", &self.note)),
        )
    }

    /// The answer.
    pub fn answer(&self, anomaly: Option<(AnnulmentAnomaly, &str)>) -> String {
        let anomaly = anomaly.map(|(anomaly, info)| {
            format!("<an:Anomalia info=\"{}\">{}</an:Anomalia>", escape(info), anomaly.code())
        });
        self.body("Response", &anomaly.unwrap_or_default())
    }

    fn body(&self, which: &str, rest: &str) -> String {
        let (operation, space) = self.by.service();
        let both = self.sender.write("an:IdentificatoreMittente")
            + &self.recipient.write("an:IdentificatoreDestinatario");
        let body = format!(
            "<an:{which}{operation} xmlns:an=\"{space}\" xmlns:prot=\"{MARK}\">{both}{rest}</an:{which}{operation}>"
        );
        envelope("", &body)
    }

    /// Reads a request that may be another one: what has files is longer, and is not read twice.
    pub fn read_short(request: &[u8]) -> Result<Self, Refusal> {
        if request.len() > MOST_BYTES {
            return Err(Refusal::NoMessage("it is too much to read".into()));
        }
        Self::read(request)
    }

    /// Reads a request, of either service.
    pub fn read(request: &[u8]) -> Result<Self, Refusal> {
        let no = |why: &str| Refusal::NoMessage(why.to_owned());
        let root = soap::read(request).map_err(|error| no(&error.to_string()))?;
        let body = root.child("Body").filter(|_| root.is("Envelope"));
        let found = [By::Sender, By::Recipient].into_iter().find_map(|by| {
            let asked = body?.child(&format!("Request{}", by.operation()))?;
            Some((by, asked))
        });
        let (by, asked) = found.ok_or_else(|| no("it is no annulment"))?;
        let identifier = |name: &str| {
            let read = asked.child(name).and_then(Identifier::read);
            read.ok_or_else(|| no(&format!("{name} is missing, or incomplete")))
        };
        let act = asked.child("RiferimentoProvvedimento").map(|node| node.text.trim().to_owned());
        Ok(Self {
            by,
            sender: identifier("IdentificatoreMittente")?,
            recipient: identifier("IdentificatoreDestinatario")?,
            act: act
                .filter(|act| !act.is_empty())
                .ok_or_else(|| no("RiferimentoProvvedimento is missing"))?,
            note: asked.child("Note").map(|node| node.text.trim().to_owned()).unwrap_or_default(),
        })
    }
}
