//! Lists of documents and tables.

use std::rc::Rc;

use super::block::{Cell, Galley, Setting, single, word};
use super::sheet::{ListedDocument, Table, Text, Voice};
use super::slice::{Ground, Op, Slice};
use super::style;
use super::tree::Role;

const GUTTER: f32 = 22.0;

impl Galley<'_> {
    pub(super) fn documents(&mut self, documents: &[ListedDocument]) {
        let list = self.tree.add(None, Role::Numbers);
        for (nth, document) in documents.iter().enumerate() {
            let item = self.tree.add(Some(list), Role::Item);
            let label = self.tree.add(Some(item), Role::Label);
            let body = self.tree.add(Some(item), Role::Body);
            let from = self.slices.len();
            let part = |galley: &mut Self, text: &Text, setting: Setting| {
                let element = galley.tree.add(Some(body), Role::Paragraph);
                galley.lines(text, setting, element, false);
            };
            let name = Setting {
                letter: style::BODY,
                colour: style::INK,
                x: GUTTER,
                width: self.width - GUTTER,
                gap: if nth == 0 { 8.0 } else { 0.0 },
            };
            let note = Setting { letter: style::SMALL, colour: style::GREY, gap: 0.0, ..name };
            part(self, &Text::of(Voice::Strong, document.name.as_str()), name);
            if !document.note.is_empty() {
                part(self, &Text::from(document.note.as_str()), note);
            }
            if !document.sha256.is_empty() {
                let digest = Text::from("SHA-256  ").mono(grouped(&document.sha256));
                part(self, &digest, Setting { letter: style::TINY, ..note });
            }
            self.frame_item(from, nth, label);
        }
    }

    /// Number, hair lines and air around an item of the list.
    fn frame_item(&mut self, from: usize, nth: usize, label: usize) {
        let width = self.width;
        let count = self.slices.len() - from;
        for (at, slice) in self.slices[from..].iter_mut().enumerate() {
            if at == 0 {
                slice.height += 4.5;
                for op in &mut slice.ops {
                    op.y += 4.5;
                }
                let number = single(&Text::from(format!("{}.", nth + 1)), style::BODY.size);
                let y = 4.5 + style::baseline(style::BODY);
                slice.ops.insert(0, word(number, 0.0, y, style::GREY, label));
                if nth == 0 {
                    slice.ops.push(super::block::rule(0.0, 0.0, width));
                }
            }
            if at + 1 == count {
                slice.height += 5.5;
                slice.ops.push(super::block::rule(0.0, slice.height - 0.5, width));
            }
            slice.keep = at + 1 < count && (count <= 14 || at == 0 || at + 3 >= count);
        }
    }

    pub(super) fn table(&mut self, table: &Table) {
        if table.columns.is_empty() {
            return;
        }
        let element = self.tree.add(None, Role::Table);
        let head = self.tree.add(Some(element), Role::Head);
        let rows = self.tree.add(Some(element), Role::Rows);
        let places = places(table, self.width);
        let head = self.table_head(table, &places, head);
        // A head needs a row below it (PDF/UA-1, 7.2): of a list of nothing that says so.
        let nothing = [vec![Text::from("–")]];
        let listed = if table.rows.is_empty() { &nothing[..] } else { &table.rows };
        for cells in listed {
            let row = self.tree.add(Some(rows), Role::Row);
            let cells: Vec<Cell> = table
                .columns
                .iter()
                .zip(&places)
                .enumerate()
                .map(|(nth, (column, (x, width)))| {
                    let element = self.tree.add(Some(row), Role::Cell);
                    let text = cells.get(nth).cloned().unwrap_or_default();
                    let cell = Cell::new(&text, style::DENSE, style::INK, *x, *width, element);
                    Cell { right: column.right, ..cell }
                })
                .collect();
            let from = self.slices.len();
            self.row(&cells, style::DENSE, 0.0, 3.0, false);
            for slice in &mut self.slices[from..] {
                slice.head = Some(Rc::clone(&head));
            }
        }
    }

    /// Sets the head, and gives back the copy that later pages repeat: decoration, because it was already read once.
    fn table_head(&mut self, table: &Table, places: &[(f32, f32)], head: usize) -> Rc<Slice> {
        let row = self.tree.add(Some(head), Role::Row);
        let from = self.slices.len();
        let cells: Vec<Cell> = table
            .columns
            .iter()
            .zip(places)
            .map(|(column, (x, width))| {
                let element = self.tree.add(Some(row), Role::ColumnHead);
                let text = Text::of(Voice::Strong, column.title.as_str());
                let cell = Cell::new(&text, style::DENSE, style::INK, *x, *width, element);
                Cell { right: column.right, ..cell }
            })
            .collect();
        self.row(&cells, style::DENSE, 8.0, 3.6, true);
        let ground = Ground { x: 0.0, width: self.width, colour: style::PALE };
        let mut whole = Slice::default();
        for slice in &mut self.slices[from..] {
            slice.keep = true;
            slice.grounds = vec![ground];
            for op in &slice.ops {
                whole.ops.push(Op { y: op.y + whole.height, element: None, ..op.clone() });
            }
            whole.height += slice.height;
        }
        whole.grounds = vec![ground];
        Rc::new(whole)
    }
}

/// Left edge and width of each column, with air at the sides.
fn places(table: &Table, width: f32) -> Vec<(f32, f32)> {
    const AIR: f32 = 5.0;
    let total: f32 = table.columns.iter().map(|column| f32::from(column.weight.max(1))).sum();
    let mut x = 0.0;
    table
        .columns
        .iter()
        .map(|column| {
            let share = width * f32::from(column.weight.max(1)) / total;
            let place = (x + AIR, (share - 2.0 * AIR).max(1.0));
            x += share;
            place
        })
        .collect()
}

/// A digest in groups of eight.
pub fn grouped(hex: &str) -> String {
    let mut out = String::with_capacity(hex.len() + hex.len() / 8);
    for (nth, c) in hex.chars().enumerate() {
        if nth > 0 && nth % 8 == 0 {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_digest_is_grouped_by_eight() {
        assert_eq!(super::grouped("0123456789abcdef01"), "01234567 89abcdef 01");
        assert_eq!(super::grouped(""), "");
    }
}
