//! Reports on signed files of our own making, with whatever words the dice throw around them.

use std::path::Path;

use plico_archive::read::message::DocumentRow;
use plico_pdf::paper::Sheet;
use plico_signature::Options;

use super::paper::sheet;
use super::{Verdict, Verdicts};
use crate::conformance::Dice;
use crate::paper::{Words, samples};

pub(crate) fn report(words: &Words<'_>, dice: &mut Dice) -> Sheet {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/p7m"));
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the fixtures")
        .filter_map(|file| Some(file.ok()?.path()).filter(|path| path.is_file()))
        .collect();
    files.sort();
    let bytes = std::fs::read(&files[dice.below(files.len() as u64) as usize]).expect("a fixture");
    let at = dice.instant();
    let report = plico_signature::inspect(&bytes, &Options::at(at, None));
    let newest = Verdict { v: 1, at, plain: plico_signature::plain(&report), report, fit: None };
    let document = DocumentRow {
        id: "01JD8X2K7M4Q9W3T6Y5B0C1V8ZH".into(),
        message: "01JD8X2K7M4Q9W3T6Y5B0C1V90K".into(),
        role: "attachment".into(),
        category: None,
        name: dice.words(8),
        media_type: "application/pkcs7-mime".into(),
        size: 1_000,
        sha256: dice.hex(),
        verification: None,
        sealed: false,
        withdrawn_ms: None,
        instant_ms: at,
    };
    let verdicts = Verdicts { document, message: samples::message(dice), verdicts: Vec::new() };
    sheet(words, &verdicts, &newest, &dice.words(6))
}
