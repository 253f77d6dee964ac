#![doc = include_str!("README.md")]

mod annulment;
mod confirmation;
mod cut;
mod notice;
mod recipient;
mod segnatura;
pub mod simulator;

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_courier::http::HttpError;
use plico_signature::Sealer;

use crate::order::{Abilities, Finding, Flow, Numbered, Order, SoFar, Way};
use crate::packing::{self, Packing};
use crate::seam::{Contents, Registry, Trouble};
use crate::soap::{self, Node, envelope, escape};
use crate::wire::{Access, Line, Talk};

pub use annulment::{Annulment, AnnulmentAnomaly, By};
pub use confirmation::{Confirmation, SENDER};
pub use notice::{About, Notice};
pub use recipient::{Anomaly, Came, RECIPIENT, Received, Refusal, fuzz_received, receive};
pub use segnatura::{Identifier, MARK, MESSAGE, PEC, Root, sealed};

/// The client.
#[derive(Debug)]
pub struct Agid {
    access: Access,
    line: Line,
}

impl Agid {
    /// A client as `access` says.
    pub fn new(access: Access) -> Result<Self, HttpError> {
        Ok(Self { line: Line::new(&access)?, access })
    }

    fn sealer(&self) -> Result<&Arc<Sealer>, Trouble> {
        let none = || Trouble::Ours("there is no seal: what goes to other bodies must be sealed".into());
        self.access.seal.as_ref().ok_or_else(none)
    }

    async fn ask(&self, operation: &str, text: String, talk: &mut Talk) -> Result<Node, Trouble> {
        let packed = Packing::Plain.pack(text, None)?;
        let mut call = packing::call(operation, &self.access.url, "", packed, false);
        let (user, password) = (&self.access.user, &self.access.password);
        if !password.is_empty() {
            let said = match user.as_str() {
                "" => format!("Bearer {password}"),
                user => format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
            };
            call.headers.push(("authorization", said));
        }
        let answer = self.line.ask(call, &[], talk).await?;
        soap::answered(&answer, false)
    }

    /// Tells the other body that a registration was annulled: `url` of the access is its service for that.
    pub async fn tell_annulled(&self, annulment: &Annulment, talk: &mut Talk) -> Result<(), Trouble> {
        let body = self.ask(annulment.by.operation(), annulment.write(), talk).await?;
        refused(&body)?;
        let said = |name: &str| body.find(name).and_then(Identifier::read);
        if said("IdentificatoreMittente").as_ref() == Some(&annulment.sender)
            && said("IdentificatoreDestinatario").as_ref() == Some(&annulment.recipient)
        {
            Ok(())
        } else {
            Err(Trouble::Doubt("the answer speaks of another message".into()))
        }
    }

    /// Tells the sender what became of a message that came from it: `url` of the access is then its service.
    pub async fn confirm(&self, confirmation: &Confirmation, talk: &mut Talk) -> Result<(), Trouble> {
        let body = self.ask("ConfermaMessaggioInoltro", confirmation.write(), talk).await?;
        let from = body.find("IdentificatoreMittente").and_then(Identifier::read);
        if from.as_ref() == Some(&confirmation.from) {
            Ok(())
        } else {
            Err(Trouble::Doubt("the answer speaks of another message".into()))
        }
    }
}

/// An anomaly in an answer: the other body did nothing.
fn refused(answer: &Node) -> Result<(), Trouble> {
    match answer.find("Anomalia") {
        Some(anomaly) => {
            let words = anomaly.attribute("info").unwrap_or_default().chars().take(500).collect();
            Err(Trouble::Refused { code: anomaly.text.trim().to_owned(), words })
        }
        None => Ok(()),
    }
}

#[async_trait]
impl Registry for Agid {
    fn can(&self) -> Abilities {
        Abilities {
            way: Way::AllAtOnce,
            finding: Finding::Never,
            numbers_once: false,
            out: false,
            annul: false,
            case_files: false,
            days: false,
        }
    }

    async fn check(&self, _talk: &mut Talk) -> Result<String, Trouble> {
        self.sealer()?;
        // The service has no operation that does nothing.
        Ok("there is a seal; whether the other body answers shows when a message goes".into())
    }

    async fn number(
        &self,
        order: &Order,
        _so_far: &SoFar,
        contents: &dyn Contents,
        talk: &mut Talk,
    ) -> Result<Numbered, Trouble> {
        if order.flow != Flow::Out {
            return Err(Trouble::Unable);
        }
        let ours = Identifier::ours(order, &self.access)?;
        let mark = sealed(Root::Message, order, &self.access, self.sealer()?)?;
        let mut body = format!("<dest:RequestMessageInoltro xmlns:dest=\"{RECIPIENT}\">{mark}");
        for file in &order.documents {
            let bytes = contents.read(file).await?;
            let _ = write!(
                body,
                "<msg:File xmlns:msg=\"{MESSAGE}\" msg:nomeFile=\"{}\" msg:mimeType=\"{}\">{}</msg:File>",
                escape(&file.name),
                escape(&file.media_type),
                STANDARD.encode(&bytes)
            );
        }
        body += "</dest:RequestMessageInoltro>";
        let answer = self.ask("MessaggioInoltro", envelope("", &body), talk).await?;
        let answer = answer.find("ResponseMessageInoltro");
        let answer =
            answer.ok_or_else(|| Trouble::Doubt("the answer does not say whether it came".into()))?;
        refused(answer)?;
        let came = answer.child("IdentificatoreMittente").and_then(Identifier::read);
        if came.as_ref() != Some(&ours) {
            return Err(Trouble::Doubt("the answer speaks of another message".into()));
        }
        let year = ours.year();
        let year = year.ok_or_else(|| Trouble::Ours("options.registration_date is no day".into()))?;
        let (mark, reference) = (ours.mark(), String::new());
        Ok(Numbered { number: ours.number, year, date: ours.date, reference, mark })
    }
}
