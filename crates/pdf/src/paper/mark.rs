//! The framed mark, the QR code, drawings.

use std::rc::Rc;

use super::block::{Galley, shared, single, word};
use super::line;
use super::sheet::{Drawing, Mark, Qr, Text, Voice};
use super::slice::{Op, What};
use super::style::{self, Letter};
use super::tree::Role;

const PAD: f32 = 13.0;
/// Modules of quiet zone on each side (ISO/IEC 18004).
const QUIET: f32 = 4.0;

impl Galley<'_> {
    pub(super) fn qr(&mut self, qr: &Qr) {
        let side = f32::from(qr.width_mm) * style::MM;
        let figure = self.tree.add(None, Role::Figure { alt: qr.alt.clone() });
        // The page's margin is the left part of the quiet zone: the code is flush with the text.
        let quiet = side * QUIET / (qr.size as f32 + 2.0 * QUIET);
        let mut ops = vec![code(qr, -quiet, 0.0, side, figure)];
        let (x, mut y) = (side - quiet + 8.0, side * 0.10);
        if !qr.title.is_empty() {
            y = self.stack(
                &Text::of(Voice::Strong, qr.title.as_str()),
                style::BODY,
                x,
                y,
                self.width - x,
                &mut ops,
            );
        }
        y = self.stack(&qr.text, style::SMALL, x, y, self.width - x, &mut ops);
        self.beside(ops, side.max(y), 12.0);
    }

    pub(super) fn mark(&mut self, mark: &Mark) {
        let mut ops = Vec::new();
        let mut right = self.width - PAD;
        let code_side = mark.qr.as_ref().map_or(0.0, |qr| f32::from(qr.width_mm) * style::MM);
        if mark.qr.is_some() {
            right -= code_side + 6.0;
        }
        let mut y = PAD - 3.0;
        if !mark.caption.is_empty() {
            let from = ops.len();
            y = self.stack(&Text::from(mark.caption.as_str()), style::CELL, PAD, y, right - PAD, &mut ops);
            recolour(&mut ops[from..], style::GREY);
        }
        if !mark.number.is_empty() {
            let from = ops.len();
            let number = Text::of(Voice::Strong, mark.number.as_str());
            y = self.stack(&number, style::NUMBER, PAD, y, right - PAD, &mut ops);
            recolour(&mut ops[from..], style::BLUE);
        }
        if !mark.facts.is_empty() {
            y = self.mark_facts(mark, right, y + 3.0, &mut ops);
        }
        let mut height = y + PAD - 4.0;
        if let Some(qr) = &mark.qr {
            height = height.max(code_side + 2.0 * PAD - 8.0);
            let figure = self.tree.add(None, Role::Figure { alt: qr.alt.clone() });
            ops.push(code(
                qr,
                self.width - PAD - code_side + 6.0,
                (height - code_side) / 2.0,
                code_side,
                figure,
            ));
        }
        for (x, y, width, tall) in [
            (0.0, 0.0, self.width, 1.0),
            (0.0, height - 1.0, self.width, 1.0),
            (0.0, 0.0, 1.0, height),
            (self.width - 1.0, 0.0, 1.0, height),
        ] {
            ops.push(Op { x, y, colour: style::BLUE, element: None, what: What::Bar(width, tall) });
        }
        self.beside(ops, height, 12.0);
    }

    pub(super) fn drawing(&mut self, drawing: &Drawing) {
        // No drawing is wider than the page, or higher than most of it.
        let fits =
            (self.width / drawing.width_mm.max(1.0)).min(self.width * 1.25 / drawing.height_mm.max(1.0));
        let unit = style::MM.min(fits);
        let size = (drawing.width_mm.max(1.0) * unit, drawing.height_mm.max(1.0) * unit);
        let x = (self.width - size.0) / 2.0;
        let figure = self.tree.add(None, Role::Figure { alt: drawing.alt.clone() });
        let what = What::Strokes(Rc::new(drawing.strokes.clone()), unit, size);
        let mut ops = vec![Op { x, y: 0.0, colour: style::INK, element: Some(figure), what }];
        for label in &drawing.labels {
            let line = single(&Text::from(label.text.as_str()), style::TINY.size);
            let (middle, y) = (x + label.at.0 * unit, label.at.1 * unit);
            ops.push(word(
                line.clone(),
                middle - line.width / 2.0,
                y + style::TINY.size * 0.35,
                style::INK,
                figure,
            ));
        }
        self.beside(ops, size.1, 12.0);
    }

    fn mark_facts(&mut self, mark: &Mark, right: f32, mut y: f32, ops: &mut Vec<Op>) -> f32 {
        let table = self.tree.add(None, Role::Table);
        let rows = self.tree.add(Some(table), Role::Rows);
        let label_width = ((right - PAD) * 0.32).min(120.0);
        for fact in &mark.facts {
            let row = self.tree.add(Some(rows), Role::Row);
            let head = self.tree.add(Some(row), Role::RowHead);
            let cell = self.tree.add(Some(row), Role::Cell);
            let baseline = style::baseline(style::CELL);
            let labels = line::lines(&Text::from(fact.label.as_str()), style::CELL.size, label_width - 8.0);
            let values = line::lines(&fact.value, style::CELL.size, right - PAD - label_width);
            let count = labels.len().max(values.len());
            for (nth, line) in labels.into_iter().enumerate() {
                ops.push(word(line, PAD, y + baseline + style::CELL.leading * nth as f32, style::GREY, head));
            }
            for (nth, line) in values.into_iter().enumerate() {
                let y = y + baseline + style::CELL.leading * nth as f32;
                ops.push(word(line, PAD + label_width, y, style::INK, cell));
            }
            y += style::CELL.leading * count as f32 + 1.5;
        }
        y
    }

    /// Lines under one another from `y` down; gives back where they end.
    fn stack(
        &mut self,
        text: &Text,
        letter: Letter,
        x: f32,
        mut y: f32,
        width: f32,
        ops: &mut Vec<Op>,
    ) -> f32 {
        let element = self.tree.add(None, Role::Paragraph);
        for line in line::lines(text, letter.size, width) {
            if line.opens {
                y += letter.leading * 0.5;
            }
            ops.push(word(line, x, y + style::baseline(letter), style::INK, element));
            y += letter.leading;
        }
        y
    }
}

fn recolour(ops: &mut [Op], colour: style::Colour) {
    for op in ops {
        op.colour = colour;
    }
}

pub(super) fn code(qr: &Qr, x: f32, y: f32, side: f32, figure: usize) -> Op {
    let module = side / (qr.size as f32 + 2.0 * QUIET).max(1.0);
    let what = What::Modules(module, qr.size, shared(&qr.dark));
    Op { x: x + QUIET * module, y: y + QUIET * module, colour: style::INK, element: Some(figure), what }
}

/// A line of text as wide as it is, for heads and feet.
pub(super) fn short(text: &str, voice: Voice, letter: Letter) -> line::Line {
    single(&Text::of(voice, text.split_whitespace().collect::<Vec<_>>().join(" ")), letter.size)
}
