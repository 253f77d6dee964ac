//! The five dialects on the wire: what the three operations are called, where a file stands, who is qualified.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::multipart::Part;
use crate::packing::{Packed, Packing};
use crate::seam::Trouble;
use crate::soap::{element, encoded, envelope};
use crate::wire::Access;

/// Namespace of everybody.
pub(super) const SPACE: &str = "http://tempuri.org/";

/// A dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Files beside the envelope, in DIME (Datagraph, Maggioli).
    Dime,
    /// Files beside the envelope, in `multipart/related`.
    Mime,
    /// ADS/Finmatica: operations in lower case, unqualified children, `multipart/related`.
    Prisma,
    /// Halley: everything inside, as text.
    Halley,
    /// Tinn: rpc/encoded, everything inside, names of its own.
    Tinn,
}

/// What is asked.
#[derive(Debug)]
pub(super) enum Asked<'a> {
    Login,
    File { name: &'a str, kind: &'a str, bytes: &'a Bytes },
    Profile(&'a str),
    Registration { number: u64, year: i32 },
}

impl Asked<'_> {
    /// The operation's name, as most write it.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Login => "Login",
            Self::File { .. } => "Inserimento",
            Self::Profile(_) => "Protocollazione",
            Self::Registration { .. } => "GetRegistrazione",
        }
    }

    /// Whether asking twice does nothing twice.
    pub(super) fn harmless(&self) -> bool {
        matches!(self, Self::Login | Self::Registration { .. })
    }
}

impl Dialect {
    /// Value of `SOAPAction`.
    pub(super) fn action(self, operation: &str) -> String {
        match self {
            Self::Prisma => String::new(),
            Self::Tinn => format!("{SPACE}#{operation}"),
            Self::Dime | Self::Mime | Self::Halley => format!("{SPACE}{operation}"),
        }
    }

    /// Whether a registration can be read by its number.
    pub(super) fn reads(self) -> bool {
        matches!(self, Self::Dime | Self::Mime)
    }

    /// A request; `token` is of no use for signing in.
    pub(super) fn request(self, asked: &Asked<'_>, access: &Access, token: &str) -> Result<Packed, Trouble> {
        let (user, name) = (access.user.as_str(), asked.operation());
        let inside = match asked {
            Asked::File { bytes, .. } if self.is_inline() => STANDARD.encode(bytes),
            Asked::Profile(xml) if self == Self::Tinn => STANDARD.encode(xml),
            Asked::Profile(xml) => (*xml).to_owned(),
            _ => String::new(),
        };
        if self == Self::Tinn {
            let text = match asked {
                Asked::Login => {
                    let parts = [
                        ("CodiceEnte", "string", access.administration.as_str()),
                        ("Username", "string", user),
                        ("UserPassword", "string", access.password.as_str()),
                    ];
                    encoded(SPACE, name, &parts)
                }
                Asked::File { .. } => encoded(SPACE, name, &Self::tinn(user, token, "FileBinario", &inside)),
                Asked::Profile(_) => encoded(SPACE, name, &Self::tinn(user, token, "FileXML", &inside)),
                Asked::Registration { .. } => return Err(Trouble::Unable),
            };
            let mut packed = Packing::Plain.pack(text, None)?;
            if let (Asked::Profile(xml), Ok(text)) = (asked, std::str::from_utf8(&packed.body)) {
                // Kept, its base64 would be a digest.
                packed.shown = Some(format!("{text}\n{xml}"));
            }
            return Ok(packed);
        }
        let by = element("strUserName", user) + &element("strDST", token);
        let fields = match asked {
            Asked::Login => {
                element("strCodEnte", &access.administration)
                    + &element("strUserName", user)
                    + &element("strPassword", &access.password)
            }
            Asked::File { name, .. } if self == Self::Halley => {
                by + &element("strDocument", name) + &element("objDocument", &inside)
            }
            Asked::Profile(_) if self == Self::Halley => by + &element("strDocumentInfo", &inside),
            Asked::File { .. } | Asked::Profile(_) if self == Self::Prisma => by + "<strAttachment/>",
            Asked::File { .. } | Asked::Profile(_) => by,
            Asked::Registration { .. } if !self.reads() => return Err(Trouble::Unable),
            // `Accetta` would take it in charge.
            Asked::Registration { number, year } => format!(
                "<Anno>{year}</Anno><Numero>{number}</Numero><Accetta>false</Accetta>{}",
                element("strDST", token)
            ),
        };
        let body = if self == Self::Prisma {
            let name = name.to_ascii_lowercase();
            format!("<op:{name} xmlns:op=\"{SPACE}\">{fields}</op:{name}>")
        } else {
            format!("<{name} xmlns=\"{SPACE}\">{fields}</{name}>")
        };
        self.packing().pack(envelope("", &body), self.beside(asked))
    }

    fn tinn<'a>(
        user: &'a str,
        token: &'a str,
        file: &'a str,
        inside: &'a str,
    ) -> [(&'a str, &'static str, &'a str); 3] {
        [("Username", "string", user), ("DSTLogin", "string", token), (file, "base64Binary", inside)]
    }

    fn is_inline(self) -> bool {
        matches!(self, Self::Halley | Self::Tinn)
    }

    fn packing(self) -> Packing {
        match self {
            Self::Dime => Packing::Dime,
            Self::Mime | Self::Prisma => Packing::Mime,
            Self::Halley | Self::Tinn => Packing::Plain,
        }
    }

    /// What goes beside the envelope.
    fn beside(self, asked: &Asked<'_>) -> Option<Part> {
        match asked {
            Asked::File { name, kind, bytes } => {
                Some(Part { id: (*name).to_owned(), kind: (*kind).to_owned(), content: bytes.to_vec() })
            }
            Asked::Profile(xml) => Some(Part {
                id: if self == Self::Prisma { "profilazione" } else { "Segnatura.xml" }.to_owned(),
                kind: "text/xml".to_owned(),
                content: xml.as_bytes().to_vec(),
            }),
            Asked::Login | Asked::Registration { .. } => None,
        }
    }
}
