//! Receipts with whatever words the dice throw.

use plico_archive::content::Opened;
use plico_pdf::paper::Sheet;
use plico_record::act::ServiceOutage;
use plico_record::event::{Kind, ReceiptKind};

use super::delegation::DelegationFacts;
use super::evidence::{Earlier, Evidence};
use super::facts::{Facts, Subject};
use super::message::MessageFacts;
use super::outage::OutageFacts;
use super::page::sheet;
use crate::conformance::Dice;
use crate::paper::{Words, samples};

const ID: &str = "01JD8X2K7M4Q9W3T6Y5B0C1V8ZH";

pub(crate) fn receipt(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    let kinds: Vec<ReceiptKind> = Kind::ALL.iter().filter_map(|kind| kind.receipt()).collect();
    let kind = kinds[dice.below(kinds.len() as u64) as usize];
    let facts = Facts {
        kind,
        body: dice.words(6),
        who: dice.words(4),
        names_actor: true,
        when_ms: dice.instant(),
        subject: subject(kind, dice),
        origin: "comune.example/c_a001/1".into(),
        index: dice.below(10_000_000).cast_signed(),
        size: dice.below(10_000_000).cast_signed(),
        url: "https://comune.example/verifica".into(),
        demo: dice.chance(3),
        id: ID.into(),
    };
    sheet(words, &facts, evidence(dice))
}

fn subject(kind: ReceiptKind, dice: &mut Dice) -> Subject {
    match kind {
        ReceiptKind::Outage => Subject::Outage(OutageFacts(ServiceOutage {
            administration: None,
            parts: vec!["pages".into(), "api".into()],
            from: 1_700_000_000_000,
            to: 1_700_000_000_000 + dice.below(1_000_000_000).cast_signed(),
            detected: dice.chance(2),
            note: dice.words(30),
        })),
        ReceiptKind::DelegationGranted
        | ReceiptKind::DelegationRevoked
        | ReceiptKind::MandateGranted
        | ReceiptKind::MandateRevoked => Subject::Delegation(DelegationFacts {
            id: ID.into(),
            holder: dice.words(4),
            delegate: dice.words(4),
            until: dice.chance(2).then(|| "2027-02-28".into()),
            title: dice.chance(2).then(|| ("guardian".into(), dice.words(12))),
            reason: dice.maybe(30),
            ended_by: dice.maybe(4),
        }),
        _ => Subject::Message(Box::new(MessageFacts {
            office: dice.words(6),
            responsible: dice.words(3),
            opened: (kind == ReceiptKind::Opening).then(|| (dice.words(4), dice.chance(2))),
            entry: dice.chance(2).then(|| samples::entry(dice)),
            message: samples::message(dice),
            remedies: dice.words(40),
            body_at: dice.maybe(2),
            records_at: "https://comune.example/messaggi/01JD8X2K7M4Q9W3T6Y5B0C1V8ZH".into(),
            silence: dice.of(&["assent", "denial", "none"]).to_owned(),
            files: samples::files(dice),
        })),
    }
}

fn evidence(dice: &mut Dice) -> Evidence {
    let part = |name: &str, dice: &mut Dice| Opened {
        name: name.into(),
        salt: [7; 32],
        bytes: dice.text().into_bytes(),
    };
    Evidence {
        leaf: dice.text().into_bytes(),
        parts: vec![part("act", dice), part("documents", dice)],
        proof: dice.text(),
        earlier: dice.chance(2).then(|| Earlier {
            note: dice.text(),
            consistency: dice.text(),
            vouched_ms: dice.chance(2).then(|| dice.instant()),
            stamp: dice.chance(2).then(|| vec![0x30; 4000]),
        }),
        opening: dice.chance(4).then(|| (dice.text().into_bytes(), part("act", dice), dice.text())),
        policy: dice.text(),
        asked: dice.chance(2),
    }
}
