//! Turns blocks into slices.

use std::rc::Rc;

use super::line::{self, Line};
use super::sheet::{Block, Fact, Notice, Text, Tone, Voice};
use super::slice::{Ground, Op, Slice, What};
use super::style::{self, Colour, Letter};
use super::tree::{Element, Role, Tree};

/// The galley: slices so far, as wide as the page allows.
pub(super) struct Galley<'a> {
    pub(super) tree: &'a mut Tree,
    pub(super) width: f32,
    pub(super) slices: Vec<Slice>,
    /// Whether the paper has a title; its headings are then of the second level.
    pub(super) titled: bool,
}

/// How lines are set.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub(super) letter: Letter,
    pub(super) colour: Colour,
    pub(super) x: f32,
    pub(super) width: f32,
    /// Above the first line.
    pub(super) gap: f32,
}

impl Galley<'_> {
    pub(super) fn block(&mut self, block: &Block) {
        let body = Setting { letter: style::BODY, colour: style::INK, x: 0.0, width: self.width, gap: 7.0 };
        match block {
            Block::Title(text) => self.heading(text, 1, style::TITLE, 16.0),
            Block::Heading(text) => self.heading(text, if self.titled { 2 } else { 1 }, style::HEADING, 17.0),
            Block::Lead(text) => self.paragraphs(text, Setting { letter: style::LEAD, ..body }),
            Block::Paragraph(text) => self.paragraphs(text, body),
            Block::Small(text) => {
                self.paragraphs(text, Setting { letter: style::SMALL, colour: style::GREY, ..body });
            }
            Block::Bullets(points) => self.bullets(points, body),
            Block::Facts(facts) => self.facts(facts),
            Block::Documents(documents) => self.documents(documents),
            Block::Table(table) => self.table(table),
            Block::Notice(notice) => self.notice(notice),
            Block::Qr(qr) => self.qr(qr),
            Block::Mark(mark) => self.mark(mark),
            Block::Drawing(drawing) => self.drawing(drawing),
            Block::Picture(picture) => self.picture(picture),
            Block::Addressee(lines) => self.right_half(lines, 16.0),
            Block::Signature(lines) => self.right_half(lines, 30.0),
            Block::Verbatim(text) => self.verbatim(text),
            Block::Space(mm) => {
                self.slices.push(Slice { height: f32::from(*mm) * style::MM, ..Slice::default() });
            }
            Block::PageBreak => self.slices.push(Slice { breaks: true, ..Slice::default() }),
        }
    }

    fn heading(&mut self, text: &str, level: u16, letter: Letter, gap: f32) {
        let element = self.tree.add(None, Role::Heading { level, title: text.to_owned() });
        let from = self.slices.len();
        let setting = Setting { letter, colour: style::INK, x: 0.0, width: self.width, gap };
        self.lines(&Text::of(Voice::Strong, one_line(text)), setting, element, false);
        for slice in &mut self.slices[from..] {
            slice.keep = true;
        }
        if let Some(first) = self.slices.get_mut(from) {
            let what = What::Bookmark(usize::from(level > 1), text.into());
            first.ops.push(Op { x: 0.0, y: 0.0, colour: style::INK, element: None, what });
        }
    }

    /// One paragraph element per paragraph of the text.
    pub(super) fn paragraphs(&mut self, text: &Text, setting: Setting) {
        let element = self.tree.add(None, Role::Paragraph);
        self.lines(text, setting, element, true);
    }

    /// Lines as slices. With `split`, an empty line in the text begins a new element beside the first.
    pub(super) fn lines(&mut self, text: &Text, setting: Setting, mut element: Element, split: bool) {
        let lines = line::lines(text, setting.letter.size, setting.width);
        let count = lines.len();
        for (nth, line) in lines.into_iter().enumerate() {
            let opens = line.opens;
            if opens && split {
                element = self.tree.add(None, Role::Paragraph);
            }
            let gap = if nth == 0 {
                setting.gap
            } else if opens {
                setting.letter.leading * 0.5
            } else {
                0.0
            };
            self.slices.push(Slice {
                height: setting.letter.leading,
                gap,
                // No line of a paragraph alone at the foot or at the head of a page.
                keep: count > 1 && (nth == 0 || nth + 2 == count),
                ops: vec![word(line, setting.x, style::baseline(setting.letter), setting.colour, element)],
                ..Slice::default()
            });
        }
    }

    fn bullets(&mut self, points: &[Text], body: Setting) {
        let list = self.tree.add(None, Role::Bullets);
        for point in points {
            let item = self.tree.add(Some(list), Role::Item);
            let label = self.tree.add(Some(item), Role::Label);
            let element = self.tree.add(Some(item), Role::Body);
            let from = self.slices.len();
            let setting = Setting { x: 13.0, width: body.width - 13.0, gap: 3.5, ..body };
            self.lines(point, setting, element, false);
            if let Some(first) = self.slices.get_mut(from) {
                let dot = single(&Text::from("•"), style::BODY.size);
                first.ops.insert(0, word(dot, 2.0, style::baseline(style::BODY), style::BLUE, label));
            }
        }
    }

    fn facts(&mut self, facts: &[Fact]) {
        let table = self.tree.add(None, Role::Table);
        let rows = self.tree.add(Some(table), Role::Rows);
        let label_width = (self.width * 0.30).clamp(90.0, 150.0);
        for (nth, fact) in facts.iter().enumerate() {
            let row = self.tree.add(Some(rows), Role::Row);
            let head = self.tree.add(Some(row), Role::RowHead);
            let cell = self.tree.add(Some(row), Role::Cell);
            let label = Text::from(fact.label.as_str());
            let cells = [
                Cell::new(&label, style::CELL, style::GREY, 0.0, label_width - 10.0, head),
                Cell::new(&fact.value, style::BODY, style::INK, label_width, self.width - label_width, cell),
            ];
            let gap = if nth == 0 { 8.0 } else { 0.0 };
            self.row(&cells, style::BODY, gap, 3.4, nth == 0);
        }
    }

    /// Cells side by side, their lines on common baselines, a hair line below (and above, for the first).
    pub(super) fn row(&mut self, cells: &[Cell], letter: Letter, gap: f32, pad: f32, ruled_above: bool) {
        let count = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(1);
        for nth in 0..count {
            let (first, last) = (nth == 0, nth + 1 == count);
            let above = if first { pad } else { 0.0 };
            let mut ops = Vec::new();
            if first && ruled_above {
                ops.push(rule(0.0, 0.0, self.width));
            }
            for cell in cells {
                if let Some(line) = cell.lines.get(nth) {
                    let x = if cell.right { cell.x + cell.width - line.width } else { cell.x };
                    ops.push(word(
                        line.clone(),
                        x,
                        above + style::baseline(letter),
                        cell.colour,
                        cell.element,
                    ));
                }
            }
            let height = above + letter.leading + if last { pad } else { 0.0 };
            if last {
                ops.push(rule(0.0, height - 0.5, self.width));
            }
            // A row stays together unless it is very long.
            let keep = !last && (count <= 12 || first || nth + 2 == count);
            self.slices.push(Slice {
                height,
                gap: if first { gap } else { 0.0 },
                keep,
                ops,
                ..Slice::default()
            });
        }
    }

    fn notice(&mut self, notice: &Notice) {
        let (line, ground) = match notice.tone {
            Tone::Calm => (style::BLUE, style::PALE),
            Tone::Caution => (Colour(166, 99, 0), Colour(255, 247, 230)),
            Tone::Alarm => (Colour(176, 24, 40), Colour(253, 239, 240)),
        };
        let division = self.tree.add(None, Role::Division);
        let from = self.slices.len();
        self.slices.push(Slice { height: 8.0, gap: 11.0, keep: true, ..Slice::default() });
        let setting =
            Setting { letter: style::BODY, colour: style::INK, x: 16.0, width: self.width - 30.0, gap: 0.0 };
        if !notice.title.trim().is_empty() {
            let element = self.tree.add(Some(division), Role::Paragraph);
            self.lines(&Text::of(Voice::Strong, notice.title.as_str()), setting, element, false);
        }
        if notice.text.0.iter().any(|span| !span.text.trim().is_empty()) {
            let element = self.tree.add(Some(division), Role::Paragraph);
            self.lines(&notice.text, setting, element, false);
        }
        self.slices.push(Slice { height: 8.5, ..Slice::default() });
        let count = self.slices.len() - from;
        for (nth, slice) in self.slices[from..].iter_mut().enumerate() {
            slice.keep = nth + 1 < count && count <= 16 || nth == 0 || nth + 2 == count;
            slice.grounds = vec![
                Ground { x: 0.0, width: self.width, colour: ground },
                Ground { x: 0.0, width: 3.0, colour: line },
            ];
        }
        if let Some(last) = self.slices.last_mut() {
            last.keep = false;
        }
    }

    fn right_half(&mut self, lines: &[String], gap: f32) {
        let element = self.tree.add(None, Role::Paragraph);
        let x = self.width * 0.54;
        let from = self.slices.len();
        let setting = Setting { letter: style::BODY, colour: style::INK, x, width: self.width - x, gap };
        self.lines(&Text::from(lines.join("\n")), setting, element, false);
        let count = self.slices.len() - from;
        for slice in self.slices[from..].iter_mut().take(count - 1) {
            slice.keep = true;
        }
    }

    fn verbatim(&mut self, text: &str) {
        let setting =
            Setting { letter: style::SMALL, colour: style::INK, x: 0.0, width: self.width, gap: 7.0 };
        self.paragraphs(&Text::of(Voice::Mono, text), setting);
    }

    /// A picture-like thing and words beside it, on one slice.
    pub(super) fn beside(&mut self, ops: Vec<Op>, height: f32, gap: f32) {
        self.slices.push(Slice { height, gap, ops, ..Slice::default() });
    }
}

/// A cell of a row.
pub(super) struct Cell {
    pub(super) lines: Vec<Line>,
    pub(super) x: f32,
    pub(super) width: f32,
    pub(super) right: bool,
    pub(super) colour: Colour,
    pub(super) element: Element,
}

impl Cell {
    pub(super) fn new(
        text: &Text,
        letter: Letter,
        colour: Colour,
        x: f32,
        width: f32,
        element: Element,
    ) -> Self {
        Self { lines: line::lines(text, letter.size, width), x, width, right: false, colour, element }
    }
}

pub(super) fn word(line: Line, x: f32, y: f32, colour: Colour, element: Element) -> Op {
    Op { x, y, colour, element: Some(element), what: What::Text(line) }
}

/// Text that the layout itself writes, short enough for one line.
pub(super) fn single(text: &Text, size: f32) -> Line {
    line::lines(text, size, f32::MAX).swap_remove(0)
}

pub(super) fn rule(x: f32, y: f32, width: f32) -> Op {
    Op { x, y, colour: style::HAIR, element: None, what: What::Bar(width, 0.5) }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Modules shared between the pages that show them.
pub(super) fn shared(dark: &[bool]) -> Rc<Vec<bool>> {
    Rc::new(dark.to_vec())
}
