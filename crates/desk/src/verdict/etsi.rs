//! The newest verdict as other verifiers write it (ETSI TS 119 102-2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_crypto::digest::from_hex;
use plico_package::validation::{self, Link, Validated};
use plico_signature::Report;
use plico_signature::proof::{ChainReport, PoeSource};
use plico_signature::report::SignatureReport;

use super::Verdicts;
use crate::refusal::{fault, refuse};
use crate::{Outcome, Refusal};

/// The newest verdict of a document. One without signatures has no such report.
pub fn etsi(verdicts: &Verdicts) -> Outcome<Vec<u8>> {
    let mut signatures = Vec::new();
    if let Some(newest) = verdicts.verdicts.first() {
        let at = crate::verdict::rfc3339(newest.at);
        let layers = std::iter::successors(Some(&newest.report), |layer| layer.nested.as_deref());
        for layer in layers {
            for found in &layer.signatures {
                push(found, Some(layer), &at, &mut signatures);
            }
        }
    }
    if signatures.is_empty() {
        return refuse(Refusal::NotFound);
    }
    validation::write(&signatures).map_err(fault)
}

/// A signature, and after it those over it: these are not over the document.
fn push(found: &SignatureReport, layer: Option<&Report>, at: &str, all: &mut Vec<Validated>) {
    let document = layer.and_then(|layer| layer.content.as_ref()).and_then(|content| base64(&content.sha256));
    let best = found.times.as_ref().and_then(|times| times.opposable.as_ref());
    all.push(Validated {
        at: at.to_owned(),
        best: best.map(|best| (best.at.clone(), best.reference != Some(PoeSource::InnerTimeStamp))),
        document,
        claimed: found.claimed_signing_time.clone(),
        quality: found.qualification.as_ref().map(|told| super::worth::uri(told.result)),
        signer: plico_signature::plain::name(&found.signer),
        indication: name(&found.indication),
        sub_indication: found.sub_indication.as_ref().map(name),
        chain: found.chain.iter().filter_map(link).collect(),
        anchored: found.chain.last().is_some_and(|last| last.revocation.is_none()),
    });
    for over in &found.counter_signatures {
        push(over, None, at, all);
    }
}

fn link(found: &ChainReport) -> Option<Link> {
    let known = found.revocation.as_ref();
    let revoked = known.and_then(|known| Some((known.since.clone()?, known.reason_code)));
    Some(Link { sha256: found.sha256.clone(), base64: base64(&found.sha256)?, revoked })
}

fn base64(hex: &str) -> Option<String> {
    from_hex::<32>(hex).map(|digest| BASE64.encode(digest))
}

/// The name that the report's JSON has for it, which is the standard's.
fn name(value: &impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).ok();
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
