//! The index of a dossier with whatever words the dice throw.

use plico_pdf::paper::Sheet;

use super::index::sheet;
use super::plan::{About, Line, MessageLine};
use crate::conformance::Dice;
use crate::paper::Words;

pub(crate) fn index(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    let about = About {
        body: dice.words(6),
        office: dice.words(6),
        title: dice.words(20),
        number: "0000012/2026".into(),
        opened_ms: dice.instant(),
        closed_ms: dice.chance(2).then(|| dice.instant()),
        instant_ms: dice.instant(),
        origin: "comune.example/c_a001/1".into(),
        demo: dice.chance(3),
        messages: (0..dice.below(6)).map(|_| message(dice)).collect(),
        receipts: (0..dice.below(9)).map(|_| line(dice)).collect(),
        events: (0..dice.count()).map(|_| event(dice)).collect(),
    };
    sheet(&about, words.0, words.1)
}

fn message(dice: &mut Dice) -> MessageLine {
    MessageLine {
        number: "0000123/2026".into(),
        direction: dice.of(&["in", "out"]).to_owned(),
        instant_ms: dice.instant(),
        subject: dice.words(45),
        party: dice.words(5),
        documents: (0..dice.count().min(30)).map(|_| line(dice)).collect(),
    }
}

fn line(dice: &mut Dice) -> Line {
    Line { path: dice.maybe(4), name: dice.words(8), sha256: dice.hex(), size: dice.below(5_000_000_000) }
}

fn event(dice: &mut Dice) -> (String, i64) {
    let kind =
        dice.of(&["message.presented", "message.registered", "delivery.opened", "registration.annulled"]);
    (kind.into(), dice.instant())
}
