//! Time stamps on checkpoints: the token's own words, and whether the policy's roots vouch for the authority.

use jiff::Timestamp;
use plico_crypto::digest::sha256;
use plico_journal::Checkpoint;
use plico_signature::timestamp::{self, Trust};

use crate::Policy;
use crate::later::Seen;
use crate::report::{CheckName, Finding};

/// What the tokens on some checkpoints say.
#[derive(Default)]
pub(crate) struct Stamps {
    /// Instants of tokens that are believed: the earliest and the latest that each allows (UTC milliseconds).
    pub(crate) instants: Vec<(i64, i64)>,
    ok: Vec<String>,
    open: Vec<String>,
    failed: Vec<String>,
}

impl Stamps {
    /// Looks at the tokens on a checkpoint.
    pub(crate) fn look(
        &mut self,
        checkpoint: &Checkpoint,
        tokens: &[Vec<u8>],
        policy: Option<&Policy>,
        now_ms: i64,
    ) {
        let digest = sha256(checkpoint.text().as_bytes());
        for token in tokens {
            let stamp = match timestamp::verify(token, &digest, now_ms, policy.and_then(Policy::stamp_roots))
            {
                Ok(stamp) => stamp,
                Err(error) => {
                    self.failed.push(error.to_string());
                    continue;
                }
            };
            let said =
                format!("{} of {} on the tree of {}", shown(stamp.at_ms), stamp.authority, checkpoint.size);
            match stamp.trust {
                Trust::Trusted => {
                    self.instants.push((stamp.at_ms - stamp.accuracy_ms, stamp.latest_ms()));
                    self.ok.push(said);
                }
                Trust::Expired => self.open.push(format!(
                    "{said}: its certificate has expired, and nothing shows that the stamp is older"
                )),
                Trust::Unknown => self.open.push(format!("{said}: no root of the policy vouches for it")),
                Trust::NotAsked => {
                    let why = if policy.is_some() {
                        "the policy has no roots of time stamps"
                    } else {
                        "no policy was given"
                    };
                    self.open.push(format!("{said}; {why}: nothing says who that is"));
                }
            }
        }
    }

    /// The finding: about tokens on trees that hold the event.
    pub(crate) fn finding(self, others: &Self) -> Finding {
        let name = CheckName::Timestamp;
        if let Some(why) = self.failed.first().or(others.failed.first()) {
            return Finding::failed(name, why.clone());
        }
        match (self.ok.is_empty(), self.open.is_empty()) {
            (false, _) => Finding::ok(name, self.ok.join("; ")),
            (true, false) => Finding::absent(name, self.open.join("; ")),
            (true, true) => Finding::absent(
                name,
                "there is no time stamp on a tree with the event: it comes in the evidence beside",
            ),
        }
    }
}

/// What the tokens beside a receipt say.
pub(crate) fn later(seen: &[Seen], policy: Option<&Policy>, now_ms: i64) -> Stamps {
    let mut stamps = Stamps::default();
    for one in seen {
        stamps.look(&one.checkpoint, &one.tokens, policy, now_ms);
    }
    stamps
}

fn shown(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}
