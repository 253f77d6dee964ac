//! The logical structure: what a screen reader walks through.

use std::num::NonZeroU16;

use krilla::geom::Rect;
use krilla::tagging::{
    BBox, Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

/// Longest text given to a viewer as a title, in characters (PDF/A allows 32,767 bytes).
const LONGEST_TITLE: usize = 1000;
/// Longest alternate text of a picture, which may be a page of words: at most 32,000 bytes of the same.
const LONGEST_ALT: usize = 8000;

#[derive(Clone)]
pub(super) enum Role {
    Division,
    Heading { level: u16, title: String },
    Paragraph,
    Bullets,
    Numbers,
    Item,
    Label,
    Body,
    Table,
    Head,
    Rows,
    Row,
    RowHead,
    ColumnHead,
    Cell,
    Figure { alt: String },
}

/// Index of an element.
pub(super) type Element = usize;

#[derive(Default)]
pub(super) struct Tree {
    elements: Vec<Entry>,
    top: Vec<Element>,
}

struct Entry {
    role: Role,
    children: Vec<Element>,
    leaves: Vec<Identifier>,
    area: Option<(usize, Rect)>,
}

impl Tree {
    pub(super) fn add(&mut self, parent: Option<Element>, role: Role) -> Element {
        let element = self.elements.len();
        self.elements.push(Entry { role, children: Vec::new(), leaves: Vec::new(), area: None });
        match parent {
            Some(parent) => self.elements[parent].children.push(element),
            None => self.top.push(element),
        }
        element
    }

    /// Content drawn on a page belongs to this element.
    pub(super) fn leaf(&mut self, element: Element, content: Identifier) {
        self.elements[element].leaves.push(content);
    }

    /// Where a figure stands.
    pub(super) fn area(&mut self, element: Element, page: usize, area: Option<Rect>) {
        self.elements[element].area = area.map(|area| (page, area));
    }

    pub(super) fn finish(self, language: &str) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        for &element in &self.top {
            if let Some(group) = self.group(element) {
                tree.push(group);
            }
        }
        tree
    }

    fn group(&self, element: Element) -> Option<TagGroup> {
        let entry = &self.elements[element];
        let mut children: Vec<Node> = entry.leaves.iter().map(|leaf| Node::Leaf(*leaf)).collect();
        children.extend(entry.children.iter().filter_map(|child| self.group(*child)).map(Node::Group));
        // An element that was never drawn would be an empty promise.
        (!children.is_empty()).then(|| TagGroup::with_children(kind(entry), children))
    }
}

fn kind(entry: &Entry) -> TagKind {
    match &entry.role {
        Role::Division => Tag::Div.into(),
        Role::Heading { level, title } => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(shortened(title))).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Bullets => Tag::L(ListNumbering::Disc).into(),
        Role::Numbers => Tag::L(ListNumbering::Decimal).into(),
        Role::Item => Tag::LI.into(),
        Role::Label => Tag::Lbl.into(),
        Role::Body => Tag::LBody.into(),
        Role::Table => Tag::Table.into(),
        Role::Head => Tag::THead.into(),
        Role::Rows => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure { alt } => {
            let area = entry.area.map(|(page, area)| BBox::new(page, area));
            Tag::Figure(Some(cut(alt, LONGEST_ALT))).with_bbox(area).into()
        }
    }
}

/// Never empty, never too long, and without characters that mean nothing to a reader.
pub(super) fn shortened(text: &str) -> String {
    cut(text, LONGEST_TITLE)
}

fn cut(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect();
    let text = text.trim();
    if text.is_empty() { "–".to_owned() } else { text.to_owned() }
}
