//! A preserver that is not there: keeps what it takes, and misbehaves as it is told. Pure: packages in, answers out.

use std::collections::{BTreeMap, VecDeque};

use plico_crypto::digest::{sha256, to_hex};

use super::Answer;

/// What becomes of the next package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Kept, and said so.
    Accept,
    /// Not kept, and said why.
    Refuse,
    /// It never arrived: neither kept nor answered.
    Lose,
    /// Kept, and the answer is lost.
    Silent,
    /// Kept, and said with the next one.
    Late,
    /// An answer that nobody can read.
    Malformed,
    /// An answer about other bytes than were sent.
    Other,
    /// Kept, and said twice.
    Twice,
}

/// The preserver.
#[derive(Debug, Default)]
pub struct Simulator {
    planned: VecDeque<Behaviour>,
    kept: BTreeMap<String, (String, String)>,
    late: Vec<Vec<u8>>,
}

impl Simulator {
    /// One that behaves so, package by package, and well after that.
    pub fn new(planned: impl IntoIterator<Item = Behaviour>) -> Self {
        Self { planned: planned.into_iter().collect(), ..Self::default() }
    }

    /// What it keeps: each package with its digest and its identifier.
    pub fn kept(&self) -> &BTreeMap<String, (String, String)> {
        &self.kept
    }

    /// Takes a package; the answers that come now, some of them of earlier ones.
    pub fn take(&mut self, package: &str, bytes: &[u8], instant: &str) -> Vec<Vec<u8>> {
        let behaviour = self.planned.pop_front().unwrap_or(Behaviour::Accept);
        let digest = to_hex(&sha256(bytes));
        let mut answers = std::mem::take(&mut self.late);
        let answer = Answer {
            package: package.into(),
            sha256: digest.clone(),
            accepted: true,
            id: String::new(),
            instant: instant.into(),
            reason: String::new(),
        };
        match behaviour {
            Behaviour::Lose => return answers,
            Behaviour::Refuse => {
                let reason = "indice non conforme".into();
                answers.push(Answer { accepted: false, reason, ..answer }.to_xml());
                return answers;
            }
            Behaviour::Malformed => {
                answers.push(b"<esitoVersamento esito=\"accettato\"".to_vec());
                return answers;
            }
            _ => {}
        }
        // The same bytes again are what is there already.
        let next = format!("PdV-{}", self.kept.len() + 1);
        let known = self.kept.entry(package.into()).or_insert((digest, next)).clone();
        let kept = Answer { id: known.1, ..answer };
        match behaviour {
            Behaviour::Silent => {}
            Behaviour::Late => self.late.push(kept.to_xml()),
            Behaviour::Other => answers.push(Answer { sha256: "00".repeat(32), ..kept }.to_xml()),
            Behaviour::Twice => answers.extend([kept.to_xml(), kept.to_xml()]),
            _ => answers.push(kept.to_xml()),
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_loses_refuses_and_is_late() {
        let mut one = Simulator::new([Behaviour::Lose, Behaviour::Refuse, Behaviour::Late]);
        assert!(one.take("a", b"1", "").is_empty() && one.kept().is_empty());
        let refused = Answer::parse(&one.take("a", b"1", "")[0]).unwrap();
        assert!(!refused.accepted && one.kept().is_empty());
        assert!(one.take("a", b"1", "").is_empty(), "kept, and not said yet");
        let answers = one.take("b", b"2", "");
        assert_eq!(answers.len(), 2);
        assert_eq!(Answer::parse(&answers[0]).unwrap().id, "PdV-1");
        assert_eq!(Answer::parse(&one.take("a", b"1", "")[0]).unwrap().id, "PdV-1", "kept once");
    }
}
