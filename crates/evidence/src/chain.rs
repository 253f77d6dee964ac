//! That the event stands in a tree, whose tree it is, who saw it, and what came before.

use jiff::Timestamp;
use plico_crypto::digest::to_hex;
use plico_journal::merkle::verify_consistency;
use plico_journal::note::Checked;
use plico_journal::policy::Evaluation;
use plico_journal::proof::{ProofTextError, parse_hashes};
use plico_journal::{Checkpoint, Leaf, Note, Proof};

use crate::enclosure::Enclosure;
use crate::report::{CheckName, CheckResult, CheckpointFact, Facts, Finding, full};
use crate::stamp::Stamps;
use crate::{Given, Policy, later, stamp, succession};

const NO_POLICY: &str = "no policy was given: nothing says whose signature this must be";

/// Inclusion, checkpoint, continuity, witnesses and timestamp.
pub(crate) fn check(
    enclosure: &Enclosure,
    leaf: Option<&Leaf>,
    given: &Given<'_>,
    policy: Option<&Policy>,
    now_ms: i64,
    facts: &mut Facts,
) -> Vec<Finding> {
    let timestamp = Finding::absent(CheckName::Timestamp, "there is nothing that could be stamped");
    let Some(bytes) = &enclosure.proof else {
        let nothing = "the file carries no proof";
        let names =
            [CheckName::Inclusion, CheckName::Checkpoint, CheckName::Continuity, CheckName::Witnesses];
        return names.map(|name| Finding::absent(name, nothing)).into_iter().chain([timestamp]).collect();
    };
    let proof = match Proof::parse(bytes) {
        Ok(proof) => proof,
        Err(error) => {
            let at_checkpoint = matches!(error, ProofTextError::Checkpoint(_));
            let mut findings = vec![Finding::failed(CheckName::Inclusion, full(&error)), timestamp];
            if at_checkpoint {
                findings.push(Finding::failed(CheckName::Checkpoint, full(&error)));
            }
            return findings;
        }
    };
    facts.checkpoint =
        Some(CheckpointFact { size: proof.checkpoint.size, root: to_hex(&proof.checkpoint.root) });
    let evaluation = policy.map(|p| p.logs().evaluate(&proof.checkpoint, &proof.note));
    let (seen, beside) = match later::read(given, &proof, enclosure.leaf.as_deref(), policy) {
        Ok(seen) => (seen, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let evaluations: Vec<&Evaluation> =
        evaluation.iter().chain(seen.iter().filter_map(|seen| seen.evaluation.as_ref())).collect();
    let mut earlier_stamps = Stamps::default();
    let mut continued = continuity(&proof, enclosure, leaf, policy, facts);
    if continued.result != CheckResult::Failed {
        look_at_earlier(enclosure, policy, now_ms, &mut earlier_stamps);
    }
    match succession::read(enclosure, &proof) {
        Ok(succeeds) => facts.succeeds = succeeds,
        Err(why) => continued = Finding::failed(CheckName::Continuity, why),
    }
    let witnesses = match beside {
        Some(why) => Finding::failed(CheckName::Witnesses, why),
        None => witnesses(&evaluations),
    };
    let stamps = stamp::later(&seen, policy, now_ms);
    bounds(facts, &evaluations, &stamps, &earlier_stamps);
    vec![
        inclusion(&proof, enclosure, leaf),
        checkpoint(&proof.checkpoint, leaf, evaluation.as_ref()),
        witnesses,
        continued,
        stamps.finding(&earlier_stamps),
    ]
}

/// The nearest bounds of time that somebody the policy believes vouches for.
fn bounds(facts: &mut Facts, evaluations: &[&Evaluation], stamps: &Stamps, earlier: &Stamps) {
    let seen = evaluations.iter().filter(|e| e.quorum_demanded && e.is_met());
    let seen = seen.filter_map(|e| times(e).max()).filter_map(|s| i64::try_from(s).ok()?.checked_mul(1000));
    let latest = seen.chain(stamps.instants.iter().map(|(_, latest)| *latest)).min();
    facts.not_after = latest.and_then(rfc3339_ms);
    let before = facts.not_before.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
    let before = before.map(Timestamp::as_millisecond);
    let earliest = before.into_iter().chain(earlier.instants.iter().map(|(earliest, _)| *earliest)).max();
    facts.not_before = earliest.and_then(rfc3339_ms);
}

fn look_at_earlier(enclosure: &Enclosure, policy: Option<&Policy>, now_ms: i64, stamps: &mut Stamps) {
    let (Some(earlier), Some(token)) = (&enclosure.earlier, &enclosure.earlier_stamp) else { return };
    if let Ok((earlier, _)) = Checkpoint::parse_note(earlier) {
        stamps.look(&earlier, std::slice::from_ref(token), policy, now_ms);
    }
}

fn inclusion(proof: &Proof, enclosure: &Enclosure, leaf: Option<&Leaf>) -> Finding {
    let name = CheckName::Inclusion;
    let Some(bytes) = &enclosure.leaf else {
        return Finding::absent(name, "there is no leaf to look for");
    };
    // The bytes are hashed as they are; whether they are a leaf is another check.
    if let Err(error) = proof.verify(bytes) {
        return Finding::failed(name, error.to_string());
    }
    match leaf {
        Some(leaf) if leaf.index != proof.index => Finding::failed(
            name,
            format!("the leaf says it is event {}, the proof is of {}", leaf.index, proof.index),
        ),
        _ => Finding::ok(name, format!("stands at {} among {}", proof.index, proof.checkpoint.size)),
    }
}

fn checkpoint(checkpoint: &Checkpoint, leaf: Option<&Leaf>, evaluation: Option<&Evaluation>) -> Finding {
    let name = CheckName::Checkpoint;
    if leaf.is_some_and(|leaf| leaf.origin != checkpoint.origin) {
        return Finding::failed(name, format!("it is of {}, not of the leaf's log", checkpoint.origin));
    }
    let Some(evaluation) = evaluation else {
        return Finding::absent(name, format!("{} says it is its own; {NO_POLICY}", checkpoint.origin));
    };
    match (evaluation.log_known, evaluation.log) {
        (false, _) => Finding::failed(name, format!("the policy knows no log {}", checkpoint.origin)),
        (true, Checked::Good(_)) => Finding::ok(name, format!("signed by {}", checkpoint.origin)),
        (true, Checked::Bad) => {
            Finding::failed(name, format!("the signature of {} is false", checkpoint.origin))
        }
        (true, Checked::Absent) => Finding::failed(
            name,
            format!("not signed by the key that the policy has for {}", checkpoint.origin),
        ),
    }
}

/// What witnesses say of the receipt's own checkpoint and of the later ones beside it; each tree by itself.
fn witnesses(evaluations: &[&Evaluation]) -> Finding {
    let name = CheckName::Witnesses;
    if evaluations.is_empty() {
        return Finding::absent(name, NO_POLICY);
    }
    let named = |evaluation: &Evaluation, wanted: fn(&Checked) -> bool| {
        let names = evaluation.witnesses.iter().filter(|(_, c)| wanted(c)).map(|(name, _)| name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let good = |evaluation: &Evaluation| named(evaluation, |c| matches!(c, Checked::Good(_)));
    if let Some(spoiled) = evaluations.iter().find(|e| e.witnesses.iter().any(|(_, c)| *c == Checked::Bad)) {
        return Finding::failed(
            name,
            format!("false cosignature of {}", named(spoiled, |c| *c == Checked::Bad)),
        );
    }
    let cosigned = |e: &&&Evaluation| !good(e).is_empty();
    if let Some(met) = evaluations.iter().filter(cosigned).find(|e| e.quorum_met) {
        return Finding::ok(name, format!("cosigned by {}", good(met)));
    }
    match evaluations.iter().find(cosigned) {
        Some(some) => Finding::absent(
            name,
            format!("cosigned by {}; the policy's quorum of operators is not reached", good(some)),
        ),
        None => Finding::absent(name, "no witness of the policy has cosigned a tree with the event"),
    }
}

fn continuity(
    proof: &Proof,
    enclosure: &Enclosure,
    leaf: Option<&Leaf>,
    policy: Option<&Policy>,
    facts: &mut Facts,
) -> Finding {
    let name = CheckName::Continuity;
    let (earlier, hashes) = match (&enclosure.earlier, &enclosure.consistency) {
        (None, None) => return Finding::absent(name, "the receipt carries no earlier checkpoint"),
        (Some(earlier), Some(hashes)) => (earlier, hashes),
        _ => {
            return Finding::failed(
                name,
                "an earlier checkpoint and its consistency proof come together or not at all",
            );
        }
    };
    let (earlier, note) = match Checkpoint::parse_note(earlier) {
        Ok(read) => read,
        Err(error) => return Finding::failed(name, full(&error)),
    };
    let Some(hashes) = parse_hashes(hashes) else {
        return Finding::failed(name, "the consistency proof is malformed");
    };
    if earlier.origin != proof.checkpoint.origin {
        return Finding::failed(
            name,
            format!("the earlier checkpoint is of another log, {}", earlier.origin),
        );
    }
    if leaf.is_some_and(|leaf| earlier.size > leaf.index) {
        return Finding::failed(name, "the earlier checkpoint holds the event already");
    }
    let later = &proof.checkpoint;
    if let Err(error) = verify_consistency(earlier.size, &earlier.root, later.size, &later.root, &hashes) {
        return Finding::failed(name, error.to_string());
    }
    match policy {
        None => Finding::absent(
            name,
            format!("the tree of {} is a beginning of this one; {NO_POLICY}", earlier.size),
        ),
        Some(policy) => vouched(&earlier, &note, policy, facts),
    }
}

fn vouched(earlier: &Checkpoint, note: &Note, policy: &Policy, facts: &mut Facts) -> Finding {
    let name = CheckName::Continuity;
    let evaluation = policy.logs().evaluate(earlier, note);
    if evaluation.any_bad() || !matches!(evaluation.log, Checked::Good(_)) {
        return Finding::failed(name, "the earlier checkpoint is not signed by the log");
    }
    if !evaluation.is_met() {
        return Finding::absent(
            name,
            "the earlier checkpoint is consistent, but the policy's quorum has not cosigned it",
        );
    }
    if evaluation.quorum_demanded {
        facts.not_before = times(&evaluation).min().and_then(rfc3339);
    }
    Finding::ok(name, format!("the tree of {} is a beginning of this one", earlier.size))
}

/// When the witnesses of the policy saw the tree, in seconds.
fn times(evaluation: &Evaluation) -> impl Iterator<Item = u64> {
    evaluation.witnesses.iter().filter_map(|(_, checked)| match checked {
        Checked::Good(time) => *time,
        _ => None,
    })
}

fn rfc3339_ms(at_ms: i64) -> Option<String> {
    Some(Timestamp::from_millisecond(at_ms).ok()?.to_string())
}

fn rfc3339(seconds: u64) -> Option<String> {
    Some(Timestamp::from_second(seconds.try_into().ok()?).ok()?.to_string())
}
