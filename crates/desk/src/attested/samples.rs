//! Attested copies with whatever words the dice throw.

use plico_pdf::paper::{Picture, Sheet};

use super::paper::{AttestedPaper, attested_sheet};
use crate::conformance::Dice;
use crate::paper::{PaperFile, Words, samples};
use crate::seal::Grade;

/// A page as poppler draws it, small: eight by eleven points of grey.
const PAGE: &[u8] = include_bytes!("page.jpg");

pub(crate) fn copy(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    let count = 1 + dice.below(9) as usize;
    let copied = 1 + dice.below(count as u64) as u32;
    let picture = |number: u32, dice: &mut Dice| {
        (number, Picture::from_jpeg(PAGE.to_vec(), dice.text()).expect("a picture as it must be"))
    };
    let paper = AttestedPaper {
        id: "01JD8X2K7M4Q9W3T6Y5B0C1V8ZH".into(),
        administration: dice.words(6),
        arms: dice.chance(2).then(samples::arms),
        office: dice.words(6),
        official: dice.words(4),
        entry: samples::entry(dice),
        document: PaperFile {
            name: dice.words(20),
            media_type: "application/pdf".into(),
            size: dice.below(5_000_000),
            sha256: dice.hex(),
        },
        signed: dice.chance(2),
        count,
        pictures: (1..=copied).map(|number| picture(number, dice)).collect(),
        created_ms: dice.instant(),
        sealed: dice.chance(2).then_some(Grade::None),
        demo: dice.chance(3),
    };
    attested_sheet(words, &paper)
}
