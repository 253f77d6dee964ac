//! What bodies tell one another by PEC about a message that came: files of version 3.0.0 (`pec_message.xsd`), written and read.

use super::segnatura::{Identifier, MARK, PEC};
use crate::soap::{self, Node, ReadError, around, element};

/// Which message a notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// By what its sender registered it as.
    Registered(Identifier),
    /// In words, where it bore no number.
    Described(String),
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The message was registered.
    Confirmation {
        /// As what.
        as_what: Identifier,
        /// Which.
        about: About,
    },
    /// What a confirmation said has changed.
    Update {
        /// As what it is registered now.
        as_what: Identifier,
        /// Which.
        about: About,
    },
    /// The message was not registered, or not as it should.
    Exception {
        /// As what, where it was.
        as_what: Option<Identifier>,
        /// Which.
        about: About,
        /// Why.
        reason: String,
    },
    /// The registration was annulled.
    Annulment {
        /// Which.
        what: Identifier,
        /// Why.
        reason: String,
        /// By which act.
        act: String,
    },
}

impl Notice {
    /// The name that its file has by convention.
    pub fn file_name(&self) -> &'static str {
        match self {
            Self::Confirmation { .. } => "Conferma.xml",
            Self::Update { .. } => "Aggiornamento.xml",
            Self::Exception { .. } => "Eccezione.xml",
            Self::Annulment { .. } => "Annullamento.xml",
        }
    }

    fn root(&self) -> &'static str {
        match self {
            Self::Confirmation { .. } => "ConfermaRicezione",
            Self::Update { .. } => "AggiornamentoConferma",
            Self::Exception { .. } => "NotificaEccezione",
            Self::Annulment { .. } => "AnnullamentoProtocollazione",
        }
    }

    /// The file.
    pub fn write(&self) -> String {
        let inside = match self {
            Self::Confirmation { as_what, about } | Self::Update { as_what, about } => {
                as_what.write("pec:Identificatore") + &about.write()
            }
            Self::Exception { as_what, about, reason } => {
                let as_what = as_what.as_ref().map(|known| known.write("pec:Identificatore"));
                as_what.unwrap_or_default() + &about.write() + &element("pec:Motivo", reason)
            }
            Self::Annulment { what, reason, act } => {
                what.write("pec:Identificatore")
                    + &element("pec:Motivo", reason)
                    + &element("pec:Provvedimento", act)
            }
        };
        let root = self.root();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<pec:{root} xmlns:pec=\"{PEC}\" xmlns:prot=\"{MARK}\" pec:versione=\"3.0.0\" pec:lang=\"it\">{inside}</pec:{root}>"
        )
    }

    /// Reads a file; nothing where it is another one, or says too little.
    pub fn read(file: &[u8]) -> Result<Option<Self>, ReadError> {
        let root = soap::read(file)?;
        let identifier = root.child("Identificatore").and_then(Identifier::read);
        let about = root.child("MessaggioRicevuto").and_then(About::read);
        let said = |name: &str| root.child(name).map(|node| node.text.trim().to_owned()).unwrap_or_default();
        let notice = match root.name.as_str() {
            "ConfermaRicezione" => {
                identifier.zip(about).map(|(as_what, about)| Self::Confirmation { as_what, about })
            }
            "AggiornamentoConferma" => {
                identifier.zip(about).map(|(as_what, about)| Self::Update { as_what, about })
            }
            "NotificaEccezione" => {
                about.map(|about| Self::Exception { as_what: identifier, about, reason: said("Motivo") })
            }
            "AnnullamentoProtocollazione" => identifier.map(|what| Self::Annulment {
                what,
                reason: said("Motivo"),
                act: said("Provvedimento"),
            }),
            _ => None,
        };
        Ok(notice)
    }
}

impl About {
    fn write(&self) -> String {
        let inside = match self {
            Self::Registered(identifier) => identifier.write("pec:Identificatore"),
            Self::Described(words) => element("pec:DescrizioneMessaggio", words),
        };
        around("pec:MessaggioRicevuto", &inside)
    }

    fn read(node: &Node) -> Option<Self> {
        match node.child("Identificatore") {
            Some(identifier) => Identifier::read(identifier).map(Self::Registered),
            None => Some(Self::Described(node.child("DescrizioneMessaggio")?.text.trim().to_owned())),
        }
    }
}
