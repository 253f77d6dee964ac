//! Counter-signatures in CMS (RFC 5652 §11.4) to their limits: one over the other, very many, and stamped themselves.

use plico_signature::forge::{Counters, Flaw, KeyKind, Period, Pki, Recipe, Stamped, cades};
use plico_signature::proof::{PoeSource, StampKind};
use plico_signature::report::{Indication, Reason, SignatureReport};
use plico_signature::{Anchors, Options, inspect};

use crate::town::{CONTENT, NOW, look, recipe, subject, town};

const DAY: i64 = 86_400_000;

fn file(counters: Counters) -> Vec<u8> {
    let recipe = Recipe { counter: Some(&town().p256), counters, ..recipe() };
    cades(&[&town().rsa], CONTENT, &recipe).unwrap()
}

/// How many there are one over the other, and whether the last says that there are more.
fn depth(found: &SignatureReport) -> (usize, bool) {
    match found.counter_signatures.as_slice() {
        [] => (0, found.reasons.contains(&Reason::CounterSignaturesLeft)),
        [inner] => {
            assert!(inner.intact, "{inner:?}");
            assert!(!found.reasons.contains(&Reason::CounterSignaturesLeft));
            let (below, more) = depth(inner);
            (below + 1, more)
        }
        more => panic!("{more:?}"),
    }
}

#[test]
fn four_are_followed_and_a_fifth_is_told() {
    for (deep, shown, more) in [(1, 1, false), (2, 2, false), (4, 4, false), (5, 4, true)] {
        let found = look(&file(Counters { deep, ..Counters::ONE })).signatures.remove(0);
        assert!(found.intact);
        assert_eq!(depth(&found), (shown, more), "{deep}");
    }
}

#[test]
fn each_is_over_the_value_of_the_one_around_it() {
    let good = file(Counters { deep: 2, ..Counters::ONE });
    assert!(look(&good).signatures[0].counter_signatures[0].counter_signatures[0].intact);
    // The innermost lies at the end: a bit of its value.
    let mut broken = good.clone();
    *broken.last_mut().unwrap() ^= 1;
    let outer = look(&broken).signatures.remove(0);
    let middle = &outer.counter_signatures[0];
    let inner = &middle.counter_signatures[0];
    assert!(outer.intact && middle.intact && !inner.intact, "{outer:?}");
    assert_eq!((inner.indication, inner.reasons[0]), (Indication::TotalFailed, Reason::SignatureDoesNotFit));
    // A bad one is no fault of the one it is over.
    assert_ne!(middle.indication, Indication::TotalFailed);
}

#[test]
fn of_very_many_those_are_shown_that_are_looked_at() {
    let seen = |copies| {
        let found = look(&file(Counters { copies, ..Counters::ONE })).signatures.remove(0);
        assert!(found.intact && found.counter_signatures.iter().all(|counter| counter.intact));
        (found.counter_signatures.len(), found.reasons.contains(&Reason::CounterSignaturesLeft))
    };
    assert_eq!(seen(3), (3, false));
    let (most, more) = seen(600);
    assert!(more && (500..=512).contains(&most), "{most}");
}

#[test]
fn a_stamp_over_one_proves_when_that_one_was_there() {
    let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
    let anna = pki.signer(&subject(), KeyKind::P256).unwrap();
    let bruno = pki.signer(&subject(), KeyKind::P256).unwrap();
    let mut stamps = Pki::new("Marche", NOW).unwrap();
    let stamper = stamps.stamper(&subject(), KeyKind::P256, true).unwrap();
    let anchors = [pki.anchors_pem().unwrap(), stamper.certificates_pem().unwrap()].concat();
    let anchors = Anchors::from_pem(&anchors).unwrap();
    let revoked = (&bruno, NOW - DAY, 1);
    let period = Period { from_ms: NOW - DAY / 2, to_ms: Some(NOW + DAY) };
    let crls = [pki.crl(&[revoked], period).unwrap(), pki.root_crl(None, period).unwrap()];
    let stamp = Stamped { kind: StampKind::Signature, authority: &stamper, at_ms: NOW - 2 * DAY };
    // By one who was revoked afterwards.
    let counter = |stamped, flaws| {
        let counters = Counters { stamped, ..Counters::ONE };
        let (counter, stamps) = (Some(&bruno), [stamp]);
        let recipe =
            Recipe { counter, counters, stamps: &stamps, crls: &crls, flaws, ..Recipe::good(NOW - 3 * DAY) };
        let file = cades(&[&anna], CONTENT, &recipe).unwrap();
        let found = inspect(&file, &Options::at(NOW, Some(&anchors))).signatures.remove(0);
        found.counter_signatures[0].clone()
    };
    let saved = counter(true, &[]);
    assert_eq!(
        (saved.indication, saved.reasons[0]),
        (Indication::TotalPassed, Reason::ProvenBefore),
        "{saved:?}"
    );
    assert!(saved.time_stamps[0].intact && saved.time_stamps[0].trusted);
    assert_eq!(saved.times.unwrap().opposable.unwrap().reference, Some(PoeSource::InnerTimeStamp));
    // The stamp of the signature that it is over says nothing of it, and neither does another's.
    let without = counter(false, &[]);
    assert!(without.time_stamps.is_empty() && without.indication == Indication::Indeterminate);
    let copied = counter(true, &[Flaw::CopiedTimeStamp]);
    assert!(!copied.time_stamps[0].intact && copied.times.unwrap().opposable.is_none());
    assert_eq!((copied.intact, copied.indication), (true, Indication::Indeterminate));
}

#[test]
fn a_stamp_that_only_one_brings_is_believed_as_well() {
    let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
    let anna = pki.signer(&subject(), KeyKind::P256).unwrap();
    // Under a root by itself, whose issuer comes with the stamp alone.
    let mut stamps = Pki::new("Marche", NOW).unwrap();
    let stamper = stamps.stamper(&subject(), KeyKind::P256, true).unwrap();
    let anchors = [pki.anchors_pem().unwrap(), stamps.anchors_pem().unwrap()].concat();
    let anchors = Anchors::from_pem(&anchors).unwrap();
    let period = Period { from_ms: NOW - DAY / 2, to_ms: Some(NOW + DAY) };
    let crls: Vec<_> = [&pki, &stamps]
        .into_iter()
        .flat_map(|pki| [pki.crl(&[], period).unwrap(), pki.root_crl(None, period).unwrap()])
        .collect();
    let all = [Stamped { kind: StampKind::Signature, authority: &stamper, at_ms: NOW - 2 * DAY }];
    let counters = Counters { deep: 2, copies: 1, stamped: true };
    let recipe = Recipe { counter: Some(&anna), counters, stamps: &all, crls: &crls, ..recipe() };
    let recipe = Recipe { flaws: &[Flaw::OnlyCountersStamped], ..recipe };
    let file = cades(&[&anna], CONTENT, &recipe).unwrap();
    let found = inspect(&file, &Options::at(NOW, Some(&anchors))).signatures.remove(0);
    assert!(found.time_stamps.is_empty());
    let middle = &found.counter_signatures[0];
    for counter in [middle, &middle.counter_signatures[0]] {
        assert!(counter.time_stamps[0].intact && counter.time_stamps[0].trusted, "{counter:?}");
    }
}
