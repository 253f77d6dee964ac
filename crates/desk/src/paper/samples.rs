//! Papers with whatever words the dice throw.

use plico_archive::read::message::MessageRow;
use plico_archive::read::queue::PersonRow;
use plico_archive::read::registry::Entry;
use plico_pdf::forge;
use plico_pdf::paper::{Arms, Sheet};
use plico_record::act::Content;
use plico_record::part::Party;

use super::{FilingPaper, LetterPaper, PaperFile, Words, filing_sheet, letter_sheet, marked_sheet};
use crate::conformance::Dice;

/// The arms of an invented town.
pub(crate) fn arms() -> Arms {
    Arms::from_png(&forge::arms()).expect("arms as they must be")
}

pub(crate) fn files(dice: &mut Dice) -> Vec<PaperFile> {
    let file = |dice: &mut Dice| PaperFile {
        name: dice.words(8),
        media_type: dice.of(&["application/pdf", "application/pkcs7-mime", "", "text/plain"]).to_owned(),
        size: dice.below(5_000_000_000),
        sha256: dice.hex(),
    };
    (0..dice.count()).map(|_| file(dice)).collect()
}

pub(crate) fn content(dice: &mut Dice) -> Content {
    Content {
        message: "01JD8X2K7M4Q9W3T6Y5B0C1V8ZH".into(),
        kind: "istanza".into(),
        office: "01JD8X2K7M4Q9W3T6Y5B0C1V90K".into(),
        subject: dice.words(45),
        text: dice.text(),
        thread: "01JD8X2K7M4Q9W3T6Y5B0C1V8ZH".into(),
        reply_to: None,
        effect: None,
    }
}

fn code(dice: &mut Dice) -> Option<String> {
    dice.chance(2).then(|| "RSSMRA80A01H501U".to_owned())
}

pub(crate) fn filing(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    let paper = FilingPaper {
        administration: dice.words(6),
        office: dice.words(6),
        kind: dice.words(5),
        sender: PersonRow {
            id: "01JD8X2K7M4Q9W3T6Y5B0C1V91M".into(),
            administration: "c_a001".into(),
            name: dice.words(4),
            fiscal_code: code(dice),
            email: None,
            organisation: dice.chance(4),
        },
        others: Vec::new(),
        author: dice.words(3),
        on_behalf: dice.chance(3),
        content: content(dice),
        created_ms: dice.instant(),
        files: files(dice),
        demo: dice.chance(3),
    };
    filing_sheet(words, &paper)
}

pub(crate) fn party(dice: &mut Dice) -> Party {
    Party {
        v: 1,
        role: "recipient".into(),
        person: "01JD8X2K7M4Q9W3T6Y5B0C1V91M".into(),
        name: dice.words(5),
        fiscal_code: code(dice),
        email: None,
        organisation: false,
    }
}

pub(crate) fn letter(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    let mut paper = LetterPaper {
        administration: dice.words(6),
        arms: None,
        office: dice.words(6),
        responsible: dice.words(3),
        author: dice.words(3),
        recipient: party(dice),
        copies: Vec::new(),
        answers: dice.chance(2).then(|| "0000123/2026".to_owned()),
        content: content(dice),
        created_ms: dice.instant(),
        files: files(dice),
        code: "7K4M-2Q9W-3T6Y-5B0C".into(),
        verify_url: "https://comune.example/verifica".into(),
        demo: dice.chance(3),
    };
    // Of the variants that are no proof, half: the dice fall as they did.
    paper.arms = (!paper.demo && paper.files.len() % 2 == 0).then(arms);
    letter_sheet(words, &paper)
}

pub(crate) fn entry(dice: &mut Dice) -> Entry {
    Entry {
        administration: "c_a001".into(),
        area: dice.of(&["AOO", "A123456", ""]).to_owned(),
        year: 2026,
        number: 1 + dice.below(9_999_999).cast_signed(),
        message: "01JD8X2K7M4Q9W3T6Y5B0C1V8ZH".into(),
        direction: dice.of(&["in", "out", "internal"]).to_owned(),
        registered_ms: dice.instant(),
        presented_ms: dice.chance(2).then(|| dice.instant()),
        subject: dice.words(45),
        parties: (0..=dice.below(4)).map(|_| dice.words(4)).collect::<Vec<_>>().join("\n"),
        office: dice.words(6),
        digest: dice.hex(),
        annulled_ms: None,
        annulled_reason: None,
        outside: String::new(),
        outside_date: String::new(),
    }
}

pub(crate) fn marked(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    let (body, entry) = (dice.words(6), entry(dice));
    marked_sheet(words, &body, &entry, dice.text(), &files(dice), dice.chance(3))
}

pub(crate) fn message(dice: &mut Dice) -> MessageRow {
    let text = |dice: &mut Dice, most| Some(dice.words(most));
    MessageRow {
        id: "01JD8X2K7M4Q9W3T6Y5B0C1V8ZH".into(),
        administration: "c_a001".into(),
        direction: dice.of(&["in", "out"]).to_owned(),
        kind: "istanza".into(),
        office: "01JD8X2K7M4Q9W3T6Y5B0C1V90K".into(),
        office_name: dice.words(6),
        subject: dice.words(45),
        text: dice.text(),
        thread: "01JD8X2K7M4Q9W3T6Y5B0C1V8ZH".into(),
        reply_to: None,
        effect: None,
        sender: None,
        sender_name: text(dice, 4),
        sender_code: code(dice),
        basis: None,
        author_name: dice.words(3),
        instant_ms: dice.instant(),
        due: dice.chance(2).then(|| "2026-12-21".into()),
        state: "registered".into(),
        operator: None,
        responsible: text(dice, 3),
        area: Some("AOO".into()),
        year: Some(2026),
        number: Some(1 + dice.below(9_999_999).cast_signed()),
        registered_ms: Some(dice.instant()),
        annulled: false,
        outcome: None,
        case_file: None,
        class: String::new(),
        destruction: None,
        channel: String::new(),
        arrived_ms: None,
        from_office: String::new(),
        from_name: None,
    }
}
