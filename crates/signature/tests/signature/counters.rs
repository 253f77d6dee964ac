//! Counter-signatures in XML: over the value of the signature that they stand in, and over nothing else.

use plico_signature::forge::{XmlFlaw, XmlRecipe, xades_countered, xades_enveloped};
use plico_signature::report::{Indication, Reason, SignatureReport, SubIndication};

use crate::town::{NOW, look, look_trusting, town};

const DOCUMENT: &str = "<istanza><oggetto Id=\"oggetto\">Accesso agli atti</oggetto></istanza>";

fn recipe() -> XmlRecipe<'static> {
    XmlRecipe::good(NOW - 3_600_000)
}

fn signed() -> String {
    String::from_utf8(xades_enveloped(&town().rsa, DOCUMENT, &recipe()).unwrap()).unwrap()
}

fn countered(over: &str, recipe: &XmlRecipe<'_>) -> String {
    String::from_utf8(xades_countered(&town().p384, &signed(), over, recipe).unwrap()).unwrap()
}

/// The signature of a file that has one, and the counter-signature of that.
fn both(file: &str) -> (SignatureReport, SignatureReport) {
    let report = look(file.as_bytes());
    let [found] = report.signatures.as_slice() else { panic!("{report:?}") };
    let [counter] = found.counter_signatures.as_slice() else { panic!("{found:?}") };
    (found.clone(), counter.clone())
}

#[test]
fn one_over_the_value_is_whole_and_judged_like_any_other() {
    let file = countered("value", &recipe());
    let (found, counter) = both(&file);
    assert!(found.intact && counter.intact, "{counter:?}");
    assert!(!counter.reasons.contains(&Reason::PartlySigned), "{counter:?}");
    assert_eq!(counter.signature_algorithm, "ECDSA-SHA-256");
    assert_eq!(counter.claimed_signing_time.as_deref(), Some("2026-11-21T11:00:00Z"));
    // Believed like the signature itself: only revocation is missing.
    let trusting = look_trusting(file.as_bytes()).signatures.remove(0);
    assert_eq!(trusting.counter_signatures[0].sub_indication, Some(SubIndication::TryLater));
    assert_eq!(trusting.sub_indication, Some(SubIndication::TryLater));
}

#[test]
fn one_over_something_else_countersigns_nothing() {
    for over in ["oggetto", "properties"] {
        let (found, counter) = both(&countered(over, &recipe()));
        assert!(found.intact);
        assert!(counter.reasons.contains(&Reason::PartlySigned), "{over}: {counter:?}");
        assert_eq!(counter.indication, Indication::Indeterminate);
    }
}

#[test]
fn a_broken_one_is_told_and_leaves_the_signature_alone() {
    let (found, counter) =
        both(&countered("value", &XmlRecipe { flaws: &[XmlFlaw::BrokenSignature], ..recipe() }));
    assert!(found.intact && found.indication == Indication::Indeterminate, "{found:?}");
    assert_eq!(counter.indication, Indication::TotalFailed);
    assert!(!counter.intact && counter.reasons.contains(&Reason::SignatureDoesNotFit));
}

#[test]
fn a_changed_value_breaks_both() {
    let file = countered("value", &recipe());
    let at = file.find("<ds:SignatureValue Id=\"value\">").unwrap() + 40;
    let other = if &file[at..=at] == "A" { "B" } else { "A" };
    let (found, counter) = both(&format!("{}{other}{}", &file[..at], &file[at + 1..]));
    assert_eq!((found.indication, counter.indication), (Indication::TotalFailed, Indication::TotalFailed));
    assert!(counter.reasons.contains(&Reason::ContentAltered), "{counter:?}");
}

#[test]
fn those_that_cannot_be_looked_at_are_told() {
    let file = countered("value", &recipe());
    let begin = file.find("<xades:CounterSignature>").unwrap();
    let end = file.find("</xades:CounterSignature>").unwrap() + "</xades:CounterSignature>".len();
    let empty = format!("{}<xades:CounterSignature/>{}", &file[..end], &file[end..]);
    let many = format!("{}{}{}", &file[..end], file[begin..end].repeat(64), &file[end..]);
    for (file, shown, told) in [(file.as_str(), 1, false), (&empty, 1, true), (&many, 64, true)] {
        let found = look(file.as_bytes()).signatures.remove(0);
        let left = found.reasons.contains(&Reason::CounterSignaturesLeft);
        assert_eq!((found.counter_signatures.len(), left), (shown, told));
    }
}
