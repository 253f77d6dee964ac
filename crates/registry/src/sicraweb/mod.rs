#![doc = include_str!("README.md")]

pub mod simulator;

use async_trait::async_trait;
use bytes::Bytes;
use plico_courier::http::HttpError;

use crate::dates::iso;
use crate::docarea::profile::profile;
use crate::multipart::Part;
use crate::order::{Abilities, File, Finding, Numbered, Order, SoFar, Way, key_in};
use crate::packing::{self, Packing};
use crate::seam::{Contents, Found, Read, Registry, Trouble};
use crate::soap::{self, Node, encoded};
use crate::wire::{self, Access, Line, Talk};

/// Its namespace.
const SPACE: &str = "urn:ProWSApi";

/// The client.
#[derive(Debug)]
pub struct Sicraweb {
    access: Access,
    line: Line,
}

impl Sicraweb {
    /// A client as `access` says.
    pub fn new(access: Access) -> Result<Self, HttpError> {
        Ok(Self { line: Line::new(&access)?, access })
    }

    /// Asks. The first part of every operation is the credential, which the line strikes out of what is kept.
    async fn ask(
        &self,
        operation: &str,
        parts: &[(&str, &str, &str)],
        beside: Option<Part>,
        harmless: bool,
        talk: &mut Talk,
    ) -> Result<Node, Trouble> {
        let credential = [("connectionString", "string", self.access.password.as_str())];
        let text = encoded(SPACE, operation, &[&credential, parts].concat());
        let packing =
            if self.access.option("packing", "mime") == "dime" { Packing::Dime } else { Packing::Mime };
        let packed = packing.pack(text, beside)?;
        let call = packing::call(operation, &self.access.url, "", packed, harmless);
        let answer = self.line.ask(call, &[], talk).await?;
        soap::answered(&answer, harmless).map_err(|trouble| self.line.discreet(trouble))
    }

    async fn done(
        &self,
        operation: &str,
        parts: &[(&str, &str, &str)],
        beside: Part,
        talk: &mut Talk,
    ) -> Result<Node, Trouble> {
        let body = self.ask(operation, parts, Some(beside), false, talk).await?;
        let trouble = match body.number::<i64>("lngErrNumber") {
            Some(0) => return Ok(body),
            Some(error) => {
                let words: String = body.said("strErrString").unwrap_or_default().chars().take(500).collect();
                if body.number::<u64>("lngNumPG").is_some_and(|number| number > 0) {
                    Trouble::Doubt(format!("{error}: {words}"))
                } else {
                    Trouble::Refused { code: error.to_string(), words }
                }
            }
            None => Trouble::Doubt("the answer does not say whether it was done".into()),
        };
        Err(self.line.discreet(trouble))
    }
}

#[async_trait]
impl Registry for Sicraweb {
    fn can(&self) -> Abilities {
        Abilities {
            way: Way::FilesFirst,
            finding: Finding::ByNumber,
            numbers_once: false,
            out: true,
            annul: false,
            case_files: false,
            days: false,
        }
    }

    async fn check(&self, talk: &mut Talk) -> Result<String, Trouble> {
        // There is no signing in: a registration that cannot be there is looked for.
        self.read(0, 1900, talk).await?;
        Ok("it answers; whether it knows us shows when it registers".into())
    }

    async fn upload(
        &self,
        order: &Order,
        _so_far: &SoFar,
        file: &File,
        bytes: Bytes,
        talk: &mut Talk,
    ) -> Result<String, Trouble> {
        let described = file.described(order.position(file));
        let parts = [
            ("documentName", "string", file.name.as_str()),
            ("documentDescription", "string", described.as_str()),
        ];
        let beside = Part { id: file.name.clone(), kind: file.media_type.clone(), content: bytes.to_vec() };
        let answer = self.done("insertDocumento", &parts, beside, talk).await?;
        let id: Option<i64> = answer.number("lngDocID");
        id.map(|id| id.to_string()).ok_or_else(|| Trouble::Doubt("the answer names no document".into()))
    }

    async fn number(
        &self,
        order: &Order,
        so_far: &SoFar,
        _contents: &dyn Contents,
        talk: &mut Talk,
    ) -> Result<Numbered, Trouble> {
        let content = profile(order, so_far, &self.access).into_bytes();
        let beside = Part { id: "Segnatura.xml".into(), kind: "text/xml".into(), content };
        let answer = self.done("registraProtocollo", &[], beside, talk).await?;
        let number = answer.number("lngNumPG").filter(|number: &u64| *number > 0);
        let (Some(number), Some(year)) = (number, answer.number("lngAnnoPG")) else {
            return Err(Trouble::Doubt("the answer names no number".into()));
        };
        // It says no date.
        Ok(Numbered { number, year, date: String::new(), reference: String::new(), mark: String::new() })
    }

    async fn find(&self, order: &Order, so_far: &SoFar, talk: &mut Talk) -> Result<Found, Trouble> {
        let Some(numbered) = &so_far.numbered else { return Ok(Found::CannotLook) };
        // Its number took every file that the profile names.
        match self.read(numbered.number, numbered.year, talk).await? {
            Some(read) if read.key.as_ref() == Some(&order.key) => Ok(Found::There(Box::new(so_far.clone()))),
            Some(read) => Ok(Found::Several(vec![read.numbered])),
            None => Ok(Found::Nothing),
        }
    }

    async fn read(&self, number: u64, year: i32, talk: &mut Talk) -> Result<Option<Read>, Trouble> {
        let (wanted, year_text) = (number.to_string(), year.to_string());
        let parts = [
            ("numProt", "long", wanted.as_str()),
            ("annoProt", "long", year_text.as_str()),
            ("aoo", "string", self.access.option("aoo", "")),
        ];
        let answer = self.ask("infoProtocollo", &parts, None, true, talk).await?;
        let text = answer.said("infoProtocolloReturn").unwrap_or_default();
        if text.is_empty() {
            return Ok(None);
        }
        let unclear = |_| wire::unclear("the answer cannot be read: it holds no XML", true);
        let found = soap::read(text.as_bytes()).map_err(unclear)?;
        let subject = found.said("Oggetto").unwrap_or_default().to_owned();
        if subject.is_empty() {
            return Ok(None);
        }
        let date = iso(found.said("DataRegistrazione").unwrap_or_default());
        Ok(Some(Read {
            numbered: Numbered { number, year, date, reference: String::new(), mark: String::new() },
            key: key_in(&subject),
            subject,
            files: None,
            annulled: false,
        }))
    }
}
