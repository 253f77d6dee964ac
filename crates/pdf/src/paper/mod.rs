//! Lays a [`Sheet`] out and writes it as PDF/A and PDF/UA.

pub mod arms;
mod block;
mod date;
mod draw;
mod face;
pub mod label;
mod line;
mod listing;
mod mark;
mod picture;
mod sheet;
mod slice;
mod style;
mod tree;

pub(crate) use date::civil;
pub use listing::grouped;
pub use sheet::*;

use block::{Galley, rule, word};
use draw::{Furniture, Press};
use slice::{Frame, Laid, Op, What};
use tree::{Role, Tree};

/// Why a paper was not written. Never for its looks: a character that the fonts lack is spelled out.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// Two attachments have one name.
    #[error("two attachments are called {name:?}")]
    SameName {
        /// The name.
        name: String,
    },
    /// The page has no area: a mistake in this crate.
    #[error("the page has no area")]
    Size,
    /// The writer would have broken PDF/A or PDF/UA: a mistake in this crate.
    #[error("not written, because it would not be PDF/A and PDF/UA: {why}")]
    Refused {
        /// What the writer said.
        why: String,
    },
}

/// Writes the paper: PDF/A-3a with attachments, PDF/A-2a without, and PDF/UA-1. The same sheet gives the same bytes.
pub fn render(sheet: &Sheet) -> Result<Vec<u8>, PaperError> {
    // A paper must name its language; "und" is the tag for one that was not determined (BCP 47).
    let unnamed =
        sheet.language.trim().is_empty().then(|| Sheet { language: "und".to_owned(), ..sheet.clone() });
    let sheet = unnamed.as_ref().unwrap_or(sheet);
    let size = match sheet.orientation {
        Orientation::Portrait => style::A4,
        Orientation::Landscape => (style::A4.1, style::A4.0),
    };
    let width = size.0 - 2.0 * style::SIDE;
    let mut tree = Tree::default();
    let (first_header, first_top) = letterhead(sheet, width, &mut tree);
    let titled = sheet.blocks.iter().any(|block| matches!(block, Block::Title(_)));
    let mut galley = Galley { tree: &mut tree, width, slices: Vec::new(), titled };
    for block in &sheet.blocks {
        galley.block(block);
    }
    let slices = galley.slices;
    let footer_lines = line::lines(&Text::from(sheet.footer.text.as_str()), style::TINY.size, width * 0.78);
    let footer_lines = &footer_lines[..footer_lines.len().min(3)];
    let extra = style::TINY.leading * footer_lines.len().saturating_sub(1) as f32;
    let frame = Frame {
        left: style::SIDE,
        first_top,
        next_top: style::TOP + 22.0,
        bottom: size.1 - style::BOTTOM - extra,
    };
    let mut pages = slice::paginate(&slices, &frame);
    if let Some(first) = pages.first_mut() {
        first.ops.splice(0..0, first_header);
    }
    print(sheet, size, footer_lines, &pages, tree)
}

fn print(
    sheet: &Sheet,
    size: (f32, f32),
    footer_lines: &[line::Line],
    pages: &[Laid],
    mut tree: Tree,
) -> Result<Vec<u8>, PaperError> {
    let mut press = Press::new(!sheet.attachments.is_empty(), size)?;
    let watermark = sheet.watermark.as_ref().filter(|word| !word.trim().is_empty());
    for (number, laid) in pages.iter().enumerate() {
        let furniture = Furniture {
            header: if number == 0 { Vec::new() } else { running_head(sheet, size.0 - 2.0 * style::SIDE) },
            footer: foot(sheet, footer_lines, size, (number + 1, pages.len())),
            watermark: watermark.map(|word| draw::spread(word, size)),
        };
        press.page(number, laid, &furniture, &mut tree)?;
    }
    press.finish(sheet, tree)
}

/// Administration and office at the head of the first page: content, read once.
fn letterhead(sheet: &Sheet, width: f32, tree: &mut Tree) -> (Vec<Op>, f32) {
    let mut ops = Vec::new();
    let mut y = style::TOP;
    // Beside the name that they stand for, they say nothing more: to whoever listens they are decoration.
    let arms = sheet.header.arms.as_ref().map(|arms| (arms, arms.within(style::ARMS)));
    let aside = arms.map_or(0.0, |(_, (width, _))| width + 11.0);
    let mut lines = |text: &str, voice, letter: style::Letter, colour| {
        if text.trim().is_empty() {
            return;
        }
        let element = tree.add(None, Role::Paragraph);
        for line in line::lines(&Text::of(voice, text), letter.size, width - aside) {
            ops.push(word(line, style::SIDE + aside, y + style::baseline(letter), colour, element));
            y += letter.leading;
        }
    };
    lines(&sheet.header.administration, Voice::Strong, style::NAME, style::BLUE);
    lines(&sheet.header.office, Voice::Plain, style::CELL, style::GREY);
    if ops.is_empty() {
        return (ops, style::TOP);
    }
    if let Some((arms, (width, height))) = arms {
        // The words stand beside the middle of the picture.
        let lower = ((height - (y - style::TOP)) / 2.0).max(0.0);
        for op in &mut ops {
            op.y += lower;
        }
        y = (y + lower).max(style::TOP + height);
        let what = What::Arms(arms.clone(), (width, height));
        ops.push(Op { x: style::SIDE, y: style::TOP, colour: style::INK, element: None, what });
    }
    y += 7.0;
    let bar =
        |x, y, width, height| Op { x, y, colour: style::BLUE, element: None, what: What::Bar(width, height) };
    ops.push(bar(style::SIDE, y, width, 1.2));
    (ops, y + 22.0)
}

fn running_head(sheet: &Sheet, width: f32) -> Vec<Op> {
    let y = style::TOP + style::baseline(style::TINY);
    let mut left =
        line::lines(&Text::from(sheet.header.administration.as_str()), style::TINY.size, width * 0.45);
    let mut right = line::lines(&Text::from(sheet.title.as_str()), style::TINY.size, width * 0.5);
    let right = right.swap_remove(0);
    let x = style::SIDE + width - right.width;
    vec![
        decoration(left.swap_remove(0), style::SIDE, y),
        decoration(right, x, y),
        rule(style::SIDE, style::TOP + style::TINY.leading + 2.0, width),
    ]
}

fn foot(sheet: &Sheet, lines: &[line::Line], size: (f32, f32), (number, total): (usize, usize)) -> Vec<Op> {
    if sheet.footer.text.trim().is_empty() && sheet.footer.page.is_empty() {
        return Vec::new();
    }
    let width = size.0 - 2.0 * style::SIDE;
    let top = size.1 - style::BOTTOM + 14.0 - style::TINY.leading * lines.len().saturating_sub(1) as f32;
    let mut ops = vec![rule(style::SIDE, top - 5.0, width)];
    for (nth, line) in lines.iter().enumerate() {
        let y = top + style::baseline(style::TINY) + style::TINY.leading * nth as f32;
        ops.push(decoration(line.clone(), style::SIDE, y));
    }
    if !sheet.footer.page.is_empty() {
        let label =
            sheet.footer.page.replace("{n}", &number.to_string()).replace("{total}", &total.to_string());
        let label = mark::short(&label, Voice::Plain, style::TINY);
        let x = style::SIDE + width - label.width;
        ops.push(decoration(label, x, top + style::baseline(style::TINY)));
    }
    ops
}

fn decoration(line: line::Line, x: f32, y: f32) -> Op {
    Op { x, y, colour: style::GREY, element: None, what: What::Text(line) }
}

/// Text in, page out: what a fuzzer calls. Any words must give a paper.
pub fn fuzz_render(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let sheet = Sheet {
        language: "it".into(),
        title: text.chars().take(200).collect(),
        header: Header { administration: text.chars().take(50).collect(), ..Header::default() },
        blocks: vec![
            Block::Heading(text.to_string()),
            Block::Paragraph(Text::from(&*text).strong(&*text).mono(&*text)),
            Block::Facts(vec![Fact::new(&*text, &*text)]),
        ],
        ..Sheet::default()
    };
    assert!(render(&sheet).is_ok(), "a paper is never refused for its words");
}
