//! Another body as a pure state machine, in both roles: it receives as the guidelines say and keeps what came by its sender's
//! number; of what it sent itself it hears what became.

use plico_signature::Options;

use super::annulment::{Annulment, AnnulmentAnomaly, By};
use super::confirmation::Confirmation;
use super::recipient::{Anomaly, Refusal, receive};
use super::segnatura::Identifier;
use crate::simulator::{
    Fault, Faults, Kept, Ledger, Object, Reply, Request, Simulator, instead, on_the_wire,
};
use crate::soap;

/// The service.
#[derive(Debug, Default)]
pub struct OtherBody {
    /// What it keeps.
    pub ledger: Ledger,
    /// What it does wrong.
    pub faults: Faults,
    /// What its senders registered the messages as.
    pub came: Vec<Identifier>,
    /// What it sent.
    pub sent: Vec<Identifier>,
    /// What it was told of that.
    pub confirmed: Vec<Confirmation>,
    /// What was annulled after it came or was sent.
    pub annulled: Vec<Annulment>,
    /// When it looks at signatures, UTC milliseconds.
    pub at_ms: i64,
}

impl OtherBody {
    /// What is said of a message afterwards.
    fn hears(&mut self, request: &[u8]) -> Option<Reply> {
        let confirmation = Confirmation::read(request).ok();
        let annulment = Annulment::read_short(request).ok();
        let operation = match (&confirmation, &annulment) {
            (Some(_), _) => "ConfermaMessaggioInoltro",
            (None, Some(annulment)) => annulment.by.operation(),
            (None, None) => return None,
        };
        let fault = self.faults.meet(operation);
        if let Some(reply) = instead(fault.as_ref()) {
            return Some(reply);
        }
        let text = if let Some(said) = confirmation {
            let answer = said.answer();
            if !self.sent.contains(&said.from) {
                return Some(Reply::ok(
                    "text/xml; charset=utf-8",
                    Refusal::NoMessage("unknown".into()).answer(),
                ));
            }
            self.confirmed.push(said);
            answer
        } else {
            let said = annulment?;
            let known = match said.by {
                By::Sender => self.came.contains(&said.sender),
                By::Recipient => self.sent.contains(&said.sender),
            };
            let answer = said.answer((!known).then_some((AnnulmentAnomaly::NotFound, "unknown")));
            if known {
                self.annulled.push(said);
            }
            answer
        };
        Some(on_the_wire(fault.as_ref(), Reply::ok("text/xml; charset=utf-8", text)))
    }
}

impl Simulator for OtherBody {
    fn answer(&mut self, request: &Request, _day: &str) -> Reply {
        if let Some(reply) = self.hears(&request.body) {
            return reply;
        }
        let fault = self.faults.meet("MessaggioInoltro");
        if let Some(reply) = instead(fault.as_ref()) {
            return reply;
        }
        let fault = fault.as_ref();
        let text = match receive(&request.body, &Options::at(self.at_ms, None)) {
            Ok(received) if matches!(fault, Some(Fault::ErrorInside(..))) => {
                let Some(Fault::ErrorInside(_, info)) = fault else { return Reply::HangUp };
                let from = Box::new(received.from);
                Refusal::Anomaly { from, anomaly: Anomaly::Signature, info: info.clone() }.answer()
            }
            Ok(received) => {
                let files = received.files.iter();
                let files = files.map(|file| Kept { name: file.name.clone(), sha256: file.sha256.clone() });
                self.ledger.add(Object {
                    number: received.from.year().map(|year| (received.from.number, year)),
                    date: received.from.date.clone(),
                    subject: received.subject.clone(),
                    parties: vec![received.sender.clone()],
                    files: files.collect(),
                    ..Object::default()
                });
                self.came.push(received.from.clone());
                received.answer()
            }
            Err(refusal) => refusal.answer(),
        };
        let text = if fault == Some(&Fault::OtherCase) { soap::in_small_letters(&text) } else { text };
        on_the_wire(fault, Reply::ok("text/xml; charset=utf-8", text))
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }
}
