//! Receipts with whatever words the dice throw.

use plico_archive::content::Opened;
use plico_archive::read::card::CardRow;
use plico_package::daily::{DailyChange, DailyEntry, DailyRegister, DailySeries};
use plico_pdf::paper::Sheet;
use plico_record::act::{RegisterDayClosed, ServiceOutage};
use plico_record::event::{Kind, ReceiptKind};

use super::card::CardFacts;
use super::delegation::DelegationFacts;
use super::evidence::{Earlier, Evidence};
use super::facts::{Facts, Subject};
use super::message::{Certified, MessageFacts};
use super::outage::OutageFacts;
use super::page::sheet;
use super::register::RegisterFacts;
use crate::conformance::Dice;
use crate::paper::{PaperFile, Words, samples};

const ID: &str = "01JD8X2K7M4Q9W3T6Y5B0C1V8ZH";

pub(crate) fn receipt(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    let kinds: Vec<ReceiptKind> = Kind::ALL.iter().filter_map(|kind| kind.receipt()).collect();
    let others: Vec<&ReceiptKind> =
        kinds.iter().filter(|kind| **kind != ReceiptKind::DailyRegister).collect();
    let kind = *dice.of(&others);
    paper(words, dice, kind)
}

pub(crate) fn daily_register(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    paper(words, dice, ReceiptKind::DailyRegister)
}

fn paper(words: &Words<'_>, dice: &mut Dice, kind: ReceiptKind) -> Sheet {
    let mut facts = Facts {
        kind,
        body: dice.words(6),
        arms: None,
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
    // The dice fall as they did.
    facts.arms = (!facts.demo && facts.index % 2 == 0).then(samples::arms);
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
        ReceiptKind::DailyRegister => Subject::Register(Box::new(register(dice))),
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
        ReceiptKind::CardIssued | ReceiptKind::CardRevoked => Subject::Card(Box::new(CardFacts {
            row: card(dice),
            until: "2027-02-28".into(),
            reason: dice.maybe(30),
        })),
        _ => Subject::Message(Box::new(MessageFacts {
            office: dice.words(6),
            responsible: dice.words(3),
            opened: (kind == ReceiptKind::Opening).then(|| (dice.words(4), dice.chance(2))),
            certified: (kind == ReceiptKind::CertifiedDelivery).then(|| Certified {
                at: 1_773_120_000_000,
                provider: dice.words(4),
                identifier: "opec2941.20260310062000.12345.678.1.1@gestore.example".into(),
                address: "studio@pec.example".into(),
            }),
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

fn register(dice: &mut Dice) -> RegisterFacts {
    let entry = |dice: &mut Dice| DailyEntry {
        number: "0000123/2026".into(),
        instant: "2026-11-21T09:00:00.000Z".into(),
        presented: String::new(),
        direction: dice.of(&["in", "out"]).to_owned(),
        parties: dice.words(6),
        subject: dice.words(45),
        office: dice.words(6),
        digest: dice.hex(),
    };
    let change = |dice: &mut Dice| DailyChange {
        number: "0000100/2026".into(),
        instant: "2026-11-21T10:00:00.000Z".into(),
        field: dice.of(&["subject", "parties", "annulled"]).to_owned(),
        by: dice.words(3),
        old: dice.words(20),
        new: dice.words(20),
        reason: dice.words(20),
    };
    let register = DailyRegister {
        body: dice.words(6),
        ipa: "c_a001".into(),
        area: "AOO".into(),
        day: "2026-11-21".into(),
        entries: (0..dice.count()).map(|_| entry(dice)).collect(),
        series: (0..dice.below(3))
            .map(|n| DailySeries {
                code: format!("decreti-{n}"),
                title: dice.words(5),
                entries: (0..dice.below(4))
                    .map(|n| DailyEntry {
                        number: format!("{n}/2026"),
                        direction: String::new(),
                        presented: String::new(),
                        ..entry(dice)
                    })
                    .collect(),
            })
            .collect(),
        changes: (0..dice.below(4)).map(|_| change(dice)).collect(),
    };
    let act = RegisterDayClosed {
        area: "AOO".into(),
        day: "2026-11-21".into(),
        first: "0000123/2026".into(),
        last: "0000130/2026".into(),
        entries: register.entries.len() as u64,
        changes: register.changes.len() as u64,
        series: register.series.iter().map(|series| series.entries.len() as u64).sum(),
    };
    let file = samples::files(dice).pop().unwrap_or(PaperFile {
        name: "registro-2026-11-21.xml".into(),
        media_type: "application/xml".into(),
        size: 1,
        sha256: dice.hex(),
    });
    // Of the file in the paper nothing but its name is free: it must not be that of another.
    let file = PaperFile { name: "registro-2026-11-21.xml".into(), ..file };
    RegisterFacts { act, xml: register.to_xml().expect("words can be written"), register, file }
}

pub(crate) fn card(dice: &mut Dice) -> CardRow {
    let fields: Vec<(String, String)> = (0..dice.below(4)).map(|_| (dice.words(3), dice.words(4))).collect();
    CardRow {
        id: ID.into(),
        administration: "borgo".into(),
        kind: "sosta".into(),
        name: dice.words(4),
        office: "tecnico".into(),
        number: "7K2M9QX4TB".into(),
        holder: "anna".into(),
        holder_name: dice.words(4),
        holder_code: None,
        fields: serde_json::to_string(&fields).unwrap_or_default(),
        valid_from: "2026-03-01".into(),
        valid_until: "2027-02-28".into(),
        idx: 7,
        code: format!("PK1:{}", "7W".repeat(190)),
        status: "valid".into(),
        reason: String::new(),
        issued_ms: dice.instant(),
        changed_ms: dice.instant(),
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
