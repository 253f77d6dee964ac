//! Registration labels: for a roll, one a page, or for a sheet of adhesive labels from a chosen place on; and sheets of cards of
//! the size of a bank card. They are only printed, and stuck on or cut; the format is the papers' all the same.

use super::draw::{Furniture, Press};
use super::sheet::{Qr, Sheet, Text, Voice};
use super::slice::{Laid, Op, What};
use super::tree::{Role, Tree};
use super::{PaperError, line, mark, style};

/// Labels on an A4 sheet: columns, rows, and the size of one (70 × 37 mm, 24 a sheet).
const COLUMNS: usize = 3;
const ROWS: usize = 8;
const CELL: (f32, f32) = (70.0 * style::MM, 37.125 * style::MM);
/// One of a roll: 62 × 29 mm.
const ROLL: (f32, f32) = (62.0 * style::MM, 29.0 * style::MM);
/// A card (ISO/IEC 7810 ID-1, 85.6 × 53.98 mm), ten a sheet, in the middle of it.
const CARD: (f32, f32) = (85.6 * style::MM, 53.98 * style::MM);
const CARD_COLUMNS: usize = 2;
const CARD_ROWS: usize = 5;
const CARD_CORNER: (f32, f32) = (19.4 * style::MM, 13.55 * style::MM);
/// Side of the largest code: the words want room beside it.
const CODE: f32 = 36.0 * style::MM;
/// Room around what is printed.
const MARGIN: f32 = 2.5 * style::MM;
/// Height of the bars.
const BARS: f32 = 8.0 * style::MM;
/// Places of a sheet.
pub const PLACES: usize = COLUMNS * ROWS;

/// One label.
#[derive(Clone, Debug, Default)]
pub struct Label {
    /// Whose register it is.
    pub administration: String,
    /// The number, large.
    pub number: String,
    /// Date, office: a line each.
    pub lines: Vec<String>,
    /// The QR code at the left.
    pub qr: Option<Qr>,
    /// The modules of a Code 128 below, quiet zones not counted.
    pub bars: Vec<bool>,
}

/// What the labels are printed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stock {
    /// A roll: a label a page.
    Roll,
    /// A sheet of 24, from this place on (0 is the first).
    Sheet(usize),
    /// A sheet of ten cards.
    Cards,
}

/// Writes labels.
pub fn labels(labels: &[Label], stock: Stock, title: &str, language: &str) -> Result<Vec<u8>, PaperError> {
    let sheet = Sheet { title: title.into(), language: language.into(), ..Sheet::default() };
    let (size, cell, columns, rows, corner) = match stock {
        Stock::Roll => (ROLL, ROLL, 1, 1, (0.0, 0.0)),
        Stock::Sheet(_) => (style::A4, CELL, COLUMNS, ROWS, (0.0, 0.0)),
        Stock::Cards => (style::A4, CARD, CARD_COLUMNS, CARD_ROWS, CARD_CORNER),
    };
    let per_page = columns * rows;
    let first = if let Stock::Sheet(place) = stock { place.min(PLACES - 1) } else { 0 };
    let (mut press, mut tree) = (Press::new(false, size)?, Tree::default());
    let mut pages: Vec<Laid> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let place = first + index;
        let (page, place) = (place / per_page, place % per_page);
        while pages.len() <= page {
            pages.push(Laid::default());
        }
        let x = corner.0 + (place % columns) as f32 * cell.0;
        let y = corner.1 + (place / columns) as f32 * cell.1;
        pages[page].ops.extend(one(label, (x, y), cell, &mut tree));
    }
    for (number, laid) in pages.iter().enumerate() {
        let furniture = Furniture { header: Vec::new(), footer: Vec::new(), watermark: None };
        press.page(number, laid, &furniture, &mut tree)?;
    }
    press.finish(&sheet, tree)
}

fn one(label: &Label, (left, top): (f32, f32), (width, height): (f32, f32), tree: &mut Tree) -> Vec<Op> {
    let mut ops = Vec::new();
    let bars_height = if label.bars.is_empty() { 0.0 } else { BARS };
    let room = height - 2.0 * MARGIN - bars_height;
    let mut x = left + MARGIN;
    if let Some(qr) = &label.qr {
        let figure = tree.add(None, Role::Figure { alt: qr.alt.clone() });
        let side = room.min(CODE);
        ops.push(mark::code(qr, x, top + MARGIN - 1.0, side, figure));
        x += side + 4.0;
    }
    let mut y = top + MARGIN;
    let words = [
        (label.administration.as_str(), Voice::Plain, style::TINY),
        (&label.number, Voice::Strong, style::NAME),
    ]
    .into_iter()
    .chain(label.lines.iter().map(|line| (line.as_str(), Voice::Plain, style::TINY)));
    for (text, voice, letter) in words.filter(|(text, ..)| !text.trim().is_empty()) {
        let fit = line::lines(&Text::of(voice, text), letter.size, left + width - MARGIN - x);
        let element = tree.add(None, Role::Paragraph);
        // What does not fit a label is read in the register.
        for line in fit.into_iter().take(2) {
            if y + letter.leading > top + MARGIN + room {
                break;
            }
            let baseline = y + style::baseline(letter);
            ops.push(Op {
                x,
                y: baseline,
                colour: style::INK,
                element: Some(element),
                what: What::Text(line),
            });
            y += letter.leading;
        }
    }
    ops.extend(bars(&label.bars, (left + MARGIN, top + height - MARGIN - bars_height), width - 2.0 * MARGIN));
    ops
}

/// Bars of one module's width, with ten modules of quiet zone on each side.
fn bars(dark: &[bool], (left, top): (f32, f32), width: f32) -> Vec<Op> {
    let module = width / (dark.len() + 20).max(1) as f32;
    let mut ops = Vec::new();
    let mut place = 0;
    while place < dark.len() {
        let run = dark[place..].iter().take_while(|one| **one == dark[place]).count();
        if dark[place] {
            let x = left + (10 + place) as f32 * module;
            let what = What::Bar(run as f32 * module, BARS - 2.0);
            // The number is written above: the bars only repeat it.
            ops.push(Op { x, y: top + 2.0, colour: style::INK, element: None, what });
        }
        place += run;
    }
    ops
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(number: usize) -> Label {
        Label {
            administration: "Comune di Borgo San Plico".into(),
            number: format!("{number:07}/2026"),
            lines: vec!["23 novembre 2026".into(), "Ufficio edilizia".into()],
            qr: Some(Qr {
                size: 21,
                dark: vec![true; 441],
                width_mm: 20,
                alt: "QR".into(),
                title: String::new(),
                text: Text::default(),
            }),
            bars: [true, false].repeat(60),
        }
    }

    #[test]
    fn a_sheet_begins_where_it_is_told_and_goes_on_on_the_next() {
        let many: Vec<Label> = (1..=5).map(label).collect();
        let pages = |stock| {
            let bytes = labels(&many, stock, "Etichette", "it").expect("labels");
            crate::read::inspect(&bytes).expect("a PDF").pages
        };
        assert_eq!(pages(Stock::Sheet(0)), 1);
        assert_eq!(pages(Stock::Sheet(20)), 2);
        assert_eq!(pages(Stock::Sheet(99)), 1 + 1);
        assert_eq!(pages(Stock::Roll), 5);
        let many: Vec<Label> = (1..=21).map(label).collect();
        let bytes = labels(&many, Stock::Cards, "Tessere", "it").expect("cards");
        assert_eq!(crate::read::inspect(&bytes).expect("a PDF").pages, 3);
    }
}
