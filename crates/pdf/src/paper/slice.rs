//! Slices: what the page breaker stacks. A slice is never cut; most are one line high.

use std::rc::Rc;

use krilla::image::Image;

use super::arms::Arms;
use super::line::Line;
use super::sheet::Stroke;
use super::style::Colour;
use super::tree::Element;

/// Something to draw, measured from the slice's left and top edges.
#[derive(Clone)]
pub(super) struct Op {
    pub(super) x: f32,
    /// Text: its baseline; else the upper edge.
    pub(super) y: f32,
    pub(super) colour: Colour,
    /// The element it belongs to; none for what only decorates.
    pub(super) element: Option<Element>,
    pub(super) what: What,
}

#[derive(Clone)]
pub(super) enum What {
    Text(Line),
    /// A filled rectangle: width, height.
    Bar(f32, f32),
    /// Modules of a QR code on a white ground: side of one module, modules on a side, the dark ones.
    Modules(f32, usize, Rc<Vec<bool>>),
    /// Strokes, with the length of a millimetre; then width and height of the whole.
    Strokes(Rc<Vec<Stroke>>, f32, (f32, f32)),
    /// A picture: width, height.
    Arms(Arms, (f32, f32)),
    /// A picture that says something: width, height.
    Picture(Image, (f32, f32)),
    /// A place in the outline: level from 0, title.
    Bookmark(usize, Rc<str>),
}

/// A coloured ground or side line that runs through several slices: x, width.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Ground {
    pub(super) x: f32,
    pub(super) width: f32,
    pub(super) colour: Colour,
}

#[derive(Clone, Default)]
pub(super) struct Slice {
    pub(super) height: f32,
    /// Empty space above, dropped at the top of a page.
    pub(super) gap: f32,
    /// The next slice must be on the same page.
    pub(super) keep: bool,
    /// A page begins here.
    pub(super) breaks: bool,
    pub(super) ops: Vec<Op>,
    pub(super) grounds: Vec<Ground>,
    /// Repeated first when this slice begins a page: the head of a table.
    pub(super) head: Option<Rc<Slice>>,
}

/// Where the content of each page lies.
pub(super) struct Frame {
    pub(super) left: f32,
    pub(super) first_top: f32,
    pub(super) next_top: f32,
    pub(super) bottom: f32,
}

/// A page with everything at its place.
#[derive(Default)]
pub(super) struct Laid {
    pub(super) grounds: Vec<(Ground, f32, f32)>,
    pub(super) ops: Vec<Op>,
}

/// Puts slices on pages; there is always at least one page.
pub(super) fn paginate(slices: &[Slice], frame: &Frame) -> Vec<Laid> {
    let mut pages = vec![Laid::default()];
    let mut y = frame.first_top;
    let mut fresh = true;
    let mut at = 0;
    while at < slices.len() {
        let chain = chain(slices, at);
        let need: f32 = chain.iter().map(|slice| slice.gap + slice.height).sum();
        let gap = if fresh { 0.0 } else { chain[0].gap };
        let fits = y + need - chain[0].gap + gap <= frame.bottom;
        let whole_page = frame.bottom - frame.next_top;
        if !fresh && (chain[0].breaks || (!fits && need <= whole_page)) {
            pages.push(Laid::default());
            (y, fresh) = (frame.next_top, true);
        }
        // A chain higher than a page is cut where the page ends.
        for slice in chain {
            if !fresh && y + slice.gap + slice.height > frame.bottom {
                pages.push(Laid::default());
                (y, fresh) = (frame.next_top, true);
            }
            let Some(page) = pages.last_mut() else { break };
            if fresh && let Some(head) = &slice.head {
                page.place(head, frame.left, y);
                y += head.height;
            }
            if !fresh {
                page.bridge(slice, frame.left, y);
                y += slice.gap;
            }
            page.place(slice, frame.left, y);
            y += slice.height;
            fresh = false;
        }
        at += chain.len();
    }
    pages
}

fn chain(slices: &[Slice], from: usize) -> &[Slice] {
    let mut to = from + 1;
    while to < slices.len() && slices[to - 1].keep && !slices[to].breaks {
        to += 1;
    }
    &slices[from..to]
}

impl Laid {
    fn place(&mut self, slice: &Slice, left: f32, y: f32) {
        for ground in &slice.grounds {
            self.ground(Ground { x: left + ground.x, ..*ground }, y, y + slice.height);
        }
        for op in &slice.ops {
            self.ops.push(Op { x: left + op.x, y: y + op.y, ..op.clone() });
        }
    }

    /// The gap above a slice has the ground of both its neighbours.
    fn bridge(&mut self, slice: &Slice, left: f32, y: f32) {
        for ground in &slice.grounds {
            let ground = Ground { x: left + ground.x, ..*ground };
            if self.grounds.iter().any(|(other, _, bottom)| *other == ground && (bottom - y).abs() < 0.01) {
                self.ground(ground, y, y + slice.gap);
            }
        }
    }

    fn ground(&mut self, ground: Ground, top: f32, bottom: f32) {
        let above = self
            .grounds
            .iter_mut()
            .rev()
            .find(|(other, _, end)| *other == ground && (*end - top).abs() < 0.01);
        match above {
            Some((_, _, end)) => *end = bottom,
            None => self.grounds.push((ground, top, bottom)),
        }
    }
}
