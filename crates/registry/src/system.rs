//! The systems by their names in configuration.

use std::sync::Arc;

use plico_courier::http::HttpError;

use crate::agid::Agid;
use crate::docarea::{Dialect, DocArea};
use crate::infor::Infor;
use crate::iride::Iride;
use crate::pitre::Pitre;
use crate::seam::Registry;
use crate::sicraweb::Sicraweb;
use crate::wire::Access;

/// A system that can be configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// PiTre (PIS REST).
    Pitre,
    /// DocArea, in a dialect.
    DocArea(Dialect),
    /// Infor jProtocollo.
    Infor,
    /// J-Iride.
    Iride,
    /// Sicr@web.
    Sicraweb,
    /// Another body's registry, by web service.
    Agid,
}

/// Why a system cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No such name.
    #[error("{0} is no registry system; there are {known}", known = System::names())]
    Unknown(String),
    /// The address, the authority or the certificate is of no use.
    #[error("the line to it cannot be made")]
    Line(#[source] HttpError),
}

impl System {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Pitre,
        Self::DocArea(Dialect::Dime),
        Self::DocArea(Dialect::Mime),
        Self::DocArea(Dialect::Prisma),
        Self::DocArea(Dialect::Halley),
        Self::DocArea(Dialect::Tinn),
        Self::Infor,
        Self::Iride,
        Self::Sicraweb,
        Self::Agid,
    ];

    /// The name in configuration and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pitre => "pitre",
            Self::DocArea(Dialect::Dime) => "docarea-classic",
            Self::DocArea(Dialect::Mime) => "docarea-mime",
            Self::DocArea(Dialect::Prisma) => "docarea-prisma",
            Self::DocArea(Dialect::Halley) => "docarea-halley",
            Self::DocArea(Dialect::Tinn) => "docarea-tinn",
            Self::Infor => "infor",
            Self::Iride => "iride",
            Self::Sicraweb => "sicraweb",
            Self::Agid => "agid",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|system| system.name() == name)
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

/// The client of the system of this name. Nothing is asked yet.
pub fn open(name: &str, access: Access) -> Result<Arc<dyn Registry>, OpenError> {
    let system = System::parse(name).ok_or_else(|| OpenError::Unknown(name.to_owned()))?;
    match system {
        System::Pitre => client(Pitre::new(access)),
        System::DocArea(dialect) => client(DocArea::new(dialect, access)),
        System::Infor => client(Infor::new(access)),
        System::Iride => client(Iride::new(access)),
        System::Sicraweb => client(Sicraweb::new(access)),
        System::Agid => client(Agid::new(access)),
    }
}

fn client<R: Registry + 'static>(made: Result<R, HttpError>) -> Result<Arc<dyn Registry>, OpenError> {
    made.map(|client| Arc::new(client) as Arc<dyn Registry>).map_err(OpenError::Line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_told() {
        for system in System::ALL {
            assert_eq!(System::parse(system.name()), Some(system));
            open(system.name(), Access::default()).expect("a client");
        }
        let error = open("none", Access::default()).expect_err("no such system");
        assert!(error.to_string().starts_with("none is no registry system; there are pitre"), "{error}");
    }
}
