//! Certificates with whatever words the dice throw.

use plico_pdf::paper::Sheet;

use super::{Certificate, CertificatePaper, CertificateType, Field, Filled, certificate_sheet};
use crate::conformance::Dice;
use crate::paper::{Words, samples};
use crate::seal::Grade;

pub(crate) fn certificate(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    let exempt = dice.chance(2);
    let kind = CertificateType {
        code: "residenza".into(),
        name: dice.words(8),
        name_en: String::new(),
        text: dice.text(),
        fields: vec![Field { code: "via".into(), label: "Via".into() }],
        validity_months: dice.chance(2).then_some(6),
        stamp_exemption: if exempt { dice.words(20) } else { String::new() },
        fee: dice.words(3),
        abroad: true,
        retention_years: 10,
        offered: true,
    };
    let filled = Filled {
        code: "residenza".into(),
        values: [("via".to_owned(), dice.words(12))].into(),
        abroad: dice.chance(3),
        stamp: dice.words(3),
        official: dice.words(4),
    };
    let mut content = samples::content(dice);
    content.subject.clone_from(&kind.name);
    let mut paper = CertificatePaper {
        administration: dice.words(6),
        arms: None,
        office: dice.words(6),
        certificate: Certificate { kind, filled },
        recipient: samples::party(dice),
        content,
        created_ms: dice.instant(),
        files: samples::files(dice),
        sealed: dice.chance(2).then_some(Grade::None),
        code: dice.chance(4).then(|| "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY-Z".into()),
        original_url: "https://comune.example/contrassegno".into(),
        demo: dice.chance(3),
    };
    // Of the variants that are no proof, half: the dice fall as they did.
    paper.arms = (!paper.demo && paper.files.len() % 2 == 0).then(samples::arms);
    certificate_sheet(words, &paper)
}
