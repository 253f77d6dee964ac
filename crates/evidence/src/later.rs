//! Whether what is handed out beside a receipt belongs to it, and what it adds.

use plico_journal::merkle::verify_consistency;
use plico_journal::policy::Evaluation;
use plico_journal::proof::parse_hashes;
use plico_journal::{Checkpoint, Proof};

use crate::beside::{Beside, Later};
use crate::report::full;
use crate::{Given, Policy};

/// A later checkpoint that holds the receipt's leaf.
pub(crate) struct Seen {
    /// The checkpoint.
    pub(crate) checkpoint: Checkpoint,
    /// What its signatures are worth; `None` without a policy.
    pub(crate) evaluation: Option<Evaluation>,
    /// RFC 3161 tokens on it, unchecked.
    pub(crate) tokens: Vec<Vec<u8>>,
}

/// Every later checkpoint that was given, or why one is not to be believed.
pub(crate) fn read(
    given: &Given<'_>,
    own: &Proof,
    leaf: Option<&[u8]>,
    policy: Option<&Policy>,
) -> Result<Vec<Seen>, String> {
    let wrong = |what: String| format!("the evidence beside the receipt: {what}");
    let mut seen = Vec::new();
    for file in given.evidence {
        let beside = Beside::parse(file).map_err(|error| wrong(full(&error)))?;
        for later in &beside.proofs {
            seen.push(one(later, own, leaf, policy).map_err(wrong)?);
        }
    }
    Ok(seen)
}

fn one(later: &Later, own: &Proof, leaf: Option<&[u8]>, policy: Option<&Policy>) -> Result<Seen, String> {
    let tokens = later.tokens().map_err(|error| full(&error))?;
    let proof = Proof::parse(later.proof.as_bytes()).map_err(|error| full(&error))?;
    let (before, after) = (&own.checkpoint, &proof.checkpoint);
    if after.origin != before.origin || proof.index != own.index {
        return Err(format!("it is of event {} of {}", proof.index, after.origin));
    }
    let leaf = leaf.ok_or("there is no leaf to look for")?;
    proof.verify(leaf).map_err(|error| error.to_string())?;
    let hashes = parse_hashes(later.consistency.as_bytes()).ok_or("its consistency proof is malformed")?;
    verify_consistency(before.size, &before.root, after.size, &after.root, &hashes)
        .map_err(|error| error.to_string())?;
    let evaluation = policy.map(|policy| policy.logs().evaluate(after, &proof.note));
    if evaluation.as_ref().is_some_and(|e| !matches!(e.log, plico_journal::note::Checked::Good(_))) {
        return Err("its checkpoint is not signed by the log".into());
    }
    Ok(Seen { checkpoint: proof.checkpoint, evaluation, tokens })
}
