//! Whether a history is all there: each event names the one before it of its subject, so that a hole shows.

use std::collections::{BTreeMap, BTreeSet};

use plico_journal::Leaf;

use crate::report::{Check, CheckName, Facts};

/// Where an event stands: number of the log, index.
type Place = (u32, u64);

/// The events of a dossier, by subject.
#[derive(Default)]
pub(super) struct History {
    subjects: BTreeMap<[u8; 16], BTreeMap<Place, Option<Place>>>,
    /// Folders whose event says that it stands elsewhere.
    misplaced: Vec<String>,
}

impl History {
    /// Takes an event, from the bytes of its leaf. One that is no leaf is told by another check.
    pub(super) fn add(&mut self, folder: &str, leaf: Option<&[u8]>) {
        let Some(leaf) = leaf.and_then(|bytes| Leaf::parse(bytes).ok()) else { return };
        let log = leaf.origin.rsplit('/').next().and_then(|number| number.parse().ok());
        let Some(log) = log.filter(|log| super::event_folder(*log, leaf.index) == folder) else {
            return self.misplaced.push(folder.to_owned());
        };
        self.subjects.entry(leaf.subject).or_default().insert((log, leaf.index), leaf.previous);
    }

    /// What is wrong, or that nothing is.
    pub(super) fn checks(&self, told: &[Facts]) -> Vec<Check> {
        let name = CheckName::History;
        let failed = |what: String| Check::failed(name, what);
        let mut checks: Vec<Check> =
            self.misplaced.iter().map(|folder| failed(format!("{folder} holds another event"))).collect();
        for events in self.subjects.values() {
            let mut before = None;
            for (place, previous) in events {
                if *previous != before {
                    let (log, index) = place;
                    checks.push(match previous {
                        Some((of, at)) => failed(format!(
                            "event {at} of log {of}, before event {index} of log {log}, is missing"
                        )),
                        None => failed(format!("event {index} of log {log} begins a subject that has begun")),
                    });
                }
                before = Some(*place);
            }
        }
        let presented: BTreeSet<&str> = told.iter().filter_map(presents).collect();
        let mut opened = false;
        for event in told {
            let message = || event.parts.get("act").and_then(|act| act["message"].as_str());
            match event.kind.as_deref() {
                Some("casefile.opened") => opened = true,
                Some("casefile.filed") => match message() {
                    Some(message) if !presented.contains(message) => {
                        checks.push(failed(format!(
                            "the history of message {message}, which was filed, is missing"
                        )));
                    }
                    Some(_) => {}
                    // What was destroyed lawfully is told by the parts that are left.
                    None => {
                        checks.push(Check::absent(name, "an event does not tell any more what was filed"));
                    }
                },
                _ => {}
            }
        }
        if !opened {
            checks.push(failed("the opening of the case file is missing".into()));
        }
        if checks.is_empty() {
            let subjects = self.subjects.len();
            checks.push(Check::ok(
                name,
                format!("no event is missing between the first and the last of {subjects} subjects"),
            ));
        }
        checks
    }
}

/// The message that begins with this event, coming in or going out.
fn presents(event: &Facts) -> Option<&str> {
    let act = event.parts.get("act")?;
    match event.kind.as_deref()? {
        "message.presented" | "message.registered" => {
            act["message"].as_str().or_else(|| act["content"]["message"].as_str())
        }
        _ => None,
    }
}
