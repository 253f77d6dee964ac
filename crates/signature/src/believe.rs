//! Whether a signature may be believed: its certificate, algorithm and time, now and when it can be proven to have
//! existed (ETSI EN 319 102-1 §5.3.4, §5.5, §5.6).

use plico_crypto::verify::{Algorithm, Hash};

use crate::certificate::Certificate;
use crate::check::{Findings, Setting};
use crate::digest::digest;
use crate::instant::rfc3339;
use crate::oid;
use crate::path::{Answer, Found, Judge};
use crate::proof::{ChainReport, Moment, PoeSource, RevocationReport, RevocationState, Times};
use crate::qualification::{self, QualificationReport};
use crate::report::{Indication, Reason, SubIndication, hex};
use crate::revocation::{State, Status};
use crate::stamp::Stamp;
use crate::strength::{Weak, weakness};
use crate::tsl::TrustedLists;

/// What is asked about.
pub(crate) struct Subject<'s, 'a> {
    pub(crate) certificate: &'s Certificate<'a>,
    pub(crate) hash: Option<Hash>,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) claimed_ms: Option<i64>,
}

/// What was found.
#[derive(Default)]
pub(crate) struct Belief {
    pub(crate) times: Option<Times>,
    pub(crate) chain: Vec<ChainReport>,
    /// The path holds, and whether it was revoked is known for all of it from inside of the signature.
    pub(crate) complete: bool,
    /// What trusted lists say, when there are any.
    pub(crate) qualification: Option<QualificationReport>,
}

type Doubt = (SubIndication, Reason);

/// A reference in time.
struct Reference {
    at_ms: i64,
    source: PoeSource,
    name: Option<String>,
}

/// What holds at one instant.
struct View {
    found: Option<Found>,
    doubts: Vec<Doubt>,
}

/// Looks for paths, now and then, and says what is not settled.
pub(crate) fn judge(
    subject: &Subject<'_, '_>,
    stamps: &[Stamp],
    setting: &Setting<'_>,
    findings: &mut Findings,
) -> Belief {
    let certificate = subject.certificate;
    let now = look(subject, setting, setting.at_ms);
    let best = best(stamps, setting);
    let then = best.as_ref().map(|best| look(subject, setting, best.at_ms));
    let led = [Some(&now), then.as_ref()].into_iter().flatten().any(View::is_led);
    if certificate.key_usage.is_some_and(|bits| bits & 0xc0 == 0) {
        if led {
            findings.doubt(SubIndication::ChainConstraintsFailure, Reason::KeyUsage);
        } else {
            findings.notes.push(Reason::KeyUsage);
        }
    }
    proven_wrong(certificate, stamps, best.as_ref(), &now, findings);
    let before = findings.standing();
    let claimed = subject.claimed_ms.map(|at_ms| (at_ms, look(subject, setting, at_ms)));
    let moment = |at_ms: i64, reference: Option<&Reference>, view: &View| {
        let (indication, sub_indication) = match (before, view.doubts.first()) {
            ((Indication::TotalPassed, _), Some(&(sub, _))) => (Indication::Indeterminate, Some(sub)),
            (standing, _) => standing,
        };
        Moment {
            at: rfc3339(at_ms),
            reference: reference.map(|reference| reference.source),
            name: reference.and_then(|reference| reference.name.clone()),
            indication,
            sub_indication,
        }
    };
    let times = Times {
        now: moment(setting.at_ms, None, &now),
        claimed: claimed.as_ref().map(|(at_ms, view)| moment(*at_ms, None, view)),
        opposable: best.as_ref().zip(then.as_ref()).map(|(best, view)| moment(best.at_ms, Some(best), view)),
    };
    decide(certificate, setting, &now, then.as_ref(), findings);
    let decisive = then.filter(|_| !now.doubts.is_empty()).unwrap_or(now);
    let (chain, complete) = match (setting.judge, &decisive.found) {
        (Some(judge), Some(found)) if found.answer != Answer::None => {
            (describe(judge, found), is_complete(judge, found))
        }
        _ => (Vec::new(), false),
    };
    let at_ms = best.map_or(setting.at_ms, |best| best.at_ms);
    let qualification = qualify(certificate, setting, &decisive, at_ms, findings);
    Belief { times: setting.judge.map(|_| times), chain, complete, qualification }
}

/// Asks the lists about the end of the path.
fn qualify(
    certificate: &Certificate<'_>,
    setting: &Setting<'_>,
    view: &View,
    at_ms: i64,
    findings: &Findings,
) -> Option<QualificationReport> {
    let judge = setting.judge.filter(|judge| judge.anchors.lists().is_some())?;
    let led = view.found.as_ref().filter(|found| !matches!(found.answer, Answer::None | Answer::Unsigned));
    let anchor = led.and_then(|found| judge.pool[*found.chain.last()?].anchor);
    let services = anchor.map(|anchor| judge.anchors.services(anchor)).unwrap_or_default();
    let lotl = judge.anchors.lists().and_then(TrustedLists::list_of_lists);
    Some(qualification::of(certificate, &services, lotl, at_ms, findings.standing().0))
}

/// The verdict is that of now; where that is in doubt, that of the best reference.
fn decide(
    certificate: &Certificate<'_>,
    setting: &Setting<'_>,
    now: &View,
    then: Option<&View>,
    findings: &mut Findings,
) {
    match then {
        Some(then) if then.doubts.is_empty() && !now.doubts.is_empty() => {
            findings.notes.push(Reason::ProvenBefore);
            findings.notes.extend(now.doubts.iter().map(|&(_, reason)| reason));
        }
        Some(then) if !now.doubts.is_empty() => {
            then.doubts.iter().for_each(|&(sub, reason)| findings.doubt(sub, reason));
            let more = now.doubts.iter().filter(|doubt| !then.doubts.contains(doubt));
            findings.notes.extend(more.map(|&(_, reason)| reason));
        }
        _ => now.doubts.iter().for_each(|&(sub, reason)| findings.doubt(sub, reason)),
    }
    // Said even when no path was found: the citizen can read it in his certificate.
    if !now.is_led() && !now.is_out_of_dates() {
        if setting.at_ms < certificate.not_before_ms {
            findings.notes.push(Reason::CertificateNotYetValid);
        } else if setting.at_ms >= certificate.not_after_ms.saturating_add(1000) {
            findings.notes.push(Reason::CertificateExpired);
        }
    }
}

/// What a trusted time stamp shows to be impossible: a signature made after its certificate ended, or before it began.
fn proven_wrong(
    certificate: &Certificate<'_>,
    stamps: &[Stamp],
    best: Option<&Reference>,
    now: &View,
    findings: &mut Findings,
) {
    if let Some(made_after) = stamps.iter().filter_map(Stamp::lower_ms).max() {
        if certificate.not_after_ms.saturating_add(1000) <= made_after {
            findings.fail(SubIndication::Expired, Reason::CertificateExpired);
        }
        if let Some(Answer::Revoked(0, since, _)) = now.answer()
            && since <= made_after
        {
            findings.fail(SubIndication::Revoked, Reason::CertificateRevoked);
        }
    }
    if now.is_led() && best.is_some_and(|best| best.at_ms < certificate.not_before_ms) {
        findings.fail(SubIndication::NotYetValid, Reason::CertificateNotYetValid);
    }
}

/// The earliest instant before which the signature is shown to have existed.
fn best(stamps: &[Stamp], setting: &Setting<'_>) -> Option<Reference> {
    let inner = stamps.iter().filter_map(|stamp| {
        let name = stamp.token.as_ref().ok().and_then(crate::token::Token::authority);
        Some(Reference { at_ms: stamp.upper_ms()?, source: PoeSource::InnerTimeStamp, name })
    });
    let outer = setting.poes.iter().map(|poe| {
        let name = Some(poe.name.clone()).filter(|name| !name.is_empty());
        Reference { at_ms: poe.at_ms, source: poe.source, name }
    });
    inner
        .chain(outer)
        .filter(|reference| reference.at_ms <= setting.at_ms)
        .min_by_key(|reference| reference.at_ms)
}

fn look(subject: &Subject<'_, '_>, setting: &Setting<'_>, at_ms: i64) -> View {
    let mut doubts = Vec::new();
    match weakness(subject.hash, subject.algorithm, subject.certificate.spki, at_ms) {
        Some(Weak::Digest) => doubts.push((SubIndication::CryptoConstraintsFailureNoPoe, Reason::DigestWeak)),
        Some(Weak::Key) => doubts.push((SubIndication::CryptoConstraintsFailureNoPoe, Reason::KeyWeak)),
        None => {}
    }
    let Some(judge) = setting.judge else {
        doubts.push((SubIndication::NoCertificateChainFound, Reason::NoTrustAnchors));
        return View { found: None, doubts };
    };
    let Some(leaf) = judge.pool.number(subject.certificate.der) else {
        doubts.push((SubIndication::NoCertificateChainFound, Reason::NoPath));
        return View { found: None, doubts };
    };
    let found = judge.find(leaf, at_ms, 0);
    doubts.extend(said(found.answer).map(|doubt| match doubt {
        (SubIndication::OutOfBoundsNoPoe, Reason::CertificateExpired) if not_revoked(judge, leaf, &found) => {
            (SubIndication::OutOfBoundsNotRevoked, Reason::CertificateExpired)
        }
        other => other,
    }));
    View { found: Some(found), doubts }
}

/// Whether an expired certificate is known not to have been revoked while it lived.
fn not_revoked(judge: &Judge<'_>, leaf: usize, found: &Found) -> bool {
    let end_ms = judge.pool[leaf].certificate.not_after_ms;
    found.chain.len() > 1 && judge.find(leaf, end_ms, 0).answer == Answer::Good
}

fn said(answer: Answer) -> Option<Doubt> {
    use SubIndication as Sub;
    Some(match answer {
        Answer::Good => return None,
        Answer::Revoked(0, ..) => (Sub::RevokedNoPoe, Reason::CertificateRevoked),
        Answer::Revoked(..) => (Sub::RevokedCaNoPoe, Reason::AuthorityRevoked),
        Answer::Suspended(..) => (Sub::TryLater, Reason::CertificateSuspended),
        Answer::NotAsked(_, State::Stale) => (Sub::TryLater, Reason::RevocationStale),
        Answer::NotAsked(_, State::Untrusted) => (Sub::TryLater, Reason::RevocationUntrusted),
        Answer::NotAsked(_, State::Unknown) => (Sub::TryLater, Reason::RevocationUnknown),
        Answer::NotAsked(..) => (Sub::TryLater, Reason::RevocationNotChecked),
        Answer::Expired(_) => (Sub::OutOfBoundsNoPoe, Reason::CertificateExpired),
        Answer::NotYetValid(_) => (Sub::OutOfBoundsNoPoe, Reason::CertificateNotYetValid),
        Answer::Broken | Answer::Unsigned => (Sub::CertificateChainGeneralFailure, Reason::PathConstraints),
        Answer::Withdrawn => (Sub::NoCertificateChainFound, Reason::ServiceWithdrawn),
        Answer::Outdated => (Sub::NoCertificateChainFound, Reason::ListExpired),
        Answer::None => (Sub::NoCertificateChainFound, Reason::NoPath),
    })
}

impl View {
    fn answer(&self) -> Option<Answer> {
        self.found.as_ref().map(|found| found.answer)
    }

    /// A path leads to an anchor, and every certificate on it was within its dates.
    fn is_led(&self) -> bool {
        use Answer::{Good, NotAsked, Revoked, Suspended};
        matches!(self.answer(), Some(Good | Revoked(..) | Suspended(..) | NotAsked(..)))
    }

    fn is_out_of_dates(&self) -> bool {
        matches!(self.answer(), Some(Answer::Expired(_) | Answer::NotYetValid(_)))
    }
}

/// Every certificate below the anchor has its state from what came with the signature.
fn is_complete(judge: &Judge<'_>, found: &Found) -> bool {
    let told = |(place, status): (usize, &Status)| {
        let assured = place == 0 && judge.pool[found.chain[place]].certificate.validity_assured;
        assured || status.source.is_some_and(|source| source.inside)
    };
    !found.statuses.is_empty() && found.statuses.iter().enumerate().all(told)
}

fn describe(judge: &Judge<'_>, found: &Found) -> Vec<ChainReport> {
    let one = |(place, &at): (usize, &usize)| {
        let certificate = &judge.pool[at].certificate;
        let name = certificate.subject_attribute(oid::COMMON_NAME);
        ChainReport {
            subject: name.or_else(|| certificate.subject_attribute(oid::ORGANIZATION)),
            sha256: hex(&digest(Hash::Sha256, certificate.der)),
            revocation: found.statuses.get(place).map(revocation),
        }
    };
    found.chain.iter().enumerate().map(one).collect()
}

fn revocation(status: &Status) -> RevocationReport {
    let (state, since, reason_code) = match status.state {
        State::Good => (RevocationState::Good, None, None),
        State::Revoked(since, reason) => (RevocationState::Revoked, Some(since), Some(reason)),
        State::Suspended(since) => {
            (RevocationState::Suspended, Some(since), Some(crate::revocation::crl::HOLD))
        }
        _ => (RevocationState::Unknown, None, None),
    };
    RevocationReport {
        state,
        since: since.map(rfc3339),
        reason_code,
        source: status.source.map(|told| told.kind),
        made: status.source.map(|told| rfc3339(told.made_ms)),
        next: status.source.and_then(|told| told.next_ms).map(rfc3339),
    }
}
