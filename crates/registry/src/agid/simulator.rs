//! Another body's side as a pure state machine: it receives as the guidelines say, and keeps what came by its sender's number.

use plico_signature::Options;

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
    /// When it looks at signatures, UTC milliseconds.
    pub at_ms: i64,
}

impl Simulator for OtherBody {
    fn answer(&mut self, request: &Request, _day: &str) -> Reply {
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
